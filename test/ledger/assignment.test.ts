// The rule that decides how long people stand: which site and station a party goes to, and what happens when that one fails.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { build, type Device, minute, type Rig, wordOf } from '../support.js';
import { type Day, simulate } from './township.js';

let number = 0;
/** A party comes to a desk; gives the station it is sent to, the people ahead, and the wait it is told in seconds. */
async function come(desk: Device, site: string, residents: number[], more: { station?: string; priority?: 'over80' } = {}) {
  const { events } = await desk.done('issueTicket', { site, party: residents.map((n) => ({ resident: String(n), number: `T${++number}` })), ...more });
  const [first] = events;
  if (first?.event !== 'ticket.issued') throw new Error('no ticket');
  return { station: first.station, ahead: first.ahead, wait: first.waitSeconds, stations: new Set(events.map((event) => (event.event === 'ticket.issued' ? event.station : 0))) };
}
const called = async (device: Device, station: string) => (await device.done('callNext', { station })).events.flatMap((event) => (event.event === 'ticket.called' ? [event.resident] : []));
const standing = async ({ redis, cell }: Rig) => Object.fromEntries((await reads.stations(redis, cell)).map(({ station, waiting }) => [station, waiting]));

/** Three sites a kilometre apart on a road, each with one station a, b, c; the village stands at the first, 'Far' has none near. */
const road = (rule: 'own' | 'nearest' | 'any', more: object = {}) => ({
  round: {
    rules: { assignment: { rule, nearest: 2, ...more } },
    sites: [0, 1, 2].map((i) => ({ site: `s${i + 1}`, name: `Site ${i + 1}`, at: { lat: 38 + i / 100, lng: 114.5 } })),
    villages: [{ village: 'Upper', site: 's1', at: { lat: 38, lng: 114.5 } }, { village: 'Far', site: 's3' }],
  },
  stations: [['a', 's1'], ['b', 's2'], ['c', 's3']] as const,
  residents: 60,
});

t.test('the expected wait is people ahead times measured seconds a person', async (t) => {
  const rig = await build(t, { stations: ['a'], residents: 60 });
  const [desk, tablet] = [rig.device('desk'), rig.device('tablet')];
  t.match(await come(desk, 's1', [1]), { ahead: 0, wait: 0 });
  t.match(await come(desk, 's1', [2, 3]), { ahead: 1, wait: 37 }, 'before anything is measured: the usual 37 s');
  const tube = rig.tube();
  await tablet.done('openTube', { tube, station: 'a', size: 5 });
  for (const n of [1, 2, 3, 4, 5]) {
    await tablet.done('takeSwab', { resident: String(n), tube });
    await rig.advance(20_000);
  }
  for (const n of [11, 12, 13]) await come(desk, 's1', [n]);
  t.match(await come(desk, 's1', [14]), { ahead: 3, wait: 60 }, 'a person takes 20 s here');
});

t.test('a party goes where it is served soonest, not where the queue is shortest', async (t) => {
  const rig = await build(t, { stations: ['fast', 'slow'], residents: 60 });
  const desk = rig.device('desk');
  for (const [station, seconds, from] of [['fast', 20, 1], ['slow', 60, 6]] as const) {
    const [tube, tablet] = [rig.tube(), rig.device(station)];
    await tablet.done('openTube', { tube, station, size: 5 });
    for (let n = from; n < from + 5; n++) {
      await tablet.done('takeSwab', { resident: String(n), tube });
      await rig.advance(seconds * 1000);
    }
  }
  const chosen: number[] = [];
  for (let n = 20; n < 28; n++) chosen.push((await come(desk, 's1', [n])).station);
  t.equal(chosen.filter((station) => station === 1).length, 6, 'three times as fast, three times as many');
});

t.test('own: only the village’s own site', async (t) => {
  const rig = await build(t, road('own'));
  const desk = rig.device('desk');
  for (let n = 1; n <= 10; n++) t.match(await come(desk, 's2', [n]), { station: 1 }, 'wherever the desk is');
});

