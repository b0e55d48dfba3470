// Packed records: what goes in comes out, in TypeScript, in Lua, and from one to the other, up to the edges of every field.

import fc from 'fast-check';
import t from 'tap';
import { eventNames, events, type FieldType, header } from '../../src/domain/events.js';
import { decode, encode, fixedSize, type Fields, luaRecord, packId, unpackId, type Value } from '../../src/ledger/codec.js';
import { layouts } from '../../src/ledger/records.js';
import { connect } from '../../src/ledger/redis.js';
import { readEvents } from '../../src/ledger/stream.js';
import * as reads from '../../src/ledger/reads.js';
import { build } from '../support.js';
import { testRedisUrl } from '../support-redis.js';

const upTo = (max: number) => fc.oneof(fc.constantFrom(0, 1, max - 1, max), fc.integer({ min: 0, max: Math.min(max, 2 ** 31 - 1) }), fc.maxSafeNat().map((n) => n % (max + 1)));
const text = (bytes: number) => fc.string({ unit: 'grapheme', maxLength: 80 }).filter((value) => Buffer.byteLength(value) <= bytes);
const values: Record<FieldType, fc.Arbitrary<Value>> = {
  u8: upTo(255), u16: upTo(65_535), u32: upTo(2 ** 32 - 1), time: upTo(2 ** 48 - 1),
  i32: fc.oneof(fc.constantFrom(-(2 ** 31), -1, 0, 2 ** 31 - 1), fc.integer()),
  id: fc.oneof(fc.constant(''), fc.tuple(upTo(2 ** 48 - 1), upTo(65_535)).filter(([ms, n]) => ms + n > 0).map(([ms, n]) => `${ms}-${n}`)),
  code: fc.oneof(text(255), fc.constant('x'.repeat(255))), text: fc.oneof(text(65_535), fc.constant('字'.repeat(20_000))),
  bytes: fc.uint8Array({ maxLength: 300 }), u16s: fc.array(upTo(65_535) as fc.Arbitrary<number>, { maxLength: 40 }), u32s: fc.array(upTo(2 ** 32 - 1) as fc.Arbitrary<number>, { maxLength: 40 }),
};
const recordOf = (fields: Fields) => fc.record(Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, values[type]])));
const plain = (record: Record<string, Value>) => Object.fromEntries(Object.entries(record).map(([name, value]) => [name, value instanceof Uint8Array ? [...value] : value]));

const all: [string, Fields][] = [
  ...Object.entries(layouts).map(([name, fields]): [string, Fields] => [`the record of a ${name}`, fields]),
  ...eventNames.map((name): [string, Fields] => [name, { ...header, ...events[name].fields }]),
];

t.test('what is packed is unpacked, and nothing behind it is touched', async (t) => {
  for (const [name, fields] of all) {
    fc.assert(fc.property(recordOf(fields), fc.uint8Array({ maxLength: 9 }), fc.nat(9), (record, behind, before) => {
      const packed = encode(fields, record);
      const { values, end } = decode(fields, Buffer.concat([Buffer.alloc(before), packed, behind]), before);
      return JSON.stringify(plain(values)) === JSON.stringify(plain(record)) && end === before + packed.length;
    }), { numRuns: 60 });
    t.pass(name);
  }
});

t.test('Lua packs the same bytes, and unpacks them to the same values', async (t) => {
  const redis = connect(await testRedisUrl());
  t.teardown(() => redis.disconnect());
  for (const [name, fields] of all) {
    const script = `local pack, parse, NO_ID = struct.pack, struct.unpack, string.rep('\\0', 8)
      local r = ${luaRecord(fields)}
      local record = {}
      for i = 2, #ARGV, 3 do record[ARGV[i]] = ARGV[i + 1] == 'n' and tonumber(ARGV[i + 2]) or ARGV[i + 2] end
      return { r.pack(record), r.pack(r.unpack(ARGV[1])), r.size or -1 }`;
    await fc.assert(fc.asyncProperty(recordOf(fields), async (record) => {
      const packed = encode(fields, record);
      const args = Object.entries(fields).flatMap(([field, type]) => [field, ...asLua(type, record[field] as Value)]);
      const [fromTypeScript, again, size] = (await redis.callBuffer('EVAL', script, 0, packed, ...args)) as unknown as [Buffer, Buffer, number];
      return fromTypeScript.equals(packed) && again.equals(packed) && (size === -1 || size === packed.length);
    }), { numRuns: 25 });
    t.pass(name);
  }
});

