// Packing and unpacking, in one place: a list of fields becomes a TypeScript reader and writer, and the Lua source of the same two.
//
// Everything is big-endian. An `id` is a stream position in 8 bytes (6 for milliseconds, 2 for the sequence number in them); TypeScript
// sees it as Redis writes it, `1700000000000-0`, and '' for all zero.

import type { FieldType } from '../domain/events.js';

export type Fields = Record<string, FieldType>;
export type Value = number | string | Uint8Array | number[];

const noId = '';

/** `1700000000000-3` as its 8 bytes. */
export function packId(id: string): Buffer {
  const bytes = Buffer.alloc(8);
  if (id === noId) return bytes;
  const dash = id.indexOf('-');
  bytes.writeUIntBE(Number(id.slice(0, dash)), 0, 6);
  bytes.writeUInt16BE(Number(id.slice(dash + 1)), 6);
  return bytes;
}

/** The 8 bytes at `offset` as a stream position. */
export function unpackId(bytes: Buffer, offset = 0): string {
  const ms = bytes.readUIntBE(offset, 6);
  const sequence = bytes.readUInt16BE(offset + 6);
  return ms === 0 && sequence === 0 ? noId : `${ms}-${sequence}`;
}

const luaFormat: Record<FieldType, string> = {
  u8: 'B', u16: 'I2', u32: 'I4', i32: 'i4', time: 'I6', id: 'c8', code: 'Bc0', text: 'I2c0', bytes: 'I4c0', u16s: 'I4c0', u32s: 'I4c0',
};
const isString = (type: FieldType) => luaFormat[type].endsWith('c0');

/** The struct format of these fields, for Redis's Lua. */
export const formatOf = (fields: Fields): string => '>' + Object.values(fields).map((type) => luaFormat[type]).join('');

/** Lua expressions that give the values of `fields` of the table `from`, in order; absent strings are empty, absent ids zero. */
export function luaValues(fields: Fields, from: string): string {
  return Object.entries(fields)
    .map(([name, type]) => {
      const value = `${from}['${name}']`;
      if (isString(type)) return `#(${value} or ''), ${value} or ''`;
      if (type === 'id') return `${value} or NO_ID`;
      return `${value} or 0`;
    })
    .join(', ');
}

/** The same of the parameters v0, v1, ...; none may be absent. */
const luaParameters = (fields: Fields): string =>
  Object.values(fields).map((type, i) => (isString(type) ? `#v${i}, v${i}` : `v${i}`)).join(', ');

/** A Lua table with `pack(record)`, `packed(its fields in order)`, `unpack(string)` and, where every field has a fixed one, `size`. Bytes after the record are left alone. */
export function luaRecord(fields: Fields): string {
  const names = Object.keys(fields);
  const locals = names.map((_, i) => `v${i}`);
  const fixed = names.every((name) => sizes[fields[name] as FieldType] !== undefined);
  return [
    '{',
    ...(fixed ? [`  size = ${fixedSize(fields)},`] : []),
    `  pack = function(r) return pack('${formatOf(fields)}', ${luaValues(fields, 'r')}) end,`,
    `  packed = function(${locals.join(', ')}) return pack('${formatOf(fields)}', ${luaParameters(fields)}) end,`,
    `  unpack = function(s) local ${locals.join(', ')} = parse('${formatOf(fields)}', s)`,
    `    return { ${names.map((name, i) => `['${name}'] = v${i}`).join(', ')} } end,`,
    '}',
  ].join('\n');
}

const sizes: Partial<Record<FieldType, number>> = { u8: 1, u16: 2, u32: 4, i32: 4, time: 6, id: 8 };

/** Bytes of a record whose fields all have a fixed size. */
export function fixedSize(fields: Fields): number {
  let total = 0;
  for (const [name, type] of Object.entries(fields)) {
    const size = sizes[type];
    if (size === undefined) throw new Error(`field ${name} has no fixed size`);
    total += size;
  }
  return total;
}

