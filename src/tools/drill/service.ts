// Starts a service for the drill when none is named: a real one, with a Redis of its own on a temporary folder that goes with it.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Service {
  address: string;
  /** What lets its drill in. */
  key: string;
  /** Its own Redis, for whoever wants to look behind the door. */
  redisUrl: string;
  stop(): Promise<void>;
}

/** Resolves when it serves. Its log goes to standard error: standard output is the drill's. @throws when it does not start */
export async function startService(): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'swabline-drill-'));
  const child = fork(fileURLToPath(new URL('./serviceProcess.js', import.meta.url)), [dataDir], { stdio: ['ignore', 2, 2, 'ipc'] });
  const ended = once(child, 'exit').then(() => rmSync(dataDir, { recursive: true, force: true }));
  const first = await Promise.race([once(child, 'message'), ended]);
  if (!first) throw new Error('The service of the drill did not start; what it said stands above.');
  const [{ address, redisUrl, key }] = first as [{ address: string; redisUrl: string; key: string }];
  return {
    address, redisUrl, key,
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
