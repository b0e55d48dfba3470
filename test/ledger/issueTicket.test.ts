// Those who came together get their places in the queue; which station that is, is tested in assignment.test.ts.

import t from 'tap';
import { contradictionsOf, eventsOf, minute, morning, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const party = (...people: (number | [number, string])[]) =>
  people.map((one) => (typeof one === 'number' ? { resident: String(one), number: `A${one}` } : { resident: String(one[0]), number: one[1] }));

t.test('each gets a ticket, and is told how many are ahead and how long it takes', async (t) => {
  const { rig, ticket, resident, station: at } = await station(t);
  const desk = rig.device('desk');
  await desk.done('issueTicket', { site: 's1', party: party(1) });
  const { events } = await desk.done('issueTicket', { site: 's1', party: party(2, 3) });
  t.match(events, [
    { event: 'ticket.issued', ticket: 2, resident: 2, number: 'A2', site: 1, station: 1, party: 2, partySize: 2, ahead: 1, waitSeconds: 37, state: 1 },
    { event: 'ticket.issued', ticket: 3, resident: 3, number: 'A3', party: 2, partySize: 2 },
  ]);
  t.match(await ticket(3), { state: 'waiting', resident: 3, station: 1, party: 2 });
  t.match(await resident(3), { ticket: 3 });
  t.match(await at(), { waiting: 3 });
  await repeats(t, { rig, device: desk });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'issueTicket', async (t) => {
  const { rig, open, fill } = await station(t);
  const desk = rig.device('desk');
  await rig.post.done('excuseResident', { resident: '1', reason: 'deceased' });
  await rig.device('old').report('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A1' }] });
  await fill(await open(), 2);
  await desk.done('issueTicket', { site: 's1', party: party(3) });
  await rig.device('old').report('issueTicket', { site: 's1', party: party([2, 'A2']) });
  await rig.post.done('closeStation', { station: 'a1' });
  return { rig, device: desk, rows: [
    { word: 'site_unknown', body: { site: 'nowhere', station: 'nowhere', party: party(99) }, also: ['station_unknown', 'resident_unknown'] },
    { word: 'station_unknown', body: { site: 's1', station: 'nowhere', party: party(99) }, also: ['resident_unknown'] },
    { word: 'resident_unknown', body: { site: 's1', party: party(99, 3) }, also: ['ticket_open', 'ticket_number_used'], reported: ['resident_unknown', 'ticket_number_used'] },
    { word: 'resident_deceased', body: { site: 's1', party: party(1) }, also: ['ticket_open', 'ticket_number_used'], reported: ['resident_deceased', 'ticket_number_used'] },
    // Whoever has been swabbed meanwhile is served, whoever has another ticket keeps that one: neither contradicts anything.
    { word: 'already_sampled', body: { site: 's1', party: party([2, 'A3']) }, also: ['ticket_number_used'], reported: ['ticket_number_used'] },
    { word: 'ticket_open', body: { site: 's1', party: party([3, 'A2']) }, also: ['ticket_number_used'], reported: ['ticket_number_used'] },
    { word: 'ticket_number_used', body: { site: 's1', party: party([4, 'A3']) }, also: ['no_station_open'], reported: ['ticket_number_used'] },
    { word: 'no_station_open', body: { site: 's1', party: party(5) }, reported: [] },
  ] };
}));

t.test('one person is in a party once, and a number is given once', async (t) => {
  const { rig } = await station(t);
  const desk = rig.device('desk');
  t.equal(wordOf(await desk.ask('issueTicket', { site: 's1', party: party([1, 'A1'], [1, 'A2']) })), 'ticket_open');
  t.equal(wordOf(await desk.ask('issueTicket', { site: 's1', party: party([1, 'A1'], [2, 'A1']) })), 'ticket_number_used');
  t.equal(wordOf(await desk.ask('issueTicket', { site: 's2', party: party([1, 'A1']) })), 'applied');
  t.equal(wordOf(await desk.ask('issueTicket', { site: 's1', party: party([2, 'A1']) })), 'applied', 'numbers are called out once a site');
});

t.test('two desks at once: one person gets one ticket', async (t) => {
  const { rig } = await station(t);
  const answers = await Promise.all(['a', 'b'].map((name, i) => rig.device(name).ask('issueTicket', { site: 's1', party: party([1, `A${i}`]) })));
  t.same(answers.map(wordOf).sort(), ['applied', 'ticket_open']);
});

t.test('a ticket the desk gave out alone takes its place by the time it was given', async (t) => {
  const { rig, tablet } = await station(t);
  const desk = rig.device('desk');
  const early = desk.draft({ step: 'issueTicket', body: { site: 's1', station: 'a1', party: party(1) }, mode: 'report' });
  await rig.advance(5 * minute);
  await rig.device('other').done('issueTicket', { site: 's1', party: party(2) });
  await desk.send([early]);
  t.match((await tablet.done('callNext', { station: 'a1' })).events, [{ resident: 1 }]);
});

t.test('whoever was swabbed before the desk’s report arrives is served, whoever has a ticket keeps it', async (t) => {
  const { rig, open, fill, ticket, station: at } = await station(t);
  await fill(await open(), 1);
  await rig.device('other').done('issueTicket', { site: 's1', party: party(2) });
  const answer = await rig.device('desk').report('issueTicket', { site: 's1', party: party([1, 'B1'], [2, 'B2'], [3, 'B3']) });
  t.match(answer, { events: [{ resident: 1, state: 3 }, { resident: 2, state: 4 }, { resident: 3, state: 1 }] });
  t.same(contradictionsOf(answer), []);
  t.match([await ticket(1), await ticket(3)], [{ state: 'waiting', resident: 2 }, { state: 'gone', resident: 2 }]);
  t.match(await at(), { waiting: 2 });
});

t.test('nobody is left at a station that takes nobody', async (t) => {
  const { rig, station: at } = await station(t, { stations: ['a1', 'a2'] });
  await rig.post.done('closeStation', { station: 'a1' });
  await rig.device('desk').report('issueTicket', { site: 's1', station: 'a1', party: party(1, 2) });
  await rig.advance(1);
  t.match([await at('a1'), await at('a2')], [{ waiting: 0 }, { waiting: 2 }]);
});

t.test('a ticket given out where no station was open finds one as soon as there is one', async (t) => {
  const { rig, ticket, station: at } = await station(t, { stations: [] });
  t.same(eventsOf(await rig.device('desk').report('issueTicket', { site: 's1', party: party(1) })), ['ticket.issued']);
  t.match(await ticket(1), { state: 'waiting', station: 0 });
  await rig.post.done('openStation', { station: 'a1', site: 's1' });
  await rig.advance(minute);
  t.match(await at(), { waiting: 1 });
});

t.test('the first of a party who has a priority gives it to all', async (t) => {
  const { rig, ticket } = await station(t, { residents: [3, (i) => ({ priority: i === 1 ? 'infant' : 'none' })] });
  await rig.advance(60 * minute);
  const { events } = await rig.device('desk').done('issueTicket', { site: 's1', party: party(1, 2) });
  t.match(events, [{ priority: 4 }, { priority: 4 }]);
  t.match(await ticket(1), { party: 1 });
  t.ok(rig.now() > morning);
});