/** Reads `fields` from `bytes`, starting at `from`; returns the values and where they end. A short buffer throws a RangeError. */
export function decode(fields: Fields, bytes: Buffer, from = 0): { values: Record<string, Value>; end: number } {
  const values: Record<string, Value> = {};
  return { values, end: decodeInto(values, fields, bytes, from) };
}

/** The same, into a record that is there already; returns where the values end. */
export function decodeInto(values: Record<string, Value>, fields: Fields, bytes: Buffer, from: number): number {
  let at = from;
  const take = (length: number) => {
    if (at + length > bytes.length) throw new RangeError(`packed record ends at ${bytes.length}, ${at + length} needed`);
    const slice = bytes.subarray(at, at + length);
    at += length;
    return slice;
  };
  const words = (width: number, length: number) => {
    const begin = at + width;
    at = begin + length;
    if (at > bytes.length) throw new RangeError(`packed record ends at ${bytes.length}, ${at} needed`);
    return length === 0 ? '' : bytes.toString('utf8', begin, at);
  };
  for (const name in fields) {
    switch (fields[name]) {
      case 'u8': values[name] = bytes.readUInt8(at); at += 1; break;
      case 'u16': values[name] = bytes.readUInt16BE(at); at += 2; break;
      case 'u32': values[name] = bytes.readUInt32BE(at); at += 4; break;
      case 'i32': values[name] = bytes.readInt32BE(at); at += 4; break;
      case 'time': values[name] = bytes.readUIntBE(at, 6); at += 6; break;
      case 'id': values[name] = unpackId(bytes, at); at += 8; break;
      case 'code': values[name] = words(1, bytes.readUInt8(at)); break;
      case 'text': values[name] = words(2, bytes.readUInt16BE(at)); break;
      case 'bytes': values[name] = take(take(4).readUInt32BE()); break;
      case 'u16s': { const list = take(take(4).readUInt32BE()); values[name] = Array.from({ length: list.length / 2 }, (_, i) => list.readUInt16BE(i * 2)); break; }
      case 'u32s': { const list = take(take(4).readUInt32BE()); values[name] = Array.from({ length: list.length / 4 }, (_, i) => list.readUInt32BE(i * 4)); break; }
    }
  }
  return at;
}

function list(values: readonly number[], width: 2 | 4): Buffer {
  const bytes = Buffer.alloc(4 + values.length * width);
  bytes.writeUInt32BE(values.length * width, 0);
  values.forEach((value, i) => bytes.writeUIntBE(value, 4 + i * width, width));
  return bytes;
}

function sized(bytes: Uint8Array, width: 1 | 2 | 4): Buffer {
  if (bytes.length >= 2 ** (8 * width)) throw new RangeError(`${bytes.length} bytes do not fit into a length of ${width} bytes`);
  const length = Buffer.alloc(width);
  length.writeUIntBE(bytes.length, 0, width);
  return Buffer.concat([length, bytes]);
}

function uint(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}

/** Packs `values` as `fields` say; a missing number is 0, a missing string empty. A value that does not fit throws a RangeError. */
export function encode(fields: Fields, values: Record<string, Value | undefined>): Buffer {
  return Buffer.concat(
    Object.entries(fields).map(([name, type]) => {
      const value = values[name];
      switch (type) {
        case 'u8': return uint(Number(value ?? 0), 1);
        case 'u16': return uint(Number(value ?? 0), 2);
        case 'u32': return uint(Number(value ?? 0), 4);
        case 'i32': { const bytes = Buffer.alloc(4); bytes.writeInt32BE(Number(value ?? 0)); return bytes; }
        case 'time': return uint(Number(value ?? 0), 6);
        case 'id': return packId(String(value ?? noId));
        case 'code': return sized(Buffer.from(String(value ?? '')), 1);
        case 'text': return sized(Buffer.from(String(value ?? '')), 2);
        case 'bytes': return sized(value instanceof Uint8Array ? value : Buffer.from(String(value ?? '')), 4);
        case 'u16s': return list((value ?? []) as number[], 2);
        case 'u32s': return list((value ?? []) as number[], 4);
      }
    }),
  );
}
