// The service needs little of Redis. With the user that SECURITY.md describes it takes steps, reads and follows; everything that could
// reach beyond the record is refused to it.

import { readFileSync } from 'node:fs';
import t from 'tap';
import { bodies } from '../../src/domain/requests.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { countAttempt, makePairingCode, openSession, readSession, redeemPairingCode } from '../../src/ledger/passes.js';
import { cellState, tubes } from '../../src/ledger/reads.js';
import { connect, judge } from '../../src/ledger/redis.js';
import { openSystem } from '../../src/ledger/system.js';
import { allEvents } from '../../src/ledger/stream.js';
import { openQueue } from '../../src/jobs/queues.js';
import { ownRedis } from '../support-redis.js';

t.test('the user of SECURITY.md does the work and nothing else', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no', port: 'free' });
  const rule = /^ACL SETUSER swabline (.+)$/m.exec(readFileSync('SECURITY.md', 'utf8'))?.[1]?.replace('<password>', 'secret') ?? '';
  const admin = connect(own.url);
  t.teardown(() => admin.disconnect());
  t.equal(await admin.call('ACL', 'SETUSER', 'swabline', ...rule.split(' ')), 'OK');
  const url = own.url.replace('redis://', 'redis://swabline:secret@');
  const redis = connect(url);
  t.teardown(() => redis.disconnect());

  const ledger = createLedger(redis, { error: (detail) => { throw new Error(JSON.stringify(detail)); } });
  t.match((await judge(redis)).problems, []);
  await ledger.load();
  const system = await openSystem(ledger, connect(url, { patient: true }));
  t.teardown(() => system.close());
  t.match(await system.take('pairDevice', { device: 't1', role: 'desk', round: 'r1', area: 'north', secret: 'a'.repeat(64) }, 'ann'), { outcome: 'applied' });
  const cell = { round: 'r1', area: 'north' };
  const [receipt] = await ledger.take(cell, [{ device: 'post', epoch: 'e', requests: [{ number: 1, step: 'openRound', mode: 'ask', claimedAt: 1, body: bodies.openRound.parse({ name: 'a round' }) }] }]);
  t.match(receipt?.answers, [{ outcome: 'applied' }]);
  t.match(await cellState(redis, cell), { state: 'open' });
  t.same((await tubes(redis, cell)).tubes, []);
  const events: string[] = [];
  for await (const { event } of allEvents(redis, cell)) events.push(event);
  t.ok(events.includes('round.opened'));
  const code = await makePairingCode(redis, { device: 't2', role: 'desk', ...cell, by: 'ann' });
  t.match(await redeemPairingCode(redis, code.short), { ok: true });
  t.match(await readSession(redis, await openSession(redis, 'ann', 'hash')), { session: { account: 'ann' } });
  t.equal(await countAttempt(redis, 'x', 60), 1);
  const queueRedis = connect(url, { patient: true });
  const queue = openQueue('followUps', queueRedis);
  t.teardown(async () => { await queue.close(); queueRedis.disconnect(); });
  await queue.add('job', {});
  t.equal(await queue.getWaitingCount(), 1, 'BullMQ too');

  for (const command of [
    'CONFIG SET dir /tmp', 'CONFIG REWRITE', 'DEBUG SLEEP 0', 'SHUTDOWN NOSAVE', 'FLUSHALL', 'FLUSHDB', 'SAVE', 'BGSAVE', 'REPLICAOF 127.0.0.1 1', 'SLAVEOF NO ONE', 'MODULE LIST', 'ACL LIST', 'ACL WHOAMI', 'MONITOR',
    'FAILOVER', 'MIGRATE 127.0.0.1 1 k 0 1', 'RESTORE k 0 x', 'SWAPDB 0 1', 'FUNCTION FLUSH', 'SCRIPT FLUSH', 'LATENCY RESET', 'SLOWLOG GET', 'CLUSTER INFO', 'PSYNC ? -1', 'CLIENT LIST', 'CLIENT KILL ID 1', 'SORT k',
  ]) {
    const [name = '', ...args] = command.split(' ');
    const said = await redis.call(name, ...args).then(() => 'done', (fault: Error) => fault.message);
    t.match(said, /NOPERM|not allowed/, command);
  }
});
