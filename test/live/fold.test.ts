// The fold of the stream says what the record says, whatever has happened in between.
import { readFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import t from 'tap';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import { allEvents } from '../../src/ledger/stream.js';
import { foldFiles } from '../../src/live/checkpoint.js';
import { changesOf, countsOf } from '../../src/live/counts.js';
import { fold } from '../../src/live/fold.js';
import { countInMinute, historyOf, minutesKept, newMinutes } from '../../src/live/minutes.js';
import { newTally, type Tally } from '../../src/live/tally.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';
import { walkCustody } from '../ledger/custodyWalk.js';
import { build, minute, morning } from '../support.js';
import { testRedisUrl } from '../support-redis.js';
import { countRecord, samePart } from './record.js';
import { merge } from './screen.js';
import { seeded, traffic } from './traffic.js';

const seed = Number(process.argv.find((argument) => /^--seed=\d+$/.test(argument))?.slice(7) ?? 20_221_123);

t.test('after random traffic the counts of the stream are the counts of the keys', async (t) => {
  for (const household of ['together', 'own', 'ignore'] as const) {
    const rig = await build(t, { round: { rules: { household, poolSizes: { normal: 5 } } }, stations: ['a', 'b', 'c'], residents: [60, (i) => ({ village: i < 40 ? 'Upper' : 'Lower', household: i >> 1, single: i % 20 === 7 })] });
    const tally = newTally();
    const random = seeded(seed + household.length);
    let events = 0;
    for (let part = 0; part < 4; part++) {
      const applied = await traffic(rig, 300, random);
      t.ok(applied > 60, `${household}: much of the traffic was applied (${applied})`);
      for await (const event of allEvents(rig.redis, rig.cell, tally.position)) {
        fold(tally, event);
        events++;
      }
      t.strictSame(samePart(countsOf(tally, rig.now())), await countRecord(rig.redis, rig.cell), `${household}, seed ${seed}: after ${events} events`);
    }
    const { total, tubes } = countsOf(tally, rig.now());
    t.equal(total.residents, total.sampled + total.excused + total.absent + total.open, 'everybody is one of four');
    t.equal(tubes.open, tubes.empty + tubes.fresh + tubes.warned + tubes.late, 'every open tube has an age or is empty');
  }
});

t.test('whatever packers, couriers, laboratory and follow-up do, where tubes are and who is recalled is what the keys say', async (t) => {
  const redis = connect(await testRedisUrl());
  t.teardown(() => redis.disconnect());
  const faults: string[] = [];
  const ledger = createLedger(redis, { error: (detail) => faults.push(JSON.stringify(detail)) });
  const met = { arrived: 0, missing: 0, received: 0, resulted: 0, rejected: 0, lost: 0, leaked: 0, late: 0, recalled: 0, found: 0 };
  for (let run = 0; run < 12; run++) {
    const { area, laboratory, problems } = await walkCustody(ledger, seeded(seed + run), 150);
    t.strictSame([...problems, ...faults], []);
    const tally = newTally();
    let at = 0;
    for await (const event of allEvents(redis, area)) {
      fold(tally, event);
      at = tally.at;
    }
    const counts = countsOf(tally, at);
    const wanted = await countRecord(redis, area);
    t.strictSame(samePart(counts), wanted, `seed ${seed + run}`);
    const { places, road, recalls } = counts;
    t.equal(Object.values(places).reduce((sum, n) => sum + n, 0) + counts.tubes.void, counts.tubes.opened, 'every tube is in one place, or void');
    for (const place of ['arrived', 'missing', 'received', 'resulted', 'rejected', 'lost', 'leaked'] as const) met[place] += places[place];
    met.late += road.amber + road.red;
    met.recalled += recalls.people;
    met.found += recalls.found;
    const lab = newTally();
    for await (const event of allEvents(redis, laboratory)) fold(lab, event);
    t.match(countsOf(lab, at), { round: { laboratory: true }, tubes: { opened: 0 }, recalls: { open: 0 } }, "a laboratory's own cell has no tubes of its own");
  }
  for (const [what, count] of Object.entries(met)) t.ok(count > 0, `the walks have met ${what}: ${count}`);
});

t.test('a tube goes where its box goes, and is late by its first swab until the laboratory has it', async (t) => {
  const rig = await build(t, { round: { rules: { laboratory: 'lab' } }, stations: ['a'], residents: 5 });
  const tally = newTally();
  const counts = async () => {
    for await (const event of allEvents(rig.redis, rig.cell, tally.position)) fold(tally, event);
    t.strictSame(samePart(countsOf(tally, rig.now())), await countRecord(rig.redis, rig.cell));
    return countsOf(tally, rig.now());
  };
  const [tablet, packer, relay] = [rig.device('tablet1'), rig.device('packer'), rig.device('relay')];
  const [tube, box] = [rig.tube(), makeCode('box', rehearsalSerials + 1)];
  await tablet.done('openTube', { tube, station: 'a' });
  await tablet.done('takeSwab', { resident: '1', tube });
  await tablet.done('sealTube', { tube });
  t.match(await counts(), { places: { sealed: 1 }, road: { amber: 0, red: 0 } });
  await packer.done('openBox', { box });
  await packer.done('packTube', { box, tube });
  t.match(await counts(), { places: { sealed: 0, boxed: 1 }, boxes: { packing: 1 } });
  await packer.done('sealBox', { box, counted: 1 });
  packer.by = 'pat';
  await packer.done('handOver', { box, from: 'pat', to: 'cora' });
  await rig.advance(119 * minute);
  t.match(await counts(), { places: { boxed: 0, onRoad: 1 }, boxes: { sealed: 0, onRoad: 1 }, road: { amber: 0, red: 0, oldest: [] } });
  await rig.advance(minute);
  t.match(await counts(), { road: { amber: 1, red: 0, oldest: [{ tube, station: 1, firstSwabAt: morning, where: 'onRoad' }] } });
  await rig.advance(120 * minute);
  t.match(await counts(), { road: { amber: 0, red: 1 } });
  await relay.report('noteArrival', { box, trip: 1, laboratory: 'lab', condition: 'good' });
  t.match(await counts(), { places: { onRoad: 0, arrived: 1 }, boxes: { onRoad: 0, arrived: 1 }, road: { red: 1, oldest: [{ where: 'arrived' }] } });
  await relay.report('noteIntake', { tube, box, laboratory: 'lab', outcome: 'received', accession: 'A1' });
  t.match(await counts(), { places: { arrived: 0, received: 1 }, road: { red: 0, oldest: [] } });
  t.equal(historyOf(tally.minutes, rig.now()).received.reduce((sum, n) => sum + n, 0), 1);
});

t.test('positive tubes are counted from five on', async (t) => {
  const tally = newTally();
  for (let n = 0; n < 6; n++) {
    tally.custody.results['positive'] = n;
    t.equal(countsOf(tally, morning).results.positive, n < 5 ? undefined : n);
  }
});

t.test('the minutes of a day are kept, older ones are let go', async (t) => {
  const minutes = newMinutes();
  t.strictSame(historyOf(minutes, morning), { from: 0, swabs: [], sealed: [], received: [] });
  const begin = Math.ceil(morning / minute) * minute;
  for (const [after, n] of [[0, 2], [1, 1], [4, 3]] as const) for (let i = 0; i < n; i++) countInMinute(minutes, 'swabs', begin + after * minute + i);
  countInMinute(minutes, 'sealed', begin + 5 * minute);
  t.strictSame(historyOf(minutes, begin + 6 * minute + 1), { from: begin, swabs: [2, 1, 0, 0, 3, 0, 0], sealed: [0, 0, 0, 0, 0, 1, 0], received: [0, 0, 0, 0, 0, 0, 0] });
  countInMinute(minutes, 'swabs', begin);
  t.equal(historyOf(minutes, begin + 6 * minute).swabs[5], 1, 'a time before the newest counts as the newest');
  countInMinute(minutes, 'received', begin + (minutesKept + 3) * minute);
  const later = historyOf(minutes, begin + (minutesKept + 3) * minute);
  t.equal(later.swabs.length, minutesKept);
  t.match(later, { from: begin + 4 * minute });
  t.strictSame([later.swabs.slice(0, 3), later.received.at(-1)], [[3, 1, 0], 1]);
  countInMinute(minutes, 'swabs', begin + 5 * minutesKept * minute);
  const muchLater = historyOf(minutes, begin + 5 * minutesKept * minute);
  t.strictSame([muchLater.swabs.reduce((sum, n) => sum + n, 0), muchLater.sealed.some((n) => n > 0)], [1, false]);
});

t.test('a fold written down is good for the code that made it: every file it stands on is part of its name', async (t) => {
  const found = new Set<string>();
  const walk = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    const source = readFileSync(new URL(`../../src/live/${file}`, import.meta.url), 'utf8');
    for (const [, name] of source.matchAll(/from '\.\/([\w.]+)'/g)) walk(name as string);
  };
  walk('fold.js');
  t.strictSame([...found].sort(), [...foldFiles].sort());
});

