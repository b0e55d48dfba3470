// A table on the day: a sampler, a clerk and a tablet with an open line. It calls, scans, swabs and changes tubes, and makes the
// mistakes people make: the wrong relative tapped, a code scanned twice, a used tube taken, a tube dropped.
//
// A table lives on its own clock of simulated time and runs until the end of the bucket; what it does takes the time it takes on the
// day, and every question waits for its answer. `alone.ts` is the same table without a network.

import { makeCode } from '../../domain/codes.js';
import type { RiskGroup } from '../../domain/reasons.js';
import { babble, loseNetwork, workAlone } from './alone.js';
import { nobody } from './books.js';
import type { Day } from './day.js';
import type { Device } from './device.js';
import { type Answer, DoorFault, eventsOf, type Line, LineBroken, type Sent } from './door.js';
import { type LanePlan, minute, second, service } from './plan.js';
import type { Random } from './random.js';
import { CALLED, type Person, type Station } from './world.js';

/** A vial on the table. */
export interface Vial {
  code: string;
  size: number;
  risk: RiskGroup;
  count: number;
  /** Closed by hand with room left: its neighbour's swab may go into it by mistake. */
  closedShort: boolean;
}

/** How often it goes wrong: for each swab, for each new tube (used, real), and for the first swab after a tube closed short (mixed up). */
const errors = { tappedWrong: 0.002, unknownCard: 0.003, lineBroken: 0.002, scannedTwice: 0.008, askedTwice: 0.004, early: 0.002, dropped: 0.0003, usedTube: 0.01, realTube: 0.004, mixedUp: 0.3 };
/** How long a called party is waited for. */
const patience = 15 * second;
/** A tablet without anything to say gives a sign of life this often. */
const signOfLife = 3 * minute;

export class Lane {
  readonly day: Day;
  readonly i: number;
  readonly plan: LanePlan;
  readonly random: Random;
  readonly station: Station;
  device: Device;
  line: Line;
  /** Simulated now at this table, ms. */
  clock = 0;
  state: 'open' | 'resting' | 'closed' = 'open';
  /** Away from the network; see alone.ts. */
  alone = false;
  /** Its stretch without a network has begun, and may be over. */
  wasAlone = false;
  vial: Vial | undefined;
  /** Has sent its unreadable record. */
  babbled = false;
  /** What is kept on the tablet until the network is back. */
  backlog: Sent[] = [];
  /** Has given a tube to the van that came by. */
  sentExpress = false;
  /** Whose swabs are in the backlog, by number of the record. */
  readonly deeds = new Map<number, Person>();
  /** Called, and not yet at the table. */
  called: Person[] = [];
  /** Runs to the end of the bucket; undefined: idle. */
  running: Promise<void> | undefined;
  #until = 0;
  #serial: number;
  #serialsEnd: number;
  #lastVial: Vial | undefined;

  constructor(day: Day, parts: { i: number; plan: LanePlan; station: Station; device: Device; line: Line; serials: { first: number; last: number } }) {
    this.day = day;
    this.i = parts.i;
    this.plan = parts.plan;
    this.station = parts.station;
    this.device = parts.device;
    this.line = parts.line;
    this.random = day.random.fork(`lane ${parts.i}`);
    this.#serial = parts.serials.first;
    this.#serialsEnd = parts.serials.last;
    this.station.wake = (at) => this.wake(at);
  }

  /** Works up to `until`, ms. */
  run(from: number, until: number): void {
    this.#until = until;
    this.clock = Math.max(this.clock, from);
    this.#start();
  }

