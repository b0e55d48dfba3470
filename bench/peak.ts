// Does one machine carry a megacity's peak: 1,750 swabs and 175 seals a second within 8,000 operations, all of it on disk?
//
//   npm run bench -- peak [--json] [--minutes 1] [--pinned] [--load 1]
//
// Eight townships with a hundred stations each. Everybody checks in and is given a station by the rule, is called, swabbed into a tube that
// is sealed by hand; 2,400 times a second somebody looks something up. All of it open loop: what is slow holds up nobody's arrival, and its
// time counts from when it was due. Stations and desks speak over open lines, as their pages do, and whoever looks something up by HTTP, each
// with the key of a paired device; fsync always. The record is read at the end. `--load 0.5` asks for half of everything.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Setting, Shift, Worked } from './rig/city.js';
import { openDistrict } from './rig/district.js';
import { machine, table } from './rig/figures.js';
import { compare, type Comparison } from './rig/record.js';
import { buildStand, say } from './rig/stand.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, minutes: { type: 'string', default: '1' }, pinned: { type: 'boolean', default: false }, load: { type: 'string', default: '1' } },
});
const seconds = Number(options.minutes) * 60;
const [swabsPerSecond, readsPerSecond] = [1750 * Number(options.load), 2400 * Number(options.load)];
const warmSeconds = 5;
const cells = 8;
const stand = await buildStand({ pinned: options.pinned });
const folder = mkdtempSync(join(tmpdir(), 'swabline-peak-'));

async function main(): Promise<void> {
  const { ledger, port } = stand;
  const district = { cells, stations: 100, desks: 20, screens: 30, waiting: 5, people: 0 };
  district.people = district.stations * district.waiting + Math.ceil((swabsPerSecond * (seconds + warmSeconds) * 1.02) / cells);
  const setting: Setting = await openDistrict(stand, 'peak', district);
  const child = await stand.start('city', [String(port)]);
  await child.say(JSON.stringify(setting));
  await child.say(JSON.stringify({ seconds: warmSeconds, swabsPerSecond, readsPerSecond } satisfies Shift));
  say(`${cells} townships of ${district.people} people are at work`);
  const files = setting.cells.map((_, i) => join(folder, String(i)));
  const clock = stand.clock();
  const worked = JSON.parse(await child.say(JSON.stringify({ seconds, swabsPerSecond, readsPerSecond, files } satisfies Shift))) as Worked;
  const used = clock();

  const found: Comparison = { acknowledged: 0, lost: 0, doubled: 0, unheard: 0, sealed: 0 };
  for (const [i, { cell }] of setting.cells.entries()) {
    const one = await compare(ledger.redis, cell, readFileSync(files[i] as string, 'utf8').split('\n').filter(Boolean));
    for (const what of Object.keys(found) as (keyof Comparison)[]) found[what] += one[what];
  }
  const { times, reads } = worked;
  const per = (what: string) => (worked.answered[what] ?? 0) / worked.seconds;
  const operations = Object.values(worked.answered).reduce((sum, n) => sum + n, 0) / worked.seconds;
  const steps = ['issueTicket', 'callNext', 'openTube', 'takeSwab', 'sealTube'];
  say(`\n${JSON.stringify(machine())}, ${options.pinned ? 'pinned' : 'unpinned'}, fsync always, ${worked.seconds.toFixed(0)} s; other work on this machine ${used.othersCores.toFixed(2)} cores\n`);
  say(table(['operation', 'a second', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'max ms'], [...steps, 'read', 'read shed'].filter((what) => times[what]).map((what) => {
    const { p50, p90, p99, p999, max } = times[what] as Worked['times'][string];
    return [what, per(what).toFixed(0), ...[p50, p90, p99, p999, max].map((ms) => ms.toFixed(2))];
  })));
  say(`\n${operations.toFixed(0)} operations/s; service ${(used.service / used.seconds / 10_000).toFixed(0)} %, Redis ${(used.redis / used.seconds / 10_000).toFixed(0)} % of a core; the load's own delay p99 ${worked.late.p99} ms, max ${worked.late.max} ms`);
  say(`turns with nobody waiting ${worked.emptyTurns}, reads ${JSON.stringify(reads)}, other answers ${worked.bad}${worked.firstBad ? `, the first: ${worked.firstBad}` : ''}`);
  say(`read from the record: ${JSON.stringify(found)}`);
  const swab = times['takeSwab'] as Worked['times'][string];
  const result = {
    peakSwabsPerSecond: Math.round(per('takeSwab')), peakSealsPerSecond: Math.round(per('sealTube')), peakOperationsPerSecond: Math.round(operations),
    peakP50: swab.p50, peakP99: swab.p99, peakP999: swab.p999, peakP99AllSteps: Math.max(...steps.map((what) => times[what]?.p99 ?? 0)), peakP99Reads: times['read']?.p99 ?? Number.NaN,
    peakErrors: worked.bad, peakReadsShed: reads.shed, peakLost: found.lost, peakDoubled: found.doubled, peakServicePercent: Number((used.service / used.seconds / 10_000).toFixed(1)), peakRedisPercent: Number((used.redis / used.seconds / 10_000).toFixed(1)),
  };
  console.log(options.json ? JSON.stringify(result) : table(['figure', 'value'], Object.entries(result).map(([name, value]) => [name, String(value)])));
  if (found.lost > 0 || found.doubled > 0 || worked.bad > 0) process.exitCode = 1;
}

try {
  await main();
} finally {
  await stand.stop();
  rmSync(folder, { recursive: true, force: true });
}
