// A whole Swabline for the tests of the screens, on a Redis and a folder of its own, with a township that came in by a roster file; and
// tablets that are paired as people pair them.

import type { BrowserContext } from 'playwright-core';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../src/config.js';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import type { CellName, StepName } from '../../src/domain/requests.js';
import type { deviceRoles } from '../../src/domain/roles.js';
import { type Program, startProgram } from '../../src/program.js';
import { csv, headings, madeUpRow } from '../jobs/roster/rosters.js';
import { ownFolder } from '../folder.js';

type Test = { teardown(end: () => unknown): void };

export interface Service {
  base: string;
  cell: CellName;
  /** Asks as a tool that may do everything; gives the JSON, and throws where the answer is no. */
  call<Value = Record<string, unknown>>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Value>;
  /** `/api/cells/round/area` and what follows. */
  at(path?: string): string;
  /** Takes a step as the command post. */
  step(step: StepName, body: unknown, cell?: CellName): Promise<{ answer: { events: ({ event: string } & Record<string, unknown>)[] } }>;
  /** A printed tube code that nobody has used. */
  tube(): string;
  /** Pairs the device of this browser context, as `/pair` would; gives its name. */
  pair(context: BrowserContext, place: { role: (typeof deviceRoles)[number]; site?: string; station?: string; cell?: CellName; device?: string }): Promise<string>;
  /** Makes an account with a password and signs this context in. */
  signIn(context: BrowserContext, account: string, grants: object[]): Promise<void>;
  /** Kills the service; `start` brings it back on the same port and data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  program: Program;
  /** What the service has said at its console, sentence by sentence. */
  said: readonly string[];
}

export interface ServiceOptions {
  people?: number;
  rehearsal?: boolean;
  rules?: object;
  stations?: number;
  /** Opens no round: an empty system. */
  empty?: boolean;
  laboratory?: boolean;
}

/** Rows of the roster, by number of the resident less one, for what the tests expect to see: made up, and nobody's. */
export const rosterRow = madeUpRow;

export async function openService(t: Test, { people = 60, rehearsal = false, rules = {}, stations = 3, empty = false, laboratory = false }: ServiceOptions = {}): Promise<Service> {
  const dir = ownFolder(t);
  let port = 0;
  let program: Program | undefined;
  let key = '';
  let number = 0;
  let tubes = 0;
  const epoch = 'e1';
  const said: string[] = [];
  const cell: CellName = { round: 'r1', area: 'north' };

  const service: Service = {
    base: '', cell, said,
    at: (path = '') => `/api/cells/${cell.round}/${cell.area}${path}`,
    async call<Value>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Value> {
      const response = await fetch(`${service.base}${path}`, { method, headers: { authorization: `Bearer ${key}`, ...(body instanceof FormData || body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 400)}`);
      return JSON.parse(text) as Value;
    },
    step: (step, body, where = cell) => service.call('POST', `/api/cells/${where.round}/${where.area}/steps/${step}`, { device: 'post', epoch: where === cell ? epoch : `e-${where.area}`, number: ++number, claimedAt: Date.now(), by: '699999999999', body }),
    tube: () => makeCode('tube', (rehearsal ? rehearsalSerials : 0) + 1000 + ++tubes),
    async pair(context, { cell: where = cell, ...place }) {
      const offer = await service.call<{ qr: string; device: string }>('POST', '/api/pairing', { ...where, ...place });
      const redeemed = await context.request.post(`${service.base}/api/pairing/redeem`, { data: { code: offer.qr.split('#')[1], keep: 'cookie' }, headers: { 'x-swabline': '1', origin: service.base } });
      if (!redeemed.ok()) throw new Error(`the device was not paired: ${await redeemed.text()}`);
      return offer.device;
    },
    async signIn(context, account, grants) {
      const made = await service.call<{ link?: string }>('PUT', `/api/accounts/${account}`, { grants });
      const entered = await context.request.post(`${service.base}/api/enter`, { data: { link: made.link?.split('#')[1], password: 'long and dull words' }, headers: { 'x-swabline': '1', origin: service.base } });
      if (!entered.ok()) throw new Error(`${account} could not enter: ${await entered.text()}`);
    },
    async stop() {
      await program?.close();
      program = undefined;
    },
    async start() {
      program = await startProgram(readConfig({ SWABLINE_DATA: dir, PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'error' }), { say: (sentence) => said.push(sentence), rates: { device: { max: 1_000_000, seconds: 60 }, account: { max: 1_000_000, seconds: 60 }, address: { max: 1_000_000, seconds: 60 } } });
      service.base = program.address as string;
      port = Number(new URL(service.base).port);
      key = program.toolKey();
    },
    get program() { return program as Program; },
  };
  t.teardown(() => service.stop());
  await service.start();
  if (empty) return service;

  await service.step('openRound', {
    name: '三月第一轮', rehearsal, ...(rehearsal ? { clock: Date.now() } : {}), rules: { ...(laboratory ? { laboratory: 'lab' } : {}), ...rules },
    sites: [{ site: 's1', name: '小学' }, { site: 's2', name: '广场' }],
  });
  if (laboratory) await service.step('openRound', { name: '县实验室', rehearsal, laboratory: true, ...(rehearsal ? { clock: Date.now() } : {}) }, { round: cell.round, area: 'lab' });
  for (let i = 1; i <= stations; i++) await service.step('openStation', { station: `t${i}`, site: i <= 2 ? 's1' : 's2' });
  if (people > 0) {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(csv([headings, ...Array.from({ length: people }, (_, i) => madeUpRow(i))]))]), 'roster.csv');
    const { upload, job: check } = await service.call<{ upload: string; job: string }>('POST', service.at('/roster?task=check'), form);
    await settled(check);
    await settled((await service.call<{ job: string }>('POST', service.at(`/roster/${upload}/import`), {})).job);
  }
  return service;

  async function settled(job: string): Promise<void> {
    for (let i = 0; i < 1200; i++) {
      const { state } = await service.call<{ state: string }>('GET', service.at(`/roster/${job}`));
      if (state === 'done') return;
      if (state === 'failed') break;
      await sleep(50);
    }
    throw new Error(`the roster's job ${job} did not come to its end`);
  }
}