  /** Somebody has begun to wait here. */
  wake(at: number): void {
    if (this.running || this.alone || this.state !== 'open' || this.#until === 0) return;
    this.clock = Math.max(this.clock, at);
    this.#start();
  }

  #start(): void {
    if (this.running || this.state === 'closed' || this.clock >= this.#until) return;
    const work = this.#work().finally(() => { this.running = undefined; });
    this.running = work;
    this.day.busy(work);
  }

  async #work(): Promise<void> {
    while (this.clock < this.#until) {
      if (this.alone) {
        await workAlone(this, this.#until);
        continue;
      }
      if (this.#losesNetwork()) {
        await loseNetwork(this);
        continue;
      }
      if (!this.babbled && this.plan.babblesAt !== undefined && this.clock >= this.plan.babblesAt) await babble(this);
      const next = this.state === 'open' ? this.called.shift() : undefined;
      if (next && this.#isAbsent(next)) await this.#skip(next);
      else if (next) await this.#serve(next);
      else if (this.state === 'open' && this.station.waiting > 0) await this.#call([]);
      else {
        if (this.clock - this.device.spokeAt < signOfLife) return;
        await this.send([]);
      }
    }
  }

  /** A tablet that breaks has been in use before: what nobody has heard of cannot be missed. */
  #losesNetwork(): boolean {
    const { offline } = this.plan;
    if (!offline || this.wasAlone || this.state !== 'open' || this.clock < offline.from) return false;
    return !offline.lostForGood || this.device.account.outcomes.size > 0;
  }

  /** Sends over the line and lets the world hear of it. */
  async send(requests: readonly Sent[]): Promise<Answer[]> {
    const answers = await this.device.send(this.line, requests, this.clock);
    for (const answer of answers) if (answer.outcome === 'applied') this.day.world.apply(answer.events, this.clock);
    return answers;
  }

  /** Calls the next party, in one frame with what ends the turn of the one before. */
  async #call(before: readonly Sent[]): Promise<void> {
    const answers = await this.send([...before, this.device.request('callNext', { station: this.stationCode }, this.clock)]);
    const answer = answers.at(-1);
    if (answer?.outcome !== 'applied') {
      // The screen was behind: somebody else's step emptied the queue.
      this.clock += 5 * second;
      return;
    }
    this.called = eventsOf(answer, 'ticket.called').flatMap(({ resident }) => this.day.world.withNumber(resident) ?? []);
    this.#seen(answer);
  }

