// The record, for commands at the console: through the Redis of the settings, or of the Swabline that runs on the data folder, or, where
// none runs, through one that is started for the command and stopped after it.

import { join } from 'node:path';
import type { Config } from '../config.js';
import { lockData, servedFrom } from '../ledger/dataLock.js';
import { startEmbeddedRedis } from '../ledger/embedded.js';
import { createLedger, type Ledger } from '../ledger/ledger.js';
import { connect } from '../ledger/redis.js';

export interface OpenRecord {
  ledger: Ledger;
  redisUrl: string;
  /** Where the service that works on it can be reached; undefined where none does, or it is not known. */
  address: string | undefined;
  close(): Promise<void>;
}

export async function openRecord(config: Config, say: (sentence: string) => void): Promise<OpenRecord> {
  const running = config.redisUrl === undefined ? servedFrom(config.dataDir) : undefined;
  const url = config.redisUrl ?? running?.redis;
  if (url !== undefined) return opened(url, running?.address, async () => {});
  const lock = lockData(config.dataDir);
  try {
    const own = await startEmbeddedRedis({ dir: join(config.dataDir, 'redis'), log: say });
    return opened(own.url, undefined, async () => {
      await own.stop();
      lock.release();
    });
  } catch (fault) {
    lock.release();
    throw fault;
  }
}

function opened(url: string, address: string | undefined, after: () => Promise<void>): OpenRecord {
  const redis = connect(url);
  const ledger = createLedger(redis, { error: (detail) => process.stderr.write(`${JSON.stringify(detail)}\n`) });
  return {
    ledger, redisUrl: url, address,
    async close() {
      redis.disconnect();
      await after();
    },
  };
}
