// Kills a running Swabline while devices fill tubes, and reads afterwards what is left. Every acknowledgement is written to a file of
// the harness's own before the next request leaves, so what was promised is known from outside.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bodies, type StepName } from '../../src/domain/requests.js';
import { type EmbeddedRedis, type RedisProgram, startEmbeddedRedis } from '../../src/ledger/embedded.js';
import { createLedger, type Parcel } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';
import { allEvents } from '../../src/ledger/stream.js';
import { devices as readDevices } from '../../src/ledger/reads.js';
import { pairAtConsole } from '../../src/tools/pairing.js';

export interface Tally {
  acknowledged: number;
  present: number;
  lost: number;
  doubled: number;
  /** Applied, and the answer died with a process: normal, and why a device sends again. */
  unheard: number;
  /** Refusals that only a forgetful record gives. */
  complaints: string[];
}

export const cell = { round: 'kill', area: 'north' };
const size = 10;

export interface Rig {
  redis: EmbeddedRedis;
  /** Acknowledged swabs so far; `reached` waits for so many. */
  acknowledged(): number;
  reached(count: number): Promise<void>;
  killRedis(): Promise<void>;
  killApi(): Promise<void>;
  killWorker(): Promise<void>;
  /** Lets the devices finish what they have begun, reads the record and compares. */
  count(): Promise<Tally>;
  close(): Promise<void>;
}

