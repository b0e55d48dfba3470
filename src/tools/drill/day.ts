// The day itself: opens the round, fills the roster, and moves the township from bucket to bucket of simulated time.
//
// In a bucket everybody acts at once: every table runs on its own clock to the bucket's end and waits for each of its answers, and so
// does every desk. When all are answered the cell's clock is moved, and what has become due is applied, until nothing is due any more.
// So waits, stations' speeds and deadlines are those of the simulated day, however fast the machine is.

import { setTimeout as sleep } from 'node:timers/promises';
import type { RiskGroup } from '../../domain/reasons.js';
import type { CellName } from '../../domain/requests.js';
import { roundRules } from '../../domain/roundRules.js';
import { Agenda } from './agenda.js';
import { type Books, openBooks } from './books.js';
import { CommandPost } from './commandPost.js';
import { Desk } from './desk.js';
import { Device, type WalkInBody } from './device.js';
import { type Answer, type Door, DoorFault, eventsOf } from './door.js';
import { Evening } from './evening.js';
import { FollowUp } from './followUp.js';
import type { Lane } from './lane.js';
import { Laboratory, laboratoryArea } from './laboratory.js';
import { minute, type Plan, planDay, roundOf, second, type Visit } from './plan.js';
import { type Random, randomOf } from './random.js';
import { Supervisor } from './supervisor.js';
import { rosterOf, type Township } from './township.js';
import { Transport } from './transport.js';
import type { Role } from '../../domain/roles.js';
import { CALLED, type Person, type Station, WAITING, World } from './world.js';

export interface DayOptions {
  township: Township;
  door: Door;
  /** The door of the laboratory's cell. */
  laboratoryDoor: Door;
  cell: CellName;
  /** The share of people who are infected. */
  prevalence: number;
  /** Simulated seconds a second of real time has; Infinity: as fast as it goes. */
  speed: number;
  /** The cell's clock at the opening, ms. */
  opening: number;
  onProgress(at: Progress): void;
}

export interface Progress {
  phase: 'roster' | 'day' | 'closing' | 'evening';
  /** 0 to 1. */
  share: number;
  /** Simulated ms since the opening. */
  clock: number;
  sampled: number;
  waiting: number;
  /** Tubes without an end, and open recalls, as far as they are known. */
  tubes: number;
  recalls: number;
}

/** Longer than any day: the drill stops with a fault and says who is missing. */
const endOfPatience = 14 * 60 * minute;

export class Day {
  readonly township: Township;
  readonly plan: Plan;
  readonly door: Door;
  readonly cell: CellName;
  readonly books: Books = openBooks();
  readonly world: World;
  readonly random: Random;
  /** Round trips of swabs that were asked, ms of real time. */
  readonly latencies: number[] = [];
  /** Swabs by simulated minute. */
  readonly perMinute: number[] = [];
  /** Work of all tables, simulated ms. */
  work = 0;
  /** Beginning of the bucket. */
  now = 0;
  lastSwabAt = 0;
  /** When everything had its end, simulated ms. */
  closedAt = 0;
  /** Swabs of the day's people, without those who were called back. */
  swabs = 0;
  /** Real ms of the day's parts. */
  readonly took = { roster: 0, day: 0, evening: 0 };
  /** Everybody who is infected, by place in the township; the service is not told. */
  readonly infected: ReadonlySet<number>;
  /** What packers, couriers, the laboratory and the follow-up have to do. */
  readonly errands = new Agenda();
  readonly transport: Transport;
  readonly laboratory: Laboratory;
  readonly followUp: FollowUp;
  readonly evening: Evening;
  /** Sites where a table stays open for those who are called back. */
  lateSites: number[] = [];
  /** Did the area and the laboratory agree that the round may be closed? What they answered. */
  closing: { area: string; laboratory: string } | undefined;
  /** People whose swab is on record under nobody's number, by tube. */
  readonly unidentified = new Map<string, Person>();
  /** Names on the record by what the drill calls a screen. */
  readonly names = new Map<string, string>();
  readonly post: CommandPost;
  readonly supervisor: Supervisor;
  /** Those that have opened, by place in the township's `lanes`. */
  readonly lanes: Lane[] = [];
  readonly #options: DayOptions;
  readonly #clock: Device;
  readonly #desks: Desk[] = [];
  readonly #sampled: Person[] = [];
  #visits: Visit[];
  #busy = new Set<Promise<unknown>>();
  #fault: unknown;
  #homes = 0;
  #began = 0;

