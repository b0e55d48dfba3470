// A station calls the next party.

import t from 'tap';
import { build, type Device, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const come = (desk: Device, ...residents: number[]) => desk.done('issueTicket', { site: 's1', party: residents.map((n) => ({ resident: String(n), number: `A${n}` })) });

t.test('the first in the queue is called, and those who came with him', async (t) => {
  const { rig, tablet, ticket, station: at } = await station(t);
  const desk = rig.device('desk');
  await come(desk, 1, 2, 3);
  await rig.advance(1000);
  await come(desk, 4);
  const { events } = await tablet.done('callNext', { station: 'a1' });
  t.match(events, [1, 2, 3].map((n) => ({ event: 'ticket.called', ticket: n, resident: n, station: 1 })));
  t.match([await ticket(3), await ticket(4)], [{ state: 'called' }, { state: 'waiting' }]);
  t.match(await at(), { called: 3, waiting: 1 });
  await repeats(t, { rig, device: tablet });
});

t.test('many who came in the same millisecond are called in the order of their numbers, party by party', async (t) => {
  const { rig, tablet } = await station(t, { residents: 130 });
  const desk = rig.device('desk');
  for (let n = 1; n <= 97; n++) await come(desk, n);
  await come(desk, 98, 99, 100, 101, 102);
  const called = async () => (await tablet.done('callNext', { station: 'a1' })).events.map((event) => (event.event === 'ticket.called' ? event.resident : event.event));
  for (let n = 1; n <= 97; n++) t.same(await called(), [n]);
  t.same(await called(), [98, 99, 100, 101, 102]);
});

t.test('a party that does not fit into the open tube gets a fresh one: the open one is sealed early', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  await come(rig.device('desk'), 4, 5, 6);
  const code = await fill(await open(), 1, 2, 3);
  const { events } = await tablet.done('callNext', { station: 'a1' });
  t.match(events.at(-1), { event: 'tube.sealed', tube: code, reason: 'party' });
  t.match(await tube(code), { state: 'sealed', count: 3 });
});

t.test('one that fits leaves it open, and so does one that fits into no tube', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t, { residents: 16 });
  const desk = rig.device('desk');
  await come(desk, 4, 5);
  const code = await fill(await open(), 1, 2, 3);
  await tablet.done('callNext', { station: 'a1' });
  await come(desk, 6, 7, 8, 9, 10, 11);
  await tablet.done('callNext', { station: 'a1' });
  t.match(await tube(code), { state: 'open' });
});

t.test('those who have a tube alone take no place in the pool', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t, { residents: [12, (i) => ({ single: i === 5 })] });
  await come(rig.device('desk'), 4, 5, 6);
  const pool = await fill(await open(), 1, 2);
  await tablet.done('callNext', { station: 'a1' });
  t.match(await tube(pool), { state: 'open' }, 'two of three places');
  const single = await open(tablet, 1);
  await fill(single, 6);
  await fill(pool, 3, 7);
  t.equal(wordOf(await tablet.ask('takeSwab', { resident: '4', tube: pool })), 'party_does_not_fit', 'the two who share a pool still want two places');
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'callNext', async (t) => {
  const rig = await build(t, { stations: ['a1', 'rests'] });
  await rig.post.done('pauseStation', { station: 'rests' });
  return { rig, device: rig.post, rows: [
    { word: 'station_unknown', body: { station: 'nowhere' } },
    { word: 'station_not_open', body: { station: 'rests' }, also: ['queue_empty'] },
    { word: 'queue_empty', body: { station: 'a1' } },
  ] };
}));

t.test('two at once call two parties', async (t) => {
  const { rig, tablet, station: at } = await station(t);
  await come(rig.device('desk'), 1);
  await come(rig.device('desk'), 2);
  const answers = await Promise.all([tablet, rig.device('other')].map((one) => one.ask('callNext', { station: 'a1' })));
  t.same(answers.map(wordOf), ['applied', 'applied']);
  t.match(await at(), { called: 2, waiting: 0 });
});
