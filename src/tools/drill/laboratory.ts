// The laboratory of the day: a cell of its own in the same round. Benches take in boxes and the tubes in them, reject what cannot be
// tested and compare each box with its manifest; hours later an instrument's runs say what is in the tubes. Anything but a negative needs
// two people: they stand together at the screen, or the second looks at it later.
//
// What a run finds follows from who is really in the tube: the drill knows who is infected, the service does not.

import type { LedgerEvent } from '../../domain/events.js';
import type { RejectionReason, TestResult } from '../../domain/reasons.js';
import { Hands } from './agenda.js';
import { type Books, openBooks } from './books.js';
import type { Day } from './day.js';
import { Device } from './device.js';
import { type Answer, type Door, DoorFault, eventsOf, type Sent } from './door.js';
import { Ear } from './ear.js';
import { minute } from './plan.js';
import type { Random } from './random.js';
import type { Crate } from './transport.js';

/** How often: a scanner's trigger sticks; who records a find has the second person beside them. */
const shares = { scannedTwice: 0.01, together: 0.5 };
const benches = 3;
/** From intake to the result of a run, minutes. */
const testing = { low: 150, high: 240 };
/** A single tube without a box is tested at once, in the van. */
const urgent = 2 * minute;
const reasons: readonly RejectionReason[] = ['RB', 'RM', 'QS', 'RN'];

/** The area's name in the round, as the boxes' manifests know it. */
export const laboratoryArea = 'laboratory';

/** What was found in a tube, and who was in it as the books had it then. */
export interface Found {
  result: TestResult;
  people: number[];
}

/** A screen in the laboratory, and whoever stands at it. */
interface Screen {
  device: Device;
  hands: Hands;
}

export class Laboratory {
  readonly door: Door;
  readonly books: Books = openBooks();
  readonly received = new Set<string>();
  readonly rejected = new Set<string>();
  readonly results = new Map<string, Found>();
  readonly missing: string[] = [];
  readonly extra: string[] = [];
  boxesReceived = 0;
  unregistered = 0;
  parked = 0;
  held = 0;
  readonly #day: Day;
  readonly #random: Random;
  readonly #post: Device;
  readonly #benches: Screen[];
  readonly #instrument: Screen;
  readonly #reviewer: Screen;
  readonly #ear: Ear;
  /** Boxes that areas have told of, `box/trip`. */
  readonly #expected = new Set<string>();
  /** What the area still has to hear, with how often it was told here more than heard there. */
  readonly #news = new Map<string, number>();
  readonly #strangers = new Set<string>();
  readonly #rejections: number[];
  readonly #inconclusive: number[];
  /** Who is really in a tube that came without a list. */
  readonly #insiders = new Map<string, readonly number[]>();
  /** Numbers given at intake, by tube. */
  readonly #accessions = new Map<string, string>();

  constructor(day: Day, door: Door) {
    this.#day = day;
    this.door = door;
    this.#random = day.random.fork('laboratory');
    this.#rejections = [...day.plan.custody.rejectionsAt];
    this.#inconclusive = [...day.plan.custody.inconclusiveAt];
    const hand = (screen: string, role: 'lab' | 'lab_reviewer' | 'command_post') =>
      ({ device: new Device(this.books, { name: door.screen(screen, role), epoch: 'e1', by: screen, opening: day.opening }), hands: new Hands() });
    this.#post = hand('lab-post', 'command_post').device;
    this.#benches = Array.from({ length: benches }, (_, i) => hand(`bench-${i + 1}`, 'lab'));
    this.#instrument = hand('instrument', 'lab');
    this.#reviewer = hand('reviewer', 'lab_reviewer');
    this.#ear = new Ear(door, (event) => this.#hear(event));
  }

  async open(): Promise<void> {
    const answer = await this.#post.step(this.door, 'openRound', { name: '演练实验室', rehearsal: true, laboratory: true, clock: this.#day.opening }, 0);
    if (answer.outcome !== 'applied') throw new DoorFault(`the laboratory's round was answered ${JSON.stringify(answer)}`);
  }

