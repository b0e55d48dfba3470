// What a scan means at the packer's bench and in the courier's hands: without a page, since it needs none.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import { manifestHash, writeManifest } from '../../src/domain/manifest.js';
import { readScan } from '../../src/domain/codes.js';
import { foldBench } from '../../src/screens/pack/bench.js';
import { armLeak, decide, refusedInstead, type Seen, type Situation, undo } from '../../src/screens/pack/decide.js';
import { seenOf } from '../../src/screens/pack/seen.js';
import type { Act } from '../../src/screens/tablet/acts.js';

const [box, other] = [makeCode('box', 1), makeCode('box', 2)];
const tubeOf = (n: number): string => makeCode('tube', n);
const [packer, courier] = [makeCode('staff', 1), makeCode('staff', 2)];
const now = 1_700_000_000_000;

const act = (number: number, step: Act['step'], body: Record<string, unknown>, undone?: string): Act => ({ number, step, body, at: now + number, ...(undone === undefined ? {} : { undone }) });
const packedActs = (n: number): Act[] => [act(1, 'openBox', { box }), ...Array.from({ length: n }, (_, i) => act(i + 2, 'packTube', { tube: tubeOf(i), box }))];
const situation = (acts: Act[], more: Partial<Situation> = {}): Situation => ({ bench: foldBench(acts), courier: false, staff: packer, site: 's1', rehearsal: false, pending: undefined, toPack: undefined, ...more });
const boxSeen = (code = box): Seen => ({ kind: 'box', code, rehearsal: false });
const tubeSeen = (n: number): Seen => ({ kind: 'tube', code: tubeOf(n), rehearsal: false });
const steps = (decision: { wishes: readonly { step: string }[] }) => decision.wishes.map(({ step }) => step);

t.test('the box, its tubes, the box again', async (t) => {
  const opened = decide(boxSeen(), situation([]), now);
  t.same([opened.say.row, steps(opened)], ['boxOpened', ['openBox']]);
  const tube = decide(tubeSeen(0), situation([act(1, 'openBox', { box })]), now);
  t.same([tube.say, steps(tube)], [{ row: 'packed', values: { n: 1 }, about: `...${tubeOf(0).slice(-4)}` }, ['packTube']]);
  const sealed = decide(boxSeen(), situation(packedActs(3), { toPack: 0 }), now);
  t.same([sealed.say.row, sealed.wishes[0]?.body], ['sealed', { box, counted: 3 }]);
  const bench = foldBench([...packedActs(3), act(9, 'sealBox', { box, counted: 3 }), act(10, 'handOver', { box, from: packer, to: courier })]);
  t.same([bench.box, bench.sealed[0]?.tubes.length, bench.sealed[0]?.holder], [undefined, 3, courier]);
});

t.test('what the system knows of and nobody has packed is looked for before the lid is on', async (t) => {
  const at = situation(packedActs(18), { toPack: 2 });
  const first = decide(boxSeen(), at, now);
  t.same([first.say, steps(first)], [{ row: 'countBench', values: { n: 18, all: 20 } }, []]);
  const second = decide(boxSeen(), { ...at, pending: first.pending }, now + 1000);
  t.same([second.say.row, second.wishes[0]?.how, second.wishes[0]?.body], ['sealed', 'ask', { box, counted: 18 }]);
  t.equal(decide(boxSeen(), { ...at, pending: first.pending }, now + 10 * 60_000).say.row, 'countBench', 'an old answer counts no more');
});

t.test('nothing is packed without a box, and no box is begun before the one on the bench is sealed', async (t) => {
  t.equal(decide(tubeSeen(0), situation([]), now).say.row, 'noBox');
  t.equal(decide(boxSeen(other), situation(packedActs(1)), now).say.row, 'closeFirst');
  t.equal(decide(boxSeen(), situation([act(1, 'openBox', { box })]), now).say.row, 'boxEmpty');
  t.equal(decide(boxSeen(), situation([], { staff: undefined }), now).say.row, 'staffFirst');
  t.equal(decide({ kind: 'tube', code: makeCode('tube', 900_000_001), rehearsal: true }, situation(packedActs(1)), now).say.row, 'wrongFence');
  const again = decide(tubeSeen(0), situation(packedActs(1)), now);
  t.same([again.tick, steps(again)], [true, []], 'the same tube again is a tick');
});

