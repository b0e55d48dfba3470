// Packers and couriers on the day. At every site somebody packs what the tables have sealed into a cold box; couriers go round in tours,
// take the boxes over, each of the two saying so, and bring them to the laboratory. It goes wrong here as it does on roads: a vial leaks
// in the rack, tubes get into the wrong box, one falls out, a box does not arrive, a courier is late.
//
// What is on a manifest is what the record says; what is in the box is what was put there. The drill knows both, the laboratory sees the
// second only.

import { makeCode } from '../../domain/codes.js';
import type { Mode } from '../../domain/requests.js';
import { roundRules } from '../../domain/roundRules.js';
import { Hands } from './agenda.js';
import type { Day } from './day.js';
import type { Device } from './device.js';
import { type Answer, DoorFault, eventsOf } from './door.js';
import { minute } from './plan.js';
import type { Random } from './random.js';

/** A cold box on one trip. */
export interface Crate {
  box: string;
  /** The number of its trip in the area. */
  trip: number;
  site: number;
  hash: string;
  /** As the record has it when it is sealed. */
  manifest: string[];
  /** What is really in it. */
  inside: string[];
}

/** How often: a tube scanned twice at packing, a first count that is wrong; how a hand-over is told of: by the manifest read from the packer's screen, or by one of the two only. */
const slips = { packedTwice: 0.005, miscounted: 0.05, byManifest: 0.15, unconfirmed: 0.04, delayed: 0.12 };
/** From one site of a tour to the next. */
const legMs = 4 * minute;
/** Between two tours in the evening. */
const lateTours = 60 * minute;
/** Tubes that get into another box, when it happens. */
const mixedUp = 2;

interface Packer {
  device: Device;
  hands: Hands;
  /** One without a network reports. */
  mode: Mode;
  /** Sealed and not packed. */
  rack: string[];
  /** The box that is being packed. */
  crate: Crate | undefined;
  /** Full boxes that wait for the tour. */
  waiting: Crate[];
}

interface Courier {
  device: Device;
  hands: Hands;
  card: string;
  /** Places in `sites`. */
  route: number[];
}

export class Transport {
  readonly #day: Day;
  readonly #random: Random;
  readonly #packers: Packer[];
  readonly #couriers: Courier[];
  /** Sealed tubes that have left by another way, or are no more. */
  readonly #elsewhere = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #boxesBack: string[] = [];
  #serial = 0;
  readonly #leaks: number[];
  readonly troubles = { mixed: 0, dropped: [] as string[], leaked: [] as string[], lost: undefined as Crate | undefined };
  /** Every box that was sealed. */
  readonly sealed: Crate[] = [];

