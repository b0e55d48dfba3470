// What must be true of the Redis on the other side, and what is said where it is not.

import t from 'tap';
import { connect, judge, runOf } from '../../src/ledger/redis.js';
import { ownRedis } from '../support-redis.js';

const judged = async (t: Parameters<typeof ownRedis>[0], options: Parameters<typeof ownRedis>[1]) => {
  const redis = connect((await ownRedis(t, options)).url);
  t.teardown(async () => redis.disconnect());
  return judge(redis);
};

t.test('one that keeps what it acknowledges gives no cause for words', async (t) => {
  t.match(await judged(t, { appendfsync: 'always' }), { version: /^\d+\.\d+/, problems: [], warnings: [] });
});

t.test('one that evicts is not used', async (t) => {
  t.match(await judged(t, { args: ['--maxmemory-policy', 'allkeys-lru'] }), { problems: [/maxmemory-policy allkeys-lru\). Set maxmemory-policy noeviction/] });
});

t.test('one that may lose seconds says so, and so does one that keeps nothing', async (t) => {
  t.match(await judged(t, { appendfsync: 'everysec' }), { problems: [], warnings: [/once a second.*appendfsync always/] });
  t.match(await judged(t, { args: ['--appendonly', 'no'] }), { problems: [], warnings: [/keeps no append-only file.*appendonly yes/] });
});

t.test('another run of the server has another name', async (t) => {
  const [a, b] = [connect((await ownRedis(t)).url), connect((await ownRedis(t)).url)];
  t.teardown(() => { a.disconnect(); b.disconnect(); });
  t.equal(await runOf(a), await runOf(a));
  t.not(await runOf(a), await runOf(b));
});
