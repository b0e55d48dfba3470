// Everybody of a tube is called back for a single swab, and each comes back into the record by one.

import t from 'tap';
import { contradictionsOf, eventsOf, minute, wordOf } from '../support.js';
import { everything, packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('a person calls a pool back', async (t) => {
  const { rig, sealed, recall, tube } = await packing(t);
  const code = await sealed(1, 2);
  const { events } = await rig.post.done('openRecall', { tube: code, reason: 'lot', note: 'lot 17' });
  t.match(events, [{ event: 'recall.opened', cause: 'lot', residents: [1, 2], household: [], neighbours: [] }, { event: 'resident.recalled' }, { event: 'resident.recalled' }]);
  t.match(await recall(1), { state: 'open', cause: 'lot', people: 2, found: 0, settled: 0 });
  t.match(await tube(code), { recall: 1 });
  await repeats(t, { rig, device: rig.post });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'openRecall', async (t) => {
  const { rig, open, sealed } = await packing(t);
  const [called, empty] = [await sealed(1), await open(rig.device('other'))];
  await rig.post.done('openRecall', { tube: called, reason: 'lot' });
  return { rig, device: rig.post, rows: [
    { word: 'tube_unknown', body: { tube: rig.tube(), reason: 'lot' } },
    { word: 'tube_empty', body: { tube: empty, reason: 'lot' } },
    { word: 'recall_open', body: { tube: called, reason: 'lot' } },
  ] };
}));

t.test('a positive pool calls everybody who is or was on its record, their doors and those beside them in the queue', async (t) => {
  const { rig, tablet, open, fill, received, resulted, recall, resident } = await packing(t, { residents: [12, (i) => ({ household: i < 4 ? 1 : i + 1 })] });
  for (let n = 1; n <= 12; n++) await rig.post.done('issueTicket', { site: 's1', party: [{ resident: String(n), number: `A${n}` }] });
  const before = await fill(await open(), 3);
  await tablet.done('sealTube', { tube: before });
  const code = await fill(await open(), 1, 6);
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '3', tube: code })), ['already_sampled'], 'a second swab');
  await fill(code, 8);
  await tablet.done('voidSwab', { resident: '8', tube: code, reason: 'wrong_person' });
  await fill(code, 9);
  const other = await open(rig.device('other'));
  await tablet.done('moveSwab', { resident: '9', from: code, to: other, reason: 'other' });
  await tablet.done('sealTube', { tube: code });
  await received(code);
  const answer = await resulted(code, 'positive');
  t.same(eventsOf(answer).slice(0, 2), ['result.released', 'recall.opened'], 'in the same step');
  const found = await recall(1);
  t.match(found, { cause: 'positive', people: 5 });
  const related = (what: 'inTube' | 'second' | 'crossedOut' | 'moved' | 'household' | 'neighbour') => found?.list.filter(({ relation }) => relation[what]).map(({ resident }) => resident);
  t.same(related('inTube'), [1, 6, 3, 8, 9]);
  t.same([related('second'), related('crossedOut'), related('moved')], [[3], [8], [9]]);
  t.same(related('household')?.sort(), [2, 4], 'who lives with 1 and 3');
  t.same(related('neighbour')?.sort((a, b) => a - b), [5, 7, 10, 11], 'who queued two before and after');
  t.match(await resident(2), { recalled: 'no' }, 'those beside are listed, not called');
  t.match(await resident(8), { recalled: 'to come', swabs: 0 });
});

t.test('a recalled person has a ticket and one single swab more, and no other', async (t) => {
  const { rig, tablet, packer, sealed, open, single, resident, recall } = await packing(t);
  await packer.done('reportTube', { tube: await sealed(1, 2), what: 'lost' });
  t.equal(wordOf(await rig.post.ask('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A1' }] })), 'applied');
  const pool = await open();
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '1', tube: pool })), 'single_tube_only');
  const code = await open(rig.device('other'), 1);
  t.same(eventsOf(await tablet.ask('takeSwab', { resident: '1', tube: code })), ['swab.taken', 'contact.recorded', 'tube.sealed']);
  t.match(await resident(1), { recalled: 'swabbed', swabs: 2 });
  t.match(await recall(1), { found: 1, list: [{ resident: 1, found: true, lastOutcome: 'came' }, { resident: 2, found: false }] });
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '1', tube: await open(tablet, 1) })), 'already_sampled');
  await tablet.done('voidSwab', { resident: '1', tube: code, reason: 'swab_dropped', secondBy: 'sam' });
  t.match(await resident(1), { recalled: 'to come' }, 'a single swab taken off the record is to be taken again');
  await single(1);
  t.match(await resident(1), { recalled: 'swabbed', swabs: 2 });
});

