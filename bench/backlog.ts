// When three hundred tablets come back at once, each with a hundred records, what do the stations that never went away notice?
//
//   npm run bench -- backlog [--json] [--rounds 5] [--tablets 300] [--records 100] [--live 300]
//
// A hundred stations swab over their open lines all the while (`--live` swabs a second together, far more than people can); the tablets
// hand in outboxes of fifty, one under way for each. Everything is fsynced before it is acknowledged. At the end the record is read: each
// swab that was acknowledged stands there once. The service is on core 0, everything else on core 1.

import { parseArgs } from 'node:util';
import { openCrowd, stationName } from './rig/crowd.js';
import { pairDevices, type Place } from './rig/devices.js';
import { machine, median, spread, table } from './rig/figures.js';
import { compare } from './rig/record.js';
import { buildStand, say } from './rig/stand.js';
import type { Return, Returned, Setting } from './rig/tablets.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' }, tablets: { type: 'string', default: '300' },
    records: { type: 'string', default: '100' }, live: { type: 'string', default: '300' },
  },
});
const [rounds, tablets, records, live] = [Number(options.rounds), Number(options.tablets), Number(options.records), Number(options.live)];
const stations = 100;
const outbox = 50;
const stand = await buildStand();

async function main(): Promise<void> {
  const { ledger, redis, port } = stand;
  const cell = { round: 'backlog', area: 'bench' };
  // A tenth of a backlog's records are openings of tubes; live stations swab for some ten seconds a round.
  await openCrowd(ledger, cell, { people: (rounds + 1) * (tablets * records + live * 20), stations: stations + tablets });
  const places = [
    ...Array.from({ length: stations }, (_, i): Place => ({ device: `live${i}`, role: 'station', cell, station: stationName(i) })),
    ...Array.from({ length: tablets }, (_, i): Place => ({ device: `back${i}`, role: 'station', cell, station: stationName(stations + i) })),
  ];
  const keys = await pairDevices(ledger, redis.url, places);
  const child = await stand.start('tablets', [String(port)]);
  await child.say(JSON.stringify({ cell, liveKeys: keys.slice(0, stations), tabletKeys: keys.slice(stations) } satisfies Setting));

  const runs: (Returned & { service: number; redis: number; othersCores: number })[] = [];
  const acknowledged: string[] = [];
  for (let round = 0; round <= rounds; round++) {
    const clock = stand.clock();
    const run = JSON.parse(await child.say(JSON.stringify({ live, quietMs: 3000, records, outbox } satisfies Return))) as Returned;
    const { service, redis: redisCpu, othersCores } = clock();
    if (run.bad.length > 0) throw new Error(`${run.bad.length} records were not taken: ${run.bad[0]}`);
    acknowledged.push(...run.acknowledged);
    if (round > 0) runs.push({ ...run, acknowledged: [], service, redis: redisCpu, othersCores });
    say(`${round === 0 ? 'warm' : `round ${round}`}: drained in ${run.drainedSeconds.toFixed(2)} s, live p99 ${run.before.p99} > ${run.during.p99} > ${run.after.p99} ms, told to wait ${run.waits} times`);
  }
  const found = await compare(ledger.redis, cell, acknowledged);
  const column = (of: (run: Returned) => number) => spread(runs.map(of));
  say(`\n${JSON.stringify(machine())}, pinned, fsync always, ${rounds} rounds: ${tablets} tablets with ${records} records each beside ${live} live swabs a second; other work on this machine ${median(runs.map(({ othersCores }) => othersCores)).toFixed(2)} cores\n`);
  say(table(['drained s', 'records/s', 'told to wait', 'p50 of an outbox ms', 'p99 of an outbox ms'], [[
    column((run) => run.drainedSeconds), column((run) => run.records / run.drainedSeconds), column((run) => run.waits), column((run) => run.outboxes.p50), column((run) => run.outboxes.p99),
  ]]));
  say(`\n${table(['live swabs', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'max ms'], (['before', 'during', 'after'] as const).map((when) => [
    when, ...(['p50', 'p90', 'p99', 'p999', 'max'] as const).map((q) => column((run) => run[when][q])),
  ]))}\n\nRead from the record: ${JSON.stringify(found)}`);
  const result = {
    backlogDrainSeconds: Number(median(runs.map(({ drainedSeconds }) => drainedSeconds)).toFixed(2)), backlogRecordsPerSecond: Math.round(median(runs.map((run) => run.records / run.drainedSeconds))),
    liveP99Before: median(runs.map(({ before }) => before.p99)), liveP99During: median(runs.map(({ during }) => during.p99)), liveP99After: median(runs.map(({ after }) => after.p99)),
    backlogLost: found.lost, backlogDoubled: found.doubled,
  };
  console.log(options.json ? JSON.stringify(result) : table(['figure', 'median'], Object.entries(result).map(([name, value]) => [name, String(value)])));
  if (found.lost > 0 || found.doubled > 0) process.exitCode = 1;
}

try {
  await main();
} finally {
  await stand.stop();
}
