// A table ends its day: its tubes are closed as far as the record knows what is in them, and its people handed on.

import t from 'tap';
import { build, minute, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('its tubes are sealed, empty ones taken off, its people handed on in order', async (t) => {
  const { rig, tablet, open, fill, tube, station: at } = await station(t);
  const desk = rig.device('desk');
  for (const n of [8, 9]) await desk.done('issueTicket', { site: 's1', party: [{ resident: String(n), number: `A${n}` }] });
  await rig.post.done('openStation', { station: 'a2', site: 's1' });
  const [pool, empty] = [await fill(await open(), 1, 2), await open(tablet, 1)];
  const { events } = await tablet.done('closeStation', { station: 'a1' });
  t.match(events, [
    { event: 'station.closed', station: 1, reason: 'end_of_day' },
    { event: 'tube.sealed', tube: pool, reason: 'station_closed' },
    { event: 'tube.voided', tube: empty, reason: 'unused' },
    { event: 'ticket.moved', ticket: 1, to: 2 },
    { event: 'ticket.moved', ticket: 2, to: 2 },
  ]);
  t.match(await at(), { state: 'closed', tubes: [], waiting: 0 });
  t.match([await tube(pool), await tube(empty)], [{ state: 'sealed' }, { state: 'void' }]);
  await repeats(t, { rig, device: tablet });
});

t.test('a tablet that was quiet for long and closes its own station is not silent', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const pool = await fill(await open(), 1);
  await rig.advance(20 * minute);
  await tablet.done('closeStation', { station: 'a1' });
  t.match(await tube(pool), { state: 'sealed' });
});

t.test('the tube of a silent tablet stays open until it has sent everything', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const pool = await fill(await open(), 1);
  const held = tablet.draft({ step: 'takeSwab', body: { resident: '2', tube: pool }, mode: 'report' });
  await tablet.send([]);
  await rig.post.done('closeStation', { station: 'a1' });
  t.match(await tube(pool), { state: 'open' });
  await rig.advance(minute);
  t.match(await tube(pool), { state: 'open', overdue: true });
  await tablet.send([held]);
  await rig.advance(minute);
  t.match(await tube(pool), { state: 'sealed', count: 2, reason: 'station_closed', held: 0 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'closeStation', async (t) => {
  const rig = await build(t, { stations: ['a1'] });
  await rig.post.done('closeStation', { station: 'a1' });
  return { rig, device: rig.post, rows: [
    { word: 'station_unknown', body: { station: 'nowhere' } },
    { word: 'station_not_open', body: { station: 'a1' } },
  ] };
}));

t.test('two at once: one closes', async (t) => {
  const rig = await build(t, { stations: ['a1'] });
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('closeStation', { station: 'a1' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'station_not_open']);
});
