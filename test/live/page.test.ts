// The page: what it works out, and that it has a word in both languages for everything it says.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { merge as mergeByHand } from './screen.js';

// The page is plain JavaScript and is served as it stands, so it is tested as it stands.
const folder = new URL('../../../src/live/page/', import.meta.url);
const source = (file: string) => readFileSync(fileURLToPath(new URL(file, folder)), 'utf8');
const page = await import(new URL('counts.js', folder).href);
const { words, say } = (await import(new URL('words.js', folder).href)) as { words: Record<'zh' | 'en', Record<string, string>>; say(language: string, word: string, blanks?: object): string };

t.test('a change is merged as RFC 7396 says', async (t) => {
  // The examples of the RFC's appendix that have an object on both sides.
  const examples = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [before, patch, after] of examples as Record<string, unknown>[][]) {
    t.strictSame(page.merge(structuredClone(before), patch), after);
    const other = structuredClone(before) as Record<string, unknown>;
    mergeByHand(other, patch as Record<string, unknown>);
    t.strictSame(other, after);
  }
});

t.test('villages that are furthest behind come first, and an empty one is not behind', async (t) => {
  const village = (residents: number, excused: number, sampled: number) => ({ residents, excused, sampled, open: residents - excused - sampled });
  const order = page.worstFirst({ 1: village(100, 0, 90), 2: village(100, 50, 10), 3: village(10, 10, 0), 4: village(200, 0, 40), 5: village(0, 0, 0) });
  t.strictSame(order.map(([ordinal]: [string]) => ordinal), ['4', '2', '1', '3']);
});

t.test('a table stands where it stood, by its name', async (t) => {
  const order = page.inPlace({ 1: { code: 'B2' }, 2: { code: 'A10' }, 3: { code: 'A9' } });
  t.strictSame(order.map(([ordinal]: [string]) => ordinal), ['3', '2', '1']);
});

t.test('each station has one word, the worst that is true', async (t) => {
  const station = { state: 'open', silent: false, stalled: false, waiting: 3, called: 0, perMinute15: 2 };
  const table: [object, string][] = [
    [{}, 'working'],
    [{ perMinute15: 0.9 }, 'slow'],
    [{ perMinute15: 0.9, waiting: 0 }, 'working'],
    [{ perMinute15: 0 }, 'working'],
    [{ stalled: true }, 'stalled'],
    [{ stalled: true, silent: true }, 'silent'],
    [{ state: 'draining' }, 'draining'],
    [{ state: 'draining', stalled: true }, 'stalled'],
    [{ state: 'paused', silent: true }, 'paused'],
    [{ state: 'closed' }, 'closed'],
  ];
  for (const [differs, word] of table) t.equal(page.wordOf({ ...station, ...differs }, 2), word, JSON.stringify(differs));
  t.equal(page.middlePace({ 1: station, 2: { ...station, perMinute15: 1 }, 3: { ...station, perMinute15: 9 }, 4: { ...station, perMinute15: 0 }, 5: { ...station, state: 'paused' } }), 2);
  t.equal(page.middlePace({}), 0);
});

t.test('the rate that is needed counts the minutes to the hour where the round is', async (t) => {
  const at = Date.UTC(2022, 10, 23, 2, 0); // ten in the morning in Shanghai
  t.equal(page.neededRate(1200, at, '12:00', 'Asia/Shanghai'), 10);
  t.equal(page.neededRate(1200, at, '12:00', 'Asia/Urumqi'), 1200 / 240);
  t.equal(page.neededRate(60, Date.UTC(2022, 10, 23, 15, 30), '00:30', 'Asia/Shanghai'), 1, 'past midnight');
  t.equal(page.neededRate(1200, at, '09:00', 'Asia/Shanghai'), undefined, 'the hour has passed');
  t.equal(page.neededRate(1200, at, '', 'Asia/Shanghai'), undefined);
});

t.test('as many columns as let every table fit', async (t) => {
  for (const n of [1, 3, 60, 98, 140]) {
    const columns = page.columnsFor(n, { width: 1400, height: 500 }, 100);
    t.ok(columns >= 1 && columns <= 14);
    if (n <= 100) t.ok(500 / Math.ceil(n / columns) >= 50, `${n} tables in ${columns} columns`);
  }
  t.equal(page.columnsFor(98, { width: 300, height: Number.POSITIVE_INFINITY }, 100), 3);
});

t.test('tries come at growing distances, and not all screens at once', async (t) => {
  t.equal(page.backoff(0, () => 0), 250);
  t.equal(page.backoff(0, () => 1), 500);
  t.equal(page.backoff(3, () => 1), 4000);
  t.equal(page.backoff(30, () => 1), 15_000);
});

t.test('everything the page says has a word in both languages', async (t) => {
  t.strictSame(Object.keys(words.zh).sort(), Object.keys(words.en).sort());
  const asked = [
    ...[...source('live.html').matchAll(/data-word="(\w+)"/g)].map(([, word]) => word),
    ...[...source('live.js').matchAll(/\bsay\('(\w+)'/g)].map(([, word]) => word),
  ] as string[];
  t.ok(asked.length > 40);
  for (const [, word, stands] of source('live.html').matchAll(/data-word="(\w+)"[^>]*>([^<]*)</g)) t.equal(stands, words.zh[word as string], 'before the script has come the page is Chinese');
  for (const language of ['zh', 'en'] as const) t.strictSame(asked.filter((word) => words[language][word] === undefined), [], language);
  t.notMatch(Object.entries(words.en).filter(([name]) => name !== 'other').map(([, word]) => word).join(), /\p{Script=Han}/u);
  const blanks = (sentence: string | undefined) => [...(sentence ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const word of Object.keys(words.zh)) t.strictSame(blanks(words.zh[word]), blanks(words.en[word]), word);
  t.equal(say('en', 'page', { a: 1, b: 3 }), '1 / 3');
  for (const state of ['working', 'slow', 'stalled', 'paused', 'draining', 'closed']) t.ok(words.zh[state]);
});
