// Somebody tried to reach a recalled person.

import t from 'tap';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('attempts are counted, and found once is found', async (t) => {
  const { rig, packer, sealed, recall } = await packing(t);
  await packer.done('reportTube', { tube: await sealed(1, 2), what: 'lost' });
  const desk = rig.device('desk');
  t.match((await desk.done('recordContact', { recall: '1', resident: '1', outcome: 'unreachable' })).events, [{ event: 'contact.recorded', attempts: 1, found: 0, people: 2 }]);
  t.match((await desk.done('recordContact', { recall: '1', resident: '1', outcome: 'reached' })).events, [{ attempts: 2, found: 1 }]);
  await repeats(t, { rig, device: desk });
  await desk.done('recordContact', { recall: '1', resident: '1', outcome: 'unreachable' });
  t.match(await recall(1), { found: 1, list: [{ resident: 1, found: true, attempts: 3, lastOutcome: 'unreachable' }, { found: false, attempts: 0 }] });
});

t.test('households are reached too, and are not counted among the pool', async (t) => {
  const { rig, sealed, received, resulted, recall } = await packing(t, { residents: [4, { household: 7 }] });
  const code = await sealed(1);
  await received(code);
  await resulted(code, 'positive');
  await rig.post.done('recordContact', { recall: '1', resident: '3', outcome: 'isolated' });
  t.match(await recall(1), { people: 1, found: 0 });
  t.match((await recall(1))?.list.find(({ resident }) => resident === 3), { relation: { household: true, inTube: false }, found: true, attempts: 1 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'recordContact', async (t) => {
  const { rig, packer, sealed } = await packing(t);
  await packer.done('reportTube', { tube: await sealed(1), what: 'lost' });
  await packer.done('reportTube', { tube: await sealed(2), what: 'lost' });
  await rig.post.done('closeRecall', { recall: '2', outcome: 'mistaken', secondBy: 'sam' });
  return { rig, device: rig.post, rows: [
    { word: 'recall_unknown', body: { recall: '9', resident: '99', outcome: 'reached' }, also: ['resident_unknown'] },
    { word: 'recall_closed', body: { recall: '2', resident: '99', outcome: 'reached' }, also: ['resident_unknown'] },
    { word: 'resident_unknown', body: { recall: '1', resident: '99', outcome: 'reached' } },
    { word: 'not_recalled', body: { recall: '1', resident: '5', outcome: 'reached' } },
  ] };
}));
