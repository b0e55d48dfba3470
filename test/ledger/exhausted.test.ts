// When the printed numbers are used up, no range is given. On a Redis of its own: the counter is one for all rounds.

import t from 'tap';
import { connect } from '../../src/ledger/redis.js';
import { systemKeys } from '../../src/ledger/keys.js';
import { build, wordOf } from '../support.js';
import { ownRedis } from '../support-redis.js';

t.test('the last number is given, the one after it is not', async (t) => {
  const redis = connect((await ownRedis(t, { appendfsync: 'no' })).url);
  t.teardown(() => redis.disconnect());
  const [real, practice] = [await build(t, { redis, round: { rehearsal: false } }), await build(t, { redis })];
  await redis.hset(systemKeys.serials, 'tube', 899_999_989, 'rehearsal:tube', 99_999_989);
  for (const { post } of [real, practice]) {
    t.match(await post.ask('reserveCodes', { kind: 'tube', count: 10 }), { outcome: 'applied' });
    t.equal(wordOf(await post.ask('reserveCodes', { kind: 'tube', count: 1 })), 'range_exhausted');
  }
});
