// The process says that it lives, and whether it may be sent work.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import t from 'tap';
import { WebSocket } from 'ws';
import { createServer } from '../../src/api/server.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';
import { openVault } from '../../src/vault/vault.js';
import { ownRedis } from '../support-redis.js';
import { shelfInMemory } from '../vault/shelfInMemory.js';
import { build } from './support.js';

t.test('a service with its Redis is alive and ready', async (t) => {
  const { app } = await build(t, { round: false });
  t.match((await app.inject('/healthz')).json(), { ok: true });
  t.match((await app.inject('/readyz')).json(), { ok: true, redis: /^\d+\./ });
});

t.test('a Redis that throws records away is not ready, and the answer says why', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no', args: ['--maxmemory-policy', 'allkeys-lru'] });
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const { app } = await build(t, { round: false, redis });
  const reply = await app.inject('/readyz');
  t.equal(reply.statusCode, 503);
  t.match(reply.json(), { word: 'not_ready', detail: { problems: [/noeviction/] } });
});

t.test('without its Redis it is alive and not ready; steps and reads are told to come back, and nothing is lost in silence', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const ledger = createLedger(redis, { error: () => undefined });
  const vault = await openVault({ file: `${t.testdir()}/master.key`, shelf: shelfInMemory(), mayCreate: true, say: () => {} });
  const app = await createServer({ ledger, vault, log: pino({ level: 'silent' }), unguarded: true });
  t.teardown(() => app.close());
  t.equal((await app.inject('/readyz')).statusCode, 200);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = new WebSocket(`ws://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/cells/r1/north/socket`);
  t.teardown(() => socket.terminate());
  await once(socket, 'open');
  await own.kill();

  socket.send(JSON.stringify({ id: 1, device: 'd', epoch: 'e', requests: [{ number: 1, step: 'closeRound', claimedAt: 1, body: {} }] }));
  const [frame] = (await once(socket, 'message')) as [Buffer];
  t.match(JSON.parse(frame.toString()), { id: 1, problem: { status: 503, word: 'record_unreachable' } }, 'a tablet keeps its record and its line');

  t.equal((await app.inject('/healthz')).statusCode, 200);
  const outbox = await app.inject({ method: 'POST', url: '/api/cells/r1/north/outbox', payload: { device: 'd', epoch: 'e', requests: [{ number: 1, step: 'closeRound', claimedAt: 1, body: {} }] } });
  for (const reply of [outbox, await app.inject('/api/cells/r1/north/stations')]) {
    t.equal(reply.statusCode, 503, reply.body);
    t.match(reply.json(), { word: 'record_unreachable', zh: /保存在本机/, en: /stays on this device/ });
    t.ok(Number(reply.headers['retry-after']) > 0);
    t.notMatch(reply.body, /ECONN|at .*\.js/, 'no word of the machine');
  }
});
