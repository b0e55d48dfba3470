// From the last swab of the day to the closed round: the last boxes leave, results come in, everybody who is called back comes to one of
// the tables that have stayed open, and their single tubes go the same way. It is over when every tube has its end and every recall too.

import type { LedgerEvent } from '../../domain/events.js';
import type { Day } from './day.js';
import { Ear } from './ear.js';
import { minute } from './plan.js';

/** Longer than any evening: the drill goes on to compare, and says what is open. */
const endOfPatience = 60 * 60 * minute;
/** Minutes of the day taken at once: while people come, while nobody is at work, and in a drill that is watched. */
const [busy, quiet, watching] = [5 * minute, 30 * minute, minute];

export class Evening {
  readonly #day: Day;
  readonly #ear: Ear;
  /** Tubes on the record without an end. */
  readonly unended = new Set<string>();
  readonly #opened = new Set<string>();

  constructor(day: Day) {
    this.#day = day;
    this.#ear = new Ear(day.door, (event) => this.#hear(event));
  }

  /** From bucket to bucket; gives the simulated time at the end. */
  async run(from: number): Promise<number> {
    const { followUp, supervisor } = this.#day;
    let at = from;
    let reached = 0;
    await this.#listen();
    while (this.unended.size > 0 || !followUp.idle || supervisor.waiting > 0) {
      if (at - from > endOfPatience) break;
      await followUp.run(at);
      const to = this.#day.watched ? at + watching : Math.max(at + busy, Math.min(at + quiet, Math.floor(this.#day.quietUntil())));
      await this.#day.bucket(at, to);
      at = to;
      await this.#listen();
      // Recalls bring new tubes: what has been reached is shown, and never less than before.
      reached = Math.max(reached, 1 - this.unended.size / this.#opened.size);
      this.#day.progress('evening', reached, at);
      await this.#day.keepPace(at);
    }
    return at;
  }

  /** Hears both cells, until the area has heard what the laboratory has told it. */
  async #listen(): Promise<void> {
    const { laboratory } = this.#day;
    await laboratory.listen();
    await this.#ear.listen();
    await this.#ear.until("the laboratory's news in the area", () => laboratory.told);
  }

  #hear(event: LedgerEvent): void {
    const { followUp, laboratory } = this.#day;
    followUp.hear(event);
    switch (event.event) {
      case 'tube.opened':
        if (!this.#opened.has(event.tube)) this.unended.add(event.tube);
        this.#opened.add(event.tube);
        break;
      case 'tube.voided': case 'tube.lost': case 'tube.leaked': this.unended.delete(event.tube); break;
      case 'tube.rejected':
        this.unended.delete(event.tube);
        laboratory.tell(`rejected ${event.tube}`, -1);
        break;
      case 'box.reconciled': laboratory.tell(`compared ${event.box}/${event.trip}`, -1); break;
      case 'result.waits': laboratory.tell(`result ${event.tube}`, -1); break;
      case 'result.released':
        this.unended.delete(event.tube);
        // One that had waited was heard of before; the clock's own hand lets it go without a number.
        if (event.accession !== '') laboratory.tell(`result ${event.tube}`, -1);
        break;
      default:
    }
  }
}
