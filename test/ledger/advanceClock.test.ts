// A rehearsal's clock moves on; a real round's does not let itself be moved.

import t from 'tap';
import { build, minute, morning, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('what follows happens at the new time', async (t) => {
  const rig = await build(t);
  t.match((await rig.post.done('advanceClock', { to: morning + minute })).events, [{ event: 'clock.advanced', to: morning + minute, at: morning + minute }]);
  t.equal(rig.post.receipt.at, morning + minute);
  t.match((await rig.post.done('openStation', { station: 'a1', site: 's1' })).events, [{ at: morning + minute }]);
  t.equal(wordOf(await rig.post.ask('advanceClock', { to: morning + minute })), 'applied', 'standing still is not going back');
  await repeats(t, { rig, device: rig.post });
});

t.test('it tells how much has become due', async (t) => {
  const rig = await build(t, { residents: 2 });
  for (const resident of ['1', '2']) await rig.post.done('excuseResident', { resident, reason: 'medical', until: morning + minute });
  await rig.post.done('advanceClock', { to: morning + minute });
  t.equal(rig.post.receipt.due, 2);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'advanceClock', async (t) => {
  const [rig, real] = [await build(t), await build(t, { round: { rehearsal: false } })];
  return { rig, device: rig.post, rows: [
    { word: 'not_a_rehearsal', body: { to: 0 }, also: ['clock_backwards'], by: real.post },
    { word: 'clock_backwards', body: { to: morning - 1 } },
  ] };
}));

t.test('two at once: it never goes back', async (t) => {
  const rig = await build(t);
  await Promise.all([rig.post.ask('advanceClock', { to: morning + 2 * minute }), rig.device('other').ask('advanceClock', { to: morning + minute })]);
  t.equal(rig.post.receipt.at, morning + 2 * minute);
  t.equal(rig.device('other').receipt.answers[0]?.outcome, 'refused');
});
