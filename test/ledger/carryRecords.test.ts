// Who brought another device's records is on record, in whatever cell and round.

import t from 'tap';
import { build } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';

const carried = { device: 'tablet7', epoch: 'e9', first: 12, last: 40, count: 29 };

t.test('whose records, from which to which, and how many', async (t) => {
  const rig = await build(t);
  const carrier = rig.device('tablet8');
  t.match(await carrier.report('carryRecords', carried), { outcome: 'applied', events: [{ event: 'records.carried', name: 'tablet7', epoch: 'e9', first: 12, last: 40, count: 29, by: 'nurse1' }] });
  await repeats(t, { rig, device: carrier });
});

t.test('a closed round and a laboratory hear of it as well', async (t) => {
  const rig = await build(t);
  await rig.post.done('closeRound', {});
  t.match(await rig.post.report('carryRecords', carried), { outcome: 'applied' });
  const laboratory = await build(t, { round: { laboratory: true, sites: [], villages: [] } });
  t.match(await laboratory.device('bench').report('carryRecords', carried), { outcome: 'applied' });
});

t.test('refuses nothing', (t) => refusesInOrder(t, 'carryRecords', async (t) => {
  const rig = await build(t);
  return { rig, device: rig.post, body: carried, rows: [] };
}));
