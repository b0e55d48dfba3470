// When ten times as much is asked for as was planned, are swabs still taken?
//
//   npm run bench -- overload [--json] [--swabs 350] [--reads 480] [--times 10] [--seconds 20]
//
// Four townships at work as in `peak`, at `--swabs` swabs a second with check-in, calls and seals; first with the planned reads, then with
// ten times as many, then with the planned reads again. Open loop; a thousand screens ask. Reads must be answered or be told when to come
// back, and every swab must be taken. The defaults are a large city's plan, cut to what the load's own core can ask for ten times over. The
// service is on core 0, Redis and the load on core 1.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Shift, Worked } from './rig/city.js';
import { openDistrict } from './rig/district.js';
import { machine, table } from './rig/figures.js';
import { compare, type Comparison } from './rig/record.js';
import { buildStand, say } from './rig/stand.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false }, swabs: { type: 'string', default: '350' }, reads: { type: 'string', default: '480' },
    times: { type: 'string', default: '10' }, seconds: { type: 'string', default: '20' },
  },
});
const [swabsPerSecond, reads, times, seconds] = [Number(options.swabs), Number(options.reads), Number(options.times), Number(options.seconds)];
const cells = 4;
const stand = await buildStand();
const folder = mkdtempSync(join(tmpdir(), 'swabline-overload-'));

async function main(): Promise<void> {
  const { ledger, port } = stand;
  const district = { cells, stations: 100, desks: 20, screens: 250, waiting: 5, people: 0 };
  district.people = district.stations * district.waiting + Math.ceil((swabsPerSecond * (seconds * 3 + 5) * 1.05) / cells);
  const setting = await openDistrict(stand, 'overload', district);
  const child = await stand.start('city', [String(port)]);
  await child.say(JSON.stringify(setting));
  await child.say(JSON.stringify({ seconds: 5, swabsPerSecond, readsPerSecond: reads } satisfies Shift));
  const files = setting.cells.map((_, i) => join(folder, String(i)));
  const phases = [{ name: 'as planned', reads }, { name: `${times} times the reads`, reads: reads * times }, { name: 'as planned again', reads }];
  const rows: string[][] = [];
  const worked: Worked[] = [];
  for (const phase of phases) {
    const clock = stand.clock();
    const work = JSON.parse(await child.say(JSON.stringify({ seconds, swabsPerSecond, readsPerSecond: phase.reads, files } satisfies Shift))) as Worked;
    const used = clock();
    worked.push(work);
    const per = (count: number) => (count / work.seconds).toFixed(0);
    const { takeSwab, issueTicket, read } = work.times;
    rows.push([
      phase.name, per(takeSwab?.n ?? 0), ...[takeSwab?.p50, takeSwab?.p99, takeSwab?.max, issueTicket?.p99].map((ms) => (ms ?? Number.NaN).toFixed(1)), per(work.reads.served), (read?.p99 ?? Number.NaN).toFixed(1),
      per(work.reads.shed), per(work.reads.notSent), String(work.reads.shedWithoutTime), String(work.bad), (used.service / used.seconds / 10_000).toFixed(0), (used.redis / used.seconds / 10_000).toFixed(0), used.othersCores.toFixed(2),
    ]);
    if (work.firstBad) say(`${phase.name}: ${work.firstBad}`);
  }
  const found: Comparison = { acknowledged: 0, lost: 0, doubled: 0, unheard: 0, sealed: 0 };
  for (const [i, { cell }] of setting.cells.entries()) {
    const one = await compare(ledger.redis, cell, readFileSync(files[i] as string, 'utf8').split('\n').filter(Boolean));
    for (const what of Object.keys(found) as (keyof Comparison)[]) found[what] += one[what];
  }
  say(`\n${JSON.stringify(machine())}, pinned, fsync always, ${seconds} s each\n`);
  say(table(['', 'swabs/s', 'p50 ms', 'p99 ms', 'max ms', 'check-in p99 ms', 'reads/s served', 'p99 ms', 'shed/s', 'all screens waiting/s', 'shed without a time', 'other answers', 'service %', 'Redis %', "others' cores"], rows));
  say(`\nRead from the record: ${JSON.stringify(found)}`);
  const [before, during, after] = worked as [Worked, Worked, Worked];
  const result = {
    overloadSwabsTaken: during.times['takeSwab']?.n ?? 0, overloadBad: worked.reduce((sum, { bad }) => sum + bad, 0), overloadShedPerSecond: Math.round(during.reads.shed / during.seconds), overloadShedWithoutTime: during.reads.shedWithoutTime,
    overloadReadsServedPerSecond: Math.round(during.reads.served / during.seconds), overloadSwabP99: during.times['takeSwab']?.p99 ?? Number.NaN, swabP99Before: before.times['takeSwab']?.p99 ?? Number.NaN, swabP99After: after.times['takeSwab']?.p99 ?? Number.NaN,
    readsShedAfter: after.reads.shed, overloadLost: found.lost, overloadDoubled: found.doubled,
  };
  console.log(options.json ? JSON.stringify(result) : table(['figure', 'value'], Object.entries(result).map(([name, value]) => [name, String(value)])));
  if (found.lost > 0 || found.doubled > 0 || result.overloadBad > 0) process.exitCode = 1;
}

try {
  await main();
} finally {
  await stand.stop();
  rmSync(folder, { recursive: true, force: true });
}
