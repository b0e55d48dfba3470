// The rig of the tests: a ledger on a real Redis, a cell of the test's own, devices that count their own numbers as tablets do. When a
// test ends, what it has left on the record is held against the invariants (ledger/invariants.ts).

import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { makeCode, rehearsalSerials } from '../src/domain/codes.js';
import { bodies, type Body, type BodyInput, type CellName, type Enrolment, type Mode, type StepName, type StepRequest } from '../src/domain/requests.js';
import { type Answer, createLedger, type Ledger, type Receipt, type Unreadable } from '../src/ledger/ledger.js';
import { connect } from '../src/ledger/redis.js';
import { invariants } from './ledger/invariants.js';
import { testRedisUrl } from './support-redis.js';

/** First reading of a rehearsal's clock in the tests. */
export const morning = 1_700_000_000_000;
export const minute = 60_000;

type Teardown = { teardown(end: () => unknown): void };
type RoundInput = Partial<BodyInput<'openRound'>>;

/** A request as a test writes it; what is left out is filled in by the device. */
export type Draft = {
  [S in StepName]: { step: S; body: BodyInput<S>; mode?: Mode; number?: number; claimedAt?: number; by?: string };
}[StepName];

export interface Device {
  readonly name: string;
  readonly epoch: string;
  /** The highest number given out. */
  number: number;
  /** The staff card scanned last. */
  by: string | undefined;
  /** The device's clock while sending; undefined: it does not tell. */
  clock: number | undefined;
  /** What came back last. */
  receipt: Receipt;
  /** Asks for a step under the next number. */
  ask<S extends StepName>(step: S, body: BodyInput<S>): Promise<Answer>;
  /** Reports a step as done, under the next number. */
  report<S extends StepName>(step: S, body: BodyInput<S>): Promise<Answer>;
  /** Asks, and throws unless the step was applied: for what a test needs to have happened before it begins. */
  done<S extends StepName>(step: S, body: BodyInput<S>): Promise<Extract<Answer, { outcome: 'applied' }>>;
  /** Sends the last request once more, word for word or with what is given instead. */
  again(instead?: { mode?: Mode; body?: unknown }): Promise<Answer>;
  /** Writes a request into the outbox without sending it. */
  draft(draft: Draft): StepRequest;
  /** Sends requests in one call; drafts get the next numbers. */
  send(requests: readonly (Draft | StepRequest | Unreadable)[]): Promise<Receipt>;
}

export interface Rig {
  ledger: Ledger;
  redis: Redis;
  cell: CellName;
  /** Messages of steps that failed. A test that provokes one empties the list; otherwise the test fails. */
  faults: string[];
  /** A device of this cell; the same name gives the same device. */
  device(name: string, epoch?: string): Device;
  /** The command post's device, which opened the round. */
  post: Device;
  /** The cell's time as last told. */
  now(): number;
  /** Opens the round of `cell`: a rehearsal with two sites and one village unless told otherwise. */
  openRound(round?: RoundInput): Promise<Answer>;
  /** Enrols `n` residents of the village 'Upper' with doors of their own; gives their numbers. */
  enrol(n: number, overrides?: Partial<Enrolment> | ((i: number) => Partial<Enrolment>)): Promise<string[]>;
  /** Moves the rehearsal's clock on, and applies what has become due. */
  advance(ms: number): Promise<void>;
  /** A printed tube code never used before in this cell, of this kind of round. */
  tube(): string;
  /** Leaves the record as it is without looking at it: for tests that spoil it on purpose. */
  spoil(): void;
}

export interface RigOptions {
  /** Left out of what is opened: `false` opens no round. */
  round?: RoundInput | false;
  /** Stations at the site 's1', or [station, site]. */
  stations?: readonly (string | readonly [string, string])[];
  residents?: number | readonly [number, Partial<Enrolment> | ((i: number) => Partial<Enrolment>)];
  /** Another Redis than the one of all tests, and its ledger. */
  redis?: Redis;
  cell?: CellName;
}

