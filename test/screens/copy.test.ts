// The second copy: from one tablet's disk through pictures or a file to another tablet, and to the record once.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import t from 'tap';
import { encode } from 'uqr';
import { WebSocket } from 'ws';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { openSecondCopy, type SecondCopy } from '../../src/screens/outbox/copy.js';
import { checksum, collectFrames, framesOf } from '../../src/screens/outbox/frames.js';
import { type Line, LineFault, type LineOptions, openLine } from '../../src/screens/outbox/line.js';
import type { Outbox } from '../../src/screens/outbox/outbox.js';
import { countIn, inBoth, isSpans, joinedSpans, spansOf } from '../../src/screens/outbox/spans.js';
import { guarded, type Headers } from '../api/guarded.js';
import { build, type DoorRig, tubeOf } from '../api/support.js';
import { allSent, freshName, open, service, setHands, told } from './support.js';

type Test = { teardown(end: () => unknown): void };

/** A tablet with a network that can be cut. */
interface Tablet { outbox: Outbox; copy: SecondCopy; line: Line; cut(is: boolean): void }

async function tablet(t: Test, door: DoorRig, device: string, { headers = {}, hands, name = freshName() }: { headers?: Headers; hands?: ReturnType<typeof setHands>; name?: string } = {}): Promise<Tablet> {
  const base = `http://${await door.listen()}`;
  const socket = class extends WebSocket { constructor(address: string) { super(address, { headers }); } } as unknown as NonNullable<LineOptions['socket']>;
  const way = openLine({ base, headers, socket });
  let off = false;
  const line = { send: (...args: Parameters<Line['send']>) => (off ? Promise.reject(new LineFault('offline', 'cut')) : way.send(...args)), close: () => way.close() };
  const outbox = await open(t, line, { paired: false, name, ...(hands ? { hands } : {}) });
  const copy = openSecondCopy({ outbox, get: async (path) => (off ? undefined : (await fetch(base + path, { headers })).json()) });
  t.teardown(() => copy.stop());
  await outbox.pair({ ...door.cell, device, role: 'station', site: 's1', station: '3' });
  await allSent(outbox);
  return { outbox, copy, line, cut(is) { off = is; outbox.wake(); } };
}

const random = (length: number, seed = 7): Uint8Array => Uint8Array.from({ length }, (_, i) => ((i + seed) * 2_654_435_761 >>> 11) & 255);

t.test('bytes become pictures and bytes again, in any order, however often each is read', (t) => {
  for (const length of [0, 1, 2, 3, 599, 600, 601, 5000]) {
    const bytes = random(length);
    const frames = framesOf(bytes);
    t.equal(frames.length, Math.max(1, Math.ceil(length / 600)));
    const collector = collectFrames();
    const shown = [...frames, ...frames].reverse();
    const last = shown.map((frame) => collector.add(frame)).findLast(({ state }) => state === 'done');
    t.same(last?.state === 'done' && [...last.bytes], [...bytes], `${length} bytes`);
  }
  t.equal(checksum(new TextEncoder().encode('123456789')), 'CBF43926');
  t.end();
});

t.test('which numbers are in a copy, as a short text', (t) => {
  t.equal(spansOf([1, 2, 3, 5, 8, 9]), '1-3,5,8-9');
  t.equal(spansOf([]), '');
  t.equal(countIn('1-3,5,8-9'), 6);
  t.equal(joinedSpans(['5,8-9', '1-3', '3-6']), '1-6,8-9');
  t.equal(inBoth('1-10', '1-3,5,8-12'), 7);
  t.equal(inBoth('4', ''), 0);
  t.same(['1-9,12', '7', '', '9-1', 'x', '1-', 12, undefined, '1,'.repeat(20_000)].map(isSpans), [true, true, false, false, false, false, false, false, false]);
  t.end();
});

