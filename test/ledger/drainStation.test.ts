// A table takes nobody new and serves those it has.

import t from 'tap';
import { build, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('it serves its queue to the end and gets nobody new', async (t) => {
  const { rig, tablet, open, fill, station: at } = await station(t);
  const desk = rig.device('desk');
  await desk.done('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A1' }] });
  t.match((await tablet.done('drainStation', { station: 'a1' })).events, [{ event: 'station.draining', station: 1, reason: 'end_of_day' }]);
  await repeats(t, { rig, device: tablet });
  t.equal(wordOf(await desk.ask('issueTicket', { site: 's1', party: [{ resident: '2', number: 'A2' }] })), 'no_station_open');
  await tablet.done('callNext', { station: 'a1' });
  await fill(await open(), 1);
  t.match(await at(), { state: 'draining', waiting: 0, called: 0 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'drainStation', async (t) => {
  const rig = await build(t, { stations: ['a1'] });
  await rig.post.done('drainStation', { station: 'a1' });
  return { rig, device: rig.post, rows: [
    { word: 'station_unknown', body: { station: 'nowhere' } },
    { word: 'station_not_open', body: { station: 'a1' } },
  ] };
}));

t.test('two at once: one drains', async (t) => {
  const rig = await build(t, { stations: ['a1'] });
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('drainStation', { station: 'a1' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'station_not_open']);
});
