// The queue that the stream tells of is the queue of the record: who waits where, in which order, how fast each station is.

import type { Redis } from 'ioredis';
import t from 'tap';
import type { CellName } from '../../src/domain/requests.js';
import { keyOf } from '../../src/ledger/keys.js';
import { cellState, stations, ticket } from '../../src/ledger/reads.js';
import { allEvents } from '../../src/ledger/stream.js';
import { fold } from '../../src/live/fold.js';
import { minutesAt, packNumber, personMsAt, queueOfSite, unpackNumber, waitingAt } from '../../src/live/queue.js';
import { newTally, type Tally } from '../../src/live/tally.js';
import { build, minute, morning } from '../support.js';
import { seeded, traffic } from './traffic.js';

const seed = Number(process.argv.find((argument) => /^--seed=\d+$/.test(argument))?.slice(7) ?? 20_221_123);
const band = 4_398_046_511_104;

/** Tickets by station and half (waiting, called) in the order of the record, and those kept after being skipped. */
async function recordQueue(redis: Redis, cell: CellName): Promise<{ at: Record<number, { waiting: number[]; called: number[] }>; kept: number[] }> {
  const at: Record<number, { waiting: number[]; called: number[] }> = {};
  const flat = ((await redis.zrange(keyOf(cell, 'queue'), '0', '-1', 'WITHSCORES')) as unknown[]).flat() as string[];
  for (let i = 0; i < flat.length; i += 2) {
    const half = Math.floor(Number(flat[i + 1]) / band);
    const here = (at[half >> 1] ??= { waiting: [], called: [] });
    here[half % 2 === 0 ? 'waiting' : 'called'].push(Number(flat[i]));
  }
  const { tickets = 0 } = (await cellState(redis, cell)) ?? {};
  const kept: number[] = [];
  for (let n = 1; n <= tickets; n++) if ((await ticket(redis, cell, n))?.state === 'skipped') kept.push(n);
  return { at, kept };
}

function foldedQueue(tally: Tally): Awaited<ReturnType<typeof recordQueue>> {
  const at: Record<number, { waiting: number[]; called: number[] }> = {};
  for (const [station, open] of tally.queue.at) {
    if (open.size === 0) continue;
    at[station] = { waiting: waitingAt(tally, station), called: [...open].filter((one) => tally.tickets.state[one] === 2) };
  }
  return { at, kept: [...tally.queue.kept].sort((a, b) => a - b) };
}

const calledSorted = (queue: Awaited<ReturnType<typeof recordQueue>>) => ({ ...queue, at: Object.fromEntries(Object.entries(queue.at).map(([station, { waiting, called }]) => [station, { waiting, called: called.sort((a, b) => a - b) }])) });

t.test('after random traffic the stream and the record have the same queue and the same pace', async (t) => {
  const met = { waiting: 0, called: 0, kept: 0, measured: 0 };
  for (const absencesMax of [1, 3]) {
    const rig = await build(t, { round: { rules: { poolSizes: { normal: 5 }, absencesMax, priorityLeadMinutes: 20 } }, stations: ['a', 'b', 'c'], residents: [60, (i) => ({ priority: i % 7 === 0 ? 'pregnant' : 'none' })] });
    const tally = newTally();
    const random = seeded(seed + absencesMax);
    for (let part = 0; part < 12; part++) {
      await traffic(rig, 40, random);
      const catchUp = async () => { for await (const event of allEvents(rig.redis, rig.cell, tally.position)) fold(tally, event); };
      await catchUp();
      for (const one of foldedQueue(tally).at[1]?.called ?? []) await rig.post.ask('skipTicket', { resident: String(tally.tickets.resident[one]) });
      await catchUp();
      const folded = foldedQueue(tally);
      t.strictSame(calledSorted(folded), calledSorted(await recordQueue(rig.redis, rig.cell)), `seed ${seed}, skipped after ${absencesMax}, part ${part}`);
      for (const { ordinal, secondsPerPerson, waiting, called } of await stations(rig.redis, rig.cell)) {
        const station = tally.stations.get(ordinal);
        t.strictSame([station?.waiting, station?.called, station?.personMs], [waiting, called, Math.round((secondsPerPerson ?? 0) * 1000)], `station ${ordinal}, part ${part}`);
        if (secondsPerPerson !== undefined) met.measured++;
      }
      for (const { waiting, called } of Object.values(folded.at)) [met.waiting, met.called] = [met.waiting + waiting.length, met.called + called.length];
      met.kept += folded.kept.length;
    }
  }
  t.ok(met.waiting > 0 && met.called > 0 && met.kept > 0 && met.measured > 0, `the days have brought all of it: ${JSON.stringify(met)}`);
});

t.test('somebody who was called and was not there is called again behind the next two', async (t) => {
  const rig = await build(t, { stations: ['a'], residents: 5 });
  const tally = newTally();
  const folded = async () => { for await (const event of allEvents(rig.redis, rig.cell, tally.position)) fold(tally, event); };
  for (let n = 1; n <= 5; n++) {
    await rig.post.done('issueTicket', { site: 's1', party: [{ resident: String(n), number: `A00${n}` }] });
    await rig.advance(minute);
  }
  await rig.post.done('callNext', { station: 'a' });
  await rig.post.done('skipTicket', { resident: '1' });
  await folded();
  t.strictSame(queueOfSite(tally, 1).waiting.map((one) => tally.tickets.resident[one]), [2, 3, 1, 4, 5]);
  for (let call = 0; call < 3; call++) await rig.post.done('callNext', { station: 'a' });
  await folded();
  t.strictSame(tally.calls.get(1)?.map(({ number, again }) => [number, again]), [['A001', true], ['A003', false], ['A002', false], ['A001', false]]);
  t.equal(tally.calls.get(1)?.[0]?.at, morning + 5 * minute);
});

t.test('the minutes are those of the open station that is soonest free', async (t) => {
  const rig = await build(t, { round: { rules: { secondsPerPerson: 60 } }, stations: ['a', 'b', ['c', 's2']], residents: 9 });
  const tally = newTally();
  const minutes = async () => { for await (const event of allEvents(rig.redis, rig.cell, tally.position)) fold(tally, event); return [minutesAt(tally, 1), minutesAt(tally, 2)]; };
  t.strictSame(await minutes(), [0, 0]);
  for (let n = 1; n <= 5; n++) await rig.post.done('issueTicket', { site: 's1', station: n <= 2 ? 'a' : 'b', party: [{ resident: String(n), number: `A${n}` }] });
  t.strictSame(await minutes(), [2, 0]);
  await rig.post.done('closeStation', { station: 'c' });
  t.strictSame(await minutes(), [2, undefined], 'closed is no time at all');
  const station = tally.stations.get(1);
  t.equal(station && personMsAt(tally, station), 60_000);
});

t.test('printed numbers are kept as they are written', async (t) => {
  for (const number of ['A1', 'A01', 'A00001', 'Z99999', 'AA0', 'ZZ99999', 'B120', 'AZ007']) t.equal(unpackNumber(packNumber(number)), number);
  t.equal(unpackNumber(packNumber('nothing')), '');
});
