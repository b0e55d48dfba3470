// Called, and nobody came.

import t from 'tap';
import { type Device, minute, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const come = (desk: Device, n: number) => desk.done('issueTicket', { site: 's1', party: [{ resident: String(n), number: `A${n}` }] });
const called = async (tablet: Device) => (await tablet.done('callNext', { station: 'a1' })).events.map((event) => (event.event === 'ticket.called' ? event.resident : 0))[0];

t.test('he goes behind the next two', async (t) => {
  const { rig, tablet, ticket } = await station(t);
  for (const n of [1, 2, 3, 4]) {
    await come(rig.device('desk'), n);
    await rig.advance(1000);
  }
  t.equal(await called(tablet), 1);
  t.match((await tablet.done('skipTicket', { resident: '1' })).events, [{ event: 'ticket.skipped', resident: 1, absences: 1, state: 1 }]);
  await repeats(t, { rig, device: tablet });
  t.match(await ticket(1), { state: 'waiting', absences: 1 });
  t.same([await called(tablet), await called(tablet), await called(tablet), await called(tablet)], [2, 3, 1, 4]);
});

t.test('after the third time he is skipped, kept half an hour, and then gone', async (t) => {
  const { rig, tablet, ticket, station: at } = await station(t);
  await come(rig.device('desk'), 1);
  for (let i = 0; i < 3; i++) {
    await called(tablet);
    await tablet.done('skipTicket', { resident: '1' });
  }
  t.match(tablet.receipt.answers[0], { events: [{ absences: 3, state: 5 }] });
  t.match(await at(), { waiting: 0, called: 0 });
  await rig.advance(29 * minute);
  t.match(await ticket(1), { state: 'skipped' });
  await rig.advance(minute);
  t.match(await ticket(1), { state: 'gone' });
  await come(rig.device('desk'), 2);
  t.equal(wordOf(await rig.device('desk').ask('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A9' }] })), 'applied', 'and may come again');
});

t.test('a swab serves him while he is kept', async (t) => {
  const { rig, tablet, open, fill, ticket } = await station(t, { round: { rules: { absencesMax: 1 } } });
  await come(rig.device('desk'), 1);
  await called(tablet);
  await tablet.done('skipTicket', { resident: '1' });
  await fill(await open(), 1);
  t.match(await ticket(1), { state: 'served' });
  await rig.advance(40 * minute);
  t.match(await ticket(1), { state: 'served' });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'skipTicket', async (t) => {
  const { rig, tablet } = await station(t);
  await come(rig.device('desk'), 1);
  return { rig, device: tablet, rows: [
    { word: 'resident_unknown', body: { resident: '99' } },
    { word: 'ticket_unknown', body: { resident: '2' } },
    { word: 'ticket_not_called', body: { resident: '1' } },
  ] };
}));

t.test('two at once: he is absent once', async (t) => {
  const { rig, tablet, ticket } = await station(t);
  await come(rig.device('desk'), 1);
  await called(tablet);
  const answers = await Promise.all([tablet, rig.device('other')].map((one) => one.ask('skipTicket', { resident: '1' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'ticket_not_called']);
  t.match(await ticket(1), { absences: 1 });
});
