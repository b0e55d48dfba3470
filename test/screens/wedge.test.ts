// The scanner as a keyboard: whole codes and nothing else, whatever stands between the scanner and the page.

import t from 'tap';
import { makeCode, parseCode } from '../../src/domain/codes.js';
import { listenWedge, type Rejected, type Scanned, type WedgeOptions } from '../../src/screens/scanning/wedge.js';
import { Key, press } from './keys.js';

type Test = { teardown(end: () => unknown): void };

/** A reader whose scans and refusals come in the order they were told. */
function reader(t: Test, options: Partial<WedgeOptions> = {}) {
  const target = new EventTarget();
  const told: (Scanned | Rejected)[] = [];
  let wanted: (() => void) | undefined;
  const tell = (one: Scanned | Rejected): void => { told.push(one); wanted?.(); };
  const wedge = listenWedge({ target, onScan: tell, onReject: tell, ...options });
  t.teardown(() => wedge.stop());
  return {
    target, told, stop: wedge.stop,
    scans: () => told.filter((one): one is Scanned => 'ending' in one).map(({ scan }) => scan.value),
    /** Waits until so much was told. */
    async until(count: number): Promise<void> {
      while (told.length < count) await new Promise<void>((resolve) => { wanted = resolve; });
    },
  };
}

const resident = makeCode('resident', 123_456);
const tube = makeCode('tube', 7);
const document = '11010519491231002X';

t.test('codes with Enter, with Tab, and what they are', async (t) => {
  const { target, told } = reader(t);
  press(target, resident);
  press(target, tube, { suffix: 'Tab' });
  press(target, document.toLowerCase());
  press(target, '4006381333931');
  press(target, 'https://example.org/x');
  t.match(told, [
    { scan: { kind: 'resident', value: resident }, ending: 'Enter', gap: 5 }, { scan: { kind: 'tube', value: tube }, ending: 'Tab' },
    { scan: { kind: 'document', value: document } }, { scan: { kind: 'shopBarcode' } }, { scan: { kind: 'unknown', reason: 'scan_web_address' } },
  ]);
});

t.test('the keys of a scan do nothing else on the page, and a person\'s keys do', async (t) => {
  const { target } = reader(t, { onKey: () => undefined });
  t.ok(press(target, resident, { suffix: 'Tab' }).every(({ defaultPrevented }) => defaultPrevented));
  for (const key of ['Enter', 'Tab', 'F2', 'ArrowDown', 'Escape', 'Shift']) {
    const pressed = new Key(key);
    target.dispatchEvent(pressed);
    t.notOk(pressed.defaultPrevented, key);
  }
});

t.test('a long text that somebody waits for is no code, and none of its characters is a key of the page', async (t) => {
  const picture = `SWC1/0A1B2C3D/1/2/89ABCDEF/${'Q %K+-./:$*9 '.repeat(70)}`;
  const heard: string[] = [];
  const { target, told, scans } = reader(t, { onText: (text) => { if (!text.startsWith('SWC1/')) return false; heard.push(text); return true; } });
  const onward = (keys: readonly Key[]): string => keys.filter(({ cancelBubble }) => !cancelBubble).map(({ key }) => key).join('');
  t.equal(onward(press(target, picture, { gap: 4 })), 'S', 'the first may be a person\'s');
  t.same(heard, [picture]);
  press(target, picture, { gap: 4, as: (key) => new Key(/[A-Z]/.test(key) ? key.toLowerCase() : key, { caps: true }) });
  t.equal(heard.length, 2, 'capitals turned round');
  t.same(told, []);
  press(target, resident);
  t.same(scans(), [resident]);
  t.equal(onward(press(target, '  ', { gap: 200, suffix: '' })), '  ', 'what a person presses reaches the page');
});

t.test('what stands between the scanner and the page', async (t) => {
  const { target, scans } = reader(t);
  const ways: Record<string, (one: string, i: number) => Key> = {
    'an input method has taken the keys': (key) => new Key('Process', { code: `Digit${key}`, keyCode: 229 }),
    'an older WebView does not know its keys': (key) => new Key('Unidentified', { code: `Digit${key}`, keyCode: 229 }),
    'full-width digits': (key) => new Key(String.fromCharCode(key.charCodeAt(0) + 0xfee0), { code: `Digit${key}` }),
    'a French keyboard': (key) => new Key('à&é"\'(-è_ç'.charAt(Number(key)), { code: `Digit${key}`, shift: false }),
    'the numeric pad': (key) => new Key(key, { code: `Numpad${key}` }),
    'caps lock': (key) => new Key(key, { caps: true }),
  };
  for (const [name, as] of Object.entries(ways)) {
    press(target, resident, { as });
    t.equal(scans().pop(), resident, name);
  }
  press(target, document, { as: (key) => new Key('Process', { code: /\d/.test(key) ? `Digit${key}` : `Key${key}`, keyCode: 229, caps: true }) });
  t.equal(scans().pop(), document, 'a letter among the digits');
  for (const mark of [']C1', ']d2', ']Q3']) {
    press(target, mark + resident);
    t.equal(scans().pop(), resident, `the mark ${mark}`);
  }
  press(target, resident, { as: (key, i) => (i === 0 ? new Key(']', { code: 'BracketRight', ctrl: true }) : new Key(key)) });
  t.not(scans().pop(), resident, 'a separator in place of a digit is a digit too few');
  press(target, resident + resident);
  t.equal(scans().pop(), resident, 'a scanner that sends everything twice');
  press(target, tube + resident);
  t.same(scans().slice(-2), [tube, resident], 'two codes without a pause are two scans');
});

