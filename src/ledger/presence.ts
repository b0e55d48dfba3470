// Is the record still the one it was, what time is it there, and who is in contact: what followers of a cell ask beside its events.

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { decode, fixedSize, type Fields } from './codec.js';
import { journalOf, keyOf } from './keys.js';
import * as records from './records.js';
import { runOf } from './redis.js';
import { lastPosition } from './stream.js';

/** Where the record of a cell stands. */
export interface CellHead {
  /** As in every receipt: another value means that the record may have gone back. */
  dataEpoch: string;
  /** Position of its newest event, '0' for none. */
  last: string;
}

/** The heads of these cells by their place in the list; undefined where no round has been opened. */
export async function headsOf(redis: Redis, cells: readonly CellName[]): Promise<(CellHead | undefined)[]> {
  const run = await runOf(redis);
  return Promise.all(
    cells.map(async (cell) => {
      const [history, last] = await Promise.all([redis.hget(keyOf(cell, 'cell'), 'epoch'), lastPosition(redis, cell)]);
      return history === null ? undefined : { dataEpoch: `${history}.${run}`, last };
    }),
  );
}

/** The server's time, ms: what a real round's clock says. */
export async function serverTime(redis: Redis): Promise<number> {
  const [seconds, micros] = (await redis.time()) as unknown as [string | number, string | number];
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}

/** What the cell's clock says, ms: the server's, or a rehearsal's own; undefined where no round has been opened. */
export async function cellTime(redis: Redis, cell: CellName): Promise<number | undefined> {
  const head = await redis.hgetBuffer(keyOf(cell, 'cell'), 'head');
  if (!head) return undefined;
  const { rehearsal, clock } = decode(records.cell, head).values as Record<string, number>;
  return rehearsal === 1 ? clock : serverTime(redis);
}

/** When the first of the cell's deadlines is due by the cell's clock, ms; undefined where nothing waits for its time. */
export async function nextDeadline(redis: Redis, cell: CellName): Promise<number | undefined> {
  const first = ((await redis.zrange(keyOf(cell, 'deadlines'), '0', '0', 'WITHSCORES')) as unknown[]).flat();
  return first.length < 2 ? undefined : Number(first[1]);
}

/** What the record knows of a device's contact, which no event tells: a sign of life and numbers given out leave none. */
export interface Contact {
  ordinal: number;
  /** When it was last heard, by the cell's clock, to half a minute. */
  seenAt: number;
  /** Numbers it has given out and the record has not received. */
  missing: number;
}

const entrySize = fixedSize(records.journalEntry);

/** The contact of every device of a cell; one read, and one more for each device that says it has given out more. */
export async function contactsOf(redis: Redis, cell: CellName): Promise<Contact[]> {
  const all = await redis.hgetallBuffer(keyOf(cell, 'devices'));
  return Promise.all(
    Object.entries(all)
      .filter(([field]) => !field.startsWith('#'))
      .map(async ([field, bytes]) => {
        const { ordinal, seenAt, assigned, holes } = decode(records.device as Fields, bytes as Buffer).values as Record<string, number>;
        const colon = field.lastIndexOf(':');
        const ahead = assigned === 0 ? 0 : (assigned as number) - (await redis.strlen(journalOf(cell, field.slice(0, colon), field.slice(colon + 1)))) / entrySize;
        return { ordinal: ordinal as number, seenAt: seenAt as number, missing: (holes as number) + Math.max(0, ahead) };
      }),
  );
}
