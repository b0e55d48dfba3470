// Requests nobody should send, made from the door's own description: near what it asks for, and far from it. Each is text on the wire, so
// that what no program would serialise is there too.

import fc from 'fast-check';

/** A route as the OpenAPI document describes it. */
export interface Operation {
  method: string;
  path: string;
  parameters: { name: string; in: 'path' | 'query'; schema: Schema }[];
  body: Schema | undefined;
}

export type Schema = {
  type?: string | string[]; enum?: unknown[]; const?: unknown; properties?: Record<string, Schema>; required?: string[]; items?: Schema; anyOf?: Schema[]; oneOf?: Schema[];
  allOf?: Schema[]; pattern?: string; minLength?: number; maxLength?: number; minimum?: number; maximum?: number; minItems?: number; maxItems?: number; default?: unknown;
};

interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string; in: string; schema: Schema }[]; requestBody?: { content?: Record<string, { schema?: Schema }> } }>>;
}

export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]): Operation => ({
      method: method.toUpperCase(), path,
      parameters: parameters.filter((one): one is Operation['parameters'][number] => one.in === 'path' || one.in === 'query'),
      body: Object.values(requestBody?.content ?? {})[0]?.schema,
    })),
  );
}

/** A planted name and a planted number: neither may come back in an answer, nor stand in a log. */
export const canary = { name: '甄别用名', number: '690000197001019876', phone: '13900009876' };

const nasty: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    '', ' ', '\u0000', '\uFFFD', '\uD800', '\u202E', '\u0001\u0002', '=HYPERLINK("http://evil.example")', '@SUM(A1)', "'; DROP TABLE residents; --", '${7*7}', '{{7*7}}', '%s%n',
    '../../../etc/passwd', '..%2f..%2f', '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'true', 'null', 'NaN', '1e400', '0x10', '１２３', 'Ⅷ', '٣', '\r\nset-cookie: a=b', 'toString', '__proto__',
    'constructor', 'hasOwnProperty', '#1', '#0', '#-1', '#99999999999', 'system', canary.name, canary.number, canary.phone, 'a'.repeat(5000), '9'.repeat(400), '我'.repeat(2000), 'e\u0301'.repeat(500), '\u{1F468}\u200D\u{1F469}',
    `${'a'.repeat(30)}!`, 'A'.repeat(100_000),
  ),
  fc.constantFrom(null, true, false, 0, -0, -1, 1, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1e308, 1.5, 1e-7, 281_474_976_710_656),
  fc.constantFrom([], {}, [[]], [null], [[], {}], { constructor: 1 }, { toString: 1 }, { length: -1 }, { then: 1 }, Array.from({ length: 300 }, () => ({}))),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values of a schema, or near it: now and then something is wrong, missing, or too much. */
export function near(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const good = exact(schema, depth);
  return depth > 6 ? good : fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: nasty });
}

function exact(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const some = schema.anyOf ?? schema.oneOf;
  if (some && some.length > 0) return fc.oneof(...some.map((one) => near(one, depth + 1)));
  if (schema.allOf && schema.allOf.length > 0) return fc.tuple(...schema.allOf.map((one) => near(one, depth + 1))).map((parts) => Object.assign({}, ...parts));
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object': {
      const properties = Object.entries(schema.properties ?? {});
      const required = new Set(schema.required ?? []);
      return fc
        .tuple(fc.tuple(...properties.map(([name, one]) => fc.tuple(fc.constant(name), near(one, depth + 1), required.has(name) ? fc.nat({ max: 30 }).map((n) => n > 0) : fc.boolean()))), fc.nat({ max: 20 }), nasty)
        .map(([pairs, extra, more]) => {
          const value: Record<string, unknown> = {};
          for (const [name, one, there] of pairs as [string, unknown, boolean][]) if (there) value[name] = one;
          if (extra === 0) value[typeof more === 'string' && more !== '__proto__' ? more.slice(0, 50) : 'extra'] = 1;
          return value;
        });
    }
    case 'array':
      return fc.array(near(schema.items ?? {}, depth + 1), { minLength: Math.min(schema.minItems ?? 0, 3), maxLength: Math.min(schema.maxItems ?? 3, 4) });
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: Math.max(schema.minimum ?? 0, -1000), max: Math.min(schema.maximum ?? 2000, 2000) }), fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 1));
    case 'boolean':
      return fc.boolean();
    default:
      return nasty;
  }
}

