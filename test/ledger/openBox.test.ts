// A cold box is taken for a trip, and again when it has come back.

import t from 'tap';
import { makeCode } from '../../src/domain/codes.js';
import { contradictionsOf, eventsOf } from '../support.js';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('the box is there, empty, and stands at its site', async (t) => {
  const { rig, packer, newBox, box } = await packing(t);
  const code = newBox();
  const { events } = await packer.done('openBox', { box: code, site: 's1' });
  t.match(events, [{ event: 'box.opened', box: code, trip: 1, site: 1 }]);
  t.match(await box(code), { state: 'packing', trip: 1, site: 1, tubes: [], holder: '' });
  await repeats(t, { rig, device: packer });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'openBox', async (t) => {
  const { rig, packer, openBox, newBox } = await packing(t);
  return { rig, device: packer, rows: [
    { word: 'wrong_fence', body: { box: makeCode('box', 7), site: 'nowhere' }, also: ['site_unknown'] },
    { word: 'site_unknown', body: { box: newBox(), site: 'nowhere' } },
    { word: 'box_in_use', body: { box: await openBox() } },
  ] };
}));

t.test('a box of another maker needs no mark', async (t) => {
  const { packer } = await packing(t);
  t.same(eventsOf(await packer.ask('openBox', { box: 'BX0042' })), ['box.opened']);
});

t.test('a report of a box under way begins a new trip, for it must have come back', async (t) => {
  const { packer, sealed, sealedBox, box } = await packing(t);
  const tube = await sealed(1);
  const code = await sealedBox(tube);
  const answer = await packer.report('openBox', { box: code });
  t.same(contradictionsOf(answer), ['box_in_use']);
  t.match(await box(code), { state: 'packing', trip: 2, tubes: [] });
});

t.test('the opening that arrives after the first tube completes the box', async (t) => {
  const { packer, sealed, newBox, box } = await packing(t);
  const [tube, code] = [await sealed(1), newBox()];
  t.same(contradictionsOf(await packer.report('packTube', { tube, box: code })), ['box_unknown']);
  t.same(eventsOf(await packer.report('openBox', { box: code, site: 's2' })), ['box.opened']);
  t.match(await box(code), { trip: 1, site: 2, tubes: [tube] });
});
