// Starts a service for the drill when none is named: a real one, with a Redis of its own on a temporary folder that goes with it.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface Service {
  address: string;
  stop(): Promise<void>;
}

/** @throws what the service's start throws */
export async function startService(): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), 'swabline-drill-'));
  const thread = new Worker(new URL('./serviceThread.js', import.meta.url), { workerData: { dataDir } });
  const away = (): void => rmSync(dataDir, { recursive: true, force: true });
  try {
    const [{ address }] = (await once(thread, 'message')) as [{ address: string }];
    return {
      address,
      async stop() {
        const closed = once(thread, 'message');
        thread.postMessage('close');
        await closed;
        await thread.terminate();
        away();
      },
    };
  } catch (fault) {
    away();
    throw fault;
  }
}