t.test('singles all negative: the pool is not confirmed, and everybody is free', async (t) => {
  const { sealed, single, received, resulted, recall, resident, resultOf } = await packing(t);
  const code = await sealed(1, 2);
  await received(code);
  await resulted(code, 'positive');
  t.match(await resultOf(1), { status: 'recalled', swabbed: false });
  for (const [n, left] of [[1, 'open'], [2, 'closed']] as const) {
    const own = await single(n);
    t.match(await resultOf(n), { status: 'recalled', swabbed: true });
    await received(own);
    t.equal((await recall(1))?.state, 'open');
    await resulted(own, 'negative');
    t.same([(await recall(1))?.state, (await recall(1))?.settled], [left, n]);
    t.match(await resident(n), { recalled: 'no', recall: 0, single: false });
    t.match(await resultOf(n), { status: 'negative', tube: own, pooled: 1 });
  }
  t.match(await recall(1), { outcome: 'not_confirmed', positives: 0, list: [{ result: 'negative' }, { result: 'negative' }] });
});

t.test('a positive among the singles confirms the pool; its person is not called again', async (t) => {
  const { sealed, single, received, resulted, recall, resident, resultOf, unfinished } = await packing(t);
  const code = await sealed(1, 2);
  await received(code);
  await resulted(code, 'inconclusive');
  await resulted(code, 'positive', 'R2');
  t.match(await recall(1), { cause: 'positive' }, 'the graver cause stands');
  for (const [n, result] of [[1, 'positive'], [2, 'negative']] as const) {
    const own = await single(n);
    await received(own);
    t.notOk(eventsOf(await resulted(own, result)).includes('recall.opened'));
  }
  t.match(await recall(1), { state: 'closed', outcome: 'confirmed', positives: 1 });
  t.equal(await recall(2), undefined);
  t.match(await resident(1), { recalled: 'no', single: true });
  t.match(await resultOf(1), { status: 'positive' });
  t.match(await resultOf(2), { status: 'negative', pooled: 1 });
  t.same(await unfinished(), []);
});

t.test('a single swab that is invalid, lost or leaked is taken again', async (t) => {
  const { packer, sealed, single, received, resulted, recall, resident } = await packing(t);
  await packer.done('reportTube', { tube: await sealed(1), what: 'leaked' });
  const first = await single(1);
  await received(first);
  await resulted(first, 'invalid');
  t.match(await resident(1), { recalled: 'to come', recall: 2 });
  const second = await single(1);
  await packer.done('reportTube', { tube: second, what: 'lost' });
  t.match(await resident(1), { recalled: 'to come', recall: 3 });
  const third = await single(1);
  await received(third);
  await resulted(third, 'negative');
  for (const n of [1, 2, 3]) t.match(await recall(n), { state: 'closed', outcome: 'not_confirmed' });
  t.match(await resident(1), { recalled: 'no', single: false });
});

t.test('a single swab settles the recalls before it, never one opened after it', async (t) => {
  const { rig, packer, sealed, single, received, resulted, recall, resident } = await packing(t);
  const pool = await sealed(1, 2);
  await packer.done('reportTube', { tube: pool, what: 'lost' });
  const own = await single(1);
  await rig.post.done('openRecall', { tube: own, reason: 'doubt' });
  await received(own);
  await resulted(own, 'negative');
  t.match((await recall(1))?.list[0], { resident: 1, result: 'negative' });
  t.match(await recall(2), { state: 'open', settled: 0 });
  t.match(await resident(1), { recalled: 'to come', recall: 2, single: true });
});

t.test('a recall that is not done is told of again and again', async (t) => {
  const { rig, packer, sealed, recall } = await packing(t, { round: { rules: { recallMinutes: 60, poolSizes: { normal: 5, key: 5, high: 1 } } } });
  await packer.done('reportTube', { tube: await sealed(1), what: 'lost' });
  await rig.advance(59 * minute);
  t.match(await recall(1), { level: 0 });
  await rig.advance(2 * minute);
  await rig.advance(61 * minute);
  t.match(await recall(1), { level: 2 });
  t.same((await everything(rig)).flatMap((event) => (event.event === 'recall.late' ? [event.level] : [])), [1, 2]);
});

t.test('the unidentified swab of a recalled pool follows when its person is known', async (t) => {
  const { rig, tablet, packer, open, fill, recall, resident } = await packing(t);
  const code = await fill(await open(), 1);
  await tablet.report('takeSwab', { resident: '99', tube: code });
  await tablet.done('sealTube', { tube: code });
  await packer.done('reportTube', { tube: code, what: 'leaked' });
  t.match(await recall(1), { people: 1, unidentified: 1 });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'identified', resident: '2' });
  t.match(await recall(1), { people: 2, unidentified: 0 });
  t.match(await resident(2), { recalled: 'to come' });
});
