// Where does a swab's time go in the service?
//
//   npm run bench -- profile [--swabs 60000] [--top 25] [--json] [--keep folder]
//
// The service runs under `node --cpu-prof` as `npm start` would run it, twenty tablets send it swabs by HTTP, and the samples taken
// while they did are added up: by whose code they were in, and by function. `--keep` leaves the profile for a browser's own viewer.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedRedis } from '../src/ledger/embedded.js';
import { createLedger } from '../src/ledger/ledger.js';
import { connect } from '../src/ledger/redis.js';
import { checkCell, prepareCell, stepBodies } from './rig/cell.js';
import { pairDevices } from './rig/devices.js';
import { machine, table } from './rig/figures.js';
import type { Done, Job } from './rig/load.js';
import { type Child, cpuMicros, startNode } from './rig/processes.js';

interface Profile {
  /** Monotonic, microseconds, like `process.hrtime`. */
  startTime: number;
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

const { values: options } = parseArgs({
  options: { swabs: { type: 'string', default: '60000' }, top: { type: 'string', default: '25' }, json: { type: 'boolean', default: false }, keep: { type: 'string' } },
});
const here = new URL('.', import.meta.url).pathname;
const connections = 20;
/** Before the clock starts, so that what is sampled is compiled code. */
const warmSwabs = 20_000;

/** Whose code a frame is, as the table names it. */
function owner({ functionName, url }: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName === '(garbage collector)' ? 'garbage collection' : functionName === '(idle)' || functionName === '(program)' ? functionName : 'built into V8 (JSON, strings, promises)';
  const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(url)?.[1];
  if (dependency) return dependency;
  if (url.startsWith('node:')) return /_http|http/.test(url) ? 'node: http' : /net|stream|tls/.test(url) ? 'node: sockets and streams' : 'node: the rest';
  return /build\/(src\/\w+)/.exec(url)?.[1] ?? 'the bench';
}

/** Samples between two moments, microseconds by key. */
function add(profile: Profile, from: number, to: number, key: (node: Profile['nodes'][number]) => string): Map<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const sums = new Map<string, number>();
  let at = profile.startTime;
  profile.samples.forEach((id, i) => {
    const delta = profile.timeDeltas[i] ?? 0;
    at += delta;
    if (at < from || at > to) return;
    const name = key(nodes.get(id) as Profile['nodes'][number]);
    sums.set(name, (sums.get(name) ?? 0) + delta);
  });
  return sums;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'swabline-profile-'));
  const redis = await startEmbeddedRedis({ appendfsync: 'everysec', port: 'free', args: ['--auto-aof-rewrite-percentage', '0'] });
  const ledger = createLedger(connect(redis.url), { error: (detail, message) => process.stderr.write(`${message} ${JSON.stringify(detail)}\n`) });
  const children: Child[] = [];
  try {
    const prof = options.keep ?? join(folder, 'prof');
    mkdirSync(prof, { recursive: true });
    const service = await startNode('--cpu-prof', [`--cpu-prof-dir=${prof}`, '--cpu-prof-name=service.cpuprofile', `${here}rig/ours.js`, redis.url, join(folder, 'data')], 0);
    const load = await startNode(`${here}rig/load.js`, ['load'], 1);
    children.push(service, load);
    const cell = { round: 'profile', area: 'bench' };
    const people = warmSwabs + Number(options.swabs);
    await prepareCell(ledger, cell, people);
    const keys = await pairDevices(ledger, redis.url, Array.from({ length: connections }, (_, i) => ({ device: `dev-${i}`, role: 'station' as const, cell })));
    const bodies = stepBodies(people, connections);
    const send = async (from: number, to: number) => {
      const job: Job = { kind: 'http', port: Number(service.line.split(' ')[0]), path: `/api/cells/${cell.round}/${cell.area}/steps/takeSwab`, keys, each: 1, seconds: 600, good: '"outcome":"applied"', bodies: bodies.map((list) => list.slice(from / connections, to / connections)) };
      const done = JSON.parse(await load.say(JSON.stringify(job))) as Done;
      if (done.bad > 0) throw new Error(`${done.bad} bad answers, the first: ${done.firstBad}`);
      return done;
    };
    await send(0, warmSwabs);
    const micros = () => Number(process.hrtime.bigint() / 1000n);
    const [from, cpuBefore] = [micros(), cpuMicros(service.pid)];
    const { swabs } = await send(warmSwabs, people);
    const [to, cpu] = [micros(), cpuMicros(service.pid) - cpuBefore];
    const found = await checkCell(ledger.redis, cell);
    if (found.swabs < warmSwabs + swabs) throw new Error(`${warmSwabs + swabs} acknowledged, the record says ${JSON.stringify(found)}`);
    // The profile is written when the process ends.
    await service.stop();
    const file = readdirSync(prof).find((name) => name.endsWith('.cpuprofile'));
    const profile = JSON.parse(readFileSync(join(prof, file as string), 'utf8')) as Profile;
    const byOwner = add(profile, from, to, ({ callFrame }) => owner(callFrame));
    const byFunction = add(profile, from, to, ({ callFrame }) => `${callFrame.functionName || '(anonymous)'} ${callFrame.url.replace(/^.*(node_modules|build)\//, '')}:${callFrame.lineNumber + 1}`);
    const busy = [...byOwner].filter(([name]) => name !== '(idle)').reduce((sum, [, us]) => sum + us, 0);
    const rows = (sums: Map<string, number>, top: number) =>
      [...sums].filter(([name]) => !name.startsWith('(idle)')).sort((a, b) => b[1] - a[1]).slice(0, top).map(([name, us]) => [name, (us / swabs).toFixed(2), `${((us / busy) * 100).toFixed(1)} %`]);
    process.stderr.write(`${JSON.stringify(machine())}; ${swabs} swabs, ${(cpu / swabs).toFixed(1)} us of CPU each, sampled while busy ${(busy / swabs).toFixed(1)} us\n`);
    process.stderr.write(`${table(['whose code', 'us a swab', 'share'], rows(byOwner, 100))}\n\n${table(['function', 'us a swab', 'share'], rows(byFunction, Number(options.top)))}\n`);
    console.log(options.json ? JSON.stringify({ cpuPerSwab: Number((cpu / swabs).toFixed(1)), ...Object.fromEntries([...byOwner].map(([name, us]) => [name, Number((us / swabs).toFixed(2))])) }) : `A swab costs the service ${(cpu / swabs).toFixed(1)} us of CPU while it is watched.`);
  } finally {
    for (const child of children.reverse()) await child.stop();
    ledger.redis.disconnect();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
