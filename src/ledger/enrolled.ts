// What the record holds of people it knows by their index: for telling a second roster's differences. Reads only, at most 500 at once.

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { decode, fixedSize } from './codec.js';
import { keyOf } from './keys.js';
import { directory } from './reads.js';
import * as records from './records.js';

export interface EnrolledAs {
  resident: number;
  village: string;
  household: number;
  /** Ciphertext, base64. */
  sealed: string;
}

/** One answer for each index, in order; null for somebody the record does not know. */
export async function enrolledAs(redis: Redis, cell: CellName, indexes: readonly string[]): Promise<(EnrolledAs | null)[]> {
  if (indexes.length === 0) return [];
  const numbers = (await redis.hmget(keyOf(cell, 'index'), ...indexes)).map((text) => (text === null ? null : Number(text)));
  const known = numbers.filter((number) => number !== null);
  if (known.length === 0) return numbers.map(() => null);
  const size = fixedSize(records.resident);
  const [{ villages }, sealed, packed] = await Promise.all([
    directory(redis, cell),
    redis.hmget(keyOf(cell, 'vault'), ...known.map(String)),
    Promise.all(known.map((n) => redis.callBuffer('GETRANGE', keyOf(cell, 'residents'), (n - 1) * size, n * size - 1) as unknown as Promise<Buffer>)),
  ]);
  const found = new Map<number, EnrolledAs>();
  known.forEach((resident, i) => {
    const { values } = decode(records.resident, packed[i] as Buffer);
    found.set(resident, {
      resident,
      village: villages.get(values['village'] as number) ?? '',
      household: values['household'] as number,
      sealed: sealed[i] ?? '',
    });
  });
  return numbers.map((number) => (number === null ? null : (found.get(number) ?? null)));
}