  constructor(day: Day) {
    const { township, plan } = day;
    this.#day = day;
    this.#random = day.random.fork('transport');
    this.#leaks = [...plan.custody.leaksAt];
    this.#packers = township.sites.map(({ site }) => ({
      device: day.device(`packer-${site}`, `packer-${site}`, this.#random.int(40) * 1000, 'packer', { site }),
      hands: new Hands(), mode: this.#random.chance(0.1) ? 'report' : 'ask', rack: [], crate: undefined, waiting: [],
    }));
    const { tours } = plan.custody;
    this.#couriers = tours.map(({ sites }, i) => ({ device: day.device(`courier-${i + 1}`, `courier-${i + 1}`, 0, 'courier'), hands: new Hands(), card: `courier-${i + 1}`, route: sites }));
    tours.forEach(({ firstAt }, i) => day.errands.at(firstAt, (at) => this.#setOut(i, at), { round: true }));
    const { packEvery } = plan.custody;
    township.sites.forEach((_, i) => day.errands.at(packEvery * this.#random.between(0.5, 1.5), (at) => this.#packAgain(i, at), { round: true }));
  }

  /** Is no tube in a rack or in a box that waits for a courier? */
  get idle(): boolean {
    return this.#packers.every(({ rack, crate, waiting }) => rack.length === 0 && !crate && waiting.length === 0);
  }

  /** A table has closed a tube and put it into its site's rack. A tablet may tell of it after the record has found it full. */
  tubeSealed(tube: string, site: number): void {
    if (this.#seen.has(tube)) return;
    this.#seen.add(tube);
    this.#packers[site]?.rack.push(tube);
  }

  /** The laboratory has emptied a box: it goes back with the next courier. */
  boxBack(box: string): void {
    this.#boxesBack.push(box);
  }

  /** A table without a network gives a tube to the laboratory's van around the corner: no box, no list, and no record has told of it. */
  express(tube: string, people: readonly number[], at: number): void {
    this.#elsewhere.add(tube);
    this.#day.errands.at(at + this.#random.between(2, 3) * minute, (later) => this.#day.laboratory.receiveLoose(tube, people, later));
  }

  // Sites ------------------------------------------------------------------------------------------------------------------------------

  async #packAgain(site: number, at: number): Promise<void> {
    this.#day.errands.at(at + this.#day.plan.custody.packEvery, (later) => this.#packAgain(site, later), { round: true });
    await this.#packers[site]?.hands.do(() => this.#pack(site, at));
  }

  async #pack(site: number, at: number): Promise<void> {
    const packer = this.#packers[site] as Packer;
    const { device, mode } = packer;
    const tubes = packer.rack.splice(0).filter((tube) => !this.#elsewhere.has(tube) && !this.#day.books.voided.has(tube));
    if (tubes.length > 0 && (this.#leaks[0] ?? Number.POSITIVE_INFINITY) <= at) {
      this.#leaks.shift();
      const tube = tubes.shift() as string;
      await device.must(this.#day.door, [device.request('reportTube', { tube, what: 'leaked' }, at)], at);
      this.troubles.leaked.push(tube);
    }
    const { boxTubes } = roundRules.parse({});
    while (tubes.length > 0) {
      packer.crate ??= await this.#openBox(site, at);
      const { box, inside } = packer.crate;
      const some = tubes.splice(0, boxTubes - inside.length);
      if (some.length === 0) {
        // Full before its tour: it waits sealed, and the next one is opened.
        await this.#seal(site, at);
        continue;
      }
      await device.must(this.#day.door, some.map((tube) => device.request('packTube', { tube, box }, at, mode)), at);
      inside.push(...some);
      if (this.#random.chance(slips.packedTwice * some.length)) await device.outbox(this.#day.door, [device.request('packTube', { tube: some[0] as string, box }, at)], at);
    }
  }

  async #openBox(site: number, at: number): Promise<Crate> {
    const { device } = this.#packers[site] as Packer;
    for (;;) {
      const box = this.#boxesBack.shift() ?? this.#newBox();
      const answer = await device.step(this.#day.door, 'openBox', { box, site: this.#day.township.sites[site]?.site ?? '' }, at);
      const [opened] = eventsOf(answer, 'box.opened');
      if (opened) return { box, trip: opened.trip, site, hash: '', manifest: [], inside: [] };
      // That it is empty again has not come round to the area yet.
      if (answer.outcome !== 'refused' || answer.word !== 'box_in_use') throw new DoorFault(`openBox was answered ${JSON.stringify(answer)}`);
    }
  }

  #newBox(): string {
    const { first, last } = this.#day.post.boxSerials;
    if (first + this.#serial > last) throw new DoorFault('there are no more boxes');
    return makeCode('box', first + this.#serial++);
  }

  async #seal(site: number, at: number): Promise<void> {
    const packer = this.#packers[site] as Packer;
    const { device, crate, mode } = packer;
    packer.crate = undefined;
    if (!crate) return;
    const { box, inside } = crate;
    if (mode === 'ask' && this.#random.chance(slips.miscounted)) await device.step(this.#day.door, 'sealBox', { box, counted: inside.length + 1 }, at);
    const [answer] = await device.must(this.#day.door, [device.request('sealBox', { box, counted: inside.length }, at, mode)], at);
    const [sealed] = eventsOf(answer as Answer, 'box.sealed');
    if (!sealed) throw new DoorFault(`sealBox was answered ${JSON.stringify(answer)}`);
    crate.hash = sealed.hash;
    crate.manifest = [...inside];
    this.sealed.push(crate);
    packer.waiting.push(crate);
  }

  // Couriers ---------------------------------------------------------------------------------------------------------------------------

  async #setOut(courier: number, at: number): Promise<void> {
    // When the tables have closed there is less to fetch.
    const { tourEvery } = this.#day.plan.custody;
    this.#day.errands.at(at + (this.#day.lateSites.length > 0 ? Math.max(tourEvery, lateTours) : tourEvery), (later) => this.#setOut(courier, later), { round: true });
    await this.#stop(courier, 0, [], at);
  }

  /** At one site of the tour after the other, then to the laboratory. */
  async #stop(courier: number, stop: number, crates: Crate[], at: number): Promise<void> {
    const site = this.#couriers[courier]?.route[stop];
    if (site === undefined) return this.#drive(courier, crates, at);
    crates.push(...(await this.#takeOver(courier, site, at)));
    this.#day.errands.at(at + legMs, (later) => this.#stop(courier, stop + 1, crates, later), { round: crates.length === 0 });
  }

  #takeOver(courier: number, site: number, at: number): Promise<Crate[]> {
    const packer = this.#packers[site] as Packer;
    return packer.hands.do(async () => {
      await this.#pack(site, at);
      await this.#seal(site, at);
      const crates = packer.waiting.splice(0);
      for (const crate of crates) await this.#handOver(courier, packer.device, crate, at);
      return crates;
    });
  }

  async #handOver(courier: number, packer: Device, { box, site, hash }: Crate, at: number): Promise<void> {
    const { device, hands, card } = this.#couriers[courier] as Courier;
    const from = `packer-${this.#day.township.sites[site]?.site}`;
    await hands.do(async () => {
      if (this.#random.chance(slips.byManifest)) {
        await device.must(this.#day.door, [device.request('handOver', { box, from, to: card, hash }, at, 'report')], at);
        return;
      }
      await packer.must(this.#day.door, [packer.request('handOver', { box, from, to: card }, at)], at);
      if (!this.#random.chance(slips.unconfirmed)) await device.must(this.#day.door, [device.request('handOver', { box, from, to: card }, at)], at);
    });
  }

  #drive(courier: number, crates: Crate[], at: number): void {
    if (crates.length === 0) return;
    const there = this.#onTheRoad(courier, crates, at);
    const travel = this.#random.between(20, 45) + (this.#random.chance(slips.delayed) ? this.#random.between(30, 90) : 0);
    this.#day.errands.at(at + travel * minute, (later) => this.#arrive(courier, there, later));
  }

  /** What happens on the way; gives the boxes that arrive. */
  #onTheRoad(courier: number, crates: Crate[], at: number): Crate[] {
    const { troubles } = this;
    const [one, other] = crates;
    if (!one || !other) return crates;
    if (troubles.mixed === 0 && one.inside.length > mixedUp) {
      other.inside.push(...one.inside.splice(0, mixedUp));
      troubles.mixed = mixedUp;
      if (other.inside.length > mixedUp) troubles.dropped.push(...other.inside.splice(0, 1));
      return crates;
    }
    if (troubles.lost || at < this.#day.plan.custody.boxLostFrom) return crates;
    const [lost] = crates.filter(({ inside }) => inside.length > mixedUp).sort((a, b) => a.inside.length - b.inside.length);
    if (!lost) return crates;
    troubles.lost = lost;
    this.#day.errands.at(at + this.#random.between(90, 150) * minute, (later) => this.#giveUp(courier, lost, later));
    return crates.filter((crate) => crate !== lost);
  }

  /** Looked for in vain: the tubes count as lost, and their people are called back. */
  async #giveUp(courier: number, { manifest }: Crate, at: number): Promise<void> {
    const { device, hands } = this.#couriers[courier] as Courier;
    await hands.do(() => device.must(this.#day.door, manifest.map((tube) => device.request('reportTube', { tube, what: 'lost' }, at)), at));
  }

  async #arrive(courier: number, crates: readonly Crate[], at: number): Promise<void> {
    const { device, hands, card } = this.#couriers[courier] as Courier;
    await hands.do(() => device.must(this.#day.door, crates.map(({ box, hash }) => device.request('handOver', { box, from: card, to: 'reception', hash }, at)), at));
    await this.#day.laboratory.receive(courier, crates, at);
  }
}
