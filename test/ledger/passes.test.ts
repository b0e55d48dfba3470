// Pairing codes, sessions and one-time links: good once or for a while, useless to whoever reads Redis, and not to be guessed.

import { randomBytes } from 'node:crypto';
import t from 'tap';
import { passKey } from '../../src/ledger/keys.js';
import { addToRates, countAttempt, endSession, makeLink, makePairingCode, openSession, readLink, readSession, redeemPairingCode, uncountAttempt, useLink } from '../../src/ledger/passes.js';
import { connect } from '../../src/ledger/redis.js';
import { ownRedis, testRedisUrl } from '../support-redis.js';

const offer = { device: 't1', role: 'station' as const, round: 'r1', area: 'north', site: 's1', station: '3', by: 'ann' };

async function shared(t: { teardown(end: () => void): void }) {
  const redis = connect(await testRedisUrl());
  t.teardown(() => redis.disconnect());
  return redis;
}

t.test('a pairing code is good once, scanned or typed', async (t) => {
  const redis = await shared(t);
  for (const form of ['long', 'short'] as const) {
    const code = await makePairingCode(redis, offer);
    t.match(code.short, /^\d{12}$/);
    const both = await Promise.all([redeemPairingCode(redis, code[form]), redeemPairingCode(redis, code[form])]);
    t.equal(both.filter(({ ok }) => ok).length, 1, 'of two who give it at once one gets it');
    t.match(both.find(({ ok }) => ok), { offer });
    t.match(await redeemPairingCode(redis, code.long), { ok: false, why: 'code_unknown' });
  }
});

t.test('five wrong tries make a pairing code void, however many come at once', async (t) => {
  const redis = await shared(t);
  const code = await makePairingCode(redis, offer);
  const slot = code.short.slice(0, 4);
  const wrong = Array.from({ length: 300 }, (_, i) => slot + String((Number(code.short.slice(4)) + i + 1) % 1e8).padStart(8, '0'));
  const answers = await Promise.all(wrong.map((guess) => redeemPairingCode(redis, guess)));
  t.ok(answers.every(({ ok }) => !ok));
  t.match(await redeemPairingCode(redis, code.short), { ok: false }, 'even the right one is void now');
});

t.test('codes of another form are unknown', async (t) => {
  const redis = await shared(t);
  for (const code of ['', '1', '0'.repeat(11), '0'.repeat(13), 'abcd.x', '0000.*', '1234\n5678901', '0'.repeat(1e6)]) t.match(await redeemPairingCode(redis, code), { ok: false, why: 'code_unknown' });
});

t.test('nothing that lets in stands in Redis', async (t) => {
  const own = await ownRedis(t, { appendfsync: 'no' });
  const redis = connect(own.url);
  t.teardown(() => redis.disconnect());
  const code = await makePairingCode(redis, offer);
  const secrets = [code.long.slice(5), code.short.slice(4), await openSession(redis, 'ann', 'hash'), await makeLink(redis, { by: 'console' })];
  for (const key of await redis.keys('*')) {
    const held = key + ((await redis.type(key)) === 'string' ? await redis.get(key) : '');
    for (const secret of secrets) t.notOk(held.includes(secret), `${key} holds no secret`);
    t.ok((await redis.ttl(key)) > 0, `${key} is forgotten by itself`);
  }
});

t.test('a session changes its secret as it goes, and the old one ends soon after', async (t) => {
  const redis = await shared(t);
  const { createHash } = await import('node:crypto');
  const keyOf = (secret: string) => passKey('session', createHash('sha256').update(secret).digest('hex'));
  const age = async (secret: string, change: object) => {
    const kept = JSON.parse((await redis.get(keyOf(secret))) ?? '{}') as object;
    await redis.set(keyOf(secret), JSON.stringify({ ...kept, ...change }), 'KEEPTTL');
  };
  const secret = await openSession(redis, 'ann', 'hash');
  t.match(await readSession(redis, secret), { session: { account: 'ann' }, fresh: undefined });
  await age(secret, { drawn: Date.now() - 16 * 60_000 });
  const later = await readSession(redis, secret);
  t.type(later?.fresh, 'string');
  t.match(await readSession(redis, later?.fresh ?? ''), { session: { account: 'ann' } });
  t.match(await readSession(redis, secret), { session: { account: 'ann' } }, 'requests already on their way are served');
  t.ok((await redis.ttl(keyOf(secret))) <= 60);
  await age(later?.fresh ?? '', { since: Date.now() - 13 * 3_600_000 });
  t.equal(await readSession(redis, later?.fresh ?? ''), undefined, 'twelve hours are the end');
  const another = await openSession(redis, 'ann', 'hash');
  await endSession(redis, another);
  t.equal(await readSession(redis, another), undefined);
  t.equal(await readSession(redis, 'guess'), undefined);
});

t.test('a one-time link is used once', async (t) => {
  const redis = await shared(t);
  const secret = await makeLink(redis, { account: 'ann', by: 'root' });
  t.match(await readLink(redis, secret), { account: 'ann', by: 'root' });
  const used = await Promise.all([useLink(redis, secret), useLink(redis, secret)]);
  t.equal(used.filter(Boolean).length, 1);
  t.equal(await readLink(redis, secret), undefined);
});

t.test('attempts are counted from the first and forgotten after it', async (t) => {
  const redis = await shared(t);
  const what = `test:${randomBytes(6).toString('hex')}`;
  t.same([await countAttempt(redis, what, 60), await countAttempt(redis, what, 60)], [1, 2]);
  t.ok((await redis.ttl(passKey('tries', what))) > 0);
  await uncountAttempt(redis, what);
  await uncountAttempt(redis, what);
  t.equal(await redis.exists(passKey('tries', what)), 0);
  t.same(await addToRates(redis, [{ what, added: 5, seconds: 10 }, { what, added: 2, seconds: 10 }]), [5, 7]);
});
