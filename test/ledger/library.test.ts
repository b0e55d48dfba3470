// The function library: loaded where it is missing, never in the way of another version. What flushes functions owns its Redis.

import t from 'tap';
import { createLedger } from '../../src/ledger/ledger.js';
import { buildLibrary } from '../../src/ledger/library.js';
import { connect } from '../../src/ledger/redis.js';
import { build, wordOf } from '../support.js';
import { ownRedis } from '../support-redis.js';

t.test('its name tells its content', async (t) => {
  const [one, two] = [buildLibrary(), buildLibrary()];
  t.equal(one.code, two.code);
  t.match(one.name, /^swabline_[0-9a-f]{12}$/);
  t.ok(one.run.startsWith(one.name) && one.swap.startsWith(one.name));
  t.ok(one.code.startsWith(`#!lua name=${one.name}\n`));
});

t.test('it is put there when it is missing, at the start and after it was lost', async (t) => {
  const redis = connect((await ownRedis(t, { appendfsync: 'no' })).url);
  t.teardown(() => redis.disconnect());
  const { post, ledger } = await build(t, { redis });
  await redis.function('FLUSH');
  t.equal(wordOf(await post.ask('openStation', { station: 'a1', site: 's1' })), 'applied');
  await ledger.load();
  await ledger.load();
  t.equal(((await redis.function('LIST')) as unknown[]).length, 1, 'loading again is not another one');
});

t.test('another version lives beside it, untouched', async (t) => {
  const redis = connect((await ownRedis(t, { appendfsync: 'no' })).url);
  t.teardown(() => redis.disconnect());
  await redis.function('LOAD', "#!lua name=swabline_older\nredis.register_function('swabline_older_run', function() return 'still here' end)");
  const { post } = await build(t, { redis });
  await post.done('openStation', { station: 'a1', site: 's1' });
  t.equal(await redis.call('FCALL', 'swabline_older_run', '0'), 'still here');
});

t.test('a Redis that does not take it says why, in one line', async (t) => {
  const redis = connect((await ownRedis(t, { appendfsync: 'no', args: ['--rename-command', 'FUNCTION', ''] })).url);
  t.teardown(() => redis.disconnect());
  const ledger = createLedger(redis, { error: () => undefined });
  await t.rejects(ledger.load(), { message: /^the function library was not accepted: .{5,200}$/ });
});
