// What a scan means at the laboratory's bench: without a page, since it needs none.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import { compare, foldBench, type Manifest } from '../../src/screens/lab/bench.js';
import { armReject, decide, finishByKey, refusedInstead, type Seen, type Situation } from '../../src/screens/lab/decide.js';
import type { Act } from '../../src/screens/tablet/acts.js';

const [box, other] = [makeCode('box', 1), makeCode('box', 2)];
const tubeOf = (n: number): string => makeCode('tube', n);
const staff = makeCode('staff', 3);
const now = 1_700_000_000_000;
const manifestOf = (n: number): Manifest => ({ box, tubes: Array.from({ length: n }, (_, i) => tubeOf(i)), there: [], state: 'received' });
const act = (number: number, step: Act['step'], body: Record<string, unknown>, undone?: string): Act => ({ number, step, body, at: now + number, ...(undone === undefined ? {} : { undone }) });
const here = (...tubes: number[]): Act[] => [act(1, 'receiveBox', { box }), ...tubes.map((n, i) => act(i + 2, 'receiveTube', { tube: tubeOf(n), box }))];
const situation = (acts: Act[], more: Partial<Situation> = {}): Situation => ({ bench: foldBench(acts), manifest: undefined, staff, rehearsal: false, pending: undefined, ...more });
const boxSeen = (code = box): Seen => ({ kind: 'box', code, rehearsal: false });
const tubeSeen = (n: number): Seen => ({ kind: 'tube', code: tubeOf(n), rehearsal: false });

t.test('the box, its tubes, the box again', async (t) => {
  const first = decide(boxSeen(), situation([]), now);
  t.same([first.say.row, first.wishes[0]?.step, first.look], ['boxHere', 'receiveBox', box]);
  const tube = decide(tubeSeen(2), situation(here(0, 1), { manifest: manifestOf(3) }), now);
  t.same([tube.say.values, tube.wishes[0]?.body], [{ n: 3, all: 3 }, { tube: tubeOf(2), box }]);
  const done = decide(boxSeen(), situation(here(0, 1, 2), { manifest: manifestOf(3) }), now);
  t.same([done.say.row, done.wishes.map(({ step }) => step)], ['done', ['reconcileBox']]);
  t.equal(foldBench([...here(0), act(9, 'reconcileBox', { box })]).box, undefined);
});

t.test('what is missing is said once and must be confirmed by the next scan of the box', async (t) => {
  const at = situation(here(0, 1), { manifest: manifestOf(4) });
  const said = decide(boxSeen(), at, now);
  t.same([said.say, said.wishes.length], [{ row: 'missing', values: { n: 2 } }, 0]);
  const done = finishByKey({ ...at, pending: said.pending }, now + 1000);
  t.same([done.say.row, done.wishes[0]?.step], ['doneMissing', 'reconcileBox']);
});

t.test('an unexpected tube is taken in and put aside, and stays on the list whatever is scanned next', async (t) => {
  const extra = decide(tubeSeen(9), situation(here(0), { manifest: manifestOf(3) }), now);
  t.same([extra.say.row, extra.wishes[0]?.step], ['extra', 'receiveTube']);
  const bench = foldBench([...here(0, 9, 1)]);
  t.same(compare(bench.box as NonNullable<typeof bench.box>, manifestOf(3)), { all: 3, here: 2, missing: [tubeOf(2)], extra: [tubeOf(9)] });
});

t.test('without a manifest everything is taken in and counted; when it comes late it is compared with what was scanned', async (t) => {
  t.same(decide(tubeSeen(0), situation(here()), now).say, { row: 'counted', values: { n: 1 }, about: `...${tubeOf(0).slice(-4)}` });
  const bench = foldBench(here(0, 1));
  t.same(compare(bench.box as NonNullable<typeof bench.box>, undefined), { all: undefined, here: 2, missing: [], extra: [] });
  t.same(compare(bench.box as NonNullable<typeof bench.box>, manifestOf(3)).missing, [tubeOf(2)]);
});

t.test('the same tube again is a tick, and a tube another bench has taken in is no harm', async (t) => {
  const again = decide(tubeSeen(0), situation(here(0)), now);
  t.same([again.tick, again.wishes.length, again.say.row], [true, 0, 'already']);
  const heard = refusedInstead({ step: 'receiveTube', how: 'ask', body: { tube: tubeOf(0), box } }, { word: 'tube_received', detail: {}, zh: '', en: '', nextZh: '', nextEn: '' });
  t.same([heard.tick, heard.say.row], [true, 'already']);
  t.same(foldBench([act(1, 'receiveBox', { box }, 'box_received'), act(2, 'receiveTube', { tube: tubeOf(0), box }, 'tube_received')]).box?.seen, [tubeOf(0)], 'it is here');
  t.same(foldBench([act(1, 'receiveBox', { box }), act(2, 'receiveTube', { tube: tubeOf(0), box }, 'tube_rejected')]).box?.seen, [], 'and what was refused is not');
});

t.test('a tube is rejected with its reason, and two boxes are not open at once', async (t) => {
  const armed = armReject('RB')(situation(here(0)), now);
  const rejected = decide(tubeSeen(1), situation(here(0), { pending: armed.pending }), now + 1000);
  t.same(rejected.wishes.map(({ step, how, body }) => [step, how, body]), [['rejectTube', 'report', { tube: tubeOf(1), reason: 'RB', box }]]);
  t.equal(decide(boxSeen(other), situation(here(0)), now).say.row, 'closeFirst');
  t.equal(decide(boxSeen(), situation([], { staff: undefined }), now).say.row, 'staffFirst');
  t.same(decide(tubeSeen(5), situation([]), now).wishes[0]?.body, { tube: tubeOf(5) }, 'a tube may come without a box');
});
