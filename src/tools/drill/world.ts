// The township on its feet: where everybody is and what the screens at the sites show, kept from the answers the drill is given.
//
// Two things are apart here, as on the day itself. What the record says of somebody (waiting at a station, called, served) comes from
// answers. Where the person is, and whether a swab has been taken, is what happened; a table without a network knows it and the record
// does not yet.

import { metersBetween } from '../../domain/sites.js';
import type { LedgerEvent } from '../../domain/events.js';
import { second } from './plan.js';
import type { Township } from './township.js';

/** State of a ticket, as the record numbers it. */
export const WAITING = 1;
export const CALLED = 2;
export const SERVED = 3;
export const GONE = 4;
export const SKIPPED = 5;

export interface Person {
  /** Place in the township's `residents`. */
  i: number;
  /** Number in the cell; 0 until it is known. */
  number: number;
  ticket: number;
  /** What the record says of the ticket; 0: there is none. */
  state: number;
  /** Ordinal of the station the ticket is for. */
  station: number;
  /** When the person is at that station, simulated ms. */
  presentAt: number;
  /** First asked for a ticket, or stood at a table; -1 not yet. */
  arrivedAt: number;
  /** The first swab began; -1 not yet. */
  startedAt: number;
  /** A swab has been taken, whether or not the record knows. */
  swabbed: boolean;
  /** An acknowledged swab that still counts. */
  sampled: boolean;
  /** Stays at this station (ordinal) though the ticket was moved: did not hear of it. 0: nobody does. */
  stays: number;
  /** Called back for a single swab: must have a tube alone. */
  calledBack: boolean;
}

export interface Station {
  ordinal: number;
  /** Place in the township's `lanes`. */
  lane: number;
  site: number;
  open: boolean;
  /** Tickets the screen shows as waiting. */
  waiting: number;
  /** Everybody who came to stand here, in order; those who have left are still in the list. */
  standing: number[];
  standingFrom: number;
  /** Told when somebody begins to wait here, at this simulated time. */
  wake: ((at: number) => void) | undefined;
}

/** Between villages people go by electric tricycle, over field paths. */
const metersPerSecond = 4;

export class World {
  readonly township: Township;
  readonly people: Person[];
  /** By ordinal. */
  readonly stations = new Map<number, Station>();
  /** Stations by place in the township's `lanes`. */
  readonly stationOf: (Station | undefined)[] = [];
  /** People who are still to be sampled. */
  remaining: number;
  /** Asked when a ticket is moved: does its person not hear of it, and stay at the old station? */
  staysAt: (from: Station) => boolean = () => false;
  /** Told of somebody who was called in vain for the last time, or whose ticket has run out: they come to the desk of that site. */
  onMissed: (person: Person, site: number) => void = () => undefined;
  readonly #byNumber = new Map<number, Person>();

  constructor(township: Township) {
    this.township = township;
    this.people = township.residents.map((_, i): Person => ({
      i, number: 0, ticket: 0, state: 0, station: 0, presentAt: 0, arrivedAt: -1, startedAt: -1, swabbed: false, sampled: false, stays: 0, calledBack: false,
    }));
    this.remaining = township.residents.filter(({ absent, excused }) => !absent && !excused).length;
  }

  knows(person: Person, number: number): void {
    person.number = number;
    this.#byNumber.set(number, person);
  }

  withNumber(number: number): Person | undefined {
    return this.#byNumber.get(number);
  }

  /** Takes what an answer says of tickets, stations and swabs. `at`: simulated now. */
  apply(events: readonly LedgerEvent[], at: number): void {
    for (const event of events) {
      switch (event.event) {
        case 'ticket.issued': this.#issued(event, at); break;
        case 'ticket.called': this.#ticket(event.resident, event.ticket, CALLED, event.station, at); break;
        case 'ticket.skipped': this.#ticket(event.resident, event.ticket, event.state, event.station, at); break;
        case 'ticket.moved': this.#moved(event, at); break;
        case 'ticket.gone': this.#ticket(event.resident, event.ticket, GONE, event.station, at); break;
        case 'swab.taken': if (event.ticketFrom > 0) this.#ticket(event.resident, event.ticket, SERVED, event.ticketStation, at); break;
        default:
      }
    }
  }

  /** A swab of this person was acknowledged, or no longer counts. */
  sampled(person: Person, sampled: boolean): void {
    if (person.sampled === sampled) return;
    person.sampled = sampled;
    const resident = this.township.residents[person.i];
    if (resident && !resident.absent && !resident.excused) this.remaining += sampled ? -1 : 1;
  }

  /** Simulated ms between two sites, by places in `sites`. */
  walk(from: number, to: number): number {
    const [a, b] = [this.township.sites[from], this.township.sites[to]];
    return from === to || !a || !b ? 15 * second : (metersBetween(a.at, b.at) / metersPerSecond) * second;
  }

  /** The first who stands at a table with the ticket of this station, or stayed here, and has no swab yet. */
  firstStanding(station: Station, at: number): Person | undefined {
    for (let k = station.standingFrom; k < station.standing.length; k++) {
      const person = this.people[station.standing[k] as number] as Person;
      const here = !person.swabbed && (person.stays === station.ordinal || (person.stays === 0 && person.station === station.ordinal && (person.state === WAITING || person.state === CALLED)));
      if (here && person.presentAt <= at) return person;
      if (!here && k === station.standingFrom) station.standingFrom++;
    }
    return undefined;
  }

  #issued(event: LedgerEvent<'ticket.issued'>, at: number): void {
    const person = this.#byNumber.get(event.resident);
    // Reported for somebody who has a swab or another ticket, a ticket is over as it begins.
    if (!person || person.ticket === event.ticket || event.state !== WAITING) return;
    this.#ticket(event.resident, event.ticket, event.state, event.station, at);
  }

  #moved(event: LedgerEvent<'ticket.moved'>, at: number): void {
    const person = this.#byNumber.get(event.resident);
    if (!person) return;
    const [from, to] = [this.stations.get(event.from), this.stations.get(event.to)];
    if (from && person.stays === 0 && !person.swabbed && person.presentAt <= at && this.staysAt(from)) person.stays = from.ordinal;
    // Somebody still on the way there goes on to the new station.
    person.presentAt = Math.max(person.presentAt, at) + (from && to ? this.walk(from.site, to.site) : 0);
    this.#ticket(event.resident, event.ticket, WAITING, event.to, at);
  }

  #ticket(resident: number, ticket: number, state: number, ordinal: number, at: number): void {
    const person = this.#byNumber.get(resident);
    if (!person) return;
    const before = this.stations.get(person.station);
    if (before && person.state === WAITING) before.waiting--;
    const station = this.stations.get(ordinal);
    if (station && (state === WAITING || state === CALLED) && (person.station !== ordinal || person.ticket !== ticket)) station.standing.push(person.i);
    const missed = (state === SKIPPED || state === GONE) && person.state !== state && !person.swabbed;
    person.ticket = ticket;
    person.state = state;
    person.station = ordinal;
    if (missed && station) this.onMissed(person, station.site);
    if (!station || state !== WAITING) return;
    station.waiting++;
    station.wake?.(at);
  }
}
