// Two records of one cell side by side, key by key: what is in one and not, or not the same, in the other. A rebuilt record must show
// no difference from the one it was copied from.

import type { Redis } from 'ioredis';
import type { CellName } from '../../domain/requests.js';
import { decode, encode, type Fields, type Value } from '../codec.js';
import { type CellKey, cellKeys, journalOf, keyOf } from '../keys.js';
import * as records from '../records.js';
import { isBefore } from './entries.js';

/** What a record knows of its own circumstances and a copy rightly does not: which history it is, whether it has a copy. */
const ownFields = new Set(['epoch', 'copies', 'halted']);
const ownKeys = new Set<CellKey>(['safe']);
const streams: readonly CellKey[] = ['events', 'answers', 'requests'];
const differencesMax = 20;
const pageSize = 2000;

/** Sentences, at most twenty, each a difference between the record in `live` and the one in `copy`. Reads all of both. */
export async function differences(live: Redis, copy: Redis, cell: CellName): Promise<string[]> {
  const found: string[] = [];
  const say = (sentence: string) => {
    if (found.length < differencesMax) found.push(sentence);
  };
  for (const key of cellKeys) {
    if (ownKeys.has(key)) continue;
    if (streams.includes(key)) await compareStreams(live, copy, cell, key, undefined, say);
    else await compareKeys(live, copy, key, keyOf(cell, key), say);
  }
  for (const field of await live.hkeys(keyOf(cell, 'devices'))) {
    if (field.startsWith('#')) continue;
    const colon = field.lastIndexOf(':');
    await compareKeys(live, copy, `the journal of ${field}`, journalOf(cell, field.slice(0, colon), field.slice(colon + 1)), say);
  }
  return found;
}

/** The same of the streams alone, up to an entry of the copy: what can be compared while the live record goes on. */
export async function streamDifferences(live: Redis, copy: Redis, cell: CellName): Promise<string[]> {
  const found: string[] = [];
  for (const key of streams) {
    const last = ((await copy.callBuffer('XREVRANGE', keyOf(cell, key), '+', '-', 'COUNT', 1)) as unknown as [Buffer, Buffer[]][])[0]?.[0].toString();
    if (last !== undefined) await compareStreams(live, copy, cell, key, last, (sentence) => void (found.length < differencesMax && found.push(sentence)));
  }
  return found;
}

async function compareStreams(live: Redis, copy: Redis, cell: CellName, key: CellKey, upTo: string | undefined, say: (sentence: string) => void): Promise<void> {
  const pages = (redis: Redis, from: string) => redis.callBuffer('XRANGE', keyOf(cell, key), from, upTo ?? '+', 'COUNT', pageSize) as unknown as Promise<[Buffer, Buffer[]][]>;
  for (let from = '-'; ; ) {
    const [ours, theirs] = await Promise.all([pages(live, from), pages(copy, from)]);
    for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
      const [a, b] = [ours[i], theirs[i]];
      const [idA, idB] = [a?.[0].toString(), b?.[0].toString()];
      if (idA !== idB) {
        const onlyLive = idB === undefined || (idA !== undefined && isBefore(idA, idB));
        // A page ends where the other one may go on.
        say(onlyLive ? `${key} ${idA} is in the live record only` : `${key} ${idB} is in the copy only`);
        return;
      }
      if (!sameFields(a?.[1] ?? [], b?.[1] ?? [])) say(`${key} ${idA} differs`);
    }
    const last = ours.at(-1)?.[0].toString();
    if (last === undefined || ours.length < pageSize) return;
    from = `(${last}`;
  }
}

const sameFields = (a: readonly Buffer[], b: readonly Buffer[]): boolean => a.length === b.length && a.every((bytes, i) => bytes.equals(b[i] as Buffer));

async function compareKeys(live: Redis, copy: Redis, what: string, name: string, say: (sentence: string) => void): Promise<void> {
  const [ours, theirs] = await Promise.all([contents(live, name), contents(copy, name)]);
  for (const [field, value] of ours) {
    if (what === 'cell' && ownFields.has(field)) continue;
    const other = theirs.get(field);
    const [a, b] = what === 'accounts' ? [openly(field, value), other && openly(field, other)] : [value, other];
    if (!b) say(`${what}${field && ` ${field}`} is in the live record only`);
    else if (!a.equals(b)) say(`${what}${field && ` ${field}`} differs`);
  }
  for (const field of theirs.keys()) if (!ours.has(field) && !(what === 'cell' && ownFields.has(field))) say(`${what} ${field} is in the copy only`);
}

async function contents(redis: Redis, name: string): Promise<Map<string, Buffer>> {
  switch (await redis.type(name)) {
    case 'hash': return new Map(Object.entries(await redis.hgetallBuffer(name)) as [string, Buffer][]);
    case 'zset': {
      const flat = ((await redis.zrange(name, '0', '-1', 'WITHSCORES')) as unknown[]).flat() as string[];
      return new Map(Array.from({ length: flat.length / 2 }, (_, i) => [flat[i * 2] as string, Buffer.from(String(flat[i * 2 + 1]))]));
    }
    case 'string': return new Map([['', (await redis.getBuffer(name)) ?? Buffer.alloc(0)]]);
    default: return new Map();
  }
}

/** An account without what a copy must not hold. */
function openly(field: string, bytes: Buffer): Buffer {
  if (/^card:|^#/.test(field)) return bytes;
  const { password: _, pin: __, ...values } = decode(records.account as Fields, bytes).values as Record<string, Value>;
  return encode(records.account as Fields, values);
}