  constructor(options: DayOptions) {
    this.#options = options;
    this.township = options.township;
    this.door = options.door;
    this.cell = options.cell;
    this.plan = planDay(options.township);
    this.world = new World(options.township);
    this.random = randomOf(`people/${options.township.seed}`);
    this.post = new CommandPost(this, this.device('post', 'command', 0, 'command_post'));
    this.#clock = this.device('watch', 'watch', 0, 'command_post');
    this.supervisor = new Supervisor(this, this.device('supervisor', 'supervisor', 0, 'command_post'));
    this.#visits = [...this.plan.visits];
    this.infected = infectedOf(options.township, options.prevalence);
    this.transport = new Transport(this);
    this.laboratory = new Laboratory(this, options.laboratoryDoor);
    this.followUp = new FollowUp(this, this.device('follow-up', 'follow-up', 0, 'command_post'));
    this.evening = new Evening(this);
    this.books.onSealed = (tube, station) => this.transport.tubeSealed(tube, this.world.stations.get(station)?.site ?? 0);
    const hearing = this.random.fork('hearing');
    this.world.onMissed = ({ i, presentAt }, site) => this.visit({ at: Math.max(presentAt, this.now + minute), site, people: [i] });
    this.world.staysAt = ({ lane }) => this.lanes[lane]?.alone === true && hearing.chance(0.3);
  }

