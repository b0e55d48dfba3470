// What does a swab cost when there are a hundred times as many: in one cell, and in a hundred?
//
//   npm run bench -- growth [--json] [--small] [--rounds 5]
//
// Three cells are filled to 28 thousand, 280 thousand and 2.8 million swabs, then one, ten and a hundred townships stand side by side.
// Rounds are interleaved and shuffled, so that a slow minute slows all sizes. Redis on core 1, this process on core 0, fsync always
// while it is measured. It takes some ten minutes and 3 GB; `--small` leaves the millions out. Stations are a hundred in each cell, and a
// swab's cost includes its tenth of a tube's opening and sealing.

import { parseArgs } from 'node:util';
import type { CellName, StepRequest } from '../src/domain/requests.js';
import { tagOf } from '../src/ledger/keys.js';
import { startEmbeddedRedis } from '../src/ledger/embedded.js';
import { createLedger, type Ledger } from '../src/ledger/ledger.js';
import { connect } from '../src/ledger/redis.js';
import { checkCell } from './rig/cell.js';
import { applied, inTurns, openCrowd, type StationTablet, stationsAtWork } from './rig/crowd.js';
import { machine, median, shuffled, spread, table } from './rig/figures.js';
import { Latencies } from './rig/latencies.js';
import { cpuMicros, pin } from './rig/processes.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, small: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } },
});
const rounds = Number(options.rounds);
const levels = options.small ? [28_000, 280_000] : [28_000, 280_000, 2_800_000];
const sides = options.small ? [1, 10] : [1, 10, 100];
/** Swabs of one round: in calls of 40, and one by one as a station sends them. */
const [inBulk, alone] = [4000, 500];
const perLevel = (rounds + 1) * (inBulk + alone);
const say = (text: string) => process.stderr.write(`${text}\n`);

interface Sample {
  bulkCpu: number;
  aloneCpu: number;
  p50: number;
  p99: number;
  aof: number;
  aofAlone: number;
}

interface Site {
  cell: CellName;
  tablets: StationTablet[];
  swabbed(): number;
}

const redis = await startEmbeddedRedis({ appendfsync: 'everysec', port: 'free', args: ['--auto-aof-rewrite-percentage', '0'] });
await pin(redis.pid, 1);
await pin(process.pid, 0);
const ledger: Ledger = createLedger(connect(redis.url), { error: (detail, message) => say(`${message} ${JSON.stringify(detail)}`) });

const nameOf = (size: number) => (size >= 1e6 ? `${size / 1e6} million` : `${size / 1000} thousand`);
const fileSize = async () => Number(/aof_current_size:(\d+)/.exec(await ledger.redis.info('persistence'))?.[1] ?? 0);

async function open(round: string, people: number): Promise<Site> {
  const cell = { round, area: 'bench' };
  await openCrowd(ledger, cell, { people });
  return { cell, ...stationsAtWork(100) };
}

/** Four tubes at a time from one station after the other. */
async function fill({ cell, tablets }: Site, swabs: number): Promise<void> {
  const calls = Array.from({ length: Math.ceil(swabs / 40) }, (_, i) => ({ tablet: tablets[i % tablets.length] as StationTablet, count: Math.min(40, swabs - i * 40) }));
  await inTurns(calls, 4, async ({ tablet, count }) => { await applied(ledger, cell, tablet, tablet.swabs(count)); });
}

