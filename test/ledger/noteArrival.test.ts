// The laboratory tells the area of a box that it is there.

import t from 'tap';
import { eventsOf, minute } from '../support.js';
import { everything, packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('the box is there, its time on the road ends, and a hand-over nobody told of shows', async (t) => {
  const { rig, relay, sealed, sealedBox, box, status } = await packing(t);
  const tube = await sealed(1);
  const code = await sealedBox(tube);
  const answer = await relay.report('noteArrival', { box: code, trip: 1, laboratory: 'lab', condition: 'seal_broken' });
  t.match(answer, { events: [{ event: 'box.received', box: code, trip: 1, laboratory: 'lab', expected: 1, condition: 'seal_broken', marks: 8 }] });
  t.match(await box(code), { state: 'arrived', custodyGap: true, laboratory: 'lab' });
  t.equal(await status(tube), 'arrived');
  await repeats(t, { rig, device: relay });
  t.same(eventsOf(await relay.report('noteArrival', { box: code, trip: 1, laboratory: 'lab', condition: 'good' })), [], 'told twice, it arrived once');
  await rig.advance(300 * minute);
  t.same((await everything(rig)).filter(({ event }) => event === 'box.late'), []);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'noteArrival', async (t) => {
  const { rig, relay, newBox } = await packing(t);
  return { rig, device: relay, rows: [{ word: 'box_unknown', body: { box: newBox(), trip: 4, laboratory: 'lab', condition: 'good' } }] };
}));
