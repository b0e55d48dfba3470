// Random walks: sequences of steps as a crowded, badly connected site would send them, taken by the ledger and by its twin. Every answer
// must agree, and at the end every resident, tube, ticket, station, discrepancy, device and deadline.

import fc from 'fast-check';
import type { LedgerEvent } from '../../src/domain/events.js';
import { excuseReasons, priorityClasses, resolutions } from '../../src/domain/reasons.js';
import { bodies, type CellName, type Mode, type StepName, type StepRequest } from '../../src/domain/requests.js';
import { type RoundRules, roundRules } from '../../src/domain/roundRules.js';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import { keyOf } from '../../src/ledger/keys.js';
import type { Answer, Ledger, Unreadable } from '../../src/ledger/ledger.js';
import * as reads from '../../src/ledger/reads.js';
import { freshCell, minute, morning } from '../support.js';
import { invariants } from './invariants.js';
import { Model, type Outcome } from './model.js';

// The world: few of everything, so that what can meet does meet.
const tubeCodes = [...[1, 2, 3, 4, 5].map((n) => makeCode('tube', rehearsalSerials + n)), 'AB12345678901', makeCode('tube', 1)];
const sites = [{ site: 's1', name: 'School', at: { lat: 38, lng: 114.5 } }, { site: 's2', name: 'Square', at: { lat: 38.01, lng: 114.5 } }];
const villages = [{ village: 'Upper', site: 's1', at: { lat: 38, lng: 114.5 } }];
const stations = ['a1', 'a2', 'b1'] as const;
const deviceNames = ['tablet', 'second', 'desk', 'post'] as const;
const enrolled = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => ({
  index: String(i).padStart(32, '0'), sealed: 'AAAA', village: 'Upper', household: [1, 1, 2, 2, 2, 0, 0, 3, 4, 5][i] as number,
  risk: i === 8 ? ('key' as const) : i === 9 ? ('high' as const) : ('normal' as const), priority: i === 5 ? ('over80' as const) : ('none' as const), single: i === 7,
}));

const tube = fc.constantFrom(...tubeCodes, ...tubeCodes.slice(0, 3));
const resident = fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 10 }).map(String) }, { weight: 1, arbitrary: fc.constantFrom('11', '99') }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 8 }).map((n) => `#${n}`) });
const station = fc.oneof({ weight: 9, arbitrary: fc.constantFrom<string>(...stations) }, { weight: 1, arbitrary: fc.constant('nowhere') });
const site = fc.oneof({ weight: 9, arbitrary: fc.constantFrom('s1', 's2') }, { weight: 1, arbitrary: fc.constant('nowhere') });
const secondBy = fc.constantFrom(undefined, 'anna', 'ben');
const device = fc.constantFrom(...deviceNames);
const desired = <S extends StepName>(weight: number, step: S, body: fc.Arbitrary<object>) => ({ weight, arbitrary: body.map((body) => ({ step: step as StepName, body })) });