const take = (number: number, step: StepName, body: unknown): Parcel['requests'][number] => ({ number, step, mode: 'ask', claimedAt: Date.now(), body: bodies[step].parse(body) as never });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts Redis, an api and a worker, a round with `people` on the roster, and `lanes` devices that begin at once. */
export async function startRig({ appendfsync, program, lanes = 8, people = 40_000 }: { appendfsync: 'always' | 'everysec'; program?: RedisProgram; lanes?: number; people?: number }): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'swabline-kill-'));
  const dir = join(folder, 'redis');
  const port = await freePort();
  const startRedis = () => startEmbeddedRedis({ dir, appendfsync, port, ...(program ? { program } : {}) });
  let redis = await startRedis();

  const setUp = connect(redis.url);
  const ledger = createLedger(setUp, { error: (detail) => process.stderr.write(`${JSON.stringify(detail)}\n`) });
  let n = 0;
  const post = async (...requests: Parcel['requests'][number][]) => {
    const [receipt] = await ledger.take(cell, [{ device: 'post', epoch: 'e1', requests }]);
    const bad = receipt?.answers.find(({ outcome }) => outcome !== 'applied');
    if (bad) throw new Error(`setting up: ${JSON.stringify(bad)}`);
  };
  await post(take(++n, 'openRound', { name: 'kill', sites: [{ site: 's1', name: 'Site' }], villages: [{ village: 'v', site: 's1' }], rules: { household: 'ignore' } }));
  await post(...Array.from({ length: lanes }, (_, i) => take(++n, 'openStation', { station: `st${i}`, site: 's1' })));
  for (let at = 0; at < people; at += 500) await post(take(++n, 'enrolResidents', { residents: Array.from({ length: 500 }, () => ({ sealed: 'AAAA', village: 'v' })) }));
  const keys = await pairAtConsole(ledger, connect(redis.url, { patient: true }), Array.from({ length: lanes }, (_, i) => ({ device: `lane${i}`, role: 'station' as const, ...cell, site: 's1', station: `st${i}` })));
  setUp.disconnect();

  const apiPort = await freePort();
  const children = new Map<string, ChildProcess>();
  async function startPart(role: 'api' | 'worker'): Promise<void> {
    // tap puts itself into every Node it finds in its environment.
    const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, resolve('build/src/main.js')], {
      env: { ...process.env, REDIS_URL: redis.url, SWABLINE_DATA: join(folder, 'data'), SWABLINE_ROLES: role, PORT: role === 'api' ? String(apiPort) : '0', HOST: '127.0.0.1', LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.set(role, child);
    let said = '';
    await new Promise<void>((ready, failed) => {
      child.stderr?.on('data', (chunk) => {
        said += String(chunk);
        if (/serves at|works in the background/.test(said)) ready();
      });
      child.once('exit', () => failed(new Error(`the ${role} ended: ${said}`)));
    });
  }
  await startPart('api');
  await startPart('worker');

  const log = openSync(join(folder, 'acknowledged'), 'a');
  let count = 0;
  let stopped = false;
  const complaints: string[] = [];
  let closed = false;
  const waiting: { count: number; go: () => void }[] = [];
  const heard = (device: string, number: number, resident: number, tube: string) => {
    writeSync(log, `${device} ${number} ${resident} ${tube}\n`);
    count++;
    for (const one of waiting.splice(0)) one.count <= count ? one.go() : waiting.push(one);
  };

  /** One tablet: it sends what it has under the same numbers until it hears of them, and never goes on before. */
  async function lane(i: number): Promise<void> {
    const device = `lane${i}`;
    const share = Math.floor(people / lanes);
    let number = 0;
    for (let person = i * share + 1; person <= (i + 1) * share && !stopped; person += size) {
      const tube = `T${String(person).padStart(9, '0')}`;
      const requests = [
        { number: ++number, step: 'openTube', claimedAt: Date.now(), body: { tube, station: `st${i}` } },
        ...Array.from({ length: size }, (_, k) => ({ number: ++number, step: 'takeSwab', claimedAt: Date.now(), body: { resident: String(person + k), tube } })),
      ];
      // Some swabs alone, some together, as a tablet on a bad line sends them.
      for (let at = 0; at < requests.length; ) {
        const some = requests.slice(at, at + 1 + (person + at) % 4);
        const answers = await deliver(device, number, some);
        if (!answers) return;
        for (const answer of answers) {
          if (answer.outcome !== 'applied') {
            // The record has forgotten what it acknowledged, such as the tube's opening: this lane can go no further.
            complaints.push(`${device}: ${JSON.stringify(answer)}`);
            return;
          }
          const sent = some.find((request) => request.number === answer.number);
          if (sent?.step === 'takeSwab') heard(device, answer.number, Number((sent.body as { resident: string }).resident), tube);
        }
        at += some.length;
      }
    }
  }

  async function deliver(device: string, assigned: number, requests: object[]): Promise<{ number: number; outcome: string }[] | undefined> {
    const body = JSON.stringify({ device, epoch: 'e1', assigned, requests });
    for (;;) {
      try {
        const reply = await fetch(`http://127.0.0.1:${apiPort}/api/cells/${cell.round}/${cell.area}/outbox`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${keys.get(device)}` }, body, signal: AbortSignal.timeout(5000) });
        if (reply.ok) return ((await reply.json()) as { answers: { number: number; outcome: string }[] }).answers;
        // Too many too soon is a reason to wait, not a refusal.
        if (reply.status < 500 && reply.status !== 429) throw new Refused(`${reply.status} ${await reply.text()}`);
        await reply.arrayBuffer();
      } catch (fault) {
        if (fault instanceof Refused) throw fault;
      }
      // What was under way when the end was called is delivered all the same, so that nothing is left in doubt.
      if (stopped && children.size === 0) return undefined;
      await sleep(20);
    }
  }

  const lanesDone = Promise.all(Array.from({ length: lanes }, (_, i) => lane(i)));
  lanesDone.catch(() => undefined);

  const kill = async (role: 'api' | 'worker') => {
    const child = children.get(role) as ChildProcess;
    child.removeAllListeners('exit');
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await startPart(role);
  };

  /** A tracer may stand in front of Redis: the process that holds the record is the one in Redis's own file. */
  async function endRedis(): Promise<void> {
    const file = join(dir, 'redis.pid');
    process.kill(existsSync(file) ? Number(readFileSync(file, 'utf8')) : redis.pid, 'SIGKILL');
    // The embedded Redis keeps no program alive, and there may be nothing else left that does.
    const awake = setInterval(() => {}, 1000);
    await redis.ended;
    clearInterval(awake);
  }

  return {
    get redis() { return redis; },
    acknowledged: () => count,
    reached: (wanted) => (count >= wanted ? Promise.resolve() : Promise.race([new Promise<void>((go) => waiting.push({ count: wanted, go })), lanesDone.then(() => undefined)])),
    async killRedis() {
      await endRedis();
      redis = await startRedis();
    },
    killApi: () => kill('api'),
    killWorker: () => kill('worker'),
    async count() {
      stopped = true;
      await lanesDone;
      const reader = connect(redis.url);
      try {
        const ordinals = new Map((await readDevices(reader, cell)).map(({ ordinal, device }) => [ordinal, device]));
        const taken = new Map<string, number>();
        const people = new Map<number, number>();
        for await (const event of allEvents(reader, cell)) {
          if (event.event !== 'swab.taken') continue;
          const id = `${ordinals.get(event.device)} ${event.number} ${event.resident} ${event.tube}`;
          taken.set(id, (taken.get(id) ?? 0) + 1);
          people.set(event.resident, (people.get(event.resident) ?? 0) + 1);
        }
        const acknowledged = readFileSync(join(folder, 'acknowledged'), 'utf8').split('\n').filter(Boolean);
        const lost = acknowledged.filter((id) => !taken.has(id)).length;
        const doubled = [...taken.values(), ...people.values()].filter((times) => times > 1).length;
        return { acknowledged: acknowledged.length, present: acknowledged.length - lost, lost, doubled, unheard: taken.size - (acknowledged.length - lost), complaints };
      } finally {
        reader.disconnect();
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      stopped = true;
      const ends = [...children.values()].map(async (child) => {
        child.removeAllListeners('exit');
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      });
      children.clear();
      await Promise.all(ends);
      await lanesDone.catch(() => undefined);
      closeSync(log);
      await endRedis();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

class Refused extends Error {}
