// A cell as the longer benches need one: sites, stations, people with identities, rules of the bench's own; and devices that count their
// numbers as tablets do. Everything goes through the real ledger, away from the clock of whatever is measured.

import { bodies, type Body, type BodyInput, type CellName, type Mode, type StepName, type StepRequest } from '../../src/domain/requests.js';
import type { Ledger, Receipt } from '../../src/ledger/ledger.js';

/** What a tablet claims as its time; the benches' rounds are real ones, so it must be about now. */
export const claimedNow = Date.now();

export interface CrowdOptions {
  people: number;
  stations?: number;
  /** Sites lie on a line, 500 m apart; the stations are dealt out to them in turn. */
  sites?: number;
  rules?: BodyInput<'openRound'>['rules'];
  /** Do people have a document, and so an entry in the index? */
  identities?: boolean;
}

export const stationName = (i: number): string => `st${i}`;
export const siteName = (i: number): string => `s${i}`;
export const villages = 35;

/** A printed code of somebody else's make; `prefix` keeps tubes of two sorts apart. */
export const crowdTube = (n: number, prefix = 'T'): string => `${prefix}${String(n).padStart(11, '0')}`;

/** A device that counts its numbers. */
export class Tablet {
  readonly device: string;
  number = 0;

  constructor(device: string) {
    this.device = device;
  }

  request<S extends StepName>(step: S, body: Body<S>, mode: Mode = 'ask'): StepRequest {
    return { number: ++this.number, step, mode, claimedAt: claimedNow, body };
  }
}

/** Takes requests of one device, and throws unless each was applied. */
export async function applied(ledger: Ledger, cell: CellName, { device }: Tablet, requests: StepRequest[]): Promise<Receipt> {
  const [receipt] = await ledger.take(cell, [{ device, epoch: 'e1', requests }]);
  const bad = receipt?.answers.find(({ outcome }) => outcome !== 'applied');
  if (!receipt || bad) throw new Error(`${device} in ${cell.round}:${cell.area}: ${JSON.stringify(bad)}`);
  return receipt;
}

/** Opens the round with its stations, and puts `people` on the roster. Resident n is number n, from 1. */
export async function openCrowd(ledger: Ledger, cell: CellName, { people, stations = 100, sites = 1, rules = {}, identities = true }: CrowdOptions): Promise<void> {
  const post = new Tablet('post');
  const at = (i: number) => ({ lat: 36 + i * 0.0045, lng: 114 });
  await applied(ledger, cell, post, [post.request('openRound', bodies.openRound.parse({
    name: 'bench', rules: { household: 'ignore', ...rules },
    sites: Array.from({ length: sites }, (_, i) => ({ site: siteName(i), name: `Site ${i}`, at: at(i) })),
    villages: Array.from({ length: villages }, (_, i) => ({ village: `village ${i}`, site: siteName(i % sites), at: at(i % sites) })),
  }))]);
  for (let from = 0; from < stations; from += 50) {
    const some = Array.from({ length: Math.min(50, stations - from) }, (_, i) => post.request('openStation', { station: stationName(from + i), site: siteName((from + i) % sites) }));
    await applied(ledger, cell, post, some);
  }
  const size = 500;
  const chunks = Array.from({ length: Math.ceil(people / size) }, (_, i) => i * size);
  await inTurns(chunks, 4, async (from) => {
    const residents = Array.from({ length: Math.min(size, people - from) }, (_, i) => ({
      ...(identities ? { index: (from + i + 1).toString(16).padStart(32, '0') } : {}),
      sealed: 'AAAA', village: `village ${(from + i) % villages}`, household: Math.floor((from + i) / 3) + 1, risk: 'normal' as const, priority: 'none' as const, single: false,
    }));
    await applied(ledger, cell, post, [post.request('enrolResidents', { residents })]);
  });
}

/** Works through a list in its order with so many under way at once. */
export async function inTurns<Item>(list: readonly Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < list.length) await work(list[next++] as Item);
  }));
}

/** A station's tablet at work: opens a tube, takes ten swabs, opens the next. */
export class StationTablet extends Tablet {
  readonly #station: string;
  readonly #people: () => number;
  readonly #tubes: () => string;
  readonly #perTube: number;
  #tube = '';
  #count = 0;

  /** `people` gives the next resident, `tubes` the next code; both are shared by the stations of a cell. */
  constructor(device: string, station: string, people: () => number, tubes: () => string, perTube = 10) {
    super(device);
    this.#station = station;
    this.#people = people;
    this.#tubes = tubes;
    this.#perTube = perTube;
    this.#count = perTube;
  }

  /** The requests of so many swabs, with the openings of the tubes they go into. */
  swabs(count: number, mode: Mode = 'ask'): StepRequest[] {
    const requests: StepRequest[] = [];
    for (let i = 0; i < count; i++) {
      if (this.#count === this.#perTube) {
        [this.#tube, this.#count] = [this.#tubes(), 0];
        requests.push(this.request('openTube', { tube: this.#tube, station: this.#station, risk: 'normal' }, mode));
      }
      this.#count++;
      requests.push(this.request('takeSwab', { resident: String(this.#people()), tube: this.#tube }, mode));
    }
    return requests;
  }
}

/** The stations of one cell, and how many of its people they have swabbed. */
export function stationsAtWork(count: number, first = 1): { tablets: StationTablet[]; swabbed(): number } {
  let [person, tube] = [first - 1, 0];
  const tablets = Array.from({ length: count }, (_, i) => new StationTablet(`tab${i}`, stationName(i), () => ++person, () => crowdTube(++tube)));
  return { tablets, swabbed: () => person - first + 1 };
}