t.test('a tally written down and read back goes on as if nothing had been', async (t) => {
  const rig = await build(t, { stations: ['a', 'b', 'c'], residents: 60 });
  await traffic(rig, 400, seeded(seed));
  const through = newTally();
  let halfway: Tally | undefined;
  let n = 0;
  for await (const event of allEvents(rig.redis, rig.cell)) {
    fold(through, event);
    if (halfway) fold(halfway, event);
    else if (++n === 150) halfway = deserialize(serialize(through)) as Tally;
  }
  t.strictSame(countsOf(halfway as Tally, rig.now()), countsOf(through, rig.now()));
});

t.test('a day at one table: ages of tubes, pace, expected finish, silence', async (t) => {
  const rig = await build(t, { stations: ['a'], residents: 60 });
  const tablet = rig.device('tablet1');
  const tally = newTally();
  const counts = async () => {
    for await (const event of allEvents(rig.redis, rig.cell, tally.position)) fold(tally, event);
    return countsOf(tally, rig.now());
  };
  const tube = rig.tube();
  await tablet.done('openTube', { tube, station: 'a', size: 10 });
  t.match((await counts()).tubes, { open: 1, empty: 1, oldest: [] }, 'an empty tube has no age');

  for (let person = 1; person <= 6; person++) {
    if (person > 1) await rig.advance(minute);
    await tablet.done('takeSwab', { resident: String(person), tube });
  }
  const { total, stations, tubes } = await counts();
  t.match(total, { residents: 60, sampled: 6, open: 54, swabs: 6, perMinute1: 1, perMinute15: 1.2 });
  t.match(stations[1], { sampled: 6, swabs: 6, openTubes: 1, perMinute1: 1, silent: false });
  t.match(tubes.oldest, [{ tube, station: 1, firstSwabAt: morning, count: 6 }]);
  const { at = 0, earliest = 0, latest = 0 } = total.finish ?? {};
  t.ok(earliest <= at && at <= latest && earliest > rig.now() + 45 * minute && latest < rig.now() + 55 * minute, 'about one a minute for 54 people');

  await rig.advance(30 * minute);
  t.match((await counts()).total, { perMinute1: 0, perMinute15: 0, finish: undefined }, 'no pace says nothing about the finish');
  t.match((await counts()).devices.silent, [{ device: 'tablet1', station: 1 }], 'a tablet at an open station is expected to be heard');
  t.equal((await counts()).stations[1]?.silent, true);

  await rig.advance(10 * minute);
  t.match((await counts()).tubes, { open: 1, warned: 1, late: 0 });
  await rig.advance(20 * minute);
  t.match((await counts()).tubes, { open: 1, warned: 0, late: 1 }, 'a silent tablet leaves its tube open and late');

  await tablet.done('sealTube', { tube });
  t.match((await counts()).tubes, { open: 0, sealed: 1, short: 1, fill: { 6: 1 } });
  await rig.device('post').done('closeStation', { station: 'a' });
  await rig.advance(30 * minute);
  t.strictSame((await counts()).devices.silent, [], 'nobody is missed at a closed station');
});

