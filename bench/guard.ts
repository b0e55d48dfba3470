// Has a swab become dearer than it was?
//
//   npm run bench -- guard [--json] [--prove] [--plant 0.5] [--set]
//
// CPU microseconds of the service for one swab by HTTP through the real door, against those of a bare Fastify route with the same body, in
// shuffled pairs of short runs; and of Redis, against a fixed loop in its own Lua. Both ratios are held against floor.json, which says
// how far they swing by themselves. A run beyond its band is made once more, and only two in a row fail: the machine may have a bad moment.
// `npm test` does the same (test/bench/guard.test.ts). `--plant 0.5` makes the service burn half as much again and must fail; `--prove` makes
// ten good judgements and a planted one. `--set` makes ten runs and writes floor.json from them, for whoever has made a swab cheaper or
// dearer on purpose. What swings less than the band is for the long `npm run bench -- swab` to see.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type EmbeddedRedis, startEmbeddedRedis } from '../src/ledger/embedded.js';
import { createLedger, type Ledger } from '../src/ledger/ledger.js';
import { connect } from '../src/ledger/redis.js';
import { checkCell, prepareCell, stepBodies, tubeSize } from './rig/cell.js';
import { pairDevices } from './rig/devices.js';
import { machine, median, shuffled, table } from './rig/figures.js';
import type { Done, Job } from './rig/load.js';
import { type Child, cpuMicros, startNode } from './rig/processes.js';

export interface Floor {
  /** CPU of the service for a swab, over that of the bare route for a request. */
  ratio: number;
  /** How much more is taken for noise, as a share of it. */
  band: number;
  /** CPU of Redis for a swab, over that for a hundred turns of the loop. */
  redisRatio: number;
  redisBand: number;
}

export interface GuardRun {
  ratio: number;
  redisRatio: number;
  /** Microseconds of CPU, for the eye: they follow the machine. */
  serviceCpu: number;
  bareCpu: number;
  redisCpu: number;
}

export interface Verdict {
  ok: boolean;
  runs: GuardRun[];
}

export interface Guard {
  /** One run of paired rounds. */
  run(rounds?: number): Promise<GuardRun>;
  /** One run, and a second where the first is beyond the band. */
  judge(floor: Floor): Promise<Verdict>;
  /** Makes the service burn this share of what a swab costs now, on top of it. */
  plant(share: number): Promise<void>;
  stop(): Promise<void>;
}

const usualRounds = 16;
/** Enough for a service that has just started to be as fast as it gets. */
export const warmRounds = 5;
const connections = 20;
/** Swabs in one short run; whole tubes for each connection. */
const slice = 1000;
const here = new URL('.', import.meta.url).pathname;
/** Data of the project, beside the source of this file: compiled, it stands in build/bench. */
const floorFile = fileURLToPath(new URL('../../bench/floor.json', import.meta.url));
export const readFloor = (): Floor => JSON.parse(readFileSync(floorFile, 'utf8')) as Floor;

export const within = (run: GuardRun, floor: Floor): boolean => run.ratio <= floor.ratio * (1 + floor.band) && run.redisRatio <= floor.redisRatio * (1 + floor.redisBand);

/** What Redis does for a step, without a step: reads pieces of a string, packs, joins, looks into a table. */
const loop = `local t, s = {}, ''
for i = 1, ARGV[1] do
  local piece = redis.call('GETRANGE', KEYS[1], i, i + 32)
  t[i % 16] = struct.pack('>I4I4', i, #piece) .. piece
  s = string.sub(t[(i + 7) % 16] or piece, 1, 8)
end
return #s`;
const loopTurns = 200;
const loopCalls = 60;

