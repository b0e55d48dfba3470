// One contender behind the same Fastify route, in a process of its own: `node server.js <contender> <redis url or socket folder>`.
// Prints its port; then lines on standard input: `prepare <residents> <tube,tube,...>`, `settled`, `check`.
//
// `bare` answers at once with an answer of our size; `ping` asks Redis one PING first. They are the limits: what Fastify, JSON, the
// schema and one round trip cost before anybody has done anything.

import { createInterface } from 'node:readline';
import Fastify from 'fastify';
import { Redis } from 'ioredis';
import { bullmq, type Peer, roundTrips, type Swab, watchMulti } from './peers.js';
import { pgFunction, pgTransaction } from './postgres.js';

const [contender = 'bare', url = ''] = process.argv.slice(2);

const peers: Record<string, () => Peer | Promise<Peer>> = {
  roundTrips: () => roundTrips(url),
  watchMulti: () => watchMulti(url),
  bullmq: () => bullmq(url),
  pgTransaction: () => pgTransaction(url),
  pgFunction: () => pgFunction(url),
};

const identifier = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$' };
const count = { type: 'integer', minimum: 0, maximum: 4_294_967_295 };
/** The same shape as our takeSwab route takes. */
const schema = {
  body: {
    type: 'object',
    additionalProperties: false,
    required: ['device', 'epoch', 'number', 'claimedAt', 'body'],
    properties: {
      device: identifier, epoch: identifier, number: count, assigned: count, mode: { enum: ['ask', 'report'], default: 'ask' }, by: identifier,
      claimedAt: { type: 'integer', minimum: 0, maximum: 281_474_976_710_655 },
      now: { type: 'integer', minimum: 0, maximum: 281_474_976_710_655 },
      body: {
        type: 'object', additionalProperties: false, required: ['resident', 'tube'],
        properties: { resident: { type: 'string', pattern: '^(#?[1-9][0-9]{0,8})$' }, tube: { type: 'string', pattern: '^[0-9A-Z]{8,20}$' } },
      },
    },
  },
  response: {
    200: {
      type: 'object',
      properties: {
        dataEpoch: { type: 'string' }, at: { type: 'number' }, mark: { type: 'integer' }, missing: { type: 'integer' }, lost: { type: 'integer' }, copies: { type: 'integer' }, safeUpTo: { type: 'integer' }, due: { type: 'integer' },
        answer: {
          type: 'object',
          properties: { number: { type: 'integer' }, outcome: { type: 'string' }, events: { type: 'array', items: { type: 'object', additionalProperties: true } } },
        },
      },
    },
  },
} as const;

type Route = { Body: { device: string; number: number; claimedAt: number; body: { resident: string; tube: string } } };

const app = Fastify({ logger: false });
const peer = await peers[contender]?.();
const ping = contender === 'ping' ? new Redis(url) : undefined;

const envelope = (number: number, event: object) => ({
  dataEpoch: '6b04cf7594a32.0123abcd', at: 1_700_000_000_000, mark: number, missing: 0, lost: 0, copies: 1, safeUpTo: 0, due: 0, answer: { number, outcome: 'applied', events: [event] },
});
const sample = (resident: string, tube: string, tubeCount: number) => ({
  event: 'swab.taken', id: '', step: 19, at: 1_700_000_000_000, device: 1, number: 1, claimedAt: 1_700_000_000_000, offset: 0, reported: 0, by: '',
  resident: Number(resident), tube, station: 1, village: 1, count: tubeCount, size: 10, marks: 0, ticket: 0, ticketFrom: 0, ticketStation: 0,
  beforeResident: '', beforeTube: '1700000000000-0',
});

app.post<Route>('/swab', { schema }, async (request) => {
  const { device, number, claimedAt, body } = request.body;
  if (peer) {
    const swab: Swab = { device, number, claimedAt, resident: body.resident, tube: body.tube };
    const answer = await peer.take(swab);
    if (answer.outcome === 'refused') throw new Error('refused');
    return envelope(number, sample(body.resident, body.tube, answer.count));
  }
  if (ping) await ping.ping();
  return envelope(number, sample(body.resident, body.tube, 1));
});

await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
console.log(typeof address === 'object' && address ? address.port : 0);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...args] = line.split(' ');
  if (command === 'prepare') {
    await peer?.prepare(Number(args[0]), (args[1] ?? '').split(',').filter(Boolean));
    console.log('prepared');
  } else if (command === 'settled') {
    await peer?.settled();
    console.log('settled');
  } else if (command === 'check') console.log(JSON.stringify((await peer?.check()) ?? {}));
}
