// Follow-up: hears of every recall, has each of its people called until somebody answers, and sends them to a table that has stayed open
// for them. Recalls end by themselves with the last single swab; where a swab has no person that anybody could call, two people end it.

import type { LedgerEvent } from '../../domain/events.js';
import { metersBetween } from '../../domain/sites.js';
import type { Day } from './day.js';
import type { Device } from './device.js';
import { DoorFault, type Sent } from './door.js';
import { minute } from './plan.js';
import type { Random } from './random.js';
import type { Person } from './world.js';

/** Who does not answer the first call; who dialled wrongly. */
const shares = { unreachable: 0.15, wrongNumber: 0.03 };
/** A recall whose people all have their result and that is still open is looked at after this. */
const patience = 30 * minute;

export interface Recall {
  recall: number;
  tube: string;
  cause: string;
  /** By number in the cell. */
  people: Set<number>;
  settled: Set<number>;
  closed: boolean;
}

export class FollowUp {
  readonly recalls = new Map<number, Recall>();
  /** Everybody who was ever called back. */
  readonly recalled = new Set<number>();
  /** Those found positive by a swab of their own. */
  readonly confirmed = new Set<number>();
  readonly #day: Day;
  readonly #device: Device;
  readonly #random: Random;
  /** Called back, and no single swab on the record since. */
  readonly #toCome = new Set<number>();
  /** Somebody sees to it that they come. */
  readonly #arranged = new Set<Person>();
  #contacts: { at: number; recall: number; person: Person }[] = [];
  readonly #ending = new Set<number>();

  constructor(day: Day, device: Device) {
    this.#day = day;
    this.#device = device;
    this.#random = day.random.fork('follow-up');
  }

  get idle(): boolean {
    return this.#toCome.size === 0 && [...this.recalls.values()].every(({ closed }) => closed);
  }

  /** How many recalls are open, and how many people are to come. */
  get open(): { recalls: number; toCome: number } {
    return { recalls: [...this.recalls.values()].filter(({ closed }) => !closed).length, toCome: this.#toCome.size };
  }

  /** When the next call is to be made. */
  get nextAt(): number {
    return Math.min(...this.#contacts.map(({ at }) => at), Number.POSITIVE_INFINITY);
  }

  hear(event: LedgerEvent): void {
    switch (event.event) {
      case 'recall.opened':
        this.recalls.set(event.recall, { recall: event.recall, tube: event.tube, cause: event.cause, people: new Set(event.residents), settled: new Set(), closed: false });
        break;
      case 'resident.recalled': {
        this.recalls.get(event.recall)?.people.add(event.resident);
        this.recalled.add(event.resident);
        this.#toCome.add(event.resident);
        const person = this.#day.world.withNumber(event.resident);
        if (!person) throw new DoorFault(`resident ${event.resident} is called back and nobody knows who that is`);
        this.#arranged.delete(person);
        this.#contacts.push({ at: 0, recall: event.recall, person });
        break;
      }
      case 'swab.taken':
        if (event.size === 1) this.#toCome.delete(event.resident);
        break;
      case 'recall.settled':
        this.recalls.get(event.recall)?.settled.add(event.resident);
        if (event.result === 'positive') this.confirmed.add(event.resident);
        break;
      case 'recall.closed': {
        const recall = this.recalls.get(event.recall);
        if (recall) recall.closed = true;
        break;
      }
      default:
    }
  }

  /** Does what is to be done by now. */
  async run(at: number): Promise<void> {
    for (const one of this.#contacts) if (one.at === 0) one.at = at + this.#random.between(2, 20) * minute;
    const due = this.#contacts.filter((one) => one.at <= at && !this.recalls.get(one.recall)?.closed);
    this.#contacts = this.#contacts.filter((one) => one.at > at);
    const calls: Sent[] = [];
    for (const one of due) {
      const { person, recall } = one;
      const answered = !this.#random.chance(shares.unreachable);
      const outcome = answered ? 'reached' : this.#random.chance(shares.wrongNumber) ? 'wrong_number' : 'unreachable';
      calls.push(this.#device.request('recordContact', { recall: String(recall), resident: String(person.number), outcome }, at));
      if (answered) this.#arrange(person, at);
      else this.#contacts.push({ ...one, at: at + this.#random.between(15, 40) * minute });
    }
    if (calls.length > 0) {
      const { answers } = await this.#device.outbox(this.#day.door, calls, at, 100);
      for (const answer of answers) {
        // It may have ended by a swab of a moment ago.
        if (answer.outcome !== 'applied' && !(answer.outcome === 'refused' && answer.word === 'recall_closed')) throw new DoorFault(`recordContact was answered ${JSON.stringify(answer)}`);
      }
    }
    this.#watchEnds(at);
  }

  #arrange(person: Person, at: number): void {
    if (!this.#toCome.has(person.number) || this.#arranged.has(person)) return;
    this.#arranged.add(person);
    person.swabbed = false;
    person.calledBack = true;
    const { sites, villages, residents } = this.#day.township;
    const home = sites[villages[residents[person.i]?.village ?? 0]?.site ?? 0]?.at;
    const far = (site: number): number => (home && sites[site] ? metersBetween(home, sites[site].at) : 0);
    const [nearest] = [...this.#day.lateSites].sort((a, b) => far(a) - far(b));
    if (nearest === undefined) throw new DoorFault('no table has stayed open for those who are called back');
    this.#day.visit({ at: at + this.#random.between(15, 60) * minute, site: nearest, people: [person.i] });
  }

  #watchEnds(at: number): void {
    for (const { recall, people, settled, closed } of this.recalls.values()) {
      if (closed || this.#ending.has(recall) || ![...people].every((one) => settled.has(one))) continue;
      this.#ending.add(recall);
      this.#day.errands.at(at + patience, (later) => this.#end(recall, later));
    }
  }

  async #end(recall: number, at: number): Promise<void> {
    this.#ending.delete(recall);
    const known = this.recalls.get(recall);
    // Meanwhile the unknown swab may have got its person, who is called too.
    if (!known || known.closed || ![...known.people].every((one) => known.settled.has(one))) return;
    const answer = await this.#device.step(this.#day.door, 'closeRecall', { recall: String(recall), outcome: 'handed_over', secondBy: this.#day.door.second }, at);
    if (answer.outcome !== 'applied' && !(answer.outcome === 'refused' && answer.word === 'recall_closed')) throw new DoorFault(`closeRecall was answered ${JSON.stringify(answer)}`);
  }
}