/** One round over one or more cells in turn. */
async function measure(sites: readonly Site[]): Promise<Sample> {
  // The requests are made before the clock starts.
  const calls = Array.from({ length: inBulk / 40 }, (_, i) => {
    const site = sites[i % sites.length] as Site;
    const tablet = site.tablets[i % site.tablets.length] as StationTablet;
    return { site, tablet, requests: tablet.swabs(40) };
  });
  const singles = Array.from({ length: alone / 10 }, (_, i) => {
    const site = sites[i % sites.length] as Site;
    const tablet = site.tablets[(i + 50) % site.tablets.length] as StationTablet;
    return { site, tablet, requests: tablet.swabs(10) };
  });
  const [before, cpuBefore] = [await fileSize(), cpuMicros(redis.pid)];
  await inTurns(calls, 4, async ({ site, tablet, requests }) => { await applied(ledger, site.cell, tablet, requests); });
  const [between, cpuBetween] = [await fileSize(), cpuMicros(redis.pid)];
  const times = new Latencies();
  for (const { site, tablet, requests } of singles) {
    for (const request of requests) {
      const began = performance.now();
      await applied(ledger, site.cell, tablet, [request as StepRequest]);
      if (request.step === 'takeSwab') times.add(performance.now() - began);
    }
  }
  const [after, cpuAfter] = [await fileSize(), cpuMicros(redis.pid)];
  const { p50, p99 } = times.told();
  return { bulkCpu: (cpuBetween - cpuBefore) / inBulk, aloneCpu: (cpuAfter - cpuBetween) / alone, p50, p99, aof: (between - before) / inBulk, aofAlone: (after - between) / alone };
}

async function interleaved(groups: readonly { name: string; sites: Site[] }[]): Promise<Map<string, Sample[]>> {
  await ledger.redis.config('SET', 'appendfsync', 'always');
  const samples = new Map<string, Sample[]>(groups.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const { name, sites } of shuffled(groups)) {
      const sample = await measure(sites);
      // The first round warms up and is not counted.
      if (round > 0) samples.get(name)?.push(sample);
    }
    say(`round ${round} of ${rounds}`);
  }
  await ledger.redis.config('SET', 'appendfsync', 'everysec');
  return samples;
}

/** Every swab is in one tube, nobody was left out, and no tube is over its size. */
async function check({ cell, swabbed }: Site): Promise<void> {
  const found = await checkCell(ledger.redis, cell);
  if (found.swabs !== swabbed() || found.sampled !== swabbed() || found.fullest > 10) throw new Error(`${swabbed()} swabs were taken, the record says ${JSON.stringify(found)}`);
}

/** Bytes of memory of a cell by kind of key. */
async function memory(cell: CellName): Promise<Record<string, number>> {
  const kinds: Record<string, number> = {};
  const tag = tagOf(cell);
  for (let cursor = '0'; ; ) {
    const [next, keys] = await ledger.redis.scan(cursor, 'MATCH', `${tag.replace(/[[\]*?\\]/g, '\\$&')}:*`, 'COUNT', 1000);
    for (const key of keys) {
      const kind = key.slice(tag.length + 1).replace(/:.*/, '');
      kinds[kind] = (kinds[kind] ?? 0) + Number(await ledger.redis.memory('USAGE', key, 'SAMPLES', 0));
    }
    cursor = next;
    if (cursor === '0') break;
  }
  return kinds;
}

const sampleHead = ['Redis CPU us, in calls of 40', 'Redis CPU us, one by one', 'p50 ms', 'p99 ms', 'file bytes, in calls of 40', 'file bytes, one by one'];
const sampleRow = (samples: readonly Sample[]) => (['bulkCpu', 'aloneCpu', 'p50', 'p99', 'aof', 'aofAlone'] as const).map((what) => spread(samples.map((sample) => sample[what])));
const growth = (samples: Map<string, Sample[]>, from: string, to: string, what: keyof Sample) => {
  const [a, b] = [samples.get(from) as Sample[], samples.get(to) as Sample[]];
  return Number(median(b.map((sample, i) => sample[what] / (a[i] as Sample)[what])).toFixed(3));
};
/** Told apart from the rest: what finds and seals personal data. */
const personal = new Set(['vault', 'index']);