  /** Somebody with a swab has gone home; a few of those come all the same, and say nothing. */
  #isAbsent(person: Person): boolean {
    return (person.swabbed && !this.random.chance(0.1)) || person.stays !== 0 || person.presentAt > this.clock + patience;
  }

  /** "Not here, next": a party that does not come is waited for once. Where nobody else waits, the table waits for it a while longer. */
  async #skip(first: Person): Promise<void> {
    this.clock += patience;
    const here = (person: Person): boolean => person.state === CALLED && person.station === this.station.ordinal;
    const absent = [first, ...this.called.filter((person) => this.#isAbsent(person))].filter(here);
    this.called = this.called.filter((person) => !absent.includes(person));
    const skips = absent.map(({ number }) => this.device.request('skipTicket', { resident: String(number) }, this.clock));
    if (this.called.length === 0 && this.station.waiting > 0) return this.#call(skips);
    if (skips.length > 0) await this.send(skips);
    if (this.called.length === 0) this.clock += minute;
  }

  get stationCode(): string {
    return this.day.township.lanes[this.i]?.station ?? '';
  }

  /** Who by an answer's events has closed the vial on the table. */
  #seen(answer: Answer): void {
    if (this.vial && eventsOf(answer, 'tube.sealed').some(({ tube }) => tube === this.vial?.code)) this.#putAway();
  }

  #putAway(): void {
    this.#lastVial = this.vial;
    this.vial = undefined;
    this.spend(service.tubeSeconds);
  }

  /** Time of work, as the bound counts it; waiting for somebody is none. */
  spend(seconds: number): void {
    this.clock += seconds * second;
    this.day.work += seconds * second;
  }

  async #serve(person: Person): Promise<void> {
    if (person.state !== CALLED || person.station !== this.station.ordinal) return;
    this.clock = Math.max(this.clock, person.presentAt);
    if (this.vial && this.random.chance(errors.unknownCard)) {
      await this.send([this.device.request('takeSwab', { resident: String(nobody + this.random.int(1000)), tube: this.vial.code }, this.clock)]);
      this.clock += 6 * second;
    }
    if (this.random.chance(errors.tappedWrong)) await this.#tapWrong();
    await this.#swab(person);
  }

  /** Asks, and takes the swab when the answer is yes. A new tube is scanned first and both questions leave together. */
  async #swab(person: Person): Promise<void> {
    for (let tries = 0; tries < 4; tries++) {
      const { vial, opening } = await this.#vialFor(person);
      const sent = this.device.request('takeSwab', { resident: String(person.number), tube: vial.code }, this.clock);
      const answer = !opening && this.random.chance(errors.lineBroken) ? await this.#askInVain(sent) : await this.#ask(vial, opening, sent);
      if (answer.outcome === 'applied') {
        if (person.startedAt < 0) person.startedAt = this.clock;
        vial.count++;
        this.day.swabbed(person, this.clock);
        this.spend(this.random.logNormal(service.personSeconds * this.plan.pace, service.spread) + (vial.size === 1 ? service.tubeSeconds : 0));
        this.#seen(answer);
        await this.#afterwards(person, vial, sent);
        return;
      }
      const word = answer.outcome === 'refused' ? answer.word : answer.outcome;
      if (word === 'already_sampled') {
        // The table without a network has reported meanwhile: no second swab.
        this.clock += 5 * second;
        return;
      }
      // Whatever is wrong with the vial, the next one is taken.
      if (vial.size > 1) await this.#seal(word === 'risk_group_differs' ? 'risk_group' : word === 'party_does_not_fit' ? 'party' : 'damage');
    }
    throw new DoorFault(`station ${this.stationCode} could not record a swab in four tries`);
  }

  async #ask(vial: Vial, opening: Sent | undefined, sent: Sent): Promise<Answer> {
    const began = performance.now();
    const answers = await this.send(opening ? [opening, sent] : [sent]);
    this.day.latencies.push(performance.now() - began);
    if (opening) {
      const [opened] = eventsOf(answers[0] as Answer, 'tube.opened');
      if (!opened) throw new DoorFault(`station ${this.stationCode} could not open tube ${vial.code}: ${JSON.stringify(answers[0])}`);
      vial.size = opened.size;
    }
    return answers.at(-1) as Answer;
  }

  /** The line breaks before the answer: the swab is taken all the same, and reported under its number when the line is back. */
  async #askInVain(sent: Sent): Promise<Answer> {
    const lost = this.device.send(this.line, [sent], this.clock);
    this.line.cut();
    try {
      await lost;
    } catch (fault) {
      if (!(fault instanceof LineBroken)) throw fault;
    }
    this.line = await this.day.door.line(this.device.account.device);
    const { answers } = await this.device.outbox(this.day.door, [{ ...sent, mode: 'report' }], this.clock);
    for (const answer of answers) if (answer.outcome === 'applied') this.day.world.apply(answer.events, this.clock);
    return answers[0] as Answer;
  }

  /** What may go wrong once a swab is on record. */
  async #afterwards(person: Person, vial: Vial, sent: Sent): Promise<void> {
    // An impatient finger: the same request goes out twice, or the same person is scanned again.
    if (this.random.chance(errors.scannedTwice)) await this.send([sent]);
    if (this.vial && this.random.chance(errors.askedTwice)) {
      await this.send([this.device.request('takeSwab', { resident: String(person.number), tube: this.vial.code }, this.clock)]);
    }
    if (this.vial !== vial || vial.size === 1) return;
    const last = this.#lastVial;
    if (vial.count === 1 && last?.closedShort && last.risk === vial.risk && this.random.chance(errors.mixedUp)) {
      // The swab went into the vial that had just been closed: the clerk sees it when tidying up.
      last.closedShort = false;
      const [answer] = await this.send([this.device.request('moveSwab', { resident: String(person.number), from: vial.code, to: last.code, reason: 'tube_mixed_up', secondBy: 'second' }, this.clock)]);
      if (answer?.outcome === 'applied') vial.count--;
    } else if (this.random.chance(errors.early)) await this.#seal('early', true);
    else if (this.random.chance(errors.dropped)) await this.#drop(vial);
  }

  /** Somebody who stayed at home is tapped on the list; the clerk notices and takes it back. */
  async #tapWrong(): Promise<void> {
    const athome = this.day.someoneAtHome();
    const vial = this.vial;
    // Never the last place: the vial would close over the mistake.
    if (!athome || !vial || vial.count >= vial.size - 1) return;
    const { risk, single } = this.day.township.residents[athome.i] as { risk: RiskGroup; single: boolean };
    if (risk !== vial.risk || single) return;
    const [taken] = await this.send([this.device.request('takeSwab', { resident: String(athome.number), tube: vial.code }, this.clock)]);
    this.clock += 8 * second;
    if (taken?.outcome !== 'applied') return;
    const [voided] = await this.send([this.device.request('voidSwab', { resident: String(athome.number), tube: vial.code, reason: 'wrong_person' }, this.clock)]);
    if (voided?.outcome !== 'applied') throw new DoorFault('a swab could not be taken back from an open tube');
  }

  /** A vial this person's swab may go into, and the request that opens it where it is a new one. */
  async #vialFor(person: Person): Promise<{ vial: Vial; opening: Sent | undefined }> {
    const { single, risk } = this.day.township.residents[person.i] as { single: boolean; risk: RiskGroup };
    if (single || person.calledBack) return this.#open(risk, 1);
    if (this.vial && this.vial.risk !== risk) {
      if (this.vial.count > 0) await this.#seal('risk_group');
      else this.vial = undefined;
    }
    return this.vial ? { vial: this.vial, opening: undefined } : this.#open(risk, undefined);
  }

  /** Takes a new vial from the tray; sometimes it is not a new one, or not one of this round. */
  async #open(risk: RiskGroup, size: 1 | undefined): Promise<{ vial: Vial; opening: Sent }> {
    const request = (tube: string): Sent => this.device.request('openTube', { tube, station: this.stationCode, risk, ...(size ? { size } : {}) }, this.clock);
    if (this.random.chance(errors.realTube)) await this.send([request(makeCode('tube', 1 + this.random.int(1_000_000)))]);
    if (this.#lastVial && this.random.chance(errors.usedTube)) await this.send([request(this.#lastVial.code)]);
    const vial: Vial = { code: this.nextCode(), size: size ?? this.day.poolSize(risk), risk, count: 0, closedShort: false };
    if (vial.size > 1) this.vial = vial;
    return { vial, opening: request(vial.code) };
  }

  /** A new roll of labels. */
  useLabels({ first, last }: { first: number; last: number }): void {
    this.#serial = first;
    this.#serialsEnd = last;
  }

  nextCode(): string {
    if (this.#serial > this.#serialsEnd) throw new DoorFault(`station ${this.stationCode} has used up its labels`);
    return this.plan.ownLabels ? makeCode('tube', this.#serial++) : rehearsalTube(this.#serial++);
  }

  async #seal(reason: 'early' | 'party' | 'risk_group' | 'damage' | 'shift_end', counted = false): Promise<void> {
    const vial = this.vial;
    if (!vial) return;
    if (vial.count > 0) {
      // Sometimes the first count is wrong, and the record says so.
      const wrong = counted && this.random.chance(0.2);
      if (wrong) await this.send([this.device.request('sealTube', { tube: vial.code, reason, counted: vial.count + 1 }, this.clock)]);
      await this.send([this.device.request('sealTube', { tube: vial.code, reason, ...(counted ? { counted: vial.count } : {}) }, this.clock)]);
      vial.closedShort = reason === 'early' && vial.count < vial.size;
    }
    this.#putAway();
  }

  /** The vial breaks: everybody in it is asked to come again. */
  async #drop(vial: Vial): Promise<void> {
    const [answer] = await this.send([this.device.request('voidTube', { tube: vial.code, reason: 'broken', secondBy: 'second' }, this.clock)]);
    if (answer?.outcome !== 'applied') throw new DoorFault('a broken tube could not be voided');
    this.day.comeAgain(eventsOf(answer, 'tube.voided').flatMap(({ unsampled }) => unsampled), this.clock);
    this.vial = undefined;
  }

  /** The end of the day at this table: half of them close their last vial themselves, and all who stay on do. */
  async tidyUp(staysOn: boolean): Promise<void> {
    if (this.state === 'closed') return;
    if (this.vial && this.vial.count > 0 && (staysOn || this.random.chance(0.5))) await this.#seal('shift_end', true);
    await this.send([]);
  }
}

/** A label of another printer, marked as a rehearsal's: 8, the serial, and the check digits of ISO 7064 MOD 97-10. Such codes are claimed before they are believed. */
export function rehearsalTube(serial: number): string {
  const body = `8${String(serial).padStart(9, '0')}`;
  return body + String(98 - ((Number(body) * 100) % 97)).padStart(2, '0');
}
