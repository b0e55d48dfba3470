// Ciphertexts of people as the record holds them, for the door that may open them. Nothing here can be read without the round's keys.

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { keyOf } from './keys.js';

/** The ciphertext of a resident, base64; undefined where there is none. */
export async function sealedOf(redis: Redis, cell: CellName, resident: number): Promise<string | undefined> {
  return (await redis.hget(keyOf(cell, 'vault'), String(resident))) ?? undefined;
}

/** Ciphertexts of up to `count` residents from number `from` on, in order; undefined where there is none. */
export async function sealedPage(redis: Redis, cell: CellName, from: number, count: number): Promise<(string | undefined)[]> {
  const fields = Array.from({ length: count }, (_, i) => String(from + i));
  return (await redis.hmget(keyOf(cell, 'vault'), ...fields)).map((sealed) => sealed ?? undefined);
}

/** The residents these entries stand for, in order: themselves, or, of a merged one, the one that stays. */
export async function standFor(redis: Redis, cell: CellName, residents: readonly number[]): Promise<number[]> {
  if (residents.length === 0) return [];
  const into = await redis.hmget(keyOf(cell, 'index'), ...residents.map((one) => `#${one}`));
  // Merged into one that was merged later itself.
  return into.some(Boolean) ? standFor(redis, cell, residents.map((one, i) => Number(into[i] ?? one))) : [...residents];
}

/** The residents the record knows by these indexes, in order; undefined for an index it does not know. */
export async function residentsByIndex(redis: Redis, cell: CellName, indexes: readonly string[]): Promise<(number | undefined)[]> {
  if (indexes.length === 0) return [];
  return (await redis.hmget(keyOf(cell, 'index'), ...indexes)).map((found) => (found === null ? undefined : Number(found)));
}

/** Ciphertexts of these residents, in order; undefined where there is none. */
export async function sealedOfMany(redis: Redis, cell: CellName, residents: readonly number[]): Promise<(string | undefined)[]> {
  if (residents.length === 0) return [];
  return (await redis.hmget(keyOf(cell, 'vault'), ...residents.map(String))).map((sealed) => sealed ?? undefined);
}
