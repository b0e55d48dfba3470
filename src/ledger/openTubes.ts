// The tubes a device has open, over all ages of its storage: what a tablet asks for that was installed anew and knows nothing any more.

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { decode, fixedSize } from './codec.js';
import { journalOf, keyOf } from './keys.js';
import { toTube, type TubeState } from './reads.js';
import * as records from './records.js';

export interface OpenTube extends TubeState {
  /** The age of the storage it was opened with. */
  epoch: string;
}

/** A device with one age of its storage. */
export interface OwnEpoch {
  epoch: string;
  seenAt: number;
  /** Highest number received of it. */
  received: number;
}

/** Everything that has no terminal state is looked through, so a tube is found whatever station it was opened at; asked for seldom. */
const atOnce = 500;

/** Open tubes of this device, oldest first, and the ages under which the record knows it, the latest last. */
export async function openTubesOf(redis: Redis, cell: CellName, device: string): Promise<{ epochs: OwnEpoch[]; tubes: OpenTube[] }> {
  const owned = new Map<number, string>();
  const epochs: OwnEpoch[] = [];
  for (const [field, bytes] of Object.entries(await redis.hgetallBuffer(keyOf(cell, 'devices')))) {
    const colon = field.lastIndexOf(':');
    if (field.startsWith('#') || field.slice(0, colon) !== device) continue;
    const { ordinal, seenAt } = decode(records.device, bytes as Buffer).values as Record<string, number>;
    const epoch = field.slice(colon + 1);
    owned.set(ordinal ?? 0, epoch);
    epochs.push({ epoch, seenAt: seenAt ?? 0, received: (await redis.strlen(journalOf(cell, device, epoch))) / fixedSize(records.journalEntry) });
  }
  const tubes: OpenTube[] = [];
  if (owned.size === 0) return { epochs, tubes };
  for (let from = 0; ; from += atOnce) {
    const page = await redis.zrange(keyOf(cell, 'unfinished'), String(from), String(from + atOnce - 1));
    const codes = page.filter((what) => what.startsWith('tube:')).map((what) => what.slice(5));
    const found = codes.length > 0 ? await redis.hmgetBuffer(keyOf(cell, 'tubes'), ...codes) : [];
    for (const [i, bytes] of found.entries()) {
      if (!bytes) continue;
      const epoch = owned.get(decode(records.tube, bytes).values['owner'] as number);
      const one = epoch === undefined ? undefined : toTube(codes[i] as string, bytes);
      if (one?.state === 'open' && epoch !== undefined) tubes.push({ ...one, epoch });
    }
    if (page.length < atOnce) return { epochs: epochs.sort((a, b) => a.seenAt - b.seenAt), tubes };
  }
}
