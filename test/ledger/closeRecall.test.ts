// A person ends a recall.

import t from 'tap';
import { wordOf } from '../support.js';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('handed over, its people have no single result and share no tube; by mistake, they are as before', async (t) => {
  const { rig, packer, sealed, recall, resident, resultOf } = await packing(t);
  await packer.done('reportTube', { tube: await sealed(1), what: 'lost' });
  await packer.done('reportTube', { tube: await sealed(2), what: 'lost' });
  const { events } = await rig.post.done('closeRecall', { recall: '1', outcome: 'handed_over', secondBy: 'sam', note: 'to the county' });
  t.match(events, [{ event: 'resident.freed', resident: 1, recall: 0, recalled: 0, single: 1 }, { event: 'recall.closed', recall: 1, outcome: 'handed_over', people: 1, settled: 0, secondBy: 'sam' }]);
  await repeats(t, { rig, device: rig.post });
  t.match(await recall(1), { state: 'closed', outcome: 'handed_over' });
  t.match(await resident(1), { recalled: 'no', single: true });
  t.match(await resultOf(1), { status: 'unsettled' });
  await rig.post.done('closeRecall', { recall: '2', outcome: 'mistaken', secondBy: 'sam' });
  t.match(await resident(2), { recalled: 'no', single: false });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'closeRecall', async (t) => {
  const { rig, packer, sealed } = await packing(t);
  await packer.done('reportTube', { tube: await sealed(1), what: 'lost' });
  await packer.done('reportTube', { tube: await sealed(2), what: 'lost' });
  await rig.post.done('closeRecall', { recall: '2', outcome: 'mistaken', secondBy: 'sam' });
  return { rig, device: rig.post, rows: [
    { word: 'recall_unknown', body: { recall: '9', outcome: 'other' } },
    { word: 'recall_closed', body: { recall: '2', outcome: 'other' } },
    { word: 'second_person_needed', body: { recall: '1', outcome: 'other' } },
  ] };
}));

t.test('an older recall taken back leaves the newer one as it is', async (t) => {
  const { rig, packer, sealed, single, received, resulted, recall, resident } = await packing(t);
  await packer.done('reportTube', { tube: await sealed(1), what: 'lost' });
  await packer.done('reportTube', { tube: await single(1), what: 'leaked' });
  t.match(await resident(1), { recall: 2 });
  await rig.post.done('closeRecall', { recall: '1', outcome: 'mistaken', secondBy: 'sam' });
  t.match(await resident(1), { recall: 2, recalled: 'to come', single: true });
  const own = await single(1);
  await received(own);
  await resulted(own, 'negative');
  t.match(await recall(2), { state: 'closed', outcome: 'not_confirmed' });
  t.match(await resident(1), { recalled: 'no', single: false }, 'as before the first of them');
});

t.test('an open recall keeps the round open', async (t) => {
  const { rig, packer, sealed } = await packing(t);
  await packer.done('reportTube', { tube: await sealed(1), what: 'lost' });
  t.match(await rig.post.ask('closeRound', {}), { word: 'recalls_open', detail: { recalls: ['1'] } });
  await rig.post.done('closeRecall', { recall: '1', outcome: 'handed_over', secondBy: 'sam' });
  t.equal(wordOf(await rig.post.ask('closeRound', {})), 'applied');
});