/** `in` stands for minutes from the moment it is taken; it becomes a time then. */
const wish = fc.oneof(
  desired(24, 'takeSwab', fc.record({ resident, tube })),
  desired(10, 'openTube', fc.record({ tube, station, risk: fc.constantFrom('normal', 'normal', 'key', 'high'), size: fc.constantFrom(undefined, undefined, 1, 5, 10) })),
  desired(3, 'voidSwab', fc.record({ resident, tube, reason: fc.constant('wrong_person'), secondBy })),
  desired(5, 'moveSwab', fc.record({ resident, from: tube, to: tube, reason: fc.constant('other'), secondBy })),
  desired(5, 'sealTube', fc.record({ tube, counted: fc.constantFrom(undefined, undefined, 0, 1, 2, 5) })),
  desired(3, 'voidTube', fc.record({ tube, reason: fc.constant('broken'), secondBy })),
  desired(10, 'issueTicket', fc.record({
    site, station: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: station }), priority: fc.constantFrom(undefined, undefined, ...priorityClasses.slice(0, 2)),
    party: fc.array(fc.record({ resident, number: fc.integer({ min: 1, max: 60 }).map((n) => `A${n}`) }), { minLength: 1, maxLength: 4 }),
  })),
  desired(7, 'callNext', fc.record({ station })),
  desired(4, 'skipTicket', fc.record({ resident })),
  desired(3, 'moveTicket', fc.record({ resident, station })),
  desired(3, 'registerWalkIn', fc.record({ index: fc.constantFrom(undefined, enrolled[0]?.index, 'f'.repeat(32)), sealed: fc.constant('AAAA'), village: fc.constantFrom('Upper', 'Elsewhere'), household: fc.constantFrom(0, 1, 7), single: fc.boolean() })),
  desired(2, 'excuseResident', fc.record({ resident, reason: fc.constantFrom(...excuseReasons.slice(0, 3)), in: fc.constantFrom(undefined, 10, 60) })),
  desired(3, 'openStation', fc.record({ station: fc.constantFrom(...stations), site })),
  desired(2, 'pauseStation', fc.record({ station })),
  desired(1, 'drainStation', fc.record({ station })),
  desired(2, 'closeStation', fc.record({ station })),
  desired(4, 'resolveDiscrepancy', fc.record({ discrepancy: fc.integer({ min: 1, max: 9 }).map(String), resolution: fc.constantFrom(...resolutions), resident: fc.option(resident, { nil: undefined }) })),
  desired(1, 'settleQuarantined', fc.record({ device, epoch: fc.constant('e1'), number: fc.integer({ min: 1, max: 12 }), decision: fc.constant('rejected') })),
  desired(2, 'writeOffDevice', fc.record({ device, epoch: fc.constant('e1'), reason: fc.constant('gone'), secondBy: fc.constantFrom('anna', 'ben') })),
  desired(1, 'closeRound', fc.record({})),
  desired(6, 'advanceClock', fc.record({ in: fc.constantFrom(1, 1, 3, 8, 15, 30, -1) })),
  desired(6, 'runDue', fc.record({ limit: fc.constantFrom(1, 3, 100) })),
);
const act = fc.record({
  device, wish,
  /** A blind wish names whatever it names; one that looks takes from the record what it needs, so that the walk gets far. */
  looks: fc.option(fc.nat(50), { freq: 3, nil: undefined }), mode: fc.constantFrom<Mode[]>('ask', 'ask', 'report'), by: fc.constantFrom('anna', 'ben', undefined), minutesAgo: fc.constantFrom(0, 0, 1, 7),
  /** now: with nothing else; keep: written and not sent; all: with everything this device has kept, that first; before: this first. */
  send: fc.constantFrom('now', 'now', 'now', 'now', 'keep', 'all', 'before'),
});
const again = fc.record({ device, again: fc.nat(30), mode: fc.constantFrom<Mode[]>('ask', 'report'), otherwise: fc.boolean() });
const unreadable = fc.record({ device, unreadable: fc.integer({ min: 1, max: 3 }) });
const act_ = fc.oneof({ weight: 30, arbitrary: act }, { weight: 3, arbitrary: again }, { weight: 1, arbitrary: unreadable });
type Act = { device: (typeof deviceNames)[number] } & (
  | { wish: { step: StepName; body: object }; looks: number | undefined; mode: Mode; by: string | undefined; minutesAgo: number; send: string }
  | { again: number; mode: Mode; otherwise: boolean }
  | { unreadable: number }
);

const rules = fc.record({ household: fc.constantFrom('together', 'own', 'ignore'), assignment: fc.record({ rule: fc.constantFrom('own', 'nearest', 'any') }), absencesMax: fc.constantFrom(1, 2) });

/** The twin's day ends with the sealed tube: what becomes due on the way to the laboratory lies behind the walk's last minute. */
const unhurried = { packMinutes: 1440, roadAmberMinutes: 1440, roadRedMinutes: 1440, resultMinutes: 10_080 };
const lastMinute = morning + 1400 * minute;
const known = /^(warn|seal|kept|handOn|stall|excuse):/;

/** How often each step ended how: `takeSwab tube_full`, `sealTube applied`, `takeSwab reported already_sampled`. */
export type Tally = Map<string, number>;

/**
 * Walks `runs` times and gives what was met on the way; throws with the shortest walk that shows a disagreement, and the seed that finds
 * it again. `twist` changes the twin's rules and not the ledger's, for showing that a disagreement is noticed.
 */
