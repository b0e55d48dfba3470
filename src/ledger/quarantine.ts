// Records nobody could read: which wait for a person, and the ciphertext of one. What it holds only the door can open (api/quarantine.ts).

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { decode, fixedSize } from './codec.js';
import { journalOf, keyOf } from './keys.js';
import { unfinished } from './reads.js';
import * as records from './records.js';
import { eventAt } from './stream.js';

export interface QuarantinedRecord {
  device: string;
  epoch: string;
  /** The number the device gave it. */
  number: number;
  /** What was wrong with it, in words; nothing that was sent. */
  problem: string;
  /** When it was set aside, by the cell's clock. */
  at: number;
  settled: boolean;
}

const entrySize = fixedSize(records.journalEntry);
const fieldOf = (device: string, epoch: string, number: number) => `${device}:${epoch}:${number}`;
const pageSize = 1000;

/** A record set aside under this number of this device, or undefined: there is none. */
export async function quarantined(redis: Redis, cell: CellName, device: string, epoch: string, number: number): Promise<(QuarantinedRecord & { ciphertext: Buffer }) | undefined> {
  const field = fieldOf(device, epoch, number);
  const [held, decided] = await redis.hmget(keyOf(cell, 'quarantine'), field, `${field}:settled`);
  if (!held) return undefined;
  // Its event says why; the journal says where that stands.
  const bytes = (await redis.callBuffer('GETRANGE', journalOf(cell, device, epoch), (number - 1) * entrySize, number * entrySize - 1)) as unknown as Buffer;
  const answer = bytes.length === entrySize ? (decode(records.journalEntry, bytes).values['answer'] as string) : '';
  const event = answer === '' ? undefined : await eventAt(redis, cell, answer);
  const why = event?.event === 'record.quarantined' ? { problem: event.problem, at: event.at } : { problem: '', at: 0 };
  return { device, epoch, number, ...why, settled: Boolean(decided), ciphertext: Buffer.from(held, 'base64') };
}

/** Up to `count` records that wait for a person, from the `from`-th (0) on, oldest first, and how many there are. */
export async function quarantineList(redis: Redis, cell: CellName, from = 0, count = 200): Promise<{ total: number; records: QuarantinedRecord[] }> {
  const open: string[] = [];
  for (let at = 0; ; at += pageSize) {
    const some = await unfinished(redis, cell, at, pageSize);
    for (const { what } of some) if (what.startsWith('record:')) open.push(what.slice('record:'.length));
    if (some.length < pageSize) break;
  }
  const page = await Promise.all(open.slice(from, from + count).map(async (field) => {
    const [device = '', epoch = '', number = ''] = field.split(':');
    const found = await quarantined(redis, cell, device, epoch, Number(number));
    if (!found) return [];
    const { ciphertext: _, ...told } = found;
    return [told];
  }));
  return { total: open.length, records: page.flat() };
}
