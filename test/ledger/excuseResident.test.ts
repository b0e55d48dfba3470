// A resident need not come: for a reason, until a time or for good.

import t from 'tap';
import { minute, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('he is excused, and a swab taken all the same counts', async (t) => {
  const { rig, open, fill, resident } = await station(t);
  const { events } = await rig.post.done('excuseResident', { resident: '1', reason: 'away', note: 'until Friday' });
  t.match(events, [{ event: 'resident.excused', resident: 1, reason: 'away', note: 'until Friday', until: 0 }]);
  t.match(await resident(1), { state: 'excused' });
  await repeats(t, { rig, device: rig.post });
  await fill(await open(), 1);
  t.match(await resident(1), { state: 'excused', swabs: 1 });
});

t.test('a temporary excuse ends by itself', async (t) => {
  const { rig, resident } = await station(t);
  await rig.post.done('excuseResident', { resident: '1', reason: 'vaccinated_48h', until: rig.now() + 30 * minute });
  await rig.advance(29 * minute);
  t.match(await resident(1), { state: 'excused' });
  await rig.advance(minute);
  t.match(await resident(1), { state: 'expected' });
});

t.test('one for good is not ended by an earlier temporary one', async (t) => {
  const { rig, resident } = await station(t);
  await rig.post.done('excuseResident', { resident: '1', reason: 'vaccinated_48h', until: rig.now() + 30 * minute });
  await rig.post.done('excuseResident', { resident: '1', reason: 'moved_away' });
  await rig.advance(60 * minute);
  t.match(await resident(1), { state: 'excused' });
});

t.test('the deceased stay on the roster, and everybody is stopped before a swab', async (t) => {
  const { rig, tablet, open, resident } = await station(t);
  await rig.post.done('excuseResident', { resident: '1', reason: 'deceased', until: rig.now() + minute });
  await rig.advance(minute);
  t.match(await resident(1), { state: 'excused', deceased: true });
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '1', tube: await open() })), 'resident_deceased');
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'excuseResident', async (t) => {
  const { rig, open, fill } = await station(t);
  await fill(await open(), 1);
  return { rig, device: rig.post, rows: [
    { word: 'resident_unknown', body: { resident: '99', reason: 'away' } },
    { word: 'already_sampled', body: { resident: '1', reason: 'away' } },
  ] };
}));

t.test('two at once: both excuse, and nothing is doubled', async (t) => {
  const { rig, resident } = await station(t);
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('excuseResident', { resident: '1', reason: 'away' })));
  t.same(answers.map(wordOf), ['applied', 'applied']);
  t.match(await resident(1), { state: 'excused' });
});
