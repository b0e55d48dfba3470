// The rig of the door's tests: a door on the tests' Redis with a vault of its own, cells of the test's own, and tablets that count their
// numbers. HTTP goes through inject; what needs a line listens on a free port.

import { join } from 'node:path';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { createServer, type ServerParts } from '../../src/api/server.js';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import type { CellName, StepName } from '../../src/domain/requests.js';
import { openVault, type Vault } from '../../src/vault/vault.js';
import { build as buildLedger, type Rig, type RigOptions } from '../support.js';
import { shelfInMemory } from '../vault/shelfInMemory.js';

export interface DoorRig extends Rig {
  app: FastifyInstance;
  vault: Vault;
  /** Lines of the log, as JSON. */
  logged: Record<string, unknown>[];
  /** `/api/cells/:round/:area` and what follows. */
  at(path?: string): string;
  /** Sends one step alone. */
  step(step: StepName, body: unknown, envelope?: Record<string, unknown>): Promise<LightMyRequestResponse>;
  /** Sends an outbox. */
  outbox(requests: unknown[], envelope?: Record<string, unknown>): Promise<LightMyRequestResponse>;
  get(path?: string): Promise<LightMyRequestResponse>;
  /** The next number of this device. */
  next(device?: string): number;
  /** Listens on a free port and gives the base address. */
  listen(): Promise<string>;
  /** An open line to the cell's socket. */
  line(headers?: Record<string, string>): Promise<Line>;
}

export interface Line {
  socket: WebSocket;
  /** Sends a frame and waits for the answer with its id. */
  ask(frame: Record<string, unknown>): Promise<Reply>;
  /** The next frame that comes, whatever it is. */
  next(): Promise<Reply>;
  closed: Promise<number>;
}

export type Reply = { id?: unknown; answers?: Answer[]; problem?: ProblemReply; mark?: number };
export type Answer = { number?: number; outcome: string; word?: string; again?: boolean; events?: { event: string }[]; zh?: string; en?: string; detail?: Record<string, unknown> };
export type ProblemReply = { type: string; title: string; status: number; word: string; zh: string; en: string; nextZh: string; nextEn: string; detail?: Record<string, unknown> };

type Test = { teardown(end: () => unknown): void; testdir(): string };

/** A door on a cell of the test's own. */
export async function build(t: Test, options: RigOptions = {}, parts: Partial<ServerParts> = {}): Promise<DoorRig> {
  // The rig's teardown runs after the door's, so that nothing is under way when the record is looked at.
  return doorOf(t, await buildLedger(t, options), parts);
}

/** A door on a world that stands already. */
export async function doorOf(t: Test, rig: Rig, parts: Partial<ServerParts> = {}): Promise<DoorRig> {
  const vault = await openVault({ file: join(t.testdir(), 'master.key'), shelf: shelfInMemory(), mayCreate: true, say: () => {} });
  await vault.prepare(rig.cell.round);
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => { logged.push(JSON.parse(line) as Record<string, unknown>); } });
  const app = await createServer({ ledger: rig.ledger, vault, log, unguarded: parts.system === undefined, ...parts });
  const numbers = new Map<string, number>();
  const lines: WebSocket[] = [];
  let listening: Promise<string> | undefined;
  t.teardown(async () => {
    for (const socket of lines) socket.terminate();
    await app.close();
  });

  const at = (path = '') => `/api/cells/${rig.cell.round}/${rig.cell.area}${path}`;
  const envelope = { device: 'tablet', epoch: 'e1' };
  const door: DoorRig = Object.assign(rig, {
    app, vault, logged, at,
    next(device = 'tablet') {
      const n = (numbers.get(device) ?? 0) + 1;
      numbers.set(device, n);
      return n;
    },
    step(step: StepName, body: unknown, given: Record<string, unknown> = {}) {
      const number = 'number' in given ? given['number'] : door.next(given['device'] as string | undefined);
      return app.inject({ method: 'POST', url: at(`/steps/${step}`), payload: { ...envelope, claimedAt: rig.now(), ...given, number, body } });
    },
    outbox: (requests: unknown[], given: Record<string, unknown> = {}) => app.inject({ method: 'POST', url: at('/outbox'), payload: { ...envelope, ...given, requests } }),
    get: (path = '') => app.inject({ method: 'GET', url: at(path) }),
    async listen() {
      listening ??= app.listen({ port: 0, host: '127.0.0.1' });
      await listening;
      return `127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    },
    async line(headers: Record<string, string> = {}) {
      const socket = new WebSocket(`ws://${await door.listen()}${at('/socket')}`, { headers });
      lines.push(socket);
      await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
      return lineOf(socket);
    },
  }) as unknown as DoorRig;
  return door;
}

function lineOf(socket: WebSocket): Line {
  const came: Reply[] = [];
  const wanted: ((reply: Reply) => void)[] = [];
  const byId = new Map<unknown, (reply: Reply) => void>();
  socket.on('message', (data: Buffer) => {
    const reply = JSON.parse(data.toString()) as Reply;
    const asked = byId.get(reply.id);
    if (asked) {
      byId.delete(reply.id);
      asked(reply);
    } else if (wanted.length > 0) wanted.shift()?.(reply);
    else came.push(reply);
  });
  return {
    socket,
    ask: (frame) =>
      new Promise((resolve) => {
        byId.set(frame['id'], resolve);
        socket.send(JSON.stringify({ device: 'tablet', epoch: 'e1', ...frame }));
      }),
    next: () => new Promise((resolve) => { const first = came.shift(); if (first) resolve(first); else wanted.push(resolve); }),
    closed: new Promise((resolve) => socket.once('close', resolve)),
  };
}

/** A tube code of ours that no test has used in this cell. */
export const tubeOf = (serial: number, rehearsal = true): string => makeCode('tube', (rehearsal ? rehearsalSerials : 0) + serial);

/** A record of an outbox. */
export const record = (number: number, step: StepName, body: unknown, more: Record<string, unknown> = {}) => ({ number, step, claimedAt: 1_700_000_000_000, body, ...more });

export const cellPath = ({ round, area }: CellName): string => `/api/cells/${round}/${area}`;
