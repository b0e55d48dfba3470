// The scanner test of the pairing: whatever is wrong is named, and nothing else.

import t from 'tap';
import { type Diagnosis, diagnose, runScannerTest, scannerFaults, testCodes } from '../../src/screens/scanning/scannerTest.js';
import { makeSeen } from '../../src/screens/scanning/seen.js';
import { strokeOf } from '../../src/screens/scanning/strokes.js';
import { type Burst, Key, press } from './keys.js';

const [digits = '', letters = ''] = testCodes;

/** What the test says of a text that was scanned for `expected`. */
function said(expected: string, text: string, burst: Burst = {}): Diagnosis {
  const target = new EventTarget();
  const strokes: ReturnType<typeof strokeOf>[] = [];
  target.addEventListener('keydown', (event) => strokes.push(strokeOf(event as Key)));
  press(target, text, { ...burst, suffix: '' });
  return diagnose(expected, strokes, burst.suffix !== '');
}

t.test('a scanner that is right', (t) => {
  for (const code of testCodes) t.match(said(code, code), { ok: true, faults: [], text: code });
  t.match(said(letters, letters, { gap: 25 }), { ok: true, gap: 25 });
  t.end();
});

t.test('each fault by its name', (t) => {
  const exchanged = [...letters].map((letter) => (letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase())).join('');
  const german = (key: string): Key => new Key(({ y: 'z', z: 'y', Y: 'Z', Z: 'Y', '-': 'ß' } as Record<string, string>)[key] ?? key, { code: new Key(key).code, shift: /[A-Z]/.test(key) });
  const cases: [string, Diagnosis, string[]][] = [
    ['no Enter', said(digits, digits, { suffix: '' }), ['noEnter']],
    ['caps lock', said(letters, exchanged), ['caps']],
    ['slow', said(digits, digits, { gap: 45 }), ['slow']],
    ['another layout', said(letters, letters, { as: german }), ['layout']],
    ['an input method takes the keys', said(digits, digits, { as: (key) => new Key('Process', { code: `Digit${key}`, keyCode: 229 }) }), ['ime']],
    ['an input method writes wide', said(digits, digits, { as: (key) => new Key(String.fromCharCode(key.charCodeAt(0) + 0xfee0), { code: `Digit${key}` }) }), ['ime']],
    ['twice', said(digits, digits + digits), ['twice']],
    ['a prefix', said(digits, `A${digits}`), ['added']],
    ['characters lost', said(letters, letters.replace('Q', '').replace('m', '')), ['missing']],
    ['something else', said(digits, '6901234567892'), ['other']],
    ['slow and without Enter', said(digits, digits, { gap: 45, suffix: '' }), ['slow', 'noEnter']],
  ];
  for (const [name, { faults, ok }, expected] of cases) {
    t.same(faults, expected, name);
    t.notOk(ok, name);
  }
  for (const { zh, nextZh, en } of Object.values(scannerFaults)) t.ok(/\p{Script=Han}/u.test(zh) && /\p{Script=Han}/u.test(nextZh) && /^[ -~]+$/.test(en));
  t.end();
});

t.test('three codes, and a wrong one is asked for again', async (t) => {
  const target = new EventTarget();
  const heard: [boolean, number][] = [];
  const done = new Promise<Diagnosis[]>((onDone) => {
    runScannerTest({ target, onDone, onScan: ({ ok }, step) => heard.push([ok, step]) });
  });
  press(target, digits);
  press(target, digits);
  for (const code of testCodes.slice(1)) press(target, code);
  t.match(await done, testCodes.map((expected) => ({ expected, ok: true })));
  t.same(heard, [[true, 0], [false, 1], [true, 1], [true, 2]]);
});

t.test('a scanner without Enter is found out by the pause', async (t) => {
  const target = new EventTarget();
  const first = new Promise<Diagnosis>((onScan) => {
    const test = runScannerTest({ target, onScan, onDone: () => undefined });
    t.teardown(() => test.stop());
  });
  press(target, digits, { suffix: '' });
  t.same((await first).faults, ['noEnter']);
});

t.test('what stays in the picture is one scan', (t) => {
  const seen = makeSeen(2500);
  t.same([0, 100, 2400, 4800, 7000].map((at) => seen.isNew('a', at)), [true, false, false, false, false], 'as long as it is there');
  t.ok(seen.isNew('b', 7100));
  t.notOk(seen.isNew('a', 9400));
  t.ok(seen.isNew('a', 12_000), 'away for longer, it is scanned anew');
  t.end();
});