t.test('a tube that is in another box names it, and comes here when it is scanned once more', async (t) => {
  const wish = { step: 'packTube' as const, how: 'ask' as const, body: { tube: tubeOf(7), box } };
  const heard = { word: 'tube_packed', detail: { tube: tubeOf(7), box: other, same: false }, zh: '', en: '', nextZh: '', nextEn: '' };
  const said = refusedInstead(wish, heard, situation(packedActs(1)), now);
  t.same(said.say, { row: 'otherBox', values: { tail: other.slice(-4) }, about: `...${tubeOf(7).slice(-4)}` });
  const moved = decide(tubeSeen(7), situation(packedActs(1), { pending: said.pending }), now + 1000);
  t.same([moved.say.row, moved.wishes.map(({ step, how, body }) => [step, how, body['box']])], ['moved', [['unpackTube', 'report', other], ['packTube', 'report', box]]]);
});

t.test('a tube whose station has not sent yet is in the box all the same; a differing count is said, and sealed when it is so', async (t) => {
  const tube = refusedInstead({ step: 'packTube', how: 'ask', body: { tube: tubeOf(9), box } }, { word: 'tube_unknown', detail: {}, zh: '', en: '', nextZh: '', nextEn: '' }, situation(packedActs(2)), now);
  t.same([tube.say.row, tube.anyway], ['packedUnknown', true]);
  const sealed = refusedInstead({ step: 'sealBox', how: 'ask', body: { box, counted: 2 } }, { word: 'box_count_differs', detail: { counted: '2', recorded: '3' }, zh: '', en: '', nextZh: '', nextEn: '' }, situation(packedActs(2)), now);
  t.same(sealed.say.values, { recorded: '3', n: '2' });
  const anyway = decide(boxSeen(), situation(packedActs(2), { pending: sealed.pending, toPack: 5 }), now + 1000);
  t.same(anyway.wishes.map(({ step, how }) => [step, how]), [['sealBox', 'report']]);
});

t.test('the last tube is taken out again, and a leaking one is reported and leaves the box', async (t) => {
  const out = undo(situation(packedActs(2)));
  t.same(out.wishes.map(({ step, body }) => [step, body['tube']]), [['unpackTube', tubeOf(1)]]);
  t.equal(undo(situation([])).say.row, 'nothingToUndo');
  const armed = armLeak(situation(packedActs(2)), now);
  const leak = decide(tubeSeen(0), situation(packedActs(2), { pending: armed.pending }), now + 1000);
  t.same(steps(leak), ['unpackTube', 'reportTube']);
});

t.test('a record that was refused has not happened', async (t) => {
  const bench = foldBench([act(1, 'openBox', { box }), act(2, 'packTube', { tube: tubeOf(1), box }, 'tube_packed'), act(3, 'packTube', { tube: tubeOf(2), box })]);
  t.same(bench.box?.tubes, [tubeOf(2)]);
});

t.test('custody passes between two cards', async (t) => {
  const carries = (more: Partial<Situation> = {}) => situation([], { courier: true, staff: courier, ...more });
  const offered = decide(boxSeen(), carries({ told: { state: 'sealed', holder: packer, offered: { from: packer, to: courier, by: packer } } }), now);
  t.same([offered.say.row, offered.wishes[0]?.body], ['takenOver', { box, from: packer, to: courier }], 'one scan confirms what the other has said');
  const unknown = decide(boxSeen(), carries({ told: { state: 'sealed', holder: '' } }), now);
  t.equal(unknown.say.row, 'giverWanted');
  const given = decide({ kind: 'staff', card: packer }, carries({ pending: unknown.pending }), now + 1000);
  t.same(given.wishes[0]?.body, { box, from: packer, to: courier });
  t.equal(decide({ kind: 'staff', card: courier }, carries({ pending: unknown.pending }), now + 1000).say.row, 'otherCard', 'nobody hands over to themselves');
  const mine = decide(boxSeen(), carries({ told: { state: 'handed over', holder: courier } }), now);
  t.equal(mine.say.row, 'receiverWanted');
  const away = decide({ kind: 'staff', card: packer }, carries({ pending: mine.pending }), now + 1000);
  t.same(away.wishes[0]?.body, { box, from: courier, to: packer });
});

t.test('without a network the manifest on the other screen stands for the confirmation', async (t) => {
  const tubes = [tubeOf(1), tubeOf(2)];
  const seen = seenOf(readScan(writeManifest(box, tubes)));
  t.same(seen, { kind: 'manifest', box, hash: manifestHash(tubes) });
  const asked = decide(seen, situation([], { courier: true, staff: courier }), now);
  const given = decide({ kind: 'staff', card: packer }, situation([], { courier: true, staff: courier, pending: asked.pending }), now + 1000);
  t.same(given.wishes.map(({ step, how, body }) => [step, how, body]), [['handOver', 'report', { box, from: packer, to: courier, hash: manifestHash(tubes) }]]);
  const broken = writeManifest(box, tubes).replace(/.$/, (last) => (last === '1' ? '2' : '1'));
  t.equal(seenOf(readScan(broken)).kind, 'unreadable', 'a misread manifest is none');
});
