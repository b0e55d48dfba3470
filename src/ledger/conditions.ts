// How devices say they are: which version of the pages they run, how wrong their own clock is, how full their battery. No step and no event:
// nothing follows from it, it says how a device is now, and it is forgotten by itself. The last word of each counts.

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { passKey } from './keys.js';

export interface Condition {
  version: string;
  /** By how many ms the device's own clock is ahead of the service's; left out: the device does not know. */
  clockAhead?: number | undefined;
  /** Per cent; left out where the browser does not say. */
  battery?: number | undefined;
}

export interface ToldCondition extends Condition {
  device: string;
  /** When it was told, by the clock of the cell. */
  at: number;
}

/** A device that has said nothing for so long is in a drawer. */
const keptSeconds = 3 * 24 * 3600;

const keyFor = ({ round, area }: CellName): string => passKey('condition', `${round}:${area}`);

/** Keeps what a device says of itself, in place of what it said before. */
export async function keepCondition(redis: Redis, cell: CellName, device: string, at: number, { version, clockAhead, battery }: Condition): Promise<void> {
  await redis.multi().hset(keyFor(cell), device, JSON.stringify({ at, version, clockAhead, battery })).expire(keyFor(cell), keptSeconds).exec();
}

/** What every device of the cell has said last, by name. */
export async function conditions(redis: Redis, cell: CellName): Promise<ToldCondition[]> {
  const kept = await redis.hgetall(keyFor(cell));
  return Object.entries(kept).map(([device, told]) => ({ device, ...(JSON.parse(told) as Omit<ToldCondition, 'device'>) })).sort((a, b) => (a.device < b.device ? -1 : 1));
}