t.test('without a suffix, only what proves itself is taken, and half a code never', async (t) => {
  const { target, told, until } = reader(t);
  press(target, resident, { suffix: '' });
  await until(1);
  t.match(told, [{ scan: { value: resident }, ending: 'pause' }]);
  press(target, resident.slice(0, 7), { suffix: '' });
  await until(2);
  t.match(told[1], { why: 'incomplete', text: resident.slice(0, 7) });
  press(target, document.slice(0, 15), { suffix: '' });
  await until(3);
  t.match(told[2], { why: 'incomplete' }, 'fifteen of eighteen digits are no old document');
});

t.test('a burst that pauses in the middle is one code', async (t) => {
  const { target, told, until } = reader(t);
  for (const cut of [1, 2, 6, 11]) {
    const at = performance.now();
    press(target, resident.slice(0, cut), { suffix: '', at });
    await new Promise((resolve) => setTimeout(resolve, 350));
    press(target, resident.slice(cut));
    t.match(told.pop(), { scan: { value: resident } }, `after ${cut}`);
  }
  // The first twelve digits of one document in a hundred pass as a code of ours. A scanner that has shown its suffix is waited for.
  const likeOurs = '110101198010150023';
  t.ok(parseCode(likeOurs.slice(0, 12)));
  press(target, likeOurs.slice(0, 12), { suffix: '' });
  await new Promise((resolve) => setTimeout(resolve, 350));
  press(target, likeOurs.slice(12));
  t.match(told.pop(), { scan: { kind: 'document', value: likeOurs } });
  press(target, resident, { suffix: '' });
  await until(1);
  t.match(told[0], { scan: { value: resident }, ending: 'pause' }, 'and a whole code whose suffix got lost is taken when nothing follows');
});

t.test('a page that was busy hears the keys late, and reads them right', async (t) => {
  const { target, scans, told } = reader(t);
  const codes = Array.from({ length: 40 }, (_, i) => makeCode(i % 11 === 0 ? 'tube' : 'resident', 1000 + i));
  let stall = 30;
  for (const [n, code] of codes.entries()) {
    const at = performance.now();
    // The page is busy from somewhere in the middle of the burst: timers and keys both wait, and either may come first.
    const cut = n % 11;
    press(target, code.slice(0, cut), { suffix: '', at });
    stall = (stall * 7 + 13) % 320 + 30;
    for (const until = performance.now() + stall; performance.now() < until;);
    await new Promise((resolve) => setTimeout(resolve, 0));
    press(target, code.slice(cut), { at: at + cut * 5 });
  }
  t.same(scans(), codes);
  t.equal(told.length, codes.length);
});

t.test('what a person types is no scan', async (t) => {
  const { target, told, until } = reader(t);
  press(target, resident, { gap: 90 });
  t.match(told, [{ why: 'slow', scan: { value: resident } }]);
  press(target, '99999', { gap: 80, suffix: '', at: performance.now() - 320 });
  await until(2);
  t.match(told[1], { why: 'slow', text: '99999' });
  for (let i = 0; i < 20; i++) target.dispatchEvent(new Key('5', { repeat: true }));
  press(target, tube);
  t.match(told[2], { scan: { value: tube } }, 'a hand that lies on the keyboard is nothing');
});

t.test('a key by itself is a key, even just before a scan', async (t) => {
  const keys: string[] = [];
  const { target, told, until } = reader(t, { onKey: (key) => { keys.push(key); heard?.(); } });
  let heard: (() => void) | undefined;
  const key = (): Promise<void> => new Promise((resolve) => { heard = resolve; });
  let waits = key();
  target.dispatchEvent(new Key('r'));
  await waits;
  t.same(keys, ['r']);
  press(target, resident);
  t.match(told, [{ scan: { kind: 'resident', value: resident } }]);
  waits = key();
  target.dispatchEvent(new Key('r'));
  await waits;
  press(target, 'AB123456789012');
  await until(2);
  t.match(told[1], { why: 'incomplete' }, 'before a maker\'s label it cannot be told apart, and is asked for again');
  press(target, resident.slice(0, 1), { suffix: '' });
  waits = key();
  await waits;
  press(target, resident.slice(1));
  t.match(told[2], { scan: { value: resident } }, 'a code whose first digit came early');
});

t.test('labels of other makers: by the round\'s rules', async (t) => {
  const foreignTubes = [{ name: 'lot', prefix: 'QX', lengthMin: 10, lengthMax: 10, letters: true }];
  const { target, told, until } = reader(t, { rules: () => ({ foreignTubes }) });
  press(target, 'QX12345678');
  press(target, 'QX12345678', { suffix: '' });
  await until(2);
  t.match(told, [{ scan: { kind: 'foreignTube', rule: 'lot' }, ending: 'Enter' }, { scan: { kind: 'foreignTube' }, ending: 'pause' }]);
  press(target, 'QX1234567');
  t.match(told[2], { scan: { kind: 'unknown' } });
});

t.test('while somebody types into a field, the reader is deaf', async (t) => {
  const { target, told, stop } = reader(t);
  for (const key of [...resident, 'Enter']) {
    const pressed = new Key(key);
    Object.defineProperty(pressed, 'target', { value: { tagName: 'INPUT', type: 'text' } });
    target.dispatchEvent(pressed);
  }
  t.same(told, []);
  const paste = Object.assign(new Event('paste', { cancelable: true }), { clipboardData: { getData: () => `${tube}\n` } });
  target.dispatchEvent(paste);
  t.match(told, [{ scan: { value: tube }, ending: 'paste' }]);
  stop();
  press(target, resident);
  t.equal(told.length, 1);
});