/** A value as Lua holds it: numbers are numbers, ids and lists the bytes they are packed as. */
function asLua(type: FieldType, value: Value): [string, string | Buffer] {
  if (type === 'id') return ['s', packId(value as string)];
  if (type === 'u16s' || type === 'u32s') return ['s', encode({ list: type }, { list: value }).subarray(4)];
  if (value instanceof Uint8Array) return ['s', Buffer.from(value)];
  return typeof value === 'number' ? ['n', String(value)] : ['s', value as string];
}

t.test('what does not fit is a fault, never cut', async (t) => {
  for (const [type, value] of [['u8', 256], ['u16', 65_536], ['u32', 2 ** 32], ['time', 2 ** 48], ['i32', 2 ** 31], ['u8', -1], ['code', 'x'.repeat(256)], ['code', '字'.repeat(86)], ['text', 'x'.repeat(65_536)], ['u16s', [65_536]]] as [FieldType, Value][]) {
    t.throws(() => encode({ field: type }, { field: value }), RangeError, `${type} ${String(value).slice(0, 12)}`);
  }
  for (const [name, fields] of all) {
    const packed = encode(fields, {});
    t.throws(() => decode(fields, packed.subarray(0, packed.length - 1)), RangeError, `${name}, one byte short`);
  }
});

t.test('every layout of a table has a fixed size', async (t) => {
  for (const name of ['resident', 'ticket', 'member', 'device', 'journalEntry', 'cell'] as const) t.equal(encode(layouts[name], {}).length, fixedSize(layouts[name]), name);
  t.throws(() => fixedSize(layouts.station), /no fixed size/);
});

t.test('a position on the stream keeps its place', async (t) => {
  for (const id of ['', '0-1', '1700000000000-0', '281474976710655-65535']) t.equal(unpackId(packId(id)), id);
});

t.test('numbers at their edges come through a step to the stream and the record', async (t) => {
  const rig = await build(t);
  const [last, name] = [2 ** 48 - 1, 'N'.repeat(32)];
  const device = rig.device('d'.repeat(32), 'e'.repeat(32));
  device.by = name;
  device.clock = last;
  const village = '𠮷'.repeat(30);
  await device.report('registerWalkIn', { index: 'f'.repeat(32), sealed: 'AAAA', village, household: 2 ** 32 - 1, risk: 'high', priority: 'infant', single: true });
  await device.done('excuseResident', { resident: '1', reason: 'other', until: last, note: '注'.repeat(500) });
  const found = (await readEvents(rig.redis, rig.cell)).slice(-3);
  t.match(found, [
    { event: 'village.named', name: village, claimedAt: last, by: name, reported: 1, number: 1, offset: 0 },
    { event: 'resident.registered', resident: 1, household: 2 ** 32 - 1, risk: 2, priority: 4, single: 1 },
    { event: 'resident.excused', until: last, note: '注'.repeat(500), reported: 0, number: 2 },
  ]);
  t.match(await reads.resident(rig.redis, rig.cell, 1), { household: 2 ** 32 - 1, risk: 'high', priority: 'infant', single: true, state: 'excused' });
});

t.test('a device clock within 68 years is measured, one beyond is not believed', async (t) => {
  const rig = await build(t, { round: { clock: 4_000_000_000_000 } });
  const [slow, absurd] = [rig.device('slow'), rig.device('absurd')];
  slow.clock = rig.now() - (2 ** 31 - 1) * 1000;
  absurd.clock = rig.now() - 2 ** 31 * 1000;
  for (const device of [slow, absurd]) await device.done('registerWalkIn', { sealed: 'AAAA', village: 'Upper' });
  t.match((await readEvents(rig.redis, rig.cell)).filter(({ event }) => event === 'resident.registered'), [{ offset: 2 ** 31 - 1 }, { offset: 0 }]);
});
