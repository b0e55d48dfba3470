// The fast check and the schema it was made from say the same.
import fc from 'fast-check';
import t from 'tap';
import { z } from 'zod';
import { compileCheck, isPlain } from '../../src/api/checks.js';
import { doorSteps, recordSchemas } from '../../src/api/incoming.js';

t.test('what a tablet sends all day is checked fast', async (t) => {
  for (const step of ['takeSwab', 'openTube', 'sealTube', 'issueTicket', 'callNext', 'skipTicket', 'moveTicket'] as const) t.ok(isPlain(recordSchemas[step]), step);
});

t.test('a schema that changes what it reads is not checked fast', async (t) => {
  for (const schema of [z.string().trim(), z.strictObject({ a: z.string().transform(Number) }), z.string().refine(Boolean), z.coerce.number(), z.string().regex(/a/i), z.array(z.string().toLowerCase())]) {
    t.notOk(isPlain(schema), JSON.stringify(schema._zod.def.type));
    t.equal(compileCheck(schema).quick, undefined);
  }
});

const scalar = fc.oneof(
  fc.integer({ min: -1, max: 12 }), fc.constantFrom(0.5, 281_474_976_710_655, 281_474_976_710_656, 4_294_967_295, 4_294_967_296, 2 ** 53, 1e300),
  fc.constantFrom('', '1', '0', '#1', '999999999', '1000000000', 'a1', 'A1', 'AB12', 'ask', 'report', 'normal', 'high', 'none', 'full', 'break', '100000000107', '６', 'a b', 'x'.repeat(40), '12345678\n'),
  fc.boolean(), fc.constant(null), fc.string({ maxLength: 4 }),
);

for (const step of doorSteps.filter((step) => isPlain(recordSchemas[step]))) {
  t.test(`${step}: the fast check takes exactly what the schema takes, and fills in the same`, async (t) => {
    const schema = recordSchemas[step];
    const { quick } = compileCheck(schema);
    const body = schema.shape['body'] as z.ZodObject;
    const fields = (shape: Record<string, unknown>) =>
      fc.record(Object.fromEntries(Object.keys(shape).map((name) => [name, name === 'party' ? fc.oneof(scalar, fc.array(fc.record({ resident: scalar, number: scalar }, { requiredKeys: [] }), { maxLength: 3 })) : scalar])), { requiredKeys: [] });
    const odd = fc.option(fc.constantFrom('extra', '__proto__', 'constructor', 'toString'), { nil: undefined, freq: 8 });
    const records = fc
      .tuple(fields(schema.shape), fields(body.shape), odd, fc.boolean(), fc.boolean())
      .map(([sent, inner, extra, withBody, likely]) => {
        const whole = { ...sent, ...(likely ? { number: 1, step, claimedAt: 5, mode: 'ask' } : {}), ...(withBody ? { body: inner } : {}) };
        if (!likely || sent['by'] === undefined) delete (whole as Record<string, unknown>)['by'];
        if (extra) Object.defineProperty(whole, extra, { value: {}, enumerable: true, configurable: true, writable: true });
        return JSON.parse(JSON.stringify(whole)) as unknown;
      });
    let taken = 0;
    fc.assert(
      fc.property(records, (sent) => {
        const read = schema.safeParse(structuredClone(sent));
        const mine = structuredClone(sent);
        const good = quick?.(mine) ?? false;
        if (good) taken++;
        return good === read.success && (!read.success || JSON.stringify(sorted(mine)) === JSON.stringify(sorted(read.data)));
      }),
      { numRuns: 400 },
    );
    t.pass(`${taken} of 400 were good`);
  });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
