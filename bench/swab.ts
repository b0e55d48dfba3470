// What does one swab cost, beside what the machine allows and beside what people would build instead?
//
//   npm run bench -- swab [--json] [--rounds 5] [--seconds 2] [--unpinned] [--postgres] [--only name,name]
//
// All contenders run in one interleaved run, shuffled in every round, each on a cell or roster of its own made anew away from the
// clock. Pinned: the service on core 0, Redis and the load on core 1. After each run the record is read and checked: as many swabs as
// were acknowledged, as many people sampled, no tube over its size.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLedger, type Ledger } from '../src/ledger/ledger.js';
import { type EmbeddedRedis, startEmbeddedRedis } from '../src/ledger/embedded.js';
import { connect } from '../src/ledger/redis.js';
import { callBodies, checkCell, outboxBodies, prepareCell, stepBodies, tubeCode, tubeSize } from './rig/cell.js';
import { machine, quantile, ratio, type Rounds, type Run, shuffled, spread, table } from './rig/figures.js';
import type { Done, Job } from './rig/load.js';
import { type Postgres, startPostgres } from './rig/postgres.js';
import { type Child, cpuMicros, pin, startNode } from './rig/processes.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    unpinned: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    only: { type: 'string' },
    out: { type: 'string' },
  },
});
const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
const [serviceCore, loadCore] = options.unpinned ? [undefined, undefined] : [0, 1];
const here = new URL('.', import.meta.url).pathname;

interface Contender {
  name: string;
  /** Which Redis it writes to, if any. */
  redis?: 'everysec' | 'always' | 'peer';
  /** Makes a roster of `people`, and says what the load is to send. */
  prepare(people: number): Promise<{ job: Omit<Job, 'seconds'>; check(swabs: number): Promise<void> }>;
  /** Upper bound of swabs a second, so that the roster is long enough and no longer. */
  guess: number;
  servicePid: () => number;
}

const say = (text: string) => process.stderr.write(`${text}\n`);
const redises: Record<string, EmbeddedRedis> = {};
const ledgers: Record<string, Ledger> = {};
const children: Child[] = [];
let postgres: Postgres | undefined;
const folder = mkdtempSync(join(tmpdir(), 'swabline-bench-'));
let cells = 0;

async function oursServer(url: string): Promise<Child> {
  const child = await startNode(`${here}rig/ours.js`, [url, join(folder, `data${children.length}`)], serviceCore);
  children.push(child);
  return child;
}

/** A contender that is ours: `bodies` says what it is sent. */
function ours(name: string, redis: 'everysec' | 'always', server: Child | undefined, kind: Job['kind'], connections: number, each: number, guess: number, window?: number): Contender {
  return {
    name, redis, guess,
    servicePid: () => server?.pid ?? 0,
    async prepare(people) {
      const ledger = ledgers[redis] as Ledger;
      const cell = { round: `b${process.pid}-${++cells}`, area: 'bench' };
      await prepareCell(ledger, cell, people);
      const base = `/api/cells/${cell.round}/${cell.area}`;
      if (server) await counted(server, base, people);
      const job = kind === 'resp'
        ? { port: Number(new URL((redises[redis] as EmbeddedRedis).url).port), path: '', bodies: callBodies(ledger, cell, people, connections), good: 'applied' }
        : {
            port: Number(server?.line.split(' ')[0]), key: server?.line.split(' ')[1] ?? '', good: '"outcome":"applied"',
            path: kind === 'ws' ? `${base}/socket` : each > 1 ? `${base}/outbox` : `${base}/steps/takeSwab`,
            bodies: kind === 'http' && each === 1 ? stepBodies(people, connections) : outboxBodies(people, connections, each, kind === 'ws'),
          };
      return {
        job: { kind, each, ...(window ? { window } : {}), ...job },
        async check(swabs) {
          const found = await checkCell(ledger.redis, cell);
          // A run ends while requests are under way, so the record may hold a few more than were heard of, and never fewer.
          if (found.swabs < swabs || found.swabs !== found.sampled || found.fullest > tubeSize) throw new Error(`${name}: ${swabs} acknowledged, the record says ${JSON.stringify(found)}`);
          await ledger.redis.unlink(...(await ledger.redis.keys(`{${cell.round}:${cell.area}}:*`)));
        },
      };
    },
  };
}