  /** Moves the laboratory's clock and applies what is due. */
  async tick(to: number): Promise<void> {
    let requests: Sent[] = [this.#post.request('advanceClock', { to: this.#day.opening + to }, to)];
    for (;;) {
      requests.push(this.#post.request('runDue', { limit: 200 }, to));
      const { answers, receipt } = await this.#post.outbox(this.door, requests, to);
      if (answers.some(({ outcome }) => outcome !== 'applied')) throw new DoorFault(`the laboratory's clock was answered ${JSON.stringify(answers)}`);
      if (receipt.due === 0) return;
      requests = [];
    }
  }

  /** Everything is settled, and a person says so; the answer. */
  close(at: number): Promise<Answer> {
    return this.#post.step(this.door, 'closeRound', {}, at);
  }

  // Intake -----------------------------------------------------------------------------------------------------------------------------

  /** The boxes of a tour, at one bench. */
  async receive(tour: number, crates: readonly Crate[], at: number): Promise<void> {
    for (const { box, trip } of crates) await this.#ear.until(`box ${box} on its trip ${trip}`, () => this.#expected.has(`${box}/${trip}`));
    const { device, hands } = this.#benches[tour % benches] as Screen;
    await hands.do(async () => {
      for (const crate of crates) await this.#takeIn(device, crate, at);
    });
  }

  async #takeIn(device: Device, { box, manifest, inside }: Crate, at: number): Promise<void> {
    const requests = [device.request('receiveBox', { box }, at)];
    for (const tube of inside) {
      requests.push(this.#scan(device, tube, box, at));
      if (this.#random.chance(shares.scannedTwice)) requests.push(device.request('receiveTube', { tube, box }, at));
    }
    requests.push(device.request('reconcileBox', { box }, at));
    const { answers } = await device.outbox(this.door, requests, at, 200);
    answers.forEach((answer, i) => this.#took(requests[i] as Sent, answer));
    const [compared] = eventsOf(answers.at(-1) as Answer, 'box.reconciled');
    if (!compared) throw new DoorFault(`reconcileBox was answered ${JSON.stringify(answers.at(-1))}`);
    this.boxesReceived++;
    const missing = manifest.filter((tube) => !this.received.has(tube) && !this.rejected.has(tube));
    const extra = inside.filter((tube) => !manifest.includes(tube));
    if (listed(missing) !== listed(compared.missing.split(' ')) || listed(extra) !== listed(compared.extra.split(' '))) {
      throw new DoorFault(`box ${box} lacks ${listed(missing)} and has ${listed(extra)} too many; the record says ${compared.missing} and ${compared.extra}`);
    }
    this.missing.push(...missing);
    this.extra.push(...extra);
    this.#day.transport.boxBack(box);
    const accepted = inside.filter((tube) => this.received.has(tube));
    this.#day.errands.at(at + this.#random.between(testing.low, testing.high) * minute, (later) => this.#test(accepted, later));
  }

  #scan(device: Device, tube: string, box: string, at: number): Sent {
    if ((this.#rejections[0] ?? Number.POSITIVE_INFINITY) <= at) {
      this.#rejections.shift();
      return device.request('rejectTube', { tube, reason: this.#random.pick(reasons), box }, at);
    }
    return device.request('receiveTube', { tube, box, accession: this.#accession(tube) }, at);
  }

  #accession(tube: string): string {
    const accession = `A${String(this.#accessions.size + 1).padStart(6, '0')}`;
    this.#accessions.set(tube, accession);
    return accession;
  }

  #took({ step, body }: Sent, answer: Answer): void {
    const { tube = '' } = body as { tube?: string };
    if (answer.outcome === 'applied') {
      if (step === 'receiveTube') this.received.add(tube);
      if (step === 'rejectTube') this.rejected.add(tube);
      this.unregistered += eventsOf(answer, 'tube.received').filter(({ marks }) => marks % 2 === 1).length;
      return;
    }
    // The second scan of the same tube is told so.
    const again = answer.outcome === 'refused' && (answer.word === 'tube_received' || answer.word === 'tube_rejected') && (this.received.has(tube) || this.rejected.has(tube));
    if (!again) throw new DoorFault(`${step} ${tube} was answered ${JSON.stringify(answer)}`);
  }

  /** A tube in somebody's hand, of a table that has not been heard of since; `people` are really in it, by place in the township. */
  async receiveLoose(tube: string, people: readonly number[], at: number): Promise<void> {
    this.#insiders.set(tube, people);
    const { device, hands } = this.#benches[0] as Screen;
    await hands.do(async () => {
      const sent = device.request('receiveTube', { tube, accession: this.#accession(tube) }, at);
      this.#took(sent, (await device.must(this.door, [sent], at))[0] as Answer);
    });
    this.#day.errands.at(at + urgent, (later) => this.#test([tube], later));
  }

  // Results ----------------------------------------------------------------------------------------------------------------------------

  async #test(tubes: readonly string[], at: number): Promise<void> {
    const { device, hands } = this.#instrument;
    await hands.do(async () => {
      const requests = tubes.map((tube) => {
        const found = this.#found(tube, at);
        this.results.set(tube, found);
        const together = found.result !== 'negative' && this.#random.chance(shares.together);
        // The run was over a while before it is written down.
        return device.request('recordResult', { tube, accession: this.#accessions.get(tube) as string, run: 'R1', result: found.result, testedAt: Math.round(this.#day.opening + at - minute), ...(together ? { secondBy: 'second-eyes' } : {}) }, at);
      });
      const answers = await device.must(this.door, requests, at);
      for (const answer of answers) this.parked += eventsOf(answer, 'result.parked').length;
    });
  }

  async #release(which: { tube: string; accession: string; run: string }, at: number): Promise<void> {
    const { device, hands } = this.#reviewer;
    await hands.do(() => device.must(this.door, [device.request('releaseResult', { ...which, secondBy: this.door.second }, at)], at));
  }

  #found(tube: string, at: number): Found {
    const { books, world, unidentified, infected } = this.#day;
    const pool = books.pools.get(tube) ?? new Map<number, number>();
    const people = [...pool.keys()].filter((number) => number > 0);
    const really = new Set([...people.map((number) => world.withNumber(number)?.i), unidentified.get(tube)?.i, ...(this.#insiders.get(tube) ?? [])]);
    if ([...really].some((i) => i !== undefined && infected.has(i))) return { result: 'positive', people };
    if (really.size > 2 && (this.#inconclusive[0] ?? Number.POSITIVE_INFINITY) <= at) {
      this.#inconclusive.shift();
      return { result: 'inconclusive', people };
    }
    return { result: 'negative', people };
  }

  // Between the cells ------------------------------------------------------------------------------------------------------------------

  #hear(event: LedgerEvent): void {
    switch (event.event) {
      case 'box.expected': this.#expected.add(`${event.box}/${event.trip}`); break;
      case 'tube.received':
        if (event.home === '') this.#strangers.add(event.tube);
        break;
      case 'tube.rejected': if (event.home !== '') this.tell(`rejected ${event.tube}`, 1); break;
      case 'tube.registered': this.#strangers.delete(event.tube); break;
      case 'box.reconciled': if (event.home !== '') this.tell(`compared ${event.box}/${event.trip}`, 1); break;
      case 'result.held': {
        // By the answer to whoever recorded it, or when its area has told of the tube at last.
        const { tube, accession, run } = event;
        this.held++;
        this.#day.errands.at(this.#day.now + this.#random.between(5, 20) * minute, (later) => this.#release({ tube, accession, run }, later));
        break;
      }
      case 'result.released': if (event.home !== '') this.tell(`result ${event.tube}`, 1); break;
      default:
    }
  }

  /** Something was said here (1), or has been heard in the area (-1). */
  tell(news: string, by: 1 | -1): void {
    const count = (this.#news.get(news) ?? 0) + by;
    if (count === 0) this.#news.delete(news);
    else this.#news.set(news, count);
  }

  /** Has the area heard all that was said here? */
  get told(): boolean {
    return this.#news.size === 0;
  }

  /** Hears what has been said in the laboratory, and that every tube it took in unknown has been told of. */
  async listen(): Promise<void> {
    await this.#ear.listen();
    if (this.#strangers.size > 0) await this.#ear.until(`tube ${[...this.#strangers].join(' ')}`, () => this.#strangers.size === 0);
  }
}

const listed = (codes: readonly string[]): string => [...codes].filter(Boolean).sort().join(' ');
