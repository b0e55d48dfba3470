// The fold of the stream says what the record says, whatever has happened in between.
import { deserialize, serialize } from 'node:v8';
import t from 'tap';
import { allEvents } from '../../src/ledger/stream.js';
import { changesOf, countsOf } from '../../src/live/counts.js';
import { fold } from '../../src/live/fold.js';
import { newTally, type Tally } from '../../src/live/tally.js';
import { build, minute, morning } from '../support.js';
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
