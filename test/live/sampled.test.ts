// What tablets are told of who has been sampled is what the record says, whatever has happened in between.

import t from 'tap';
import { connect } from '../../src/ledger/redis.js';
import { allEvents } from '../../src/ledger/stream.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { fold } from '../../src/live/fold.js';
import { sampledContent } from '../../src/live/sampled.js';
import { newTally } from '../../src/live/tally.js';
import type { Followed } from '../../src/live/follow.js';
import { walkCustody } from '../ledger/custodyWalk.js';
import { ownRedis, testRedisUrl } from '../support-redis.js';
import { build } from '../support.js';
import { serve } from './screen.js';
import { knownOfRecord, type Message, Tablet } from './tablet.js';
import { seeded, traffic } from './traffic.js';

const seed = Number(process.argv.find((argument) => /^--seed=\d+$/.test(argument))?.slice(7) ?? 20_221_123);
const pulse = { changesEveryMs: 5, beatEveryMs: 200 };

t.test('after a random day at the tables a tablet that was told all along knows what the record knows', async (t) => {
  const rig = await build(t, { round: { rules: { poolSizes: { normal: 5 } } }, stations: ['a', 'b', 'c'], residents: [60, (i) => ({ single: i % 20 === 7 })] });
  const tally = newTally();
  const followed = { tally } as Followed;
  const random = seeded(seed);
  let before = sampledContent.of(followed, 0);
  const tablet = new Tablet();
  tablet.take({ kind: 'snapshot', position: '0', ...sampledContent.whole(before) });
  for (let part = 0; part < 25; part++) {
    await traffic(rig, 24, random);
    for await (const event of allEvents(rig.redis, rig.cell, tally.position)) fold(tally, event);
    const now = sampledContent.of(followed, 0);
    const change = sampledContent.change(before, now);
    if (change) tablet.take({ kind: 'change', position: tally.position, ...(JSON.parse(JSON.stringify(change)) as object) });
    t.equal(sampledContent.change(now, sampledContent.of(followed, 0)), undefined, 'the same is no change');
    t.strictSame(tablet.known, await knownOfRecord(rig.redis, rig.cell), `seed ${seed}, part ${part}`);
    const afresh = new Tablet();
    afresh.take({ kind: 'snapshot', position: '0', ...sampledContent.whole(now) });
    t.strictSame(afresh.known, tablet.known, 'and one that asks now knows the same');
    before = now;
  }
  const told = tablet.messages as Message[];
  for (const what of ['on', 'marks', 'registered', 'queue'] as const) t.ok(told.some((message) => message[what]), `the day has brought ${what}`);
});

t.test('people called back, swabbed alone and freed again are who the record says they are', async (t) => {
  const redis = connect(await testRedisUrl());
  t.teardown(() => redis.disconnect());
  const ledger = createLedger(redis, { error: () => {} });
  const met = { toCome: 0, answered: 0, freed: 0 };
  for (let walk = 0; walk < 5; walk++) {
    const { area } = await walkCustody(ledger, seeded(seed + walk), 400);
    const tally = newTally();
    for await (const event of allEvents(redis, area)) {
      fold(tally, event);
      if (event.event === 'resident.freed') met.freed++;
    }
    for (const { toCome } of tally.recalled.values()) met[toCome ? 'toCome' : 'answered']++;
    const tablet = new Tablet();
    tablet.take({ kind: 'snapshot', position: '0', ...sampledContent.whole(sampledContent.of({ tally } as Followed, 0)) });
    t.strictSame(tablet.known, await knownOfRecord(redis, area), `seed ${seed + walk}`);
  }
  t.ok(met.toCome > 0 && met.answered > 0 && met.freed > 0, `the walks have met all of it (seed ${seed}): ${JSON.stringify(met)}`);
});