export async function walk(ledger: Ledger, { runs, seed, twist = {} }: { runs: number; seed: number; twist?: Partial<RoundRules> }): Promise<Tally> {
  const tally: Tally = new Map();
  await fc.assert(
    fc.asyncProperty(rules, fc.array(act_ as fc.Arbitrary<Act>, { minLength: 5, maxLength: 70, size: 'max' }), async (rules, acts) => {
      const walker = new Walker(ledger, roundRules.parse({ ...rules, ...unhurried, poolSizes: { normal: 5, key: 5, high: 1 } }), twist, tally);
      await walker.begin();
      for (const one of acts) await walker.step(one);
      await walker.compare();
    }),
    // A twisted twin is to be found out, not explained: no search for the shortest walk.
    { numRuns: runs, seed, endOnFailure: Object.keys(twist).length > 0 },
  );
  return tally;
}

/** A device's side: its counter, what it has sent, and what it has written and not sent. */
interface Outbox { number: number; sent: (StepRequest | Unreadable)[]; kept: StepRequest[] }

class Walker {
  readonly #ledger: Ledger;
  readonly #cell: CellName = freshCell();
  readonly #model: Model;
  readonly #rules: RoundRules;
  readonly #outboxes = new Map(deviceNames.map((name): [string, Outbox] => [name, { number: 0, sent: [], kept: [] }]));
  readonly #trail: string[] = [];
  readonly #tally: Tally;

  constructor(ledger: Ledger, rules: RoundRules, twist: Partial<RoundRules>, tally: Tally) {
    this.#ledger = ledger;
    this.#tally = tally;
    this.#rules = rules;
    const near = rules.assignment.rule === 'own' ? [1] : [1, 2];
    this.#model = new Model({ ...rules, ...twist }, morning, sites.map(({ site }) => site), new Map([['Upper', near]]));
  }

