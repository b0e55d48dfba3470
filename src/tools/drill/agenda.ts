// What is to be done at which time of the simulated day.

/** Something somebody does; it is told the time. */
export type Act = (at: number) => Promise<void>;

export class Agenda {
  #acts: { at: number; act: Act; round: boolean }[] = [];

  /** `round`: somebody only looks whether there is something to do. */
  at(at: number, act: Act, { round = false } = {}): void {
    const place = this.#acts.findIndex((one) => one.at > at);
    this.#acts.splice(place < 0 ? this.#acts.length : place, 0, { at, act, round });
  }

  /** When the next thing is to be done; rounds are not counted. */
  get nextAt(): number {
    return this.#acts.find(({ round }) => !round)?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Takes what is to be done before `until` off the list, in order of time. */
  due(until: number): { at: number; act: Act }[] {
    let many = this.#acts.findIndex(({ at }) => at >= until);
    if (many < 0) many = this.#acts.length;
    return this.#acts.splice(0, many);
  }

  get waiting(): number {
    return this.#acts.length;
  }
}

/** Somebody with two hands: what they do is done one after the other, in the order in which it was asked of them. */
export class Hands {
  #last: Promise<unknown> = Promise.resolve();

  do<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#last.then(work);
    // A fault is told to whoever asked for the work; the next one does not inherit it.
    this.#last = done.catch(() => undefined);
    return done;
  }
}