/** A cell of its own, open as a rehearsal with what is asked for. Everything closes with the test. */
export async function build(t: Teardown, { round = {}, stations = [], residents = 0, redis: given, cell = freshCell() }: RigOptions = {}): Promise<Rig> {
  const redis = given ?? connect(await testRedisUrl());
  const faults: string[] = [];
  const ledger = createLedger(redis, { error: (detail) => faults.push((detail as { fault?: string }).fault ?? '') });
  const devices = new Map<string, Device>();
  const rehearsal = round !== false && (round.rehearsal ?? true);
  let at = morning;
  let tubes = 0;
  let people = 0;
  let spoilt = false;

  const rig: Rig = {
    ledger, redis, cell, faults,
    device(name, epoch = 'e1') {
      const key = `${name}:${epoch}`;
      const found = devices.get(key) ?? makeDevice(ledger, cell, name, epoch, () => at, (told) => { if (told > 0) at = told; });
      devices.set(key, found);
      return found;
    },
    get post() { return rig.device('post'); },
    now: () => at,
    openRound: (given = {}) => rig.post.ask('openRound', { ...roundOf(given), ...given }),
    async enrol(n, overrides = {}) {
      const residents = Array.from({ length: n }, (_, i) => {
        const own = typeof overrides === 'function' ? overrides(i) : overrides;
        return { index: randomBytes(16).toString('hex'), sealed: 'AAAA', village: 'Upper', household: people + i + 1, ...own };
      });
      people += n;
      const numbers: string[] = [];
      for (let from = 0; from < n; from += 500) {
        const { events } = await rig.post.done('enrolResidents', { residents: residents.slice(from, from + 500) });
        for (const event of events) if (event.event === 'residents.enrolled') for (let i = 0; i < event.count; i++) numbers.push(String(event.first + i));
      }
      return numbers;
    },
    async advance(ms) {
      await rig.post.done('advanceClock', { to: at + ms });
      while (rig.post.receipt.due > 0) await rig.post.done('runDue', { limit: 200 });
    },
    tube: () => makeCode('tube', (rehearsal ? rehearsalSerials : 0) + ++tubes),
    spoil: () => { spoilt = true; },
  };

  t.teardown(async () => {
    try {
      if (spoilt) return;
      if (faults.length > 0) throw new Error(`steps have failed: ${faults.join('; ')}`);
      const broken = await invariants(redis, cell);
      if (broken.length > 0) throw new Error(`the record of ${cell.round}:${cell.area} contradicts itself:\n${broken.join('\n')}`);
    } finally {
      if (!given) redis.disconnect();
    }
  });

  if (round !== false) {
    const opened = await rig.openRound(round);
    if (opened.outcome !== 'applied') throw new Error(`the round did not open: ${JSON.stringify(opened)}`);
    for (const station of stations) {
      const [code, site] = typeof station === 'string' ? [station, 's1'] : station;
      await rig.post.done('openStation', { station: code, site });
    }
    if (typeof residents === 'number' ? residents > 0 : true) {
      await (typeof residents === 'number' ? rig.enrol(residents) : rig.enrol(residents[0], residents[1]));
    }
  }
  return rig;
}

/** A cell nobody has used. */
export const freshCell = (): CellName => ({ round: `t${randomBytes(6).toString('hex')}`, area: 'north' });

function roundOf(given: RoundInput): BodyInput<'openRound'> {
  const rehearsal = given.rehearsal ?? true;
  return {
    name: 'a round of a test', rehearsal, ...(rehearsal ? { clock: morning } : {}),
    sites: [{ site: 's1', name: 'School' }, { site: 's2', name: 'Square' }],
    villages: [{ village: 'Upper', site: 's1' }],
  };
}

function makeDevice(ledger: Ledger, cell: CellName, name: string, epoch: string, now: () => number, told: (at: number) => void): Device {
  let last: StepRequest | undefined;
  const one = async (request: StepRequest): Promise<Answer> => {
    last = request;
    return (await device.send([request])).answers[0] as Answer;
  };
  const device: Device = {
    name, epoch, number: 0, by: 'nurse1', clock: undefined,
    receipt: { dataEpoch: '', at: 0, mark: 0, missing: 0, lost: 0, copies: 1, safeUpTo: 0, answers: [], due: 0 },
    draft: ({ step, body, mode = 'ask', number = device.number + 1, claimedAt = device.clock ?? now(), by = device.by }) => {
      device.number = Math.max(device.number, number);
      return { number, step, mode, claimedAt, by, body: bodies[step].parse(body) as Body<StepName> };
    },
    ask: (step, body) => one(device.draft({ step, body } as Draft)),
    report: (step, body) => one(device.draft({ step, body, mode: 'report' } as Draft)),
    async done(step, body) {
      const answer = await device.ask(step, body);
      if (answer.outcome !== 'applied') throw new Error(`${step} was not applied: ${JSON.stringify(answer)}`);
      return answer;
    },
    again(instead = {}) {
      if (!last) throw new Error(`${name} has sent nothing yet`);
      const body = instead.body === undefined ? last.body : (bodies[last.step].parse(instead.body) as Body<StepName>);
      return one({ ...last, ...(instead.mode ? { mode: instead.mode } : {}), body });
    },
    async send(requests) {
      const complete = requests.map((request) => (request.step === 'quarantine' || 'claimedAt' in request && 'number' in request ? (request as StepRequest | Unreadable) : device.draft(request as Draft)));
      for (const { number } of complete) device.number = Math.max(device.number, number);
      const [receipt] = await ledger.take(cell, [{ device: name, epoch, now: device.clock, assigned: device.number, requests: complete }]);
      device.receipt = receipt as Receipt;
      told(device.receipt.at);
      return device.receipt;
    },
  };
  return device;
}

/** The word of a refusal; for anything else its outcome, so that a failing comparison says what came instead. */
export const wordOf = (answer: Answer | undefined): string => (answer?.outcome === 'refused' ? answer.word : (answer?.outcome ?? 'nothing'));

/** Names of the events of an answer, with the repeat of the same name counted: `swab.taken x3`. */
export const eventsOf = (answer: Answer): string[] => (answer.outcome === 'applied' ? answer.events.map(({ event }) => event) : [wordOf(answer)]);

/** Words of the discrepancies an answer has opened. */
export const contradictionsOf = (answer: Answer): string[] =>
  answer.outcome === 'applied' ? answer.events.flatMap((event) => (event.event === 'discrepancy.opened' ? [event.what] : [])) : [wordOf(answer)];
