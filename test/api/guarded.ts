// The door with its gate: a rig that pairs devices and signs people in the way they do, through the routes.

import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';
import type { ServerParts } from '../../src/api/server.js';
import type { Held, Role } from '../../src/domain/roles.js';
import { connect } from '../../src/ledger/redis.js';
import { openSystem, type System } from '../../src/ledger/system.js';
import { testRedisUrl } from '../support-redis.js';
import type { RigOptions } from '../support.js';
import { build, type DoorRig } from './support.js';

export type Headers = Record<string, string>;

export interface Guarded {
  door: DoorRig;
  system: System;
  /** Headers of a key that may do everything. */
  tool: Headers;
  /** Sends a request with these headers. */
  send(headers: Headers, method: NonNullable<InjectOptions['method']>, url: string, payload?: unknown): Promise<LightMyRequestResponse>;
  /** Pairs a device through the door; gives its name and headers. */
  pair(role: Role, place?: { round?: string; area?: string; site?: string; station?: string; device?: string }): Promise<{ device: string; key: string; headers: Headers }>;
  /** Makes an account with these roles, sets its password by its one-time link and signs it in; gives its name and headers. */
  person(grants: Held[]): Promise<{ account: string; headers: Headers; cookie: string }>;
  /** Opens the cell's socket; gives the status of the refusal, or the socket. */
  open(headers: Headers, path?: string): Promise<WebSocket | number>;
}

export const password = 'correct horse battery';

/** A name nobody has had: accounts and devices are those of all tests. */
export const fresh = (letter: string): string => `${letter}${randomBytes(5).toString('hex')}`;

export async function guarded(t: { teardown(end: () => unknown): void; testdir(): string }, options: RigOptions & { parts?: Partial<ServerParts> } = {}): Promise<Guarded> {
  const redis = connect(await testRedisUrl(), { patient: true });
  let system: System | undefined;
  // Registered first, so that it runs last, after the door has closed.
  t.teardown(() => system?.close());
  const ledgerRedis = connect(await testRedisUrl());
  t.teardown(() => ledgerRedis.disconnect());
  const { createLedger } = await import('../../src/ledger/ledger.js');
  system = await openSystem(createLedger(ledgerRedis, { error: (detail) => { throw new Error(JSON.stringify(detail)); } }), redis);
  const door = await build(t, options, { system, ...options.parts });
  const opened: WebSocket[] = [];
  t.teardown(() => { for (const socket of opened) socket.terminate(); });
  const tool = { authorization: `Bearer ${door.app.gate?.tools.draw() ?? ''}` };
  // Attempts are counted by address in a Redis that all tests share: each rig asks from an address of its own, as each tablet would.
  const remoteAddress = `10.${[...randomBytes(3)].join('.')}`;

  const rig: Guarded = {
    door, system, tool,
    send: (headers, method, url, payload) => door.app.inject({ method, url, headers, remoteAddress, ...(payload === undefined ? {} : { payload: payload as object }) }),
    async pair(role, place = {}) {
      const made = await rig.send(tool, 'POST', '/api/pairing', { role, ...door.cell, device: fresh('t'), ...place });
      if (made.statusCode !== 201) throw new Error(made.body);
      const redeemed = await rig.send({}, 'POST', '/api/pairing/redeem', { code: made.json<{ code: string }>().code, keep: 'key' });
      if (redeemed.statusCode !== 200) throw new Error(redeemed.body);
      const { device, key } = redeemed.json<{ device: string; key: string }>();
      return { device, key, headers: { authorization: `Bearer ${key}` } };
    },
    async person(grants) {
      const account = fresh('a');
      const made = await rig.send(tool, 'PUT', `/api/accounts/${account}`, { grants });
      if (made.statusCode !== 200) throw new Error(made.body);
      const entered = await rig.send({}, 'POST', '/api/enter', { link: made.json<{ link: string }>().link.split('#')[1], password });
      if (entered.statusCode !== 200) throw new Error(entered.body);
      const cookie = cookieOf(entered);
      return { account, cookie, headers: { cookie, 'x-swabline': '1' } };
    },
    async open(headers, path = '/socket') {
      const socket = new WebSocket(`ws://${await door.listen()}${door.at(path)}`, { headers });
      opened.push(socket);
      return new Promise((resolve, reject) => {
        socket.once('open', () => resolve(socket));
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        socket.once('error', reject);
      });
    },
  };
  return rig;
}

/** The cookie an answer sets, as it is sent back. */
export function cookieOf(answer: LightMyRequestResponse): string {
  const set = answer.headers['set-cookie'];
  return String(Array.isArray(set) ? set.at(-1) : set).split(';')[0] ?? '';
}

export const wordIn = (answer: LightMyRequestResponse): string => `${answer.statusCode} ${(answer.json<{ word?: string }>()).word ?? ''}`.trim();