export async function openGuard(): Promise<Guard> {
  const folder = mkdtempSync(join(tmpdir(), 'swabline-guard-'));
  const children: Child[] = [];
  let redis: EmbeddedRedis | undefined;
  let ledger: Ledger | undefined;
  const stop = async () => {
    for (const child of children.reverse()) await child.stop();
    ledger?.redis.disconnect();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const start = async (name: string, ...args: string[]) => {
    const child = await startNode(`${here}rig/${name}.js`, args);
    children.push(child);
    return child;
  };
  try {
    redis = await startEmbeddedRedis({ appendfsync: 'everysec', port: 'free', args: ['--auto-aof-rewrite-percentage', '0'] });
    const { url, pid: redisPid } = redis;
    const book = ledger = createLedger(connect(url), { error: (detail, message) => process.stderr.write(`${message} ${JSON.stringify(detail)}\n`) });
    const [ours, bare, load] = await Promise.all([start('planted', url, folder), start('server', 'bare', ''), start('load', 'load')]);
    await book.redis.set('guard', 'x'.repeat(loopTurns + 100));
    let cells = 0;
    let lastCpu = 0;

    async function measured(job: Job, pid: number): Promise<{ cpu: number; redis: number }> {
      const before = [cpuMicros(pid), cpuMicros(redisPid)] as const;
      const done = JSON.parse(await load.say(JSON.stringify(job))) as Done;
      if (done.bad > 0 || done.swabs !== slice) throw new Error(`${done.swabs} of ${slice} were taken: ${done.firstBad}`);
      return { cpu: (cpuMicros(pid) - before[0]) / slice, redis: (cpuMicros(redisPid) - before[1]) / slice };
    }

    async function run(rounds = usualRounds): Promise<GuardRun> {
      const cell = { round: `guard${++cells}`, area: 'bench' };
      const people = (rounds + 1) * slice;
      await prepareCell(book, cell, people);
      const devices = Array.from({ length: connections }, (_, i) => ({ device: `dev-${i}`, role: 'station' as const, cell }));
      const keys = await pairDevices(book, url, devices);
      const bodies = stepBodies(people, connections);
      const job = (port: string | undefined, path: string): Omit<Job, 'bodies'> => ({ kind: 'http', port: Number(port), path, keys, each: 1, seconds: 30, good: '"outcome":"applied"' });
      const oursJob = job(ours.line.split(' ')[0], `/api/cells/${cell.round}/${cell.area}/steps/takeSwab`);
      const bareJob = job(bare.line, '/swab');
      const each = slice / connections;
      const rows: { ours: number; bare: number; redis: number; unit: number }[] = [];
      for (let round = 0; round <= rounds; round++) {
        const some = bodies.map((list) => list.slice(round * each, (round + 1) * each));
        const row = { ours: 0, bare: 0, redis: 0, unit: 0 };
        for (const part of shuffled(['ours', 'bare', 'unit'] as const)) {
          if (part === 'ours') ({ cpu: row.ours, redis: row.redis } = await measured({ ...oursJob, bodies: some }, ours.pid));
          else if (part === 'bare') ({ cpu: row.bare } = await measured({ ...bareJob, bodies: some }, bare.pid));
          else {
            const before = cpuMicros(redisPid);
            for (let i = 0; i < loopCalls; i++) await book.redis.eval(loop, 1, 'guard', loopTurns);
            row.unit = ((cpuMicros(redisPid) - before) / loopCalls / loopTurns) * 100;
          }
        }
        // The first round warms up and is not counted.
        if (round > 0) rows.push(row);
      }
      const found = await checkCell(book.redis, cell);
      if (found.swabs !== people || found.sampled !== people || found.fullest > tubeSize) throw new Error(`${people} swabs were taken, the record says ${JSON.stringify(found)}`);
      await book.redis.unlink(...(await book.redis.keys(`{${cell.round}:${cell.area}}:*`)));
      const middle = (of: (row: (typeof rows)[number]) => number) => Number(median(rows.map(of)).toFixed(3));
      lastCpu = middle((row) => row.ours);
      return { ratio: middle((row) => row.ours / row.bare), redisRatio: middle((row) => row.redis / row.unit), serviceCpu: lastCpu, bareCpu: middle((row) => row.bare), redisCpu: middle((row) => row.redis) };
    }

    return {
      run, stop,
      async judge(floor) {
        const runs = [await run()];
        if (!within(runs[0] as GuardRun, floor)) runs.push(await run());
        return { ok: within(runs.at(-1) as GuardRun, floor), runs };
      },
      async plant(share) {
        if (share > 0 && lastCpu === 0) await run(warmRounds);
        await ours.say(`plant ${share * lastCpu}`);
      },
    };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

/** The middle of some runs, and twice what they swing above it: at least a quarter, as one day differs from another by more than ten runs in a row do, and never so much that half as much again would fit. */
function floorOf(runs: readonly GuardRun[]): Floor {
  const of = (what: 'ratio' | 'redisRatio') => {
    const values = runs.map((run) => run[what]);
    const middle = median(values);
    return { middle: Number(middle.toFixed(3)), band: Number(Math.min(0.35, Math.max(0.25, 2 * (Math.max(...values) / middle - 1))).toFixed(3)) };
  };
  const [service, redis] = [of('ratio'), of('redisRatio')];
  return { ratio: service.middle, band: service.band, redisRatio: redis.middle, redisBand: redis.band };
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false }, prove: { type: 'boolean', default: false }, plant: { type: 'string', default: '0' }, set: { type: 'boolean', default: false } } });
  const floor = readFloor();
  const guard = await openGuard();
  const verdicts: { what: string; verdict: Verdict }[] = [];
  const judge = async (what: string) => {
    const verdict = await guard.judge(floor);
    verdicts.push({ what, verdict });
    process.stderr.write(`${what}: ${verdict.ok ? 'as it was' : 'DEARER'} ${JSON.stringify(verdict.runs)}\n`);
    return verdict;
  };
  let good = true;
  try {
    await guard.run(warmRounds);
    if (options.set) {
      const runs: GuardRun[] = [];
      for (let i = 0; i < 10; i++) runs.push(await guard.run());
      verdicts.push({ what: 'measured', verdict: { ok: true, runs } });
      writeFileSync(floorFile, `${JSON.stringify(floorOf(runs), undefined, 2)}\n`);
    } else if (options.prove) {
      for (let i = 1; i <= 10; i++) good = (await judge(`run ${i}`)).ok && good;
      await guard.plant(0.5);
      good = !(await judge('planted, half as much again')).ok && good;
    } else {
      await guard.plant(Number(options.plant));
      good = (await judge(options.plant === '0' ? 'now' : `planted ${options.plant}`)).ok;
    }
  } finally {
    await guard.stop();
  }
  process.stderr.write(`\n${JSON.stringify(machine())}; floor ${JSON.stringify(floor)}\n${table(['', 'verdict', 'service / bare', 'Redis / loop', 'service us', 'bare us', 'Redis us'],
    verdicts.flatMap(({ what, verdict }) => verdict.runs.map((run, i) => [what, i === verdict.runs.length - 1 ? (verdict.ok ? 'as it was' : 'DEARER') : 'once more', ...[run.ratio, run.redisRatio, run.serviceCpu, run.bareCpu, run.redisCpu].map(String)])))}\n`);
  const last = verdicts.at(-1)?.verdict.runs.at(-1) as GuardRun;
  console.log(options.json ? JSON.stringify({ ok: good, guardRatio: last.ratio, guardRedisRatio: last.redisRatio }) : good ? 'The guard is content.' : 'The guard is not content.');
  if (!good) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