t.test('tablets on a Redis of their own', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const place = (t: Parameters<typeof build>[0]) => build(t, { redis, stations: ['a', 'b', 'c'], residents: 20 });

  t.test('a tablet hears of a swab, of its undoing, and of who has come without being on the roster', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const [tablet, other] = [await Tablet.open(t, served, rig.cell), await Tablet.open(t, served, rig.cell)];
    await tablet.until(({ messages }) => messages.length > 0);
    t.match(tablet.messages[0], { kind: 'snapshot', total: 20, bits: 'AAAA', single: 'AAAA', counts: { residents: 20, sampled: 0 } });
    const at = rig.device('tablet1');
    const [tube, single] = [rig.tube(), rig.tube()];
    await at.done('openTube', { tube, station: 'a' });
    await at.done('takeSwab', { resident: '3', tube });
    await tablet.until(({ messages }) => messages.some(({ on }) => on?.includes(3)));
    await at.done('voidSwab', { resident: '3', tube, reason: 'wrong_person' });
    await tablet.until(({ messages }) => messages.some(({ off }) => off?.includes(3)));
    await at.done('registerWalkIn', { sealed: 'AAAA', village: 'Lower', single: true });
    await tablet.until(({ total }) => total === 21);
    const told = tablet.messages.find(({ registered }) => registered);
    t.match(told, { registered: [[21, '', 2, 0, 0, 0, 1, '']], alone: [21], marks: [[21, 1]] });
    await at.done('openTube', { tube: single, station: 'a', size: 1 });
    await at.done('takeSwab', { resident: '21', tube: single });
    await at.report('reportTube', { tube: single, what: 'leaked' });
    await tablet.until(({ known }) => known.people[20]?.[1] === 9);
    t.strictSame(tablet.known.people[20], [true, 9], 'has a swab, and is to come again, alone');
    const { position } = (await served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}/tablet/sampled?fresh=1`)).json<Message>();
    await Promise.all([tablet, other].map((one) => one.until((one) => one.position === position)));
    t.strictSame(tablet.known, await knownOfRecord(redis, rig.cell));
    t.strictSame(other.known, tablet.known);
    t.ok(other.texts.some((text) => tablet.texts.includes(text) && text.includes('"on"')), 'both were sent the same bytes');
    t.notMatch(tablet.texts.join(''), /sealed|AAAA=/, 'and nothing of a person but the number');
  });

  t.test('the address says the same as the socket, and a tablet goes on from where it was', async (t) => {
    const rig = await place(t);
    const served = await serve(t, own.url, { pulse });
    const tablet = await Tablet.open(t, served, rig.cell);
    await tablet.until(({ messages }) => messages.length > 0);
    const at = rig.device('tablet1');
    const tube = rig.tube();
    await at.done('openTube', { tube, station: 'a' });
    await at.done('takeSwab', { resident: '9', tube });
    await tablet.until(({ known }) => known.people[8]?.[0] === true);
    const { position, dataEpoch } = tablet;
    const back = await Tablet.open(t, served, rig.cell, `?after=${position}&epoch=${dataEpoch}`);
    await back.until(({ messages }) => messages.length > 0);
    t.equal(back.messages[0]?.kind, 'change', 'who has missed nothing is told so');
    const stranger = await Tablet.open(t, served, rig.cell, `?after=${position}&epoch=of.another`);
    await stranger.until(({ messages }) => messages.length > 0);
    t.equal(stranger.messages[0]?.kind, 'snapshot');

    const asked = (await served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}/tablet/sampled?fresh=1`)).json<Message>();
    const read = new Tablet();
    read.take({ ...asked, kind: 'snapshot' });
    t.strictSame(read.known, tablet.known);
    t.strictSame([asked.position, asked.dataEpoch], [tablet.position, dataEpoch]);
    t.match((await served.app.inject(`/api/cells/${rig.cell.round}/nowhere/tablet/sampled`)).json(), { word: 'cell_unknown' });
    t.match((await served.app.inject(`/api/cells/${rig.cell.round}/${rig.cell.area}/tablet/live`)).json(), { word: 'websocket_only' });
  });
});
