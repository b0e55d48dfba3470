// The laboratory tells the area of a tube its result.

import t from 'tap';
import { contradictionsOf, eventsOf } from '../support.js';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('negative: everybody in the tube has a result, noted as pooled', async (t) => {
  const { rig, relay, sealed, received, resulted, resultOf, status, unfinished } = await packing(t);
  const code = await sealed(1, 2, 3);
  t.match(await resultOf(1), { status: 'pending', tube: code, waits: false });
  await received(code);
  t.match(await resulted(code, 'negative'), { events: [{ event: 'result.released', tube: code, result: 'negative', swabs: 3, run: 'R1' }] });
  await repeats(t, { rig, device: relay });
  t.equal(await status(code), 'resulted');
  for (const n of [1, 2, 3]) t.same(await resultOf(n), { status: 'negative', tube: code, pooled: 3 });
  t.same(await resultOf(4), { status: 'none' });
  t.same(await unfinished(), []);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'noteResult', async (t) => {
  const { rig, relay, open } = await packing(t);
  const voided = await open();
  await rig.post.done('voidTube', { tube: voided, reason: 'broken' });
  const rest = { result: 'negative', accession: 'A1', run: 'R1', testedAt: 0, laboratory: 'lab' } as const;
  return { rig, device: relay, rows: [
    { word: 'tube_unknown', body: { tube: rig.tube(), ...rest } },
    { word: 'tube_voided', body: { tube: voided, ...rest } },
  ] };
}));

t.test('a negative waits while the tube has an open contradiction, and leaves when a person has settled it', async (t) => {
  const { rig, tablet, sealed, received, resulted, resultOf, tube, unfinished } = await packing(t);
  const code = await sealed(1, 2);
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '3', tube: code })), ['tube_sealed']);
  await received(code);
  t.match(await resulted(code, 'negative'), { events: [{ event: 'result.waits', why: 'held' }] });
  t.match(await tube(code), { lab: 'received', result: 'negative' });
  t.match(await resultOf(1), { status: 'pending', waits: true });
  t.ok((await unfinished()).includes(`tube:${code}`));
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'confirmed' });
  await rig.advance(0);
  t.match(await tube(code), { lab: 'resulted' });
  t.match(await resultOf(3), { status: 'negative', pooled: 3 });
});

t.test('a negative waits for the seal that its tablet has not sent', async (t) => {
  const { rig, tablet, open, fill, received, resulted, tube } = await packing(t);
  const code = await fill(await open(), 1);
  await received(code);
  t.match(await resulted(code, 'negative'), { events: [{ event: 'result.waits', why: 'not_sealed' }] });
  await tablet.report('sealTube', { tube: code });
  await rig.advance(0);
  t.match(await tube(code), { lab: 'resulted' });
});

t.test('a positive waits for nothing', async (t) => {
  const { tablet, open, fill, resulted, recall, resultOf, tube } = await packing(t);
  const code = await fill(await open(), 1);
  t.same(contradictionsOf(await tablet.report('takeSwab', { resident: '1', tube: code })), ['already_sampled']);
  t.same(eventsOf(await resulted(code, 'positive')), ['result.released', 'recall.opened', 'resident.recalled']);
  t.match(await tube(code), { lab: 'resulted', result: 'positive' });
  t.match(await recall(1), { cause: 'positive', people: 1 });
  t.match(await resultOf(1), { status: 'recalled' });
});

t.test('a correction from negative to positive calls everybody back; from positive to negative it is for a person to say', async (t) => {
  const { sealed, received, resulted, recall, resultOf, tube } = await packing(t);
  const code = await sealed(1);
  await received(code);
  await resulted(code, 'negative');
  t.same(eventsOf(await resulted(code, 'positive', 'R2')), ['result.released', 'recall.opened', 'resident.recalled']);
  t.match(await resultOf(1), { status: 'recalled' });
  await resulted(code, 'negative', 'R3');
  t.match(await tube(code), { result: 'negative' });
  t.match(await recall(1), { state: 'open' });
  t.match(await resultOf(1), { status: 'recalled' }, 'called is called');
});

t.test('the result of a tube nobody has told of is kept, and a positive makes itself heard', async (t) => {
  const { rig, tablet, resulted, recall, resident } = await packing(t);
  const code = rig.tube();
  t.same(contradictionsOf(await resulted(code, 'positive')), ['tube_unknown']);
  t.match(await recall(1), { people: 0, state: 'open' });
  await tablet.report('openTube', { tube: code, station: 'a1' });
  await tablet.report('takeSwab', { resident: '1', tube: code });
  t.match(await recall(1), { people: 1 });
  t.match(await resident(1), { recalled: 'to come' });
});

t.test('a positive single tube of somebody nobody had called is confirmed by another', async (t) => {
  const { single, received, resulted, resultOf, recall } = await packing(t);
  const first = await single(1);
  await received(first);
  await resulted(first, 'positive');
  t.match(await resultOf(1), { status: 'recalled' });
  const second = await single(1);
  await received(second);
  await resulted(second, 'positive');
  t.match(await recall(1), { state: 'closed', outcome: 'confirmed' });
  t.match(await resultOf(1), { status: 'positive' });
});
