// What does the gate cost? The same swabs through the same door, with every device showing its key and without a gate, in turns.
//
//   npm run bench -- gate [--json] [--rounds 6] [--seconds 2] [--unpinned]

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedRedis } from '../src/ledger/embedded.js';
import { createLedger } from '../src/ledger/ledger.js';
import { connect } from '../src/ledger/redis.js';
import { pairAtConsole } from '../src/tools/pairing.js';
import { outboxBodies, prepareCell, stepBodies } from './rig/cell.js';
import { table } from './rig/figures.js';
import type { Done, Job } from './rig/load.js';
import { type Child, cpuMicros, pin, startNode } from './rig/processes.js';

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '6' }, seconds: { type: 'string', default: '2' }, unpinned: { type: 'boolean', default: false } } });
const [rounds, seconds] = [Number(options.rounds), Number(options.seconds)];
const [serviceCore, loadCore] = options.unpinned ? [undefined, undefined] : [0, 1];
const here = new URL('.', import.meta.url).pathname;
const connections = 50;
const kinds = { http: { people: 60_000, window: undefined }, ws: { people: 120_000, window: 4 } } as const;
const doors = ['open', 'gate'] as const;

const folder = mkdtempSync(join(tmpdir(), 'swabline-gate-'));
const redis = await startEmbeddedRedis({ appendfsync: 'everysec', port: 'free', args: ['--auto-aof-rewrite-percentage', '0'] });
const children: Child[] = [];
try {
  if (loadCore !== undefined) await pin(redis.pid, loadCore);
  const ledger = createLedger(connect(redis.url), console);
  const servers: Partial<Record<(typeof doors)[number], Child>> = {};
  for (const door of doors) {
    const child = await startNode(`${here}rig/gated.js`, [redis.url, join(folder, 'master.key'), door], serviceCore);
    children.push(child);
    servers[door] = child;
  }
  const load = await startNode(`${here}rig/load.js`, ['load'], loadCore);
  children.push(load);
  const runs = new Map<string, { perSecond: number; cpu: number }[]>();
  let cells = 0;

  for (let round = 0; round <= rounds; round++) {
    for (const kind of ['http', 'ws'] as const) {
      for (const door of round % 2 === 0 ? doors : [...doors].reverse()) {
        const cell = { round: `gate${++cells}`, area: 'bench' };
        const { people, window } = kinds[kind];
        await prepareCell(ledger, cell, people);
        const devices = Array.from({ length: connections }, (_, c) => ({ device: `dev-${c}`, role: 'station' as const, ...cell, site: 's1', station: 'st1' }));
        const keys = door === 'gate' ? await pairAtConsole(ledger, connect(redis.url, { patient: true }), devices) : undefined;
        const base = `/api/cells/${cell.round}/${cell.area}`;
        const server = servers[door] as Child;
        const job: Job = {
          kind, port: Number(server.line), path: kind === 'ws' ? `${base}/socket` : `${base}/steps/takeSwab`, each: 1, seconds, good: '"outcome":"applied"',
          bodies: kind === 'ws' ? outboxBodies(people, connections, 1, true) : stepBodies(people, connections),
          ...(window ? { window } : {}), ...(keys ? { keys: devices.map(({ device }) => keys.get(device) as string) } : {}),
        };
        const before = cpuMicros(server.pid);
        const done = JSON.parse(await load.say(JSON.stringify(job))) as Done;
        if (done.bad > 0) throw new Error(`${door}: ${done.bad} bad answers, the first: ${done.firstBad}`);
        const run = { perSecond: done.swabs / done.seconds, cpu: (cpuMicros(server.pid) - before) / done.swabs };
        // The first round warms up.
        if (round > 0) runs.set(`${kind} ${door}`, [...(runs.get(`${kind} ${door}`) ?? []), run]);
        await ledger.redis.unlink(...(await ledger.redis.keys(`{${cell.round}:${cell.area}}:*`)));
      }
    }
  }
  ledger.redis.disconnect();

  const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const ratio = (kind: string): number => median((runs.get(`${kind} gate`) ?? []).map(({ perSecond }, i) => perSecond / (runs.get(`${kind} open`)?.[i]?.perSecond ?? Number.NaN)));
  const result = { gateHttp: Number(ratio('http').toFixed(3)), gateWs: Number(ratio('ws').toFixed(3)) };
  const rows = [...runs].map(([name, all]) => [name, String(Math.round(median(all.map(({ perSecond }) => perSecond)))), median(all.map(({ cpu }) => cpu)).toFixed(1)]);
  process.stderr.write(`${table(['door', 'swabs/s', 'service CPU us'], rows)}\n`);
  console.log(options.json ? JSON.stringify(result) : table(['gate over open', 'median'], Object.entries(result).map(([name, value]) => [name, String(value)])));
} finally {
  for (const child of children) await child.stop();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
}
