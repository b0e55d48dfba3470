// What the record is told of its second copy, so that every receipt can tell a device how far it is safe. None of it is the record: a
// rebuilt one begins without.

import type { Redis } from 'ioredis';
import type { CellName } from '../../domain/requests.js';
import { keyOf } from '../keys.js';

/** How many disks keep what this cell receives. With one, no number is safe in the sense of the receipt. */
export async function tellCopies(redis: Redis, cell: CellName, copies: 1 | 2): Promise<void> {
  if (copies === 2) await redis.hset(keyOf(cell, 'cell'), 'copies', '2');
  else await redis.multi().hdel(keyOf(cell, 'cell'), 'copies').del(keyOf(cell, 'safe')).exec();
}

/** Highest numbers without a hole below them that a second disk holds, by `device:epoch`. */
export async function tellSafe(redis: Redis, cell: CellName, marks: ReadonlyMap<string, number>): Promise<void> {
  const rising = [...marks].filter(([, mark]) => mark > 0);
  if (rising.length > 0) await redis.hset(keyOf(cell, 'safe'), new Map(rising));
}