t.test('nearest: its own and the next, by expected wait; equal waits stay near', async (t) => {
  const rig = await build(t, road('nearest'));
  const desk = rig.device('desk');
  const chosen = [];
  for (let n = 1; n <= 10; n++) chosen.push((await come(desk, 's1', [n])).station);
  t.same(chosen, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
});

t.test('any: the least waits of all; equal waits stay at the desk’s own site', async (t) => {
  const rig = await build(t, road('any'));
  const desk = rig.device('desk');
  const chosen = [];
  for (let n = 1; n <= 6; n++) chosen.push((await come(desk, 's2', [n])).station);
  t.same(chosen, [2, 1, 3, 2, 1, 3]);
});

t.test('where nothing the round allows is open, the desk’s own site takes them, and nobody where that is closed too', async (t) => {
  const rig = await build(t, road('own'));
  const desk = rig.device('desk');
  await rig.post.done('closeStation', { station: 'a' });
  t.match(await come(desk, 's2', [1]), { station: 2 });
  t.equal(wordOf(await desk.ask('issueTicket', { site: 's1', party: [{ resident: '2', number: 'Z1' }] })), 'no_station_open');
});

t.test('those who came together stand together, and are handed on together', async (t) => {
  const rig = await build(t, { stations: ['a', 'b', 'c'], residents: 60 });
  const desk = rig.device('desk');
  for (let n = 1; n <= 20; n += 4) t.equal((await come(desk, 's1', [n, n + 1, n + 2, n + 3], { station: 'a' })).stations.size, 1);
  await rig.post.done('pauseStation', { station: 'a' });
  const where = new Map<number, Set<number>>();
  for (let n = 1; n <= 20; n++) {
    const ticket = await reads.ticket(rig.redis, rig.cell, n);
    where.set(ticket?.party ?? 0, (where.get(ticket?.party ?? 0) ?? new Set()).add(ticket?.station ?? 0));
  }
  t.equal(where.size, 5);
  for (const stations of where.values()) t.equal(stations.size, 1);
  t.same(Object.values(await standing(rig)).sort(), [0, 12, 8].sort(), 'and are spread over the others');
});

t.test('hand-over keeps the order of arrival', async (t) => {
  const rig = await build(t, { stations: ['a', 'b'], residents: 60 });
  const desk = rig.device('desk');
  for (const [n, station] of [[1, 'a'], [2, 'b'], [3, 'a'], [4, 'b'], [5, 'a']] as const) {
    await come(desk, 's1', [n], { station });
    await rig.advance(1000);
  }
  await rig.post.done('closeStation', { station: 'a' });
  const order = [];
  for (let i = 0; i < 5; i++) order.push(...(await called(rig.device('tablet'), 'b')));
  t.same(order, [1, 2, 3, 4, 5]);
});

t.test('a priority goes ahead of those who came within the lead, and of nobody before', async (t) => {
  const rig = await build(t, { stations: ['a'], residents: [60, (i) => ({ priority: i === 4 ? 'pregnant' : 'none' })] });
  const desk = rig.device('desk');
  await come(desk, 's1', [1]);
  await rig.advance(29 * minute);
  await come(desk, 's1', [2]);
  await rig.advance(2 * minute);
  await come(desk, 's1', [3]);
  await come(desk, 's1', [5]);
  await come(desk, 's1', [6], { priority: 'over80' });
  const order = [];
  for (let i = 0; i < 5; i++) order.push(...(await called(rig.device('tablet'), 'a')));
  t.same(order, [1, 5, 6, 2, 3]);
});

t.test('a stream of priorities does not starve the others', async (t) => {
  const rig = await build(t, { stations: ['a'], residents: [60, (i) => ({ priority: i > 0 ? 'over80' : 'none' })], round: { rules: { stallMinutes: 600 } } });
  const desk = rig.device('desk');
  await come(desk, 's1', [1]);
  let calls = 0;
  for (let n = 2; n <= 50; n++) {
    await come(desk, 's1', [n]);
    await rig.advance(minute);
    calls += 1;
    if ((await called(rig.device('tablet'), 'a')).includes(1)) break;
  }
  t.ok(calls >= 30 && calls <= 32, `his turn comes after the lead of 30 minutes, not never: ${calls}`);
});

t.test('a stalled station gets people only when there is no other, and the wait told is that of its queue', async (t) => {
  const rig = await build(t, { stations: ['a', 'b'], residents: 60 });
  const desk = rig.device('desk');
  await come(desk, 's1', [1], { station: 'a' });
  await rig.advance(10 * minute);
  t.match((await reads.stations(rig.redis, rig.cell)).map(({ stalled }) => stalled), [true, false]);
  for (let n = 2; n <= 6; n++) t.match(await come(desk, 's1', [n]), { station: 2 });
  await rig.post.done('drainStation', { station: 'b' });
  t.match(await come(desk, 's1', [7]), { station: 1, ahead: 0, wait: 0 });
  t.match(await come(desk, 's1', [8]), { station: 1, ahead: 1, wait: 37 });
});

t.test('in a township the rule decides how long the day is', async (t) => {
  const days = [];
  for (const rule of ['own', 'nearest', 'any'] as const) days.push(await simulate(t, rule));
  const [own, nearest, any] = days as [Day, Day, Day];
  for (const day of days) {
    t.comment(`${day.rule.padEnd(7)} ${day.people} people, ${day.lanes} lanes: ${(day.finish / day.bound).toFixed(2)} times the bound of ${Math.round(day.bound / 60_000)} minutes; waits p50 ${day.p50} p95 ${day.p95} minutes`);
    t.equal(day.swabs, day.people, 'everybody is sampled');
  }
  t.ok(own.finish > nearest.finish && nearest.finish > any.finish, 'each village at its own site takes longest, any site is best');
  t.ok(own.p95 > nearest.p95 && nearest.p95 > any.p95, 'and so do the waits');
  t.ok(own.finish / own.bound > 1.4 && nearest.finish / nearest.bound < 1.6 && any.finish / any.bound < 1.3, 'by about as much as in the issue');
});
