// The Redis of the tests. `npm test` starts one for all and names it in SWABLINE_TEST_REDIS_URL; a test file run alone starts its own.
// REDIS_URL is never looked at and nothing is ever flushed: each test makes its own round. What kills Redis owns one (`ownRedis`).

import { type EmbeddedOptions, type EmbeddedRedis, startEmbeddedRedis } from '../src/ledger/embedded.js';

let shared: Promise<string> | undefined;

/** What `new Redis(url)` takes. A Redis started here goes with this process. */
export function testRedisUrl(): Promise<string> {
  const given = process.env['SWABLINE_TEST_REDIS_URL'];
  shared ??= given ? Promise.resolve(given) : startEmbeddedRedis({ appendfsync: 'everysec' }).then((redis) => redis.url);
  return shared;
}

/** A Redis for this test alone, on a temporary folder unless one is given; stopped with the test. */
export async function ownRedis(t: { teardown(end: () => Promise<void>): void }, options: EmbeddedOptions = {}): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis(options);
  t.teardown(() => redis.stop());
  return redis;
}

/** A Redis for this test file alone, which `testRedisUrl` then names: for tests that look at the system's cell, which all others share. */
export async function ownRedisForFile(t: { teardown(end: () => Promise<void>): void }): Promise<void> {
  const redis = await ownRedis(t, { appendfsync: 'no' });
  shared = Promise.resolve(redis.url);
}