const made = new Map<string, fc.Arbitrary<string>>();

function textOf({ pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.string({ unit: 'grapheme', minLength: Math.min(minLength, 20), maxLength: Math.min(Math.max(minLength, maxLength), 40) });
  let found = made.get(pattern);
  if (!found) {
    try {
      found = fc.stringMatching(new RegExp(pattern, 'u'));
    } catch {
      found = fc.string();
    }
    made.set(pattern, found);
  }
  return found;
}

export interface Sent {
  method: string;
  url: string;
  /** Text of the body, as it goes over the wire. */
  payload: string | undefined;
  type: string;
  /** Who asks. */
  who: number;
}

/** What replaces a word of an address: what it should be, or anything. */
export interface Known {
  round: string;
  area: string;
  devices: readonly string[];
}

export function requestTo(operation: Operation, known: Known, people: number): fc.Arbitrary<Sent> {
  const right: Record<string, string> = { round: known.round, area: known.area, resident: '1' };
  const words = operation.parameters.filter((one) => one.in === 'path').map(({ name, schema }) =>
    fc.oneof({ weight: 10, arbitrary: fc.constant(right[name] ?? '') }, { weight: right[name] === undefined ? 20 : 1, arbitrary: near(schema).map(wordOf) }).map((word) => [name, word] as const));
  const query = operation.parameters.filter((one) => one.in === 'query').map(({ name, schema }) => fc.option(near(schema).map((value) => [name, wordOf(value)] as const), { freq: 2 }));
  const body = operation.body === undefined ? fc.constant(undefined) : fc.oneof(
    { weight: 16, arbitrary: near(operation.body).map((value) => JSON.stringify(ofDevice(value, known))) },
    { weight: 2, arbitrary: nasty.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: fc.constantFrom('{', '[', '"', '{"a":}', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', `${'['.repeat(50_000)}`, `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`, '\ufeff{}', '{}{}', 'undefined', '1'.repeat(300_000)) },
  );
  const type = fc.oneof({ weight: 30, arbitrary: fc.constant('application/json') }, { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'multipart/form-data', 'application/x-www-form-urlencoded', '') });
  return fc.tuple(fc.tuple(...words), fc.tuple(...query), body, type, fc.nat({ max: people - 1 })).map(([path, asked, payload, contentType, who]): Sent => {
    let url = operation.path;
    for (const [name, word] of path) url = url.replace(`{${name}}`, () => escaped(word));
    const search = asked.filter((one) => one !== null).map(([name, value]) => `${name}=${escaped(value)}`).join('&');
    return { method: operation.method, url: search ? `${url}?${search}` : url, payload: payload as string | undefined, type: contentType, who };
  });
}

/** A value as a word of an address. */
const wordOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** Half a surrogate cannot be escaped, and is sent as its bytes would be. */
function escaped(word: string): string {
  try {
    return encodeURIComponent(word) || '%20';
  } catch {
    return '%ED%A0%80';
  }
}

/** Most bodies come from a device that is known, or nothing would get past the first look. A tool's key lets them call themselves anything. */
export function ofDevice(value: unknown, { devices }: Pick<Known, 'devices'>): unknown {
  if (typeof value !== 'object' || value === null || !('device' in value) || typeof value.device !== 'string') return value;
  const length = value.device.length;
  return { ...value, device: length % 5 === 0 ? value.device : devices[length % devices.length], epoch: 'e1' };
}
