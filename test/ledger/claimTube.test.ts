// A tube code of another maker belongs to the cell that opened it first.

import { randomBytes } from 'node:crypto';
import t, { type Test } from 'tap';
import { isForeignTube, makeCode } from '../../src/domain/codes.js';
import { eventsOf } from '../support.js';
import { build } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';

const directory = () => ({ cell: { round: 'codes', area: `t${randomBytes(5).toString('hex')}` } });
const world = async (t: Test) => {
  const rig = await build(t, directory());
  return { rig, relay: rig.device('relay.r1.north') };
};

t.test('the first claim holds, the same again changes nothing, the second is lost', async (t) => {
  const { rig, relay } = await world(t);
  const tube = 'ABC012345678';
  t.match(await relay.report('claimTube', { tube, cell: 'r1:north' }), { events: [{ event: 'tube.claimed', tube, cell: 'r1:north' }] });
  await repeats(t, { rig, device: relay });
  t.same(eventsOf(await relay.report('claimTube', { tube, cell: 'r1:north' })), []);
  t.match(await relay.report('claimTube', { tube, cell: 'r2:south' }), { events: [{ event: 'claim.lost', tube, cell: 'r2:south', holder: 'r1:north' }] });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'claimTube', async (t) => {
  const { rig, relay } = await world(t);
  return { rig, device: relay, rows: [{ word: 'wrong_cell', body: { tube: 'ABC012345678', cell: 'r1:north' }, by: (await build(t)).device('tablet') }] };
}, directory()));

t.test('own labels are not claimed: their ranges are given out once', (t) => {
  t.notOk(isForeignTube(makeCode('tube', 17)));
  for (const code of ['ABC012345678', makeCode('box', 17), '123456789012']) t.ok(isForeignTube(code));
  t.end();
});
