// The in-memory twin of the ledger: the same acts told again in plain TypeScript, from the words of the design and of the steps' headers.
// It is an oracle of outcomes: what is answered, and in which state residents, tubes, tickets, stations and discrepancies are left.
// What the record stores and the twin can derive (counts, holds, who is sampled) it derives, so that the two cannot share a mistake.
//
// It tells a township's day up to the sealed tube; boxes, laboratory and recalls have tests of their own.
//
// Here: the things themselves, the journal of a device, and what all steps share. The steps stand in modelTubes.ts and modelQueue.ts.

import type { RefusalWord } from '../../src/domain/refusals.js';
import type { Body, StepName, StepRequest } from '../../src/domain/requests.js';
import type { RoundRules } from '../../src/domain/roundRules.js';
import { facts, steps as table } from '../../src/domain/steps.js';
import type { Unreadable } from '../../src/ledger/ledger.js';
import { minute } from '../support.js';
import { queueSteps } from './modelQueue.js';
import { tubeSteps } from './modelTubes.js';

/** Words that put no membership of a tube in doubt. */
const harmless: RefusalWord[] = ['household_differs', 'ticket_number_used', 'round_closed', 'station_not_open', 'second_person_needed', 'size_not_allowed'];

export interface Resident { n: number; excused: boolean; deceased: boolean; single: boolean; risk: 'normal' | 'key' | 'high'; priority: number; village: string; household: number; ticket: number }
export interface Member { resident: number; is: 'active' | 'void' | 'moved'; second: boolean }
export interface Tube {
  code: string; size: number; risk: Resident['risk']; household: number; state: 'open' | 'sealed' | 'void';
  /** Known by its swabs only: its opening has not arrived. */
  begun: boolean;
  warned: boolean; overdue: boolean; station: number; owner: string; members: Member[]; firstSwabAt: number; lastSwabAt: number;
  reason?: string; counted?: number | undefined; sealedBy?: string; sealedNumber?: number;
}
export interface Ticket { n: number; state: 'waiting' | 'called' | 'served' | 'gone' | 'skipped'; resident: number; station: number; site: number; party: number; priority: number; place: number; absences: number }
export interface Station { ordinal: number; code: string; site: number; state: 'open' | 'paused' | 'draining' | 'closed'; stalled: boolean; pace: number; lastSwabAt: number; openedAt: number; tubes: string[] }
export interface Discrepancy { n: number; what: RefusalWord; tube: string; resident: number; open: boolean; holds: boolean }

type Entry = { is: 'applied' | 'refused' | 'quarantined' | 'lost'; content: string; answer: Outcome; registered?: number };
export interface DeviceTwin { key: string; name: string; journal: Map<number, Entry>; assigned: number; listed: boolean; seenAt: number }
export type Outcome = { outcome: 'applied'; events: string[] } | { outcome: 'refused'; word: RefusalWord } | { outcome: 'quarantined' };

/** A no to an ask; thrown before anything is changed. */
export class Refused extends Error {
  readonly word: RefusalWord;
  constructor(word: RefusalWord) { super(word); this.word = word; }
}

/** One request while it is taken. */
export interface Act { device: DeviceTwin; number: number; reported: boolean; claimedAt: number; by: string; step: StepName; contradictions: RefusalWord[]; events: string[]; registered?: number }

export type Steps = { [S in StepName]?: (model: Model, act: Act, body: Body<S>) => void };
const steps: Steps = { ...tubeSteps, ...queueSteps };

export class Model {
  readonly rules: RoundRules;
  readonly rehearsal = true;
  now: number;
  closed = false;
  readonly sites: readonly string[];
  /** Ordinals of the sites a village may go to, nearest first. */
  readonly villages: Map<string, readonly number[]>;
  readonly devices = new Map<string, DeviceTwin>();
  readonly residents: Resident[] = [];
  readonly indexes = new Map<string, number>();
  readonly tubes = new Map<string, Tube>();
  readonly tickets: Ticket[] = [];
  readonly numbers = new Map<string, number>();
  readonly stations: Station[] = [];
  readonly discrepancies: Discrepancy[] = [];
  readonly deadlines = new Map<string, number>();
  readonly quarantined = new Map<string, 'open' | 'settled'>();

  constructor(rules: RoundRules, now: number, sites: readonly string[], villages: Map<string, readonly number[]>) {
    this.rules = rules;
    this.now = now;
    this.sites = sites;
    this.villages = villages;
  }