  /** A device with new storage, its clock `ahead` ms of the day's. */
  device(screen: string, by: string, ahead: number, role: Role, place: { site?: string; station?: string } = {}): Device {
    const name = this.door.screen(screen, role, place);
    this.names.set(screen, name);
    return new Device(this.books, { name, epoch: 'e1', by, ahead, opening: this.#options.opening });
  }

  /** Is somebody looking on? */
  get watched(): boolean {
    return this.#options.speed !== Number.POSITIVE_INFINITY;
  }

  /** The cell's clock at the opening, ms. */
  get opening(): number {
    return this.#options.opening;
  }

  /** The whole day, from the opening to the closed round. @throws DoorFault */
  async run(): Promise<void> {
    let began = performance.now();
    await this.#open();
    this.took.roster = performance.now() - began;
    began = performance.now();
    const end = await this.#pass();
    this.took.day = performance.now() - began;
    this.progress('closing', 1, end);
    began = performance.now();
    const closed = await this.post.closeTables(end);
    const late = await this.evening.run(closed);
    this.closing = await this.post.closeRound(late);
    this.closedAt = late;
    this.took.evening = performance.now() - began;
  }

  // Before the day -------------------------------------------------------------------------------------------------------------------

  async #open(): Promise<void> {
    const { township, door } = this;
    await Promise.all([this.post.must('openRound', roundOf(township, this.#options.opening, laboratoryArea), 0), this.laboratory.open()]);
    const { enrolled, already } = await door.enrol(rosterOf(township), 'drill.csv', (share) => this.progress('roster', share, 0));
    if (enrolled !== township.enrolled || already !== 0) throw new DoorFault(`the roster has ${township.enrolled} rows; ${enrolled} were enrolled and ${already} were there already`);
    await this.#numberPeople();

    await this.post.prepare();
    township.sites.forEach(({ site }, i) => this.#desks.push(new Desk(this, i, this.device(`desk-${site}`, `desk-${site}`, this.random.int(60) * second, 'desk', { site }))));
  }

  /** The import numbers people in the order of the file; who is who is checked by what the record says of each. */
  async #numberPeople(): Promise<void> {
    const { township, world } = this;
    const villages = new Map<number, number>();
    for (let from = 1; from <= township.enrolled; ) {
      const page = await this.door.residents(from, 1000);
      if (page.length === 0) throw new DoorFault(`the record ends at resident ${from - 1}, and ${township.enrolled} were enrolled`);
      for (const { resident, village, single, priority, risk } of page) {
        const planned = township.residents[resident - 1];
        const same = planned && single === planned.single && priority === planned.priority && risk === planned.risk && (villages.get(planned.village) ?? village) === village;
        if (!same) throw new DoorFault(`resident ${resident} of the record is not row ${resident + 1} of the roster`);
        villages.set(planned.village, village);
        world.knows(world.people[resident - 1] as Person, resident);
      }
      from = (page.at(-1)?.resident ?? from) + 1;
    }
  }

  // The day --------------------------------------------------------------------------------------------------------------------------

  /** From bucket to bucket until everybody is sampled; gives the simulated time. */
  async #pass(): Promise<number> {
    this.#began = Date.now();
    const bucket = this.watched ? 10 * second : 30 * second;
    let at = 0;
    while (!this.#isOver()) {
      if (at > endOfPatience) throw new DoorFault(`after ${endOfPatience / minute} simulated minutes ${this.world.remaining} people are not sampled`);
      await this.bucket(at, at + bucket);
      at += bucket;
      this.progress('day', 1 - this.world.remaining / this.township.residents.length, at);
      await this.keepPace(at);
    }
    return at;
  }

  /** Until when nobody has anything to do, as far as anybody knows; 0: now. */
  quietUntil(): number {
    if (!this.transport.idle || this.supervisor.waiting > 0 || this.world.people.some(({ calledBack, swabbed, state }) => calledBack && !swabbed && (state === WAITING || state === CALLED))) return 0;
    return Math.min(this.errands.nextAt, this.followUp.nextAt, this.#visits[0]?.at ?? Number.POSITIVE_INFINITY);
  }

  /** Waits until the simulated time may be this late, when the drill is for watching. */
  async keepPace(at: number): Promise<void> {
    if (this.watched) await sleep(Math.max(0, this.#began + at / this.#options.speed - Date.now()));
  }

  /** A stretch of simulated time: everybody acts, all answers are awaited, and the clocks are moved to its end. */
  async bucket(from: number, to: number): Promise<void> {
    this.now = from;
    await this.post.run(from, to);
    await this.supervisor.run(from);
    const visits = new Map<number, Visit[]>();
    while ((this.#visits[0]?.at ?? to) < to) {
      const visit = this.#visits.shift() as Visit;
      const there = visits.get(visit.site);
      if (there) there.push(visit);
      else visits.set(visit.site, [visit]);
    }
    for (const lane of this.lanes) lane?.run(from, to);
    this.#desks.forEach((desk, site) => {
      const there = visits.get(site);
      if (there || desk.behind) this.busy(desk.run(there ?? [], to));
    });
    await this.errandsUntil(from, to);
  }

  /** Packers, couriers, the laboratory and the follow-up do what they have to do until then; then both clocks are moved. */
  async errandsUntil(from: number, to: number): Promise<void> {
    for (const { at, act } of this.errands.due(to)) this.busy(act(Math.max(at, from)));
    await this.#settle();
    await Promise.all([this.#tick(to), this.laboratory.tick(to)]);
  }

  #isOver(): boolean {
    return (
      this.world.remaining === 0 && this.#visits.length === 0 && this.supervisor.waiting === 0 &&
      !this.lanes.some((lane) => lane.alone) && !this.#desks.some(({ behind }) => behind) &&
      this.lanes.filter(Boolean).length === this.township.lanes.length
    );
  }

  /** Work that the bucket waits for. */
  busy(work: Promise<unknown>): void {
    const watched = work.catch((fault: unknown) => { this.#fault ??= fault; }).finally(() => this.#busy.delete(watched));
    this.#busy.add(watched);
  }

  async #settle(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy);
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Moves the area's clock and lets everything happen that is due by then. */
  async #tick(to: number): Promise<void> {
    const device = this.#clock;
    let requests = [device.request('advanceClock', { to: this.#options.opening + to }, to), device.request('runDue', { limit: 200 }, to)];
    for (;;) {
      const { answers, receipt } = await device.outbox(this.door, requests, to);
      for (const answer of answers) {
        if (answer.outcome !== 'applied') throw new DoorFault(`the clock was answered ${JSON.stringify(answer)}`);
        this.world.apply(answer.events, to);
      }
      if (receipt.due === 0) return;
      requests = [device.request('runDue', { limit: 200 }, to)];
    }
  }

  /** Somebody will ask for a ticket. */
  visit(visit: Visit): void {
    const place = this.#visits.findIndex(({ at }) => at > visit.at);
    this.#visits.splice(place < 0 ? this.#visits.length : place, 0, visit);
  }

  // What tables and desks ask the township -------------------------------------------------------------------------------------------

  codeOf({ lane }: Station): string {
    return this.township.lanes[lane]?.station ?? '';
  }

  poolSize(risk: RiskGroup): number {
    return roundRules.parse({}).poolSizes[risk];
  }

  /** Somebody on the roster who stayed at home, another one each time. */
  someoneAtHome(): Person | undefined {
    return this.world.people[this.plan.atHome[this.#homes++ % Math.max(1, this.plan.atHome.length)] as number];
  }

  /** Somebody of this risk group who has an acknowledged swab, not lately. */
  someoneSampled(risk: RiskGroup): Person | undefined {
    const { residents } = this.township;
    for (let tries = 0; tries < 10; tries++) {
      const person = this.#sampled[this.random.int(Math.max(1, this.#sampled.length - 50))];
      const resident = person && residents[person.i];
      if (person?.sampled && resident?.risk === risk && !resident.single) return person;
    }
    return undefined;
  }

  walkInBody({ i }: Person): WalkInBody {
    const { name, document, phone, village, household, risk, priority, single } = this.township.residents[i] as Township['residents'][number];
    return {
      ...(document ? { document: { number: document.number, kind: document.kind } } : {}),
      name, phone, village: this.township.villages[village]?.village ?? '', household: `${household}号`, risk, priority, single,
    };
  }

  registered(person: Person, answer: Answer): void {
    const [event] = eventsOf(answer, 'resident.registered');
    if (event) this.world.knows(person, event.resident);
  }

  /** A swab of this person is on record. */
  swabbed(person: Person, at: number): void {
    person.swabbed = true;
    if (person.startedAt < 0) person.startedAt = at;
    this.world.sampled(person, true);
    if (person.calledBack) return;
    this.swabs++;
    this.#sampled.push(person);
    const slot = Math.floor(at / minute);
    this.perMinute[slot] = (this.perMinute[slot] ?? 0) + 1;
    this.lastSwabAt = Math.max(this.lastSwabAt, at);
  }

  /** Their swabs are worth nothing: they are called and come again. */
  comeAgain(numbers: readonly number[], at: number): void {
    for (const number of new Set(numbers)) {
      const person = this.world.withNumber(number);
      if (!person) continue;
      person.swabbed = false;
      this.world.sampled(person, false);
      const site = this.township.villages[this.township.residents[person.i]?.village ?? 0]?.site ?? 0;
      this.visit({ at: at + this.random.between(10, 30) * minute, site, people: [person.i] });
    }
  }

  progress(phase: Progress['phase'], share: number, clock: number): void {
    let waiting = 0;
    for (const station of this.world.stations.values()) waiting += station.waiting;
    this.#options.onProgress({ phase, share, clock, sampled: this.#sampled.length, waiting, tubes: this.evening.unended.size, recalls: this.followUp.open.recalls });
  }

  /** Waits from the desk, or from the table where there was none, to the swab, simulated ms. */
  waits(): number[] {
    return this.world.people.flatMap(({ arrivedAt, startedAt, sampled }) => (sampled && arrivedAt >= 0 && startedAt >= arrivedAt ? [startedAt - arrivedAt] : []));
  }
}

/** Who is infected: that share of those who come, and somebody wherever the share is not 0. */
function infectedOf({ residents, seed }: Township, prevalence: number): ReadonlySet<number> {
  const coming = residents.flatMap(({ absent, excused }, i) => (absent || excused ? [] : [i]));
  const many = prevalence > 0 ? Math.max(1, Math.round(coming.length * prevalence)) : 0;
  return new Set(randomOf(`infected/${seed}`).shuffled(coming).slice(0, many));
}
