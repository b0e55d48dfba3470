// What the second copy is made of: the entries of a cell's stream `requests`, each with the events and the answer that belong to it.
//
// An entry together with its events is all of one change: what was asked, when by the cell's clock, what came of it. `replay.ts` takes it
// again in an empty Redis.

import type { Redis } from 'ioredis';
import type { CellName } from '../../domain/requests.js';
import { decode, type Fields, packId, type Value } from '../codec.js';
import { keyOf } from '../keys.js';
import { entryKinds, requestEntries } from '../requestEntries.js';

/** One change of a cell, as it is copied. */
export interface CopyEntry {
  /** Its place on the stream `requests`. */
  position: string;
  /** The packed entry, as it stands there. */
  bytes: Buffer;
  /** `device:epoch`; '' for an entry that is no device's. */
  of: string;
  events: { id: string; bytes: Buffer }[];
  /** Of a refused request. */
  answer?: { id: string; word: string; detail: string };
}

/** What an entry says. */
export type Entry =
  | { kind: 'library'; library: string }
  | { kind: 'met'; at: number; device: number; event: string }
  | { kind: 'suspect'; device: number; number: number; event: string }
  | { kind: 'request'; device: number; number: number; fingerprint: number; at: number; claimedAt: number; offset: number; reported: number; by: string; step: string; events: number; first: string; args: string[] }
  | { kind: 'refusal'; device: number; number: number; fingerprint: number; answer: string }
  | { kind: 'device'; at: number; device: number; record: Buffer; unfinished: number };

/** The stream does not hold together: it has been changed by something else than a step. */
export class RecordBroken extends Error {
  override name = 'RecordBroken';
}

const layouts: Record<number, { name: Entry['kind']; fields: Fields }> = Object.fromEntries(
  Object.entries(entryKinds).map(([layout, kind]) => [kind, { name: layout.replace('Entry', '') as Entry['kind'], fields: requestEntries[layout as keyof typeof requestEntries] as Fields }]),
);

/** Reads a packed entry. @throws RangeError for one that is cut short, RecordBroken for a kind this version does not know */
export function decodeEntry(bytes: Buffer): Entry {
  const layout = layouts[bytes[0] ?? 0];
  if (!layout) throw new RecordBroken(`an entry of kind ${bytes[0]} is not known to this version`);
  const { kind: _, ...values } = decode(layout.fields, bytes).values as Record<string, Value>;
  const entry = { kind: layout.name, ...values } as unknown as Entry;
  if (entry.kind === 'request') entry.args = argumentsIn(values['args'] as Uint8Array);
  return entry;
}

function argumentsIn(packed: Uint8Array): string[] {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const args: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    args.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return args;
}

type StreamEntry = [id: Buffer, fields: Buffer[]];

/** Reads the changes of a cell in order. It remembers which device has which number, so keep one for each cell. */
export class EntryReader {
  readonly #redis: Redis;
  readonly #cell: CellName;
  readonly #devices = new Map<number, string>();

  constructor(redis: Redis, cell: CellName) {
    this.#redis = redis;
    this.#cell = cell;
  }

  /**
   * Up to `count` entries after `position` ('' from the beginning). The entry at `position` must still stand there as `bytes`: gives null
   * where it does not, since then this is another history than the one that was copied. @throws RecordBroken
   */
  async after(position: string, bytes: Buffer | undefined, count: number): Promise<CopyEntry[] | null> {
    const found = await this.#range('requests', position === '' ? '-' : position, count + (position === '' ? 0 : 1));
    if (position !== '') {
      const [id, fields] = found.shift() ?? [];
      if (id?.toString() !== position || !bytes || !fields?.[1]?.equals(bytes)) return null;
    }
    const entries = found.map(([id, fields]) => ({ position: id.toString(), bytes: fields[1] as Buffer }));
    return this.#complete(entries);
  }

