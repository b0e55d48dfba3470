// A table rests; its people are handed on in order.

import t from 'tap';
import { build, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('it takes nobody, and its people go to the next', async (t) => {
  const { rig, tablet, station: at } = await station(t, { stations: ['a1'] });
  for (const n of [1, 2]) await rig.device('desk').done('issueTicket', { site: 's1', party: [{ resident: String(n), number: `A${n}` }] });
  await tablet.done('callNext', { station: 'a1' });
  await rig.post.done('openStation', { station: 'a2', site: 's1' });
  const { events } = await tablet.done('pauseStation', { station: 'a1', reason: 'no_tubes' });
  t.match(events, [
    { event: 'station.paused', station: 1, reason: 'no_tubes' },
    { event: 'ticket.moved', ticket: 1, from: 1, to: 2, reason: 'station_paused' },
    { event: 'ticket.moved', ticket: 2, from: 1, to: 2 },
  ], 'the one who was called first');
  t.match([await at('a1'), await at('a2')], [{ state: 'paused', waiting: 0, called: 0 }, { waiting: 2, called: 0 }]);
  await repeats(t, { rig, device: tablet });
});

t.test('where nothing else is open they stay, until something is', async (t) => {
  const { rig, tablet, station: at } = await station(t);
  await rig.device('desk').done('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A1' }] });
  await tablet.done('pauseStation', { station: 'a1' });
  t.match(await at(), { waiting: 1 });
  await rig.post.done('openStation', { station: 'a2', site: 's1' });
  await rig.advance(61_000);
  t.match([await at('a1'), await at('a2')], [{ waiting: 0 }, { waiting: 1 }]);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'pauseStation', async (t) => {
  const rig = await build(t, { stations: ['a1'] });
  await rig.post.done('pauseStation', { station: 'a1' });
  return { rig, device: rig.post, rows: [
    { word: 'station_unknown', body: { station: 'nowhere' } },
    { word: 'station_not_open', body: { station: 'a1' } },
  ] };
}));

t.test('two at once: one pauses', async (t) => {
  const rig = await build(t, { stations: ['a1'] });
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('pauseStation', { station: 'a1' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'station_not_open']);
});