async function main(): Promise<void> {
  await ledger.load();
  const groups: { name: string; sites: Site[]; level: number }[] = [];
  for (const level of levels) {
    const began = performance.now();
    // Half of what is measured comes before the level is reached and half after it.
    const site = await open(`g${level}`, level + perLevel / 2);
    await fill(site, level - perLevel / 2);
    groups.push({ name: nameOf(level), sites: [site], level });
    say(`a cell of ${nameOf(level)} is filled after ${Math.round((performance.now() - began) / 1000)} s`);
  }
  const grown = await interleaved(groups);
  const kept: { name: string; level: number; people: number; kinds: Record<string, number>; bytes: number }[] = [];
  for (const { name, sites: [site], level } of groups) {
    await check(site as Site);
    const kinds = await memory((site as Site).cell);
    const people = (site as Site).swabbed();
    kept.push({ name, level, people, kinds, bytes: Object.entries(kinds).reduce((sum, [kind, bytes]) => sum + (personal.has(kind) ? 0 : bytes), 0) / people });
  }
  await ledger.redis.flushall();

  const beside: { name: string; sites: Site[] }[] = [];
  for (const count of sides) {
    const each = Math.max(28_000, Math.ceil((perLevel / count) * 1.1));
    const sites: Site[] = [];
    for (let i = 0; i < count; i++) sites.push(await open(`s${count}-${i}`, each));
    beside.push({ name: `${count} ${count === 1 ? 'cell' : 'cells'}`, sites });
    say(`${count} cells of ${each} people stand`);
  }
  const spreadOut = await interleaved(beside);
  for (const { sites } of beside) for (const site of sites) await check(site);

  const allKinds = [...new Set(kept.flatMap(({ kinds }) => Object.keys(kinds)))].sort();
  const first = kept[0] as (typeof kept)[number];
  const [from, to] = [groups[0]?.name ?? '', groups.at(-1)?.name ?? ''];
  say(`\n${JSON.stringify(machine())}, pinned, fsync always, ${rounds} rounds of ${inBulk} + ${alone} swabs\n`);
  say(table(['swabs in the cell', ...sampleHead], groups.map(({ name }) => [name, ...sampleRow(grown.get(name) as Sample[])])));
  say(`\n${table(['side by side', ...sampleHead], beside.map(({ name }) => [name, ...sampleRow(spreadOut.get(name) as Sample[])]))}`);
  say(`\nBytes of memory for each resident sampled; vault and index hold what is personal and are counted apart.\n${
    table(['kind of key', ...kept.map(({ name }) => name)], [
      ...allKinds.map((kind) => [kind, ...kept.map(({ kinds, people }) => ((kinds[kind] ?? 0) / people).toFixed(1))]),
      ['all but vault and index', ...kept.map(({ bytes }) => bytes.toFixed(1))],
    ])}`);
  const result = {
    redisCpuGrowth: growth(grown, from, to, 'bulkCpu'), redisCpuGrowthAlone: growth(grown, from, to, 'aloneCpu'), p99Growth: growth(grown, from, to, 'p99'),
    bytesPerResident: Number(first.bytes.toFixed(1)), bytesPerResidentLargest: Number((kept.at(-1)?.bytes ?? Number.NaN).toFixed(1)),
    secondCopyBytesPerResident: Number(((first.kinds['requests'] ?? 0) / first.people).toFixed(1)), indexBytesPerResident: Number(((first.kinds['index'] ?? 0) / first.people).toFixed(1)),
    aofBytesPerSwab: Math.round(median((grown.get(from) as Sample[]).map(({ aofAlone }) => aofAlone))), aofBytesPerSwabInBulk: Math.round(median((grown.get(from) as Sample[]).map(({ aof }) => aof))),
    cellsCpu: growth(spreadOut, beside[0]?.name ?? '', beside.at(-1)?.name ?? '', 'bulkCpu'), cellsP99: growth(spreadOut, beside[0]?.name ?? '', beside.at(-1)?.name ?? '', 'p99'),
  };
  console.log(options.json ? JSON.stringify(result) : table(['figure', 'median'], Object.entries(result).map(([name, value]) => [name, String(value)])));
}

try {
  await main();
} finally {
  ledger.redis.disconnect();
  await redis.stop();
}