  async begin(): Promise<void> {
    const body = bodies.openRound.parse({ name: 'walk', rehearsal: true, clock: morning, rules: this.#rules, sites, villages });
    const opening: StepRequest = { number: 1, step: 'openRound', mode: 'ask', claimedAt: morning, body };
    await this.#ledger.take(this.#cell, [{ device: 'post', epoch: 'e1', requests: [opening] }]);
    this.#model.devices.set('post:e1', { key: 'post:e1', name: 'post', journal: new Map([[1, { is: 'applied', content: 'openRound', answer: { outcome: 'applied', events: [] } }]]), assigned: 0, listed: false, seenAt: morning });
    (this.#outboxes.get('post') as Outbox).number = 1;
    await this.#send('post', [this.#request('post', 'enrolResidents', { residents: enrolled })]);
    for (const [station, site] of [['a1', 's1'], ['a2', 's1'], ['b1', 's2']]) await this.#send('post', [this.#request('post', 'openStation', { station, site })]);
  }

  async step(act: Act): Promise<void> {
    const outbox = this.#outboxes.get(act.device) as Outbox;
    if ('unreadable' in act) {
      outbox.number += 1;
      return this.#send(act.device, [{ number: outbox.number, step: 'quarantine', ciphertext: 'AAAA', problem: 'cannot be read', fingerprint: act.unreadable }]);
    }
    if ('again' in act) {
      const old = outbox.sent[act.again % Math.max(1, outbox.sent.length)];
      if (!old || old.step === 'quarantine') return;
      const body = act.otherwise && 'tube' in old.body ? { ...old.body, tube: tubeCodes[2] } : old.body;
      return this.#send(act.device, [{ ...old, mode: act.mode, body: body as StepRequest['body'] }]);
    }
    const seen = act.looks === undefined ? {} : this.#look(act.wish.step, act.looks);
    const request = this.#request(act.device, act.wish.step, { ...act.wish.body, ...seen }, act);
    if (act.send === 'keep') { outbox.kept.push(request); return; }
    const kept = act.send === 'now' ? [] : outbox.kept.splice(0);
    await this.#send(act.device, act.send === 'before' ? [request, ...kept] : [...kept, request]);
  }

  /** Parts of a body that this step can be done with, as the record stands; `pick` chooses among them. Nothing where there is none. */
  #look(step: StepName, pick: number): object {
    const model = this.#model;
    const one = <T>(list: readonly T[]): T | undefined => list[pick % Math.max(1, list.length)];
    const tubes = [...model.tubes.values()];
    const open = tubes.filter((tube) => tube.state === 'open');
    const holder = (of: string[]) => model.tickets.filter(({ state }) => of.includes(state)).map(({ resident }) => ({ resident: String(resident) }));
    switch (step) {
      case 'takeSwab': {
        const tube = one(open);
        const resident = one(model.residents.filter(({ n, single, risk }) => model.swabs(n) === 0 && (!tube || (single === (tube.size === 1) && (tube.members.length === 0 || risk === tube.risk)))));
        return { ...(tube ? { tube: tube.code } : {}), ...(resident ? { resident: String(resident.n) } : {}) };
      }
      case 'voidSwab': case 'moveSwab': {
        const from = one(tubes.filter((tube) => model.active(tube).some(({ resident }) => resident > 0)));
        const to = one(open.filter((tube) => tube !== from));
        const member = from && one(model.active(from).filter(({ resident }) => resident > 0));
        return member ? { tube: from?.code, from: from?.code, resident: String(member.resident), ...(to ? { to: to.code } : {}) } : {};
      }
      case 'sealTube': case 'voidTube': return { ...(one(open) ? { tube: one(open)?.code } : {}), counted: undefined };
      case 'advanceClock': {
        const next = one([...model.deadlines.values()].filter((time) => time > model.now));
        return next === undefined ? {} : { in: Math.ceil((next - model.now) / minute) };
      }
      case 'skipTicket': return one(holder(['called'])) ?? {};
      case 'moveTicket': return one(holder(['waiting', 'called', 'skipped'])) ?? {};
      case 'callNext': return one(model.stations.filter(({ ordinal }) => model.tickets.some((one) => one.state === 'waiting' && one.station === ordinal)).map(({ code }) => ({ station: code }))) ?? {};
      case 'resolveDiscrepancy': return one(model.discrepancies.filter((one) => one.open).map(({ n }) => ({ discrepancy: String(n) }))) ?? {};
      case 'settleQuarantined': return one([...model.quarantined.keys()].map((record) => ({ device: record.split(':')[0], number: Number(record.split(':')[2]) }))) ?? {};
      case 'writeOffDevice': return one([...model.devices.values()].filter((device) => model.missing(device).length > 0).map(({ name }) => ({ device: name }))) ?? {};
      default: return {};
    }
  }

  #request(device: (typeof deviceNames)[number], step: StepName, body: object, { mode = 'ask', by, minutesAgo = 0 }: { mode?: Mode; by?: string | undefined; minutesAgo?: number } = {}): StepRequest {
    const outbox = this.#outboxes.get(device) as Outbox;
    outbox.number += 1;
    const { in: minutes, ...rest } = body as { in?: number };
    const time = minutes === undefined ? {} : { [step === 'advanceClock' ? 'to' : 'until']: Math.min(lastMinute, this.#model.now + minutes * minute) };
    return { number: outbox.number, step, mode, claimedAt: this.#model.now - minutesAgo * minute, by, body: bodies[step].parse(fitting(step, { ...rest, ...time })) as StepRequest['body'] };
  }

  async #send(name: (typeof deviceNames)[number], requests: (StepRequest | Unreadable)[]): Promise<void> {
    const outbox = this.#outboxes.get(name) as Outbox;
    outbox.sent.push(...requests);
    // Some steps travel alone (ledger.ts); each is a call of its own to the twin as well.
    const alone = requests.some(({ step }) => step === 'writeOffDevice' || step === 'closeRound');
    for (const part of alone ? requests.map((one) => [one]) : [requests]) {
      const [receipt] = await this.#ledger.take(this.#cell, [{ device: name, epoch: 'e1', assigned: outbox.number, requests: part }]);
      const expected = this.#model.take(name, 'e1', part, outbox.number);
      for (const [i, request] of part.entries()) {
        const [is, should] = [tell(receipt?.answers[i]), JSON.stringify(expected[i])];
        this.#trail.push(`${name} ${request.number} ${request.step} ${request.step === 'quarantine' ? '' : `${request.mode} ${JSON.stringify(request.body)}`} > ${is}`);
        for (const met of endsOf(request, receipt?.answers[i])) this.#tally.set(met, (this.#tally.get(met) ?? 0) + 1);
        if (is !== should) throw new Error(`the ledger and its twin disagree\n${this.#trail.join('\n')}\n  ledger ${is}\n  twin   ${should}`);
      }
      if (receipt && receipt.at !== this.#model.now) throw new Error(`the ledger's clock says ${receipt.at}, its twin's ${this.#model.now}`);
    }
  }

  async compare(): Promise<void> {
    const { redis } = this.#ledger;
    const broken = await invariants(redis, this.#cell);
    if (broken.length > 0) throw new Error(`${broken.join('\n')}\n${this.#trail.join('\n')}`);
    const [ledger, twin] = [await stateOfLedger(redis, this.#cell), stateOfModel(this.#model)];
    for (const part of Object.keys(twin) as (keyof typeof twin)[]) {
      const [is, should] = [JSON.stringify(ledger[part]), JSON.stringify(twin[part])];
      if (is !== should) throw new Error(`the ledger and its twin are left with different ${part}\n${this.#trail.join('\n')}\n  ledger ${is}\n  twin   ${should}`);
    }
  }
}

/** Without the parts another step of the same look would have: `from` and `to` are moveSwab's, `tube` is not. */
const fitting = (step: StepName, body: object) => Object.fromEntries(Object.entries(body).filter(([name]) => name in bodies[step].shape));

const ticketStates = ['', 'waiting', 'called', 'served', 'gone', 'skipped'];

/** What a tally counts of an answer. */
function endsOf({ step }: StepRequest | Unreadable, answer: Answer | undefined): string[] {
  if (answer?.outcome === 'refused') return [`${step} ${answer.word}`];
  if (answer?.outcome !== 'applied') return [`${step} ${answer?.outcome}`];
  return [`${step} applied`, ...answer.events.map((one) => (one.event === 'discrepancy.opened' ? `${step} reported ${one.what}` : `${step} records ${one.event}`))];
}

/** An answer as the twin gives it. */
function tell(answer: Answer | undefined): string {
  if (answer?.outcome === 'applied') return JSON.stringify({ outcome: 'applied', events: answer.events.map(tellEvent) } satisfies Outcome);
  if (answer?.outcome === 'refused') return JSON.stringify({ outcome: 'refused', word: answer.word } satisfies Outcome);
  return JSON.stringify({ outcome: answer?.outcome });
}

function tellEvent(event: LedgerEvent): string {
  const told = (...parts: unknown[]) => [event.event, ...parts].join(' ');
  switch (event.event) {
    case 'residents.enrolled': return told(event.count);
    case 'village.named': return told(event.name);
    case 'resident.registered': case 'resident.excused': case 'resident.expected': return told(event.resident);
    case 'station.opened': case 'station.paused': case 'station.draining': case 'station.closed': case 'station.stalled': return told(event.station);
    case 'ticket.issued': return told(event.ticket, event.resident, event.station, event.ahead, event.waitSeconds, ticketStates[event.state]);
    case 'ticket.called': case 'ticket.gone': return told(event.ticket);
    case 'ticket.skipped': return told(event.ticket, event.absences, ticketStates[event.state]);
    case 'ticket.moved': return told(event.ticket, `${event.from}>${event.to}`);
    case 'tube.opened': return told(event.tube, event.size);
    case 'swab.taken': return told(event.resident, event.tube, event.count, ticketStates[event.ticketFrom]);
    case 'swab.voided': return told(event.resident, event.tube, event.left);
    case 'swab.moved': return told(event.resident, event.from, event.to);
    case 'tube.sealed': return told(event.tube, event.reason, event.count);
    case 'tube.voided': return told(event.tube, event.reason, `[${event.residents}]`, `[${[...event.unsampled].sort((a, b) => a - b)}]`);
    case 'tube.warned': case 'tube.overdue': return told(event.tube);
    case 'discrepancy.opened': return told(event.discrepancy, event.what, event.tube, event.resident);
    case 'discrepancy.resolved': return told(event.discrepancy, event.resolution);
    case 'device.writtenOff': return told(event.lost);
    default: return told();
  }
}

type Redis = Ledger['redis'];
const byName = <T extends { [key: string]: unknown }>(list: T[], name: keyof T) => list.sort((a, b) => (String(a[name]) < String(b[name]) ? -1 : 1));

async function stateOfLedger(redis: Redis, cell: CellName) {
  const state = await reads.cellState(redis, cell);
  const deadlines = ((await redis.zrange(keyOf(cell, 'deadlines'), '0', '-1', 'WITHSCORES')) as unknown[]).flat() as string[];
  const tickets = await Promise.all(Array.from({ length: state?.tickets ?? 0 }, (_, i) => reads.ticket(redis, cell, i + 1)));
  return {
    closed: state?.state === 'closed',
    residents: (await reads.residents(redis, cell)).map(({ resident, state, deceased, swabs, ticket }) => ({ n: resident, excused: state === 'excused', deceased, swabs, ticket })),
    tubes: byName((await reads.tubes(redis, cell)).tubes.map(({ tube, state, size, risk, count, held, warned, overdue, reason, counted, station, members }) => ({
      tube, state, size, risk, count, held, warned, overdue, reason: reason ?? '', counted: counted ?? -1, station,
      members: members.map(({ resident, active, voided, second }) => `${resident} ${active ? 'active' : voided ? 'void' : 'moved'}${active && second ? ' second' : ''}`),
    })), 'tube'),
    tickets: tickets.map((one) => ({ n: one?.ticket, state: one?.state, resident: one?.resident, station: one?.station, site: one?.site, party: one?.party, absences: one?.absences })),
    stations: (await reads.stations(redis, cell)).map(({ station, state, stalled, secondsPerPerson, waiting, called, tubes }) => ({ station, state, stalled, pace: secondsPerPerson ?? 0, waiting, called, tubes })),
    discrepancies: (await reads.discrepancies(redis, cell)).map(({ what, tube, resident, state, holds }) => ({ what, tube, resident: Number(resident), open: state === 'open', holds })),
    unfinished: (await reads.unfinished(redis, cell, 0, 1000)).map(({ what }) => what).sort(),
    devices: byName((await reads.devices(redis, cell)).map(({ device, applied, refused, quarantined, lost, missing }) => ({ device, applied, refused, quarantined, lost, missing })), 'device'),
    deadlines: Array.from({ length: deadlines.length / 2 }, (_, i) => `${deadlines[i * 2]} ${deadlines[i * 2 + 1]}`).filter((one) => known.test(one)).sort(),
  };
}

function stateOfModel(model: Model): Awaited<ReturnType<typeof stateOfLedger>> {
  const standing = (ordinal: number, state: string) => model.tickets.filter((one) => one.station === ordinal && one.state === state).length;
  const counted = (device: Model['devices'] extends Map<string, infer D> ? D : never, is: string) => [...device.journal.values()].filter((entry) => entry.is === is).length;
  return {
    closed: model.closed,
    residents: model.residents.map(({ n, excused, deceased, ticket }) => ({ n, excused, deceased, swabs: model.swabs(n), ticket })),
    tubes: byName([...model.tubes.values()].map((one) => ({
      tube: one.code, state: one.state, size: one.size, risk: one.risk, count: model.active(one).length, held: model.held(one.code), warned: one.warned, overdue: one.overdue,
      reason: (one.reason ?? '') as never, counted: one.counted ?? -1, station: one.station,
      members: one.members.map(({ resident, is, second }) => `${resident} ${is}${is === 'active' && second ? ' second' : ''}`),
    })), 'tube'),
    tickets: model.tickets.map(({ n, state, resident, station, site, party, absences }) => ({ n, state, resident, station, site, party, absences })),
    stations: model.stations.map((one) => ({ station: one.code, state: one.state, stalled: one.stalled, pace: one.pace / 1000, waiting: standing(one.ordinal, 'waiting'), called: standing(one.ordinal, 'called'), tubes: one.tubes })),
    discrepancies: model.discrepancies.map(({ what, tube, resident, open, holds }) => ({ what, tube, resident, open, holds })),
    unfinished: [...model.unfinished()].sort(),
    devices: byName([...model.devices.values()].map((device) => ({ device: device.name, applied: counted(device, 'applied'), refused: counted(device, 'refused'), quarantined: counted(device, 'quarantined'), lost: counted(device, 'lost'), missing: model.missing(device).length })), 'device'),
    deadlines: [...model.deadlines].map(([name, time]) => `${name} ${time}`).sort(),
  };
}
