// Reading the event stream of a cell, from a position on.

import type { Redis } from 'ioredis';
import { eventNames, events, header, type EventName, type FieldType, type LedgerEvent } from '../domain/events.js';
import type { CellName } from '../domain/requests.js';
import { decodeInto, type Value } from './codec.js';
import { keyOf } from './keys.js';

const byKind = new Map<number, { name: EventName; fields: Record<string, FieldType> }>(
  eventNames.map((name) => [events[name].kind, { name, fields: events[name].fields }]),
);

const { kind: _, ...headerBehindKind } = header;

/** One packed entry as an event. An unknown kind is a fault: the stream was written by a newer version. */
export function decodeEvent(id: string, packed: Buffer): LedgerEvent {
  // The kind is one byte and comes first.
  const found = byKind.get(packed.readUInt8(0));
  if (!found) throw new Error(`event ${id} is of kind ${packed[0]}, which this version does not know`);
  const event: Record<string, Value> = { event: found.name, id };
  decodeInto(event, found.fields, packed, decodeInto(event, headerBehindKind, packed, 1));
  return event as unknown as LedgerEvent;
}

type Entry = [id: Buffer, fields: Buffer[]];

const toEvents = (entries: Entry[] | null): LedgerEvent[] =>
  (entries ?? []).map(([id, fields]) => decodeEvent(id.toString(), fields[1] as Buffer));

/** Up to `count` events after `position` ('0' from the beginning), oldest first. */
export async function readEvents(redis: Redis, cell: CellName, position = '0', count = 1000): Promise<LedgerEvent[]> {
  const from = position === '0' ? '-' : `(${position}`;
  return toEvents((await redis.callBuffer('XRANGE', keyOf(cell, 'events'), from, '+', 'COUNT', count)) as unknown as Entry[]);
}

/** All events of a cell in order, page by page. */
export async function* allEvents(redis: Redis, cell: CellName, from = '0'): AsyncGenerator<LedgerEvent> {
  let position = from;
  for (;;) {
    const page = await readEvents(redis, cell, position, 2000);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    position = last.id;
  }
}

/** One event by its position, if it is there. */
export async function eventAt(redis: Redis, cell: CellName, id: string): Promise<LedgerEvent | undefined> {
  return toEvents((await redis.callBuffer('XRANGE', keyOf(cell, 'events'), id, id)) as unknown as Entry[])[0];
}

/**
 * Waits up to `waitMs` for events after the given positions, in one blocking read over many cells. `redis` must be a connection of its
 * own. Gives the events by the place of the cell in `cells`.
 */
export async function awaitEvents(redis: Redis, cells: readonly { cell: CellName; position: string }[], waitMs: number, count = 2000): Promise<Map<number, LedgerEvent[]>> {
  const found = new Map<number, LedgerEvent[]>();
  if (cells.length === 0) return found;
  const keys = cells.map(({ cell }) => keyOf(cell, 'events'));
  const reply = (await redis.callBuffer(
    'XREAD', 'COUNT', count, 'BLOCK', waitMs, 'STREAMS', ...keys, ...cells.map(({ position }) => position),
  )) as unknown as [Buffer, Entry[]][] | Map<Buffer, Entry[]> | null;
  if (!reply) return found;
  // RESP3 gives a map, which ioredis flattens to pairs.
  const pairs = reply instanceof Map ? [...reply] : Array.isArray(reply[0]) ? reply : chunk(reply as unknown as (Buffer | Entry[])[]);
  for (const [key, entries] of pairs as [Buffer, Entry[]][]) found.set(keys.indexOf(key.toString()), toEvents(entries));
  return found;
}

function chunk(flat: (Buffer | Entry[])[]): [Buffer, Entry[]][] {
  const pairs: [Buffer, Entry[]][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([flat[i] as Buffer, flat[i + 1] as Entry[]]);
  return pairs;
}

/** Position of the newest event, '0' for none. */
export async function lastPosition(redis: Redis, cell: CellName): Promise<string> {
  const entries = (await redis.callBuffer('XREVRANGE', keyOf(cell, 'events'), '+', '-', 'COUNT', 1)) as unknown as Entry[];
  return entries?.[0]?.[0].toString() ?? '0';
}
