// The door under hostile requests: whatever is sent to whichever route by whomever, no answer is a fault, none takes long, none gives back
// what was sent, and a refused request has changed nothing.

import fc from 'fast-check';
import { systemCell } from '../../src/domain/requests.js';
import { keyOf } from '../../src/ledger/keys.js';
import { readEvents } from '../../src/ledger/stream.js';
import type { Guarded, Headers } from './guarded.js';
import { WebSocket } from 'ws';
import { canary, near, ofDevice, operationsOf, requestTo, type Sent } from './hostile.js';

export interface FuzzTally {
  requests: number;
  routes: number;
  byStatus: Record<string, number>;
  slowestMs: number;
}

/** An answer may take this long on a busy machine; what hangs takes for ever. */
const slowMs = 3000;
/** A device that was not heard before, and one that contradicts itself, are noted whatever they were refused for. */
const noted = new Set(['device.met', 'device.suspect']);

/** Sends `count` requests, as many to each route. Throws with the request that broke a rule, and the seed. */
export async function fuzzDoor(rig: Guarded, { count, seed }: { count: number; seed: number }): Promise<FuzzTally> {
  const { door, tool, send, pair, person } = rig;
  const document = (await send({}, 'GET', '/api/openapi.json')).json();
  // Signing out would end the session of those that follow, and nobody can be asked to guess a secret.
  const operations = operationsOf(document).filter(({ method, path }) => !(method === 'DELETE' && path === '/api/session'));
  // What ends a round comes last, or everything after it would be refused for that alone.
  const ending = ({ path }: { path: string }) => (/closeRound|forget/.test(path) ? 1 : 0);
  operations.sort((a, b) => ending(a) - ending(b));
  const station = await pair('station', { site: 's1', station: '3' });
  const desk = await pair('desk', { site: 's1' });
  const [post, administrator] = [await person([{ role: 'command_post', ...door.cell }]), await person([{ role: 'administrator' }])];
  const elsewhere = await pair('supervisor', { area: 'elsewhere' });
  const who: Headers[] = [
    tool, tool, tool, tool, station.headers, desk.headers, post.headers, administrator.headers, elsewhere.headers, {}, { authorization: 'Bearer x.y' },
    { authorization: `Bearer ${'z'.repeat(3000)}` }, { cookie: 'swabline=; swabline-device==;;=' }, { authorization: '' },
  ];
  for (let number = 1; number <= 3; number++) {
    await send(tool, 'POST', door.at('/steps/registerWalkIn'), { device: 'fuzz1', epoch: 'e1', number, claimedAt: 1, body: { village: 'Upper', name: 'Somebody', phone: '13800001234' } });
  }
  const known = { ...door.cell, devices: ['fuzz1', 'fuzz2', station.device, desk.device, `person.${post.account}`] };
  const tally: FuzzTally = { requests: 0, routes: operations.length, byStatus: {}, slowestMs: 0 };
  const each = Math.ceil(count / operations.length);
  const cells = [door.cell, systemCell];
  const positions = async () => Promise.all(cells.map((cell) => door.redis.xrevrange(keyOf(cell, 'events'), '+', '-', 'COUNT', 1).then((found) => found[0]?.[0] ?? '0')));

  for (const [i, operation] of operations.entries()) {
    const samples = fc.sample(requestTo(operation, known, who.length), { numRuns: each, seed: seed + i });
    for (const sent of samples) await one(sent);
  }
  return tally;

  async function one(sent: Sent): Promise<void> {
    const before = await positions();
    const began = performance.now();
    const answer = await Promise.race([
      door.app.inject({
        method: sent.method as 'GET', url: sent.url, headers: { ...(sent.payload === undefined ? {} : { 'content-type': sent.type }), ...who[sent.who] },
        ...(sent.payload === undefined ? {} : { payload: sent.payload }),
      }),
      new Promise<never>((_, reject) => { setTimeout(() => reject(new Error(`no answer: ${told(sent)}`)), 30_000).unref(); }),
    ]);
    const took = performance.now() - began;
    tally.requests++;
    tally.byStatus[answer.statusCode] = (tally.byStatus[answer.statusCode] ?? 0) + 1;
    tally.slowestMs = Math.max(tally.slowestMs, took);
    const wrong = (why: string): Error => new Error(`${why} (seed ${seed}): ${told(sent)}\nanswered ${answer.statusCode} ${answer.body.slice(0, 500)}\n${door.faults.join('; ')}`);
    if (answer.statusCode >= 500) throw wrong('a fault');
    if (took > slowMs) throw wrong(`it took ${Math.round(took)} ms`);
    if (answer.statusCode < 400) return;
    if (!String(answer.headers['content-type']).startsWith('application/problem+json')) throw wrong('a refusal that is no problem+json');
    const { word, zh, en } = answer.json<{ word?: string; zh?: string; en?: string }>();
    if (!word || !zh || !en) throw wrong('a refusal without words');
    for (const planted of Object.values(canary)) if (answer.body.includes(planted)) throw wrong('what was sent comes back');
    const after = await positions();
    for (const [i, cell] of cells.entries()) {
      if (after[i] === before[i] || (cell === systemCell && answer.statusCode !== 422)) continue;
      const events = (await readEvents(door.redis, cell, before[i], 100)).filter(({ event }) => !noted.has(event));
      if (events.length > 0) throw wrong(`a refused request has recorded ${events.map(({ event }) => event).join()}`);
    }
  }
}