/** Waits until the service's own counts have seen the roster: reading it is no part of a swab, and would fall into the first second of the run. */
async function counted(server: Child, base: string, people: number): Promise<void> {
  const [port, key] = server.line.split(' ');
  for (let i = 0; i < 600; i++) {
    const reply = await fetch(`http://127.0.0.1:${port}${base}/counts?fresh=1`, { headers: { authorization: `Bearer ${key}` } });
    const content = (await reply.json()) as { counts?: { total: { residents: number } } };
    if (reply.ok && content.counts?.total.residents === people) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the service has not counted the roster of ${base}`);
}

async function peer(name: string, contender: string, url: string, guess: number, queued = false): Promise<Contender> {
  const server = await startNode(`${here}rig/server.js`, [contender, url], serviceCore);
  children.push(server);
  return {
    name, guess, ...(url.startsWith('redis') ? { redis: 'peer' as const } : {}),
    servicePid: () => server.pid,
    async prepare(people) {
      if (url.startsWith('redis')) await (ledgers['peer'] as Ledger).redis.flushall();
      const codes = Array.from({ length: Math.ceil(people / tubeSize) }, (_, i) => tubeCode(i + 1));
      await server.say(`prepare ${people} ${codes.join(',')}`);
      return {
        job: { kind: 'http', port: Number(server.line), path: '/swab', bodies: stepBodies(people, 50), each: 1, good: '"outcome":"applied"' },
        async check(swabs) {
          await server.say('settled');
          const found = JSON.parse(await server.say('check')) as { swabs?: number; sampled: number; fullest: number };
          if (found.swabs !== undefined && (found.swabs < swabs || found.swabs !== found.sampled || found.fullest > tubeSize)) {
            throw new Error(`${name}: ${swabs} acknowledged, its record says ${JSON.stringify(found)}${queued ? ' after the queue was empty' : ''}`);
          }
        },
      };
    },
  };
}

async function measure(contender: Contender, load: Child, peopleMax: number): Promise<Run> {
  const people = Math.min(peopleMax, Math.ceil(contender.guess * seconds));
  const { job, check } = await contender.prepare(people);
  const redisPid = contender.redis ? (redises[contender.redis] as EmbeddedRedis).pid : 0;
  const before = [cpuMicros(contender.servicePid()), cpuMicros(redisPid)] as const;
  const begun = performance.now();
  const done = JSON.parse(await load.say(JSON.stringify({ ...job, seconds } satisfies Job))) as Done;
  if (done.bad > 0) throw new Error(`${contender.name}: ${done.bad} bad answers, the first: ${done.firstBad}`);
  await check(done.swabs);
  // For a queue the work is done only when the queue is empty, and `check` waited for that.
  const elapsed = contender.name === 'BullMQ job per swab' ? (performance.now() - begun) / 1000 : done.seconds;
  const after = [cpuMicros(contender.servicePid()), cpuMicros(redisPid)] as const;
  const ms = (q: number) => quantile(done.latencies, q) / 1000;
  return {
    perSecond: done.swabs / elapsed, p50: ms(0.5), p90: ms(0.9), p99: ms(0.99), p999: ms(0.999), max: (done.latencies.at(-1) ?? Number.NaN) / 1000,
    serviceCpu: (after[0] - before[0]) / done.swabs, redisCpu: (after[1] - before[1]) / done.swabs,
  };
}

async function build(): Promise<Contender[]> {
  for (const [name, appendfsync] of [['everysec', 'everysec'], ['always', 'always'], ['peer', 'everysec']] as const) {
    const redis = await startEmbeddedRedis({ appendfsync, port: 'free', args: ['--auto-aof-rewrite-percentage', '0'] });
    redises[name] = redis;
    if (loadCore !== undefined) await pin(redis.pid, loadCore);
    ledgers[name] = createLedger(connect(redis.url), { error: (detail, message) => say(`${message} ${JSON.stringify(detail)}`) });
  }
  const url = (name: string) => (redises[name] as EmbeddedRedis).url;
  const everysec = await oursServer(url('everysec'));
  const always = await oursServer(url('always'));
  const list: Contender[] = [
    await peer('bare Fastify', 'bare', '', 45_000),
    await peer('Fastify + PING', 'ping', url('peer'), 35_000),
    ours('HTTP one swab, everysec', 'everysec', everysec, 'http', 50, 1, 30_000),
    ours('HTTP one swab, always', 'always', always, 'http', 50, 1, 30_000),
    ours('WebSocket one swab, everysec', 'everysec', everysec, 'ws', 50, 1, 60_000, 4),
    ours('WebSocket one swab, always', 'always', always, 'ws', 50, 1, 60_000, 4),
    ours('outbox of 50, always', 'always', always, 'http', 8, 50, 100_000),
    ours('outbox of 200, everysec', 'everysec', everysec, 'http', 8, 200, 100_000),
    ours('outbox of 200, always', 'always', always, 'http', 8, 200, 100_000),
    ours('the function alone, P16, everysec', 'everysec', undefined, 'resp', 50, 1, 80_000, 16),
    await peer('separate round trips', 'roundTrips', url('peer'), 20_000),
    await peer('WATCH/MULTI', 'watchMulti', url('peer'), 15_000),
    await peer('BullMQ job per swab', 'bullmq', url('peer'), 15_000, true),
  ];
  if (options.postgres) {
    postgres = await startPostgres();
    list.push(await peer('PostgreSQL transaction', 'pgTransaction', postgres.socketDir, 5_000), await peer('PostgreSQL function', 'pgFunction', postgres.socketDir, 8_000));
  }
  const only = options.only?.split(',');
  return only ? list.filter(({ name }) => only.some((part) => name.includes(part))) : list;
}

type Paired = ReturnType<typeof ratio>;

/** The ratios of the README's table; a contender that was left out has none. */
function figures(all: Rounds): Record<string, Paired> {
  const pairs: Record<string, [a: string, b: string, what: keyof Run]> = {
    httpAlwaysVsPing: ['HTTP one swab, always', 'Fastify + PING', 'perSecond'],
    httpEverysecVsPing: ['HTTP one swab, everysec', 'Fastify + PING', 'perSecond'],
    httpCpuVsBare: ['HTTP one swab, everysec', 'bare Fastify', 'serviceCpu'],
    wsCpuVsHttp: ['WebSocket one swab, everysec', 'HTTP one swab, everysec', 'serviceCpu'],
    wsAlwaysVsBare: ['WebSocket one swab, always', 'bare Fastify', 'perSecond'],
    outboxVsRedisBenchmark: ['outbox of 200, always', 'the function alone, P16, everysec', 'perSecond'],
    vsBullmq: ['HTTP one swab, everysec', 'BullMQ job per swab', 'perSecond'],
    vsRoundTrips: ['HTTP one swab, everysec', 'separate round trips', 'perSecond'],
    vsWatch: ['HTTP one swab, everysec', 'WATCH/MULTI', 'perSecond'],
    vsPgTx: ['HTTP one swab, always', 'PostgreSQL transaction', 'perSecond'],
    vsPgFn: ['HTTP one swab, always', 'PostgreSQL function', 'perSecond'],
  };
  return Object.fromEntries(Object.entries(pairs).filter(([, [a, b]]) => all.has(a) && all.has(b)).map(([key, [a, b, what]]) => [key, ratio(all, a, b, what)]));
}

async function main(): Promise<void> {
  const contenders = await build();
  const load = await startNode(`${here}rig/load.js`, ['load'], loadCore);
  children.push(load);
  const all: Rounds = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of shuffled(contenders)) {
      const run = await measure(contender, load, 400_000);
      // The first round warms code and caches up and is not counted.
      if (round > 0) all.get(contender.name)?.push(run);
      say(`${round === 0 ? 'warm' : `round ${round}`} ${contender.name}: ${Math.round(run.perSecond)}/s, service ${run.serviceCpu.toFixed(1)} us, Redis ${run.redisCpu.toFixed(1)} us`);
    }
  }
  const head = ['contender', 'swabs/s', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'service CPU us', 'Redis CPU us'];
  const rows = contenders.map(({ name }) => {
    const runs = all.get(name) as Run[];
    const column = (what: keyof Run) => spread(runs.map((run) => run[what]));
    return [name, column('perSecond'), column('p50'), column('p90'), column('p99'), column('p999'), column('max'), column('serviceCpu'), column('redisCpu')];
  });
  say(`\n${JSON.stringify(machine())}, ${options.unpinned ? 'unpinned' : 'pinned'}, ${rounds} rounds of ${seconds} s\n${table(head, rows)}`);
  const found = Object.entries(figures(all));
  const short = (value: number): number => Number(value.toFixed(3));
  const result = Object.fromEntries(found.map(([key, { median }]) => [key, short(median)]));
  const spreads = Object.fromEntries(found.map(([key, { min, max }]) => [key, [short(min), short(max)]]));
  if (options.out) writeFileSync(options.out, JSON.stringify({ machine: machine(), options, figures: result, spreads, runs: Object.fromEntries(all) }, undefined, 2));
  console.log(options.json ? JSON.stringify(result) : table(['ratio', 'median', 'lowest', 'highest'], found.map(([key, { median, min, max }]) => [key, ...[median, min, max].map((value) => value.toFixed(3))])));
}

try {
  await main();
} finally {
  for (const child of children) await child.stop();
  for (const ledger of Object.values(ledgers)) ledger.redis.disconnect();
  for (const redis of Object.values(redises)) await redis.stop();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
}
