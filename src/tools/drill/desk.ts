// The desk at a site's entrance: registers those who are not on the roster, gives everybody who came together their tickets, and puts
// those back who were called in vain. Each question is an HTTP request of its own. Without a network it makes the tickets itself, sends
// people to the table with the fewest in front of it, and reports them afterwards.

import type { Day } from './day.js';
import type { Device } from './device.js';
import { type Answer, DoorFault, type Sent } from './door.js';
import { minute, second, type Stretch, type Visit } from './plan.js';
import type { Random } from './random.js';
import { CALLED, type Person, SKIPPED, type Station, WAITING } from './world.js';

/** Of those who take a ticket, how many go home again for a while. */
const leaves = 0.01;
/** A desk needs about this long for a party. */
const partySeconds = 6;

export class Desk {
  readonly #day: Day;
  readonly #site: number;
  readonly #device: Device;
  readonly #random: Random;
  readonly #offline: Stretch | undefined;
  #tickets = 0;
  #backlog: Sent[] = [];
  /** Walk-ins by the number of the record that registers them. */
  readonly #registering = new Map<number, Person>();

  constructor(day: Day, site: number, device: Device) {
    this.#day = day;
    this.#site = site;
    this.#device = device;
    this.#random = day.random.fork(`desk ${site}`);
    this.#offline = day.plan.deskOffline.get(site);
  }

  /** Has tickets to report. */
  get behind(): boolean {
    return this.#backlog.length > 0;
  }

  /** Serves these parties, one after the other. */
  async run(visits: readonly Visit[], until: number): Promise<void> {
    let clock = 0;
    for (const visit of visits) {
      clock = Math.max(clock + partySeconds * second, visit.at);
      const people = visit.people.map((i) => this.#day.world.people[i] as Person).filter(({ swabbed }) => !swabbed);
      if (people.length === 0) continue;
      for (const person of people) if (person.arrivedAt < 0) person.arrivedAt = visit.at;
      if (this.#offline && clock >= this.#offline.from && clock < this.#offline.to) this.#serveAlone(people, clock);
      else {
        if (this.behind) await this.#report(clock);
        await this.#serve(people, clock);
      }
    }
    if (this.behind && until > (this.#offline?.to ?? 0)) await this.#report(until);
  }

  async #serve(people: readonly Person[], at: number): Promise<void> {
    for (const person of people) if (person.number === 0) await this.#register(person, at);
    let party = people.filter(({ state }) => state !== SKIPPED && state !== WAITING && state !== CALLED);
    for (const person of people) if (person.state === SKIPPED) await this.#putBack(person, at);
    for (let tries = 0; party.length > 0 && tries <= people.length + 1; tries++) {
      const answer = await this.#device.step(this.#day.door, 'issueTicket', {
        site: this.#siteCode, party: party.map(({ number }) => ({ resident: String(number), number: this.#nextTicket() })),
      }, at);
      if (answer.outcome === 'applied') {
        this.#issued(party, answer, at);
        return;
      }
      if (answer.outcome !== 'refused') throw new DoorFault(`issueTicket was answered ${answer.outcome}`);
      if (answer.word === 'no_station_open') {
        this.#day.visit({ at: at + 3 * minute, site: this.#site, people: party.map(({ i }) => i) });
        return;
      }
      // One of them has a swab or a ticket already; the others get theirs.
      if (answer.word !== 'already_sampled' && answer.word !== 'ticket_open') throw new DoorFault(`issueTicket was refused: ${answer.word}`);
      const refused = party.find(({ number }) => String(number) === answer.detail['resident']);
      if (refused && answer.word === 'ticket_open') this.#day.visit({ at: at + 5 * minute, site: this.#site, people: [refused.i] });
      party = party.filter((person) => person !== refused);
    }
  }

  #issued(party: readonly Person[], answer: Answer & { outcome: 'applied' }, at: number): void {
    // Where they are comes first: a table that is woken looks at once.
    for (const event of answer.events) {
      if (event.event !== 'ticket.issued') continue;
      const [person, to] = [this.#day.world.withNumber(event.resident), this.#day.world.stations.get(event.station)];
      if (person && to) person.presentAt = at + this.#day.world.walk(this.#site, to.site);
    }
    if (this.#random.chance(leaves)) {
      const back = at + this.#random.between(35, 70) * minute;
      for (const person of party) person.presentAt = back;
      this.#day.visit({ at: back, site: this.#site, people: party.map(({ i }) => i) });
    }
    this.#day.world.apply(answer.events, at);
  }

  /** Called in vain three times, and here again: back into the queue of a table that is open. */
  async #putBack(person: Person, at: number): Promise<void> {
    const station = this.#quietest();
    if (!station) {
      this.#day.visit({ at: at + 3 * minute, site: this.#site, people: [person.i] });
      return;
    }
    person.presentAt = at + 15 * second;
    const answer = await this.#device.step(this.#day.door, 'moveTicket', { resident: String(person.number), station: this.#day.codeOf(station) }, at);
    if (answer.outcome === 'applied') {
      this.#day.world.apply(answer.events, at);
      person.presentAt = at + 15 * second;
    } else this.#day.visit({ at: at + 1 * minute, site: this.#site, people: [person.i] });
  }

  async #register(person: Person, at: number): Promise<void> {
    const answer = await this.#device.step(this.#day.door, 'registerWalkIn', this.#day.walkInBody(person), at);
    if (answer.outcome !== 'applied') throw new DoorFault(`registerWalkIn was answered ${answer.outcome}`);
    this.#day.registered(person, answer);
  }

  /** Tickets made here, for the table that looks quietest; the record hears of them later. */
  #serveAlone(people: readonly Person[], at: number): void {
    const station = this.#quietest();
    if (!station) {
      this.#day.visit({ at: at + 3 * minute, site: this.#site, people: people.map(({ i }) => i) });
      return;
    }
    const party = people.map((person) => {
      person.presentAt = at + 15 * second;
      if (person.number > 0) return { resident: String(person.number), number: this.#nextTicket() };
      const sent = this.#device.request('registerWalkIn', this.#day.walkInBody(person), at, 'report');
      this.#backlog.push(sent);
      this.#registering.set(sent.number, person);
      return { resident: `#${sent.number}`, number: this.#nextTicket() };
    });
    this.#backlog.push(this.#device.request('issueTicket', { site: this.#siteCode, party, station: this.#day.codeOf(station) }, at, 'report'));
  }

  async #report(at: number): Promise<void> {
    const sent = this.#backlog;
    this.#backlog = [];
    const { answers } = await this.#device.outbox(this.#day.door, sent, at);
    answers.forEach((answer, i) => {
      const { step, number } = sent[i] as Sent;
      if (answer.outcome !== 'applied') throw new DoorFault(`the report ${step} of a desk was answered ${answer.outcome}`);
      const person = this.#registering.get(number);
      if (person) this.#day.registered(person, answer);
      this.#day.world.apply(answer.events, at);
    });
  }

  #quietest(): Station | undefined {
    const open = (this.#day.township.sites[this.#site]?.lanes ?? []).flatMap((lane) => this.#day.world.stationOf[lane] ?? []).filter(({ open }) => open);
    return open.sort((a, b) => a.waiting - b.waiting)[0];
  }

  get #siteCode(): string {
    return this.#day.township.sites[this.#site]?.site ?? '';
  }

  /** One desk a site, so its letter is A; 99,999 tickets are more than a site gives in a day. */
  #nextTicket(): string {
    return `A${++this.#tickets}`;
  }
}