/** Hostile frames on an open socket: each is answered, or the line is closed with a reason; the next line opens as if nothing had been. */
export async function fuzzSocket({ tool, open, door }: Guarded, { count, seed }: { count: number; seed: number }): Promise<{ frames: number; closed: number }> {
  const frame = near({
    type: 'object', required: ['id', 'device', 'epoch', 'requests'],
    properties: {
      id: { type: 'integer', minimum: 0, maximum: 1000 }, device: { enum: ['fuzz1', 'fuzz2'] }, epoch: { const: 'e1' }, now: { type: 'integer', minimum: 0 }, assigned: { type: 'integer', minimum: 0, maximum: 500 },
      requests: { type: 'array', items: { type: 'object', required: ['number', 'step', 'claimedAt', 'body'], properties: {
        number: { type: 'integer', minimum: 1, maximum: 500 }, step: { enum: ['takeSwab', 'openTube', 'sealTube', 'pairDevice', 'nothing', 'toString'] }, mode: { enum: ['ask', 'report'] }, claimedAt: { type: 'integer', minimum: 0 }, body: { type: 'object' },
      } } },
    },
  }).map((value) => JSON.stringify(ofDevice(value, { devices: ['fuzz1', 'fuzz2'] })) ?? '');
  const frames = fc.sample(fc.oneof({ weight: 10, arbitrary: frame }, { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[]', '1', '"x"', '{"id":{}}', '{"__proto__":1}', '\u0000', `${'['.repeat(20_000)}`, 'x'.repeat(300_000)) }), { numRuns: count, seed });
  let closed = 0;
  let socket: WebSocket | undefined;
  for (const text of frames) {
    if (socket?.readyState !== WebSocket.OPEN) {
      const opened = await open(tool);
      if (typeof opened === 'number') throw new Error(`the socket does not open again: ${opened}`);
      socket = opened;
    }
    const line = socket;
    const heard = await new Promise<string | undefined>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer to the frame ${text.slice(0, 500)} (seed ${seed})`)), 10_000);
      const done = (value: string | undefined) => {
        clearTimeout(late);
        line.off('message', message);
        line.off('close', gone);
        resolve(value);
      };
      const message = (data: Buffer) => done(data.toString());
      const gone = () => done(undefined);
      line.on('message', message);
      line.on('close', gone);
      line.send(text);
    });
    if (heard === undefined) closed++;
    else if ((JSON.parse(heard) as { problem?: { status: number } }).problem?.status === 500) throw new Error(`a fault (seed ${seed}): ${text.slice(0, 500)} ${door.faults.join()}`);
    // A frame's own name comes back on purpose; nothing else may.
    else if (Object.values(canary).some((planted) => JSON.stringify({ ...(JSON.parse(heard) as object), id: '' }).includes(planted))) throw new Error(`what was sent comes back: ${heard.slice(0, 300)}`);
  }
  return { frames: frames.length, closed };
}

const told = ({ method, url, payload, type, who }: Sent): string => `${method} ${url.slice(0, 300)} as ${who} with ${type} ${payload?.slice(0, 500) ?? 'nothing'}`;
