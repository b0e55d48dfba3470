// An ear at the stream of a cell: what one cell tells another arrives when it arrives, and is waited for by listening, never by guessing
// how long it takes.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerEvent } from '../../domain/events.js';
import { type Door, DoorFault, eventsInPage } from './door.js';

/** How long something that must come is waited for, ms of real time. */
const patienceMs = 60_000;

export class Ear {
  readonly #door: Door;
  readonly #hear: (event: LedgerEvent) => void;
  #position = '0';
  #listening: Promise<void> | undefined;

  /** `hear` is told each event once, in order. */
  constructor(door: Door, hear: (event: LedgerEvent) => void) {
    this.#door = door;
    this.#hear = hear;
  }

  /** Hears everything that is on the stream by now. */
  listen(): Promise<void> {
    this.#listening ??= this.#read().finally(() => { this.#listening = undefined; });
    return this.#listening;
  }

  /** Listens until it is so. @throws DoorFault when that does not happen */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const patience = Date.now() + patienceMs;
    for (let pause = 2; !isSo(); pause = Math.min(50, pause * 2)) {
      await this.listen();
      if (isSo()) return;
      if (Date.now() > patience) throw new DoorFault(`${what} has not been heard of in ${patienceMs / 1000} s`);
      await sleep(pause);
    }
  }

  async #read(): Promise<void> {
    for (;;) {
      const page = await this.#door.events(this.#position);
      const last = page.at(-1);
      if (!last) return;
      for (const event of page) this.#hear(event);
      this.#position = last.id;
      if (page.length < eventsInPage) return;
    }
  }
}
