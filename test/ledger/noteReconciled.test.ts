// The laboratory tells the area of a box what was missing in it.

import t from 'tap';
import { eventsOf, minute } from '../support.js';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

const rules = { lostMinutes: 60, poolSizes: { normal: 5, key: 5, high: 1 } } as const;

t.test('what is missing counts as lost after a while, and its people come again', async (t) => {
  const { rig, relay, sealed, sealedBox, received, box, status, recall } = await packing(t, { round: { rules } });
  const [there, missing] = [await sealed(1), await sealed(2)];
  const code = await sealedBox(there, missing);
  await received(there);
  const answer = await relay.report('noteReconciled', { box: code, trip: 1, laboratory: 'lab', missing: [missing], extra: [] });
  t.match(answer, { events: [{ event: 'box.reconciled', expected: 2, received: 1, missing, extra: '' }, { event: 'tube.missing', tube: missing, lostAt: rig.now() + 60 * minute }] });
  t.match(await box(code), { state: 'reconciled' });
  t.same([await status(there), await status(missing)], ['received', 'missing']);
  await repeats(t, { rig, device: relay });
  await rig.advance(59 * minute);
  t.equal(await status(missing), 'missing');
  await rig.advance(2 * minute);
  t.equal(await status(missing), 'lost');
  t.match(await recall(1), { cause: 'lost', tube: missing });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'noteReconciled', async (t) => {
  const { rig, relay, newBox } = await packing(t);
  return { rig, device: relay, rows: [{ word: 'box_unknown', body: { box: newBox(), trip: 4, laboratory: 'lab', missing: [], extra: [] } }] };
}));

t.test('a straggler found on the bench joins the next box and is missing no longer', async (t) => {
  const { rig, packer, relay, sealed, sealedBox, received, openBox, status, box } = await packing(t, { round: { rules } });
  const [there, straggler] = [await sealed(1), await sealed(2)];
  const first = await sealedBox(there, straggler);
  await received(there);
  await relay.report('noteReconciled', { box: first, trip: 1, laboratory: 'lab', missing: [straggler], extra: [] });
  const next = await openBox();
  t.same(eventsOf(await packer.ask('packTube', { tube: straggler, box: next })), ['tube.packed']);
  t.same((await box(first))?.tubes, [there]);
  await rig.advance(120 * minute);
  t.equal(await status(straggler), 'boxed');
  t.same(eventsOf(await packer.ask('openBox', { box: first })), ['box.opened'], 'the first box has come back and goes out again');
});
