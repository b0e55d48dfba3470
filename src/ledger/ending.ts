// What waits for something and must stop waiting when its owner ends. A `Promise.race` against one promise that lives as long as the
// service would do the same and keep something of every wait for ever: that promise remembers each race it was ever in.

export interface Ending {
  readonly ended: boolean;
  /** Cuts every wait short, now and from now on. */
  end(): void;
  /** What the work gives, or undefined once the end has come; the work itself goes on, and a fault of it is then nobody's. */
  orEnd<Value>(work: Promise<Value>): Promise<Value | undefined>;
}

export function makeEnding(): Ending {
  const waits = new Set<() => void>();
  let ended = false;
  return {
    get ended() { return ended; },
    end() {
      ended = true;
      for (const leave of waits) leave();
      waits.clear();
    },
    orEnd: (work) =>
      new Promise((resolve, reject) => {
        const leave = () => resolve(undefined);
        if (ended) leave();
        else waits.add(leave);
        work.then(resolve, reject).finally(() => waits.delete(leave));
      }),
  };
}
