// A foreign tube code of this area was opened elsewhere too.

import t from 'tap';
import { contradictionsOf } from '../support.js';
import { packing } from './packing.js';
import { refusesInOrder } from './refuses.js';

t.test('the tube is held: no negative of it leaves before a person has looked', async (t) => {
  const { rig, relay, sealed, received, resulted, tube, resultOf } = await packing(t);
  const code = await sealed(1);
  t.same(contradictionsOf(await relay.report('noteClaim', { tube: code, other: 'r2:south' })), ['tube_code_used']);
  t.match(await tube(code), { held: 1 });
  await received(code);
  t.match(await resulted(code, 'negative'), { events: [{ event: 'result.waits', why: 'held' }] });
  t.match(await resultOf(1), { status: 'pending', waits: true });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'mistaken' });
  await rig.advance(0);
  t.match(await resultOf(1), { status: 'negative' });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'noteClaim', async (t) => {
  const { rig, relay, sealed } = await packing(t);
  const code = await sealed(1);
  return { rig, device: relay, rows: [
    { word: 'tube_unknown', body: { tube: rig.tube(), other: 'r2:south' }, also: ['tube_code_used'] },
    { word: 'tube_code_used', body: { tube: code, other: 'r2:south' } },
  ] };
}));
