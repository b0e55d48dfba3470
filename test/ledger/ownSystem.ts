// The system's cell on a Redis of the test's own: accounts are counted over the whole system, so tests of them cannot share one.

import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import type { Redis } from 'ioredis';
import { connect } from '../../src/ledger/redis.js';
import { openSystem, type System } from '../../src/ledger/system.js';
import { testRedisUrl } from '../support-redis.js';
import { ownRedis } from '../support-redis.js';

type Teardown = { teardown(end: () => Promise<void>): void };

export interface SystemRig {
  redis: Redis;
  ledger: Ledger;
  system: System;
  /** Another process's view of the same system. */
  another(): Promise<System>;
}

/** `shared`: on the Redis of all tests, for those whose names are their own. */
export async function ownSystem(t: Teardown, { shared = false } = {}): Promise<SystemRig> {
  const url = shared ? await testRedisUrl() : (await ownRedis(t, { appendfsync: 'no' })).url;
  const redis = connect(url);
  t.teardown(async () => redis.disconnect());
  const ledger = createLedger(redis, { error: (detail) => { throw new Error(JSON.stringify(detail)); } });
  const another = async () => {
    const system = await openSystem(ledger, connect(url, { patient: true }));
    t.teardown(() => system.close());
    return system;
  };
  return { redis, ledger, system: await another(), another };
}

export const secret = (letter: string): string => letter.repeat(64);
