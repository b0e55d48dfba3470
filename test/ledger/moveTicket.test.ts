// A ticket goes to another station and keeps its place by time of arrival.

import t from 'tap';
import { type Device, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const come = (desk: Device, n: number, station?: string) => desk.report('issueTicket', { site: 's1', party: [{ resident: String(n), number: `A${n}` }], ...(station ? { station } : {}) });

t.test('he stands there where he would stand had he come there', async (t) => {
  const { rig, tablet, station: at } = await station(t, { stations: ['a1', 'a2'] });
  for (const [n, where] of [[1, 'a2'], [2, 'a1'], [3, 'a2']] as const) {
    await come(rig.device('desk'), n, where);
    await rig.advance(1000);
  }
  const { events } = await tablet.done('moveTicket', { resident: '2', station: 'a2' });
  t.match(events, [{ event: 'ticket.moved', ticket: 2, resident: 2, from: 1, to: 2, reason: 'desk' }]);
  await repeats(t, { rig, device: tablet });
  t.match([await at('a1'), await at('a2')], [{ waiting: 0 }, { waiting: 3 }]);
  const order = [];
  for (let i = 0; i < 3; i++) order.push(...(await tablet.done('callNext', { station: 'a2' })).events.map((event) => (event.event === 'ticket.called' ? event.resident : 0)));
  t.same(order, [1, 2, 3]);
});

t.test('one who was skipped comes back into the queue, with a fresh count', async (t) => {
  const { rig, tablet, ticket, station: at } = await station(t, { round: { rules: { absencesMax: 1 } } });
  await come(rig.device('desk'), 1);
  await tablet.done('callNext', { station: 'a1' });
  await tablet.done('skipTicket', { resident: '1' });
  await tablet.done('moveTicket', { resident: '1', station: 'a1' });
  t.match(await ticket(1), { state: 'waiting', absences: 0 });
  t.match(await at(), { waiting: 1 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'moveTicket', async (t) => {
  const { rig, tablet } = await station(t, { stations: ['a1', 'rests'] });
  await rig.post.done('pauseStation', { station: 'rests' });
  return { rig, device: tablet, rows: [
    { word: 'station_unknown', body: { resident: '99', station: 'nowhere' }, also: ['resident_unknown'] },
    { word: 'station_not_open', body: { resident: '99', station: 'rests' }, also: ['resident_unknown'] },
    { word: 'resident_unknown', body: { resident: '99', station: 'a1' } },
    { word: 'ticket_unknown', body: { resident: '1', station: 'a1' } },
  ] };
}));

t.test('two at once: he stands in one queue', async (t) => {
  const { rig, tablet, station: at } = await station(t, { stations: ['a1', 'a2', 'a3'] });
  await come(rig.device('desk'), 1, 'a1');
  const answers = await Promise.all(['a2', 'a3'].map((station, i) => (i === 0 ? tablet : rig.device('other')).ask('moveTicket', { resident: '1', station })));
  t.same(answers.map(wordOf), ['applied', 'applied']);
  const waiting = await Promise.all(['a1', 'a2', 'a3'].map(async (one) => (await at(one))?.waiting ?? 0));
  t.equal(waiting.reduce((a, b) => a + b), 1);
});