t.test('what was misread is shown again, and another row of pictures begins anew', (t) => {
  const [one, other] = [framesOf(random(1500)), framesOf(random(1500, 9))];
  const collector = collectFrames();
  t.same(collector.add('200000000573'), { state: 'other' });
  t.match(collector.add(one[0] ?? ''), { state: 'more', have: 1, total: 3, missing: [2, 3] });
  const [first = '', second = '', third = ''] = one;
  t.same(collector.add(second.slice(0, -1)), { state: 'damaged' });
  t.same(collector.add(second.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A'))), { state: 'damaged' });
  t.same(collector.add(second.replace('/2/3/', '/4/3/')), { state: 'damaged' });
  t.match(collector.add(second), { have: 2, missing: [3] });
  t.match(collector.add(other[0] ?? ''), { have: 1, total: 3 }, 'the other tablet has packed anew');
  t.match([first, second, third].map((frame) => collector.add(frame)).at(-1), { state: 'done' });
  t.end();
});

t.test('each picture is a code of version 20 at most, and a camera reads it', async (t) => {
  const require = createRequire(import.meta.url);
  prepareZXingModule({ overrides: { wasmBinary: readFileSync(require.resolve('zxing-wasm/reader/zxing_reader.wasm')).buffer as ArrayBuffer } });
  const bytes = random(1300);
  const collector = collectFrames();
  let last: ReturnType<typeof collector.add> | undefined;
  for (const frame of framesOf(bytes)) {
    const { version, size, data } = encode(frame, { ecc: 'M', border: 4 });
    t.ok(version <= 20, `version ${version}`);
    const scale = 3;
    const side = size * scale;
    const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
    for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) if (data[Math.floor(y / scale)]?.[Math.floor(x / scale)]) pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
    const [found] = await readBarcodes({ data: pixels, width: side, height: side, colorSpace: 'srgb' } as unknown as ImageData, { formats: ['QRCode'] });
    last = collector.add(found?.text ?? '');
  }
  t.same(last?.state === 'done' && [...last.bytes], [...bytes]);
});

t.test('an offline tablet is photographed by its neighbour, and the record has each swab once', async (t) => {
  const door = await build(t, { residents: 12, stations: ['3'] });
  const [first, second] = [await tablet(t, door, 'first'), await tablet(t, door, 'second')];
  t.ok(await first.copy.provide());
  t.ok(await first.copy.able());
  t.same(await first.copy.pack(), { ok: false, why: 'nothing' });
  first.cut(true);
  const tube = tubeOf(1);
  await first.outbox.report('openTube', { tube, station: '3' }, { by: '600000000190' });
  for (let n = 1; n <= 9; n++) await first.outbox.report('takeSwab', { resident: String(n), tube });
  const packed = await first.copy.pack();
  if (!packed.ok) return t.fail('it was not packed');
  t.match(packed, { records: 10, parcels: 1 });
  t.notMatch(Buffer.from(packed.bytes).toString('latin1'), /takeSwab|resident/, 'nobody reads it on the way');

  const collector = collectFrames();
  const done = framesOf(packed.bytes).map((frame) => collector.add(frame)).at(-1);
  if (done?.state !== 'done') return t.fail('the pictures are not whole');
  // The neighbour has no network either; it keeps what it took like a record of its own.
  second.cut(true);
  t.match(await second.copy.takeIn(done.bytes, { live: true }), { records: 10, devices: [{ device: 'first', at: '3' }], refused: [] });
  t.match(await second.copy.takeIn(done.bytes), { records: 10, known: 10 }, 'twice is once');
  t.match(await second.copy.carried(), [{ device: 'first', records: 10, state: 'waiting' }]);
  t.match(await second.outbox.rows(), [{ number: 1, step: 'carryRecords', state: 'waiting', mode: 'report' }]);
  second.cut(false);
  await allSent(second.outbox);
  t.match((await door.get(`/tubes/${tube}`)).json(), { state: 'open', count: 9 });
  t.match(await second.copy.carried(), [{ device: 'first', records: 10, state: 'received' }]);
  t.match((await second.outbox.rows())[0]?.answer, { outcome: 'applied', events: [{ event: 'records.carried', name: 'first', first: 1, last: 10, count: 10 }] });

  await first.outbox.report('takeSwab', { resident: '10', tube });
  const later = await first.copy.pack();
  t.match(later.ok && (await second.copy.takeIn(later.bytes)), { records: 11, known: 10 }, 'packed anew, and it says what it has already');
  await allSent(second.outbox);
  first.cut(false);
  await allSent(first.outbox);
  t.match((await door.get(`/tubes/${tube}`)).json(), { state: 'sealed', count: 10 });
  t.same((await first.outbox.toFix()), [], 'nothing was doubled and nothing contradicts');
  t.ok((await first.outbox.rows()).every(({ answer }) => answer?.outcome === 'applied' && answer.again));
});

t.test('a file with many records; and what is not for this tablet', async (t) => {
  const door = await build(t, { residents: [250, {}], stations: ['3'] });
  const [first, second] = [await tablet(t, door, 'first'), await tablet(t, door, 'second')];
  await first.copy.provide();
  first.cut(true);
  for (let n = 1; n <= 250; n++) {
    if (n % 10 === 1) await first.outbox.report('openTube', { tube: tubeOf(n), station: '3' });
    await first.outbox.report('takeSwab', { resident: String(n), tube: tubeOf(n - ((n - 1) % 10)) });
  }
  const packed = await first.copy.pack();
  if (!packed.ok) return t.fail('it was not packed');
  t.match(packed, { records: 275, parcels: 3 });
  t.match(first.copy.fileName(), /^swabline-first-\d{8}-\d{4}\.swc$/);
  t.match(await first.copy.takeIn(packed.bytes), { records: 0, refused: [{ why: 'own' }, {}, {}] });
  t.match(await second.copy.takeIn(packed.bytes), { records: 275, devices: [{ device: 'first', at: '3' }] });
  await allSent(second.outbox);
  t.match((await door.get(`/tubes/${tubeOf(241)}`)).json(), { state: 'sealed', count: 10 });

  const away = service();
  const elsewhere = await open(t, away);
  const other = openSecondCopy({ outbox: elsewhere, get: async () => undefined });
  t.teardown(() => other.stop());
  t.match(await other.takeIn(packed.bytes), { records: 0, refused: [{ device: 'first', why: 'otherCell' }, {}, {}] });
  for (const bytes of [new Uint8Array(), random(50), packed.bytes.subarray(0, 40), packed.bytes.subarray(0, -1), new TextEncoder().encode('SWC1\0\0\0\u0002{}\0\0\0\0')]) {
    t.match(await second.copy.takeIn(bytes), { records: 0, refused: [{ why: 'unreadable' }] });
  }
  away.down = true;
  await elsewhere.report('takeSwab', { resident: '1', tube: tubeOf(1) });
  t.same(await other.pack(), { ok: false, why: 'noKey', records: 1 }, 'a tablet that never got its key says so');
});

t.test('a tablet that never knew the time: who sees its screen knows by how much it is wrong', async (t) => {
  const door = await build(t, { residents: 1, stations: ['3'] });
  const hands = setHands(5 * 3_600_000);
  const name = freshName();
  const second = await tablet(t, door, 'second');
  const cutLine: Line = { send: () => Promise.reject(new LineFault('offline', 'cut')), close: () => undefined };
  const outbox = await open(t, cutLine, { paired: false, name, hands });
  await outbox.pair({ ...door.cell, device: 'first', role: 'station', station: '3' });
  const base = `http://${await door.listen()}`;
  const copy = openSecondCopy({ outbox, get: async (path) => (await fetch(base + path)).json() });
  t.teardown(() => copy.stop());
  t.ok(await copy.provide());
  await outbox.report('openTube', { tube: tubeOf(1), station: '3' });
  hands.pass(600_000);
  const packed = await copy.pack();
  if (!packed.ok) return t.fail('it was not packed');
  t.match(await second.copy.takeIn(packed.bytes, { live: true }), { records: 1 });
  await allSent(second.outbox);
  const { events } = (await door.get(`/tubes/${tubeOf(1)}/story`)).json<{ events: { claimedAt: number; at: number }[] }>();
  const age = second.outbox.now() - (events[0]?.claimedAt ?? 0);
  t.ok(age > 590_000 && age < 700_000, `ten minutes ago, not fifty years: ${age}`);
});

t.test('paired anew under another name, a tablet carries its own past', async (t) => {
  const { door, pair, send, tool } = await guarded(t, { residents: 3, stations: ['3'] });
  const [was, is] = [await pair('station', { site: 's1', station: '3' }), await pair('station', { site: 's1', station: '3' })];
  const before = await tablet(t, door, was.device, { headers: was.headers, name: 'renamed' });
  t.ok(await before.copy.provide());
  before.cut(true);
  await before.outbox.report('openTube', { tube: tubeOf(1), station: '3' });
  await before.outbox.report('takeSwab', { resident: '1', tube: tubeOf(1) });
  before.copy.stop();
  await before.outbox.close();
  const after = await tablet(t, door, is.device, { headers: is.headers, name: 'renamed' });
  await told(after.outbox, ({ waiting }) => waiting === 0);
  await allSent(after.outbox);
  const tube = (await send(tool, 'GET', door.at(`/tubes/${tubeOf(1)}`))).json();
  t.match(tube, { state: 'open', count: 1 });
  t.match(await after.outbox.rows(), [{ step: 'carryRecords', state: 'applied' }]);
});
