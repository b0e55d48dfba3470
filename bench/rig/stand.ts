// What most benches stand on: a Redis of their own, our service before it, a ledger to prepare cells with, and an orderly end.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/ledger/embedded.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';
import { type Child, cpuMicros, machineMicros, pin, startNode } from './processes.js';

export interface Stand {
  redis: EmbeddedRedis;
  ledger: Ledger;
  service: Child;
  port: number;
  /** Starts `rig/<name>.js` on the load's core. */
  start(name: string, args?: readonly string[]): Promise<Child>;
  /** CPU time of service and Redis, and of all others on this machine, since the last asking: in microseconds and cores. */
  clock(): () => { seconds: number; service: number; redis: number; othersCores: number };
  stop(): Promise<void>;
}

export interface StandOptions {
  appendfsync?: 'always' | 'everysec';
  roles?: string;
  /** Service on core 0, Redis and the load on core 1; else all free. */
  pinned?: boolean;
}

const here = new URL('.', import.meta.url).pathname;
export const say = (text: string): void => void process.stderr.write(`${text}\n`);

export async function buildStand({ appendfsync = 'always', roles = 'api', pinned = true }: StandOptions = {}): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), 'swabline-bench-'));
  const children: Child[] = [];
  let redis: EmbeddedRedis | undefined;
  let ledger: Ledger | undefined;
  const stop = async () => {
    for (const child of children.reverse()) await child.stop();
    ledger?.redis.disconnect();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const begin = async (file: string, args: readonly string[], core: number): Promise<Child> => {
    const child = await startNode(`${here}${file}.js`, args, pinned ? core : undefined);
    children.push(child);
    return child;
  };
  try {
    redis = await startEmbeddedRedis({ appendfsync, port: 'free', args: ['--auto-aof-rewrite-percentage', '0'] });
    if (pinned) {
      await pin(redis.pid, 1);
      await pin(process.pid, 1);
    }
    ledger = createLedger(connect(redis.url), { error: (detail, message) => say(`${message} ${JSON.stringify(detail)}`) });
    const service = await begin('ours', [redis.url, folder, roles], 0);
    const pids = { service: service.pid, redis: redis.pid };
    return {
      redis, ledger, service, stop,
      port: Number(service.line.split(' ')[0]),
      start: (name, args = []) => begin(name, args, 1),
      clock() {
        const read = () => ({ at: performance.now(), service: cpuMicros(pids.service), redis: cpuMicros(pids.redis), own: [process.pid, ...children.map(({ pid }) => pid)].reduce((sum, pid) => sum + cpuMicros(pid), 0), all: machineMicros() });
        const before = read();
        return () => {
          const after = read();
          const seconds = (after.at - before.at) / 1000;
          const [service, redis] = [after.service - before.service, after.redis - before.redis];
          return { seconds, service, redis, othersCores: Math.max(0, after.all - before.all - (after.own - before.own) - redis) / 1e6 / seconds };
        };
      },
    };
  } catch (fault) {
    await stop();
    throw fault;
  }
}
