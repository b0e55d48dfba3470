// A tube has leaked, is lost, or is found again.

import t from 'tap';
import { contradictionsOf, eventsOf } from '../support.js';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('a leaked tube is done with, and everybody in it comes again', async (t) => {
  const { rig, packer, sealed, tube, recall, resident, status, unfinished } = await packing(t);
  const code = await sealed(1, 2, 3);
  const { events } = await packer.done('reportTube', { tube: code, what: 'leaked', note: 'lid' });
  t.same(events.map(({ event }) => event), ['tube.leaked', 'recall.opened', 'resident.recalled', 'resident.recalled', 'resident.recalled']);
  t.match(await tube(code), { fate: 'leaked', recall: 1 });
  t.equal(await status(code), 'leaked');
  t.match(await recall(1), { state: 'open', cause: 'leaked', people: 3, list: [{ resident: 1 }, { resident: 2 }, { resident: 3 }] });
  t.match(await resident(2), { recall: 1, recalled: 'to come', single: true, swabs: 1 });
  t.same(await unfinished(), ['recall:1'], 'the recall keeps the round open, the tube does not');
  await repeats(t, { rig, device: packer });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'reportTube', async (t) => {
  const { rig, packer, tablet, open, sealed, received, resulted } = await packing(t);
  const voided = await open(rig.device('other'));
  await tablet.done('voidTube', { tube: voided, reason: 'broken' });
  const [negative, leaked, lost, fine] = [await sealed(1), await sealed(2), await sealed(3), await sealed(4)];
  await received(negative);
  await resulted(negative, 'negative');
  await packer.done('reportTube', { tube: leaked, what: 'leaked' });
  await packer.done('reportTube', { tube: lost, what: 'lost' });
  return { rig, device: packer, rows: [
    { word: 'wrong_fence', body: { tube: '100000000199', what: 'lost' }, also: ['tube_unknown'] },
    { word: 'tube_unknown', body: { tube: rig.tube(), what: 'lost' } },
    { word: 'tube_voided', body: { tube: voided, what: 'found' }, also: ['tube_not_lost'], reported: ['tube_voided'] },
    { word: 'tube_resulted', body: { tube: negative, what: 'leaked' } },
    { word: 'tube_leaked', body: { tube: leaked, what: 'leaked' } },
    { word: 'tube_lost', body: { tube: lost, what: 'lost' } },
    { word: 'tube_not_lost', body: { tube: fine, what: 'found' } },
  ] };
}));

t.test('a lost tube that is found goes on; those recalled stay recalled', async (t) => {
  const { packer, sealed, openBox, tube, recall, resident, status, unfinished } = await packing(t);
  const code = await sealed(1);
  await packer.done('reportTube', { tube: code, what: 'lost' });
  t.equal(await status(code), 'lost');
  t.same(eventsOf(await packer.ask('reportTube', { tube: code, what: 'found' })), ['tube.found']);
  t.match(await tube(code), { fate: 'none', recall: 1 });
  t.same((await unfinished()).sort(), ['recall:1', `tube:${code}`]);
  t.match(await recall(1), { state: 'open' });
  t.match(await resident(1), { recalled: 'to come' });
  await packer.done('packTube', { tube: code, box: await openBox() });
});

t.test('an open tube that leaks is closed by it', async (t) => {
  const { tablet, open, fill, tube, station: at } = await packing(t);
  const code = await fill(await open(), 1);
  t.same(eventsOf(await tablet.ask('reportTube', { tube: code, what: 'leaked' })), ['tube.sealed', 'tube.leaked', 'recall.opened', 'resident.recalled']);
  t.match(await tube(code), { state: 'sealed', reason: 'damage', fate: 'leaked' });
  t.same((await at())?.tubes, []);
});

t.test('a swab that comes late into a leaked tube is recalled like the others', async (t) => {
  const { tablet, packer, sealed, recall, resident } = await packing(t);
  const code = await sealed(1);
  await packer.done('reportTube', { tube: code, what: 'leaked' });
  const answer = await tablet.report('takeSwab', { resident: '2', tube: code });
  t.same(contradictionsOf(answer), ['tube_sealed']);
  t.match(await recall(1), { people: 2 });
  t.match(await resident(2), { recalled: 'to come', recall: 1 });
});
