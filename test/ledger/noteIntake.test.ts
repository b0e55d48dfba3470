// The laboratory tells the area of a tube that it has received or rejected it.

import t from 'tap';
import { contradictionsOf, eventsOf, minute } from '../support.js';
import { everything, packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('received, the tube waits for its result, and is late when none comes', async (t) => {
  const { rig, relay, sealed, received, tube, status } = await packing(t, { round: { rules: { resultMinutes: 60, poolSizes: { normal: 5, key: 5, high: 1 } } } });
  const code = await sealed(1);
  t.match(await received(code), { events: [{ event: 'tube.received', tube: code, laboratory: 'lab' }] });
  t.match(await tube(code), { lab: 'received', receivedAt: rig.now() });
  t.equal(await status(code), 'received');
  await repeats(t, { rig, device: relay });
  t.same(eventsOf(await received(code)), [], 'told twice, it was received once');
  await rig.advance(61 * minute);
  await rig.advance(61 * minute);
  t.same((await everything(rig)).flatMap((event) => (event.event === 'tube.late' && event.what === 'unresulted' ? [event.tube] : [])), [code]);
});

t.test('rejected, the tube is done with and its people come again', async (t) => {
  const { sealed, rejected, received, recall, status, unfinished } = await packing(t);
  const code = await sealed(1, 2);
  await received(code);
  t.match(await rejected(code, 'RN'), { events: [{ event: 'tube.rejected', reason: 'RN' }, { event: 'recall.opened', cause: 'rejected' }, {}, {}] });
  t.equal(await status(code), 'rejected');
  t.match(await recall(1), { cause: 'rejected', people: 2 });
  t.same(await unfinished(), ['recall:1']);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'noteIntake', async (t) => {
  const { rig, relay, open } = await packing(t);
  const voided = await open();
  await rig.post.done('voidTube', { tube: voided, reason: 'broken' });
  return { rig, device: relay, rows: [
    { word: 'tube_unknown', body: { tube: rig.tube(), outcome: 'received', laboratory: 'lab' } },
    { word: 'tube_voided', body: { tube: voided, outcome: 'received', laboratory: 'lab' } },
  ] };
}));

t.test('a tube thought lost is found by arriving', async (t) => {
  const { packer, sealed, received, tube, unfinished } = await packing(t);
  const code = await sealed(1);
  await packer.done('reportTube', { tube: code, what: 'lost' });
  t.same(eventsOf(await received(code)), ['tube.found', 'tube.received']);
  t.match(await tube(code), { fate: 'none', lab: 'received' });
  t.same((await unfinished()).sort(), ['recall:1', `tube:${code}`]);
});

t.test('a tube whose tablet is offline is on record from its arrival on', async (t) => {
  const { rig, tablet, received, tube } = await packing(t);
  const code = rig.tube();
  t.same(contradictionsOf(await received(code)), ['tube_unknown']);
  await tablet.report('openTube', { tube: code, station: 'a1' });
  await tablet.report('takeSwab', { resident: '1', tube: code });
  t.same(contradictionsOf(await tablet.report('sealTube', { tube: code })), []);
  t.match(await tube(code), { state: 'sealed', lab: 'received', count: 1 });
});