t.test('a device that owes records is silent wherever it is', async (t) => {
  const rig = await build(t, { stations: ['a'], residents: 5 });
  const tally = newTally();
  for await (const event of allEvents(rig.redis, rig.cell)) fold(tally, event);
  const late = rig.now() + 10 * minute;
  t.strictSame(countsOf(tally, late).devices.silent, []);
  const owes = [{ ordinal: 1, seenAt: rig.now(), missing: 41 }];
  t.match(countsOf(tally, late, owes).devices, { silent: [{ device: 'post', missing: 41 }], missing: 41 });
});

t.test('a change merged into what was before gives what is now', async (t) => {
  const rig = await build(t, { stations: ['a', 'b', 'c'], residents: 60 });
  const tally = newTally();
  const random = seeded(seed);
  let before = countsOf(tally, rig.now());
  const screen = structuredClone(before) as unknown as Record<string, unknown>;
  for (let part = 0; part < 12; part++) {
    await traffic(rig, 30, random);
    for await (const event of allEvents(rig.redis, rig.cell, tally.position)) fold(tally, event);
    const now = countsOf(tally, rig.now());
    const patch = changesOf(before, now);
    if (patch) merge(screen, JSON.parse(JSON.stringify(patch)) as Record<string, unknown>);
    t.strictSame(screen, JSON.parse(JSON.stringify(now)));
    t.equal(changesOf(now, structuredClone(now)), undefined, 'the same counts are no change');
    before = now;
  }
});