  /** Takes a device's requests in order, as one call; `told` is the highest number it says it has given out. */
  take(name: string, epoch: string, requests: readonly (StepRequest | Unreadable)[], told: number): Outcome[] {
    const key = `${name}:${epoch}`;
    let device = this.devices.get(key);
    const answers: Outcome[] = [];
    for (const request of requests) {
      if (!device) {
        device = { key, name, journal: new Map(), assigned: 0, listed: false, seenAt: this.now };
        this.devices.set(key, device);
      }
      answers.push(this.#one(device, request));
    }
    if (!device) return answers;
    const highest = Math.max(0, ...device.journal.keys());
    if (told > highest) device.assigned = Math.max(device.assigned, told);
    if (this.now - device.seenAt >= 30_000) device.seenAt = this.now;
    device.listed = this.missing(device).length > 0;
    return answers;
  }

  /** Numbers given out by a device and not received. */
  missing({ journal, assigned }: DeviceTwin): number[] {
    const highest = Math.max(assigned, 0, ...journal.keys());
    return Array.from({ length: highest }, (_, i) => i + 1).filter((n) => !journal.has(n));
  }

  #one(device: DeviceTwin, request: StepRequest | Unreadable): Outcome {
    const { number } = request;
    const content = JSON.stringify(request.step === 'quarantine' ? request.fingerprint : [request.step, request.body]);
    const reported = request.step !== 'quarantine' && request.mode === 'report' && facts.includes(request.step);
    const there = device.journal.get(number);
    if (there && there.is !== 'lost') {
      if (there.content !== content) return { outcome: 'refused', word: 'id_reused' };
      if (there.is !== 'refused' || !reported) return there.answer;
    }
    if (request.step === 'quarantine') {
      this.quarantined.set(`${device.key}:${number}`, 'open');
      device.journal.set(number, { is: 'quarantined', content, answer: { outcome: 'quarantined' } });
      return { outcome: 'quarantined' };
    }
    const act: Act = { device, number, reported, claimedAt: request.claimedAt, by: request.by ?? '', step: request.step, contradictions: [], events: [] };
    let answer: Outcome;
    try {
      if (this.closed && (table[request.step].refuses as readonly string[]).includes('round_closed')) this.against(act, 'round_closed');
      const take = steps[request.step] as ((model: Model, act: Act, body: unknown) => void) | undefined;
      if (!take) throw new Error(`the twin does not know ${request.step}`);
      take(this, act, request.body);
      answer = { outcome: 'applied', events: act.events };
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      answer = { outcome: 'refused', word: fault.word };
    }
    device.journal.set(number, { is: answer.outcome as 'applied', content, answer, ...(act.registered ? { registered: act.registered } : {}) });
    return answer;
  }

  // What all steps share -------------------------------------------------------------------------------------------------------

  /** A check that fails: an ask ends here with a no, a report goes on with a contradiction. */
  against(act: Act, word: RefusalWord): void {
    if (!act.reported) throw new Refused(word);
    act.contradictions.push(word);
  }

  /** Opens a discrepancy for each contradiction the report has met. */
  openDiscrepancies(act: Act, tube: string, resident: number): void {
    for (const what of act.contradictions) {
      const n = this.discrepancies.length + 1;
      this.discrepancies.push({ n, what, tube, resident, open: true, holds: tube !== '' && !harmless.includes(what) });
      act.events.push(`discrepancy.opened ${n} ${what} ${tube} ${resident}`);
    }
  }

  /** Now for an ask; the device's time for a report, never in the future. */
  happenedAt(act: Act): number {
    return act.reported ? Math.min(this.now, act.claimedAt) : this.now;
  }

  /** The resident a request means: a number, or `#n` for whom this device registered with its record n. */
  resident(act: Act, ref: string): Resident | undefined {
    const n = ref.startsWith('#') ? (act.device.journal.get(Number(ref.slice(1)))?.registered ?? 0) : Number(ref);
    return this.residents[n - 1];
  }

  active(tube: Tube): Member[] {
    return tube.members.filter(({ is }) => is === 'active');
  }

  /** Active swabs of a resident, over all tubes. */
  swabs(n: number): number {
    return [...this.tubes.values()].reduce((sum, tube) => sum + this.active(tube).filter(({ resident }) => resident === n).length, 0);
  }

  held(code: string): number {
    return this.discrepancies.filter(({ tube, open, holds }) => tube === code && open && holds).length;
  }

  /** The resident's ticket while it is waiting, called, or skipped and kept. */
  openTicket({ ticket }: Resident): Ticket | undefined {
    const found = this.tickets[ticket - 1];
    return found && found.state !== 'served' && found.state !== 'gone' ? found : undefined;
  }

  endTicket(ticket: Ticket, state: 'served' | 'gone'): void {
    if (ticket.state === 'skipped') this.deadlines.delete(`kept:${ticket.n}`);
    ticket.state = state;
  }

  /** Those of a party who share a pool tube and are still to be swabbed. */
  partyLeft(party: number): number {
    return this.tickets.filter((one) => one.party === party && ['waiting', 'called', 'skipped'].includes(one.state) && !this.residents[one.resident - 1]?.single).length;
  }

  station(code: string): Station | undefined {
    return this.stations.find((one) => one.code === code);
  }

  poolSize(risk: Resident['risk']): number {
    return this.rules.poolSizes[risk];
  }

  /** Sets a deadline unless there is one. */
  dueFirst(name: string, at: number): void {
    if (!this.deadlines.has(name)) this.deadlines.set(name, at);
  }

  /** Has the owner of a tube been heard, with nothing left to send? */
  confirmed(act: Act, owner: string): boolean {
    const device = this.devices.get(owner);
    if (!device) return false;
    return (owner === act.device.key || this.now - device.seenAt <= this.rules.silentMinutes * minute) && !device.listed;
  }

  /** What keeps the round from closing. */
  unfinished(): Set<string> {
    const all = new Set<string>();
    for (const tube of this.tubes.values()) if (tube.state !== 'void' || this.active(tube).length > 0) all.add(`tube:${tube.code}`);
    for (const device of this.devices.values()) if (device.listed) all.add(`device:${device.key}`);
    for (const { n, open } of this.discrepancies) if (open) all.add(`discrepancy:${n}`);
    for (const [record, state] of this.quarantined) if (state === 'open') all.add(`record:${record}`);
    return all;
  }
}
