// The edge: headers, limits, slow and greedy clients, foreign pages, and how much one may ask for.

import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { makeRates } from '../../src/api/rates.js';
import { connect as connectRedis } from '../../src/ledger/redis.js';
import { testRedisUrl } from '../support-redis.js';
import { fresh, guarded, wordIn } from './guarded.js';

t.test('every answer tells a browser to do nothing with it that we do not mean', async (t) => {
  const { door, send, tool } = await guarded(t);
  for (const [headers, url] of [[tool, door.at('/stations')], [{}, door.at('/stations')], [{}, '/healthz'], [{}, '/nowhere'], [tool, '/api/openapi.json']] as const) {
    const answer = await send(headers, 'GET', url);
    t.equal(answer.headers['x-content-type-options'], 'nosniff', url);
    t.match(answer.headers['content-security-policy'], /default-src 'none'/, url);
    t.equal(answer.headers['cross-origin-resource-policy'], 'same-origin', url);
  }
  const page = await send({}, 'GET', '/api/docs');
  t.match(page.headers['content-security-policy'], /frame-ancestors 'none'/);
  t.notMatch(page.headers['content-security-policy'], /unsafe-inline|unsafe-eval|\*/);
});

t.test('no other site may read an answer, and none may ask whether it may', async (t) => {
  const { door, send, tool } = await guarded(t);
  const answer = await send({ ...tool, origin: 'https://evil.example' }, 'GET', door.at('/stations'));
  t.equal(answer.headers['access-control-allow-origin'], undefined);
  const asked = await door.app.inject({ method: 'OPTIONS', url: door.at('/outbox'), headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' } });
  t.equal(asked.statusCode, 404);
  t.equal(asked.headers['access-control-allow-origin'], undefined);
});

t.test('a body is looked at only as JSON, however its type is written', async (t) => {
  const { door, tool } = await guarded(t);
  const payload = JSON.stringify({ device: 'x', epoch: 'e', number: 1, claimedAt: 1, body: { nothing: 1 } });
  for (const type of ['text/plain', 'text/plain;charset=utf-8', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx', 'application\t/json', 'text/json', '']) {
    const answer = await door.app.inject({ method: 'POST', url: door.at('/steps/closeRound'), headers: { ...tool, 'content-type': type }, payload });
    t.ok(answer.statusCode === 415 || answer.statusCode === 422 || answer.statusCode === 400, `${JSON.stringify(type)}: ${answer.statusCode}`);
  }
  for (const type of ['application/json\t', 'application/json ', 'application/json;', 'APPLICATION/JSON', 'application/json; charset=utf-8', 'application/json\ta', ' application/json']) {
    const answer = await door.app.inject({ method: 'POST', url: door.at('/steps/closeRound'), headers: { ...tool, 'content-type': type }, payload });
    t.ok([415, 422].includes(answer.statusCode), `${JSON.stringify(type)} is checked like any other: ${answer.statusCode}`);
  }
});

t.test('a name that changes every object is refused, in whatever depth', async (t) => {
  const { door, tool } = await guarded(t);
  for (const payload of ['{"__proto__":{"polluted":1}}', '{"body":{"__proto__":{"polluted":1}}}', '{"constructor":{"prototype":{"polluted":1}}}', '{"body":{"a":[{"__proto__":{"polluted":1}}]}}']) {
    const answer = await door.app.inject({ method: 'POST', url: door.at('/steps/closeRound'), headers: { ...tool, 'content-type': 'application/json' }, payload });
    t.equal(answer.statusCode, 400, payload);
    t.equal(({} as { polluted?: number }).polluted, undefined);
  }
  const query = await door.app.inject({ method: 'GET', url: `${door.at('/events')}?__proto__[polluted]=1&constructor=2`, headers: tool });
  t.ok(query.statusCode < 500);
  t.equal(({} as { polluted?: number }).polluted, undefined);
});

t.test('who comes from a trusted proxy is who the proxy says, and nobody else can say so', async (t) => {
  const { door, send } = await guarded(t, { parts: { proxies: ['10.9.9.9'], rates: { device: { max: 1e6, seconds: 600 }, account: { max: 1e6, seconds: 600 }, address: { max: 5, seconds: 600 } } } });
  const from = (remoteAddress: string, forwarded: string) => door.app.inject({ method: 'GET', url: '/healthz', remoteAddress, headers: { 'x-forwarded-for': forwarded } });
  const mine = `203.0.113.${Math.floor(Math.random() * 250)}`;
  for (let i = 0; i < 5; i++) t.equal((await from(mine, `198.51.100.${i}`)).statusCode, 200);
  t.equal((await from(mine, '198.51.100.99')).statusCode, 429, 'whatever it says of itself');
  for (let i = 0; i < 8; i++) t.equal((await from('10.9.9.9', `192.0.2.${i}.${i}`.slice(0, 9))).statusCode, 200, 'each of those behind the proxy has their own count');
  t.ok(send);
});

t.test('a device that asks too much is told to come later, and its neighbours behind the same router are not', async (t) => {
  const { door, send, pair, open } = await guarded(t, { parts: { rates: { device: { max: 20, seconds: 600 }, account: { max: 20, seconds: 600 }, address: { max: 1000, seconds: 600 } } } });
  const [greedy, modest] = [await pair('station'), await pair('station')];
  const socket = await open(greedy.headers);
  const answers = await Promise.all(Array.from({ length: 40 }, () => send(greedy.headers, 'GET', door.at('/stations'))));
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 19, 'the socket was the first of twenty');
  const late = answers.find(({ statusCode }) => statusCode === 429);
  t.equal(late && wordIn(late), '429 too_many');
  t.ok(Number(late?.headers['retry-after']) > 0);
  t.equal((await send(modest.headers, 'GET', door.at('/stations'))).statusCode, 200);
  if (!(socket instanceof WebSocket)) return t.fail('the socket did not open');
  const heard = once(socket, 'message');
  socket.send(JSON.stringify({ id: 1, device: greedy.device, epoch: 'e', requests: [] }));
  t.match(JSON.parse(String((await heard)[0])), { id: 1, problem: { word: 'too_many', status: 429 } }, 'nor does an open socket help');
});

t.test('counts are agreed between processes', async (t) => {
  const redis = connectRedis(await testRedisUrl());
  t.teardown(() => redis.disconnect());
  const limits = { device: { max: 10, seconds: 600 }, account: { max: 10, seconds: 600 }, address: { max: 10, seconds: 600 } };
  const [one, two] = [makeRates(redis, limits), makeRates(redis, limits)];
  t.teardown(() => { one.close(); two.close(); });
  const device = fresh('t');
  for (let i = 0; i < 10; i++) t.equal(one.count('device', device), 0);
  t.ok(one.count('device', device) > 0);
  let refused = 0;
  for (let i = 0; refused === 0 && i < 10; i++) {
    refused = two.count('device', device);
    // The other process hears of it within two of its half seconds.
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  t.ok(refused > 0);
});

t.test('a client that sends nothing, or too much, is let go of', async (t) => {
  const { door } = await guarded(t);
  const [host, port] = (await door.listen()).split(':') as [string, string];
  t.equal(door.app.server.headersTimeout, 15_000);
  t.equal(door.app.server.requestTimeout, 120_000);
  const say = async (text: string): Promise<string> => {
    const socket: Socket = connect(Number(port), host);
    await once(socket, 'connect');
    socket.write(text);
    let heard = '';
    socket.on('data', (data) => { heard += String(data); });
    await once(socket, 'close');
    return heard;
  };
  t.match(await say(`GET / HTTP/1.1\r\nhost: x\r\n${'a'.repeat(40_000)}: 1\r\n\r\n`), /^HTTP\/1\.1 431/);
  t.match(await say('GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'), /^HTTP\/1\.1 400/, 'two lengths are no request');
  t.match(await say('NONSENSE\r\n\r\n'), /^HTTP\/1\.1 400/);
});