  async #complete(found: readonly { position: string; bytes: Buffer }[]): Promise<CopyEntry[]> {
    const read = found.map(({ bytes }) => decodeEntry(bytes));
    const eventsOf = read.map((entry) => (entry.kind === 'request' ? entry.events : entry.kind === 'met' || entry.kind === 'suspect' ? 1 : 0));
    const firstOf = read.map((entry) => (entry.kind === 'request' ? entry.first : 'event' in entry ? entry.event : ''));
    const [events, answers] = await Promise.all([
      this.#together('events', firstOf.find((id, i) => (eventsOf[i] as number) > 0), eventsOf.reduce((sum, n) => sum + n, 0)),
      this.#together('answers', read.find((entry) => entry.kind === 'refusal')?.answer, read.filter(({ kind }) => kind === 'refusal').length),
      this.#meet(read.flatMap((entry) => ('device' in entry ? [entry.device] : []))),
    ]);
    let [nextEvent, nextAnswer] = [0, 0];
    return found.map(({ position, bytes }, i) => {
      const entry = read[i] as Entry;
      const own = events.slice(nextEvent, (nextEvent += eventsOf[i] as number)).map(([id, fields]) => ({ id: id.toString(), bytes: fields[1] as Buffer }));
      if (own.length !== eventsOf[i] || (own[0]?.id ?? '') !== firstOf[i]) throw new RecordBroken(`entry ${position} of the record names events that are not there`);
      const complete: CopyEntry = { position, bytes, of: 'device' in entry ? (this.#devices.get(entry.device) ?? '') : '', events: own };
      if (entry.kind === 'refusal') {
        const [id, fields] = answers[nextAnswer++] ?? [];
        if (id?.toString() !== entry.answer) throw new RecordBroken(`entry ${position} of the record names an answer that is not there`);
        complete.answer = { id: entry.answer, word: String(fields?.[1]), detail: String(fields?.[3]) };
      }
      return complete;
    });
  }

  /** Every event belongs to an entry and stands in the entries' order, so those of many entries are one stretch of the stream. */
  async #together(key: 'events' | 'answers', first: string | undefined, count: number): Promise<StreamEntry[]> {
    return first === undefined ? [] : this.#range(key, first, count);
  }

  async #range(key: 'requests' | 'events' | 'answers', from: string, count: number): Promise<StreamEntry[]> {
    return (await this.#redis.callBuffer('XRANGE', keyOf(this.#cell, key), from, '+', 'COUNT', count)) as unknown as StreamEntry[];
  }

  async #meet(ordinals: readonly number[]): Promise<void> {
    const unknown = [...new Set(ordinals)].filter((ordinal) => !this.#devices.has(ordinal));
    if (unknown.length === 0) return;
    const names = await this.#redis.hmget(keyOf(this.#cell, 'devices'), ...unknown.map((ordinal) => `#${ordinal}`));
    names.forEach((name, i) => {
      if (name !== null) this.#devices.set(unknown[i] as number, name);
    });
  }
}

/** Position of the newest entry of the cell, '' where it does not exist. */
export async function lastEntry(redis: Redis, cell: CellName): Promise<string> {
  const found = (await redis.callBuffer('XREVRANGE', keyOf(cell, 'requests'), '+', '-', 'COUNT', 1)) as unknown as StreamEntry[];
  return found[0]?.[0].toString() ?? '';
}

/**
 * Waits up to `waitMs` until one of these cells has changed after the position given; gives the places in the list of those that have.
 * `redis` must be a connection of its own.
 */
export async function awaitChanges(redis: Redis, cells: readonly { cell: CellName; position: string }[], waitMs: number): Promise<number[]> {
  if (cells.length === 0) return [];
  const keys = cells.map(({ cell }) => keyOf(cell, 'requests'));
  const reply = (await redis.call('XREAD', 'COUNT', 1, 'BLOCK', waitMs, 'STREAMS', ...keys, ...cells.map(({ position }) => position || '0'))) as unknown;
  // RESP2 gives pairs, RESP3 a map that may arrive as a flat list.
  const named = new Set(reply instanceof Map ? reply.keys() : Array.isArray(reply) ? reply.map((one: unknown) => (Array.isArray(one) ? one[0] : one)).filter((one) => typeof one === 'string') : []);
  return keys.flatMap((key, i) => (named.has(key) ? [i] : []));
}

/** Is `a` before `b` on a stream? */
export const isBefore = (a: string, b: string): boolean => Buffer.compare(packId(a), packId(b)) < 0;
