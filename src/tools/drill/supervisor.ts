// The command post's second screen: looks at what contradicts itself on the record, goes and asks, and resolves it through the same door
// as everybody else.

import type { DiscrepancyState } from '../../ledger/reads.js';
import type { Day } from './day.js';
import type { Device } from './device.js';
import { minute } from './plan.js';
import type { Random } from './random.js';

/** A look at the list, this often. */
const every = 10 * minute;

export class Supervisor {
  readonly #day: Day;
  readonly #device: Device;
  readonly #random: Random;
  /** Those being looked into, and when somebody will know. */
  #open: { discrepancy: DiscrepancyState; at: number }[] = [];
  #next = 1;
  #lookAt = every;
  readonly resolved = new Map<string, number>();

  constructor(day: Day, device: Device) {
    this.#day = day;
    this.#device = device;
    this.#random = day.random.fork('supervisor');
  }

  get waiting(): number {
    return this.#open.length;
  }

  /** What is due by now. `all`: everything there is, at once. */
  async run(at: number, { all = false } = {}): Promise<void> {
    if (all || at >= this.#lookAt) {
      this.#lookAt = at + every;
      await this.#look(at);
    }
    const due = this.#open.filter((one) => all || one.at <= at);
    this.#open = this.#open.filter((one) => !due.includes(one));
    for (const { discrepancy } of due) await this.#resolve(discrepancy, at);
  }

  async #look(at: number): Promise<void> {
    for (;;) {
      const page = await this.#day.door.discrepancies(this.#next);
      for (const discrepancy of page) this.#open.push({ discrepancy, at: at + this.#random.between(3, 15) * minute });
      const last = page.at(-1);
      if (!last) return;
      this.#next = Number(last.discrepancy) + 1;
    }
  }

  async #resolve(discrepancy: DiscrepancyState, at: number): Promise<void> {
    const { what, tube, resident } = discrepancy;
    const person = what === 'resident_unknown' ? this.#day.unidentified.get(tube) : undefined;
    if (person && !person.sampled && (await this.#close(discrepancy, { resolution: 'identified', resident: String(person.number) }, at))) {
      this.#day.swabbed(person, person.startedAt);
      return;
    }
    // One of four doubles turns out to be one swab, scanned at two tables.
    if (what === 'already_sampled' && Number(resident) > 0 && this.#random.chance(0.25)) {
      const voided = await this.#device.step(this.#day.door, 'voidSwab', { resident, tube, reason: 'scanned_twice', secondBy: this.#day.door.second }, at);
      if (voided.outcome === 'applied' && (await this.#close(discrepancy, { resolution: 'corrected' }, at))) return;
    }
    await this.#close(discrepancy, { resolution: 'confirmed' }, at);
  }

  async #close({ discrepancy, what }: DiscrepancyState, how: { resolution: 'identified' | 'confirmed' | 'corrected'; resident?: string }, at: number): Promise<boolean> {
    const answer = await this.#device.step(this.#day.door, 'resolveDiscrepancy', { discrepancy, ...how }, at);
    if (answer.outcome !== 'applied') return false;
    this.resolved.set(what, (this.resolved.get(what) ?? 0) + 1);
    return true;
  }
}
