// The time a tablet may trust. Its own clock may be wrong by fifty years, jump when it meets a network, and lose its battery overnight;
// the counter that only runs forward stops while some tablets sleep. The service's time comes with every answer.
//
// So each record keeps both of the device's clocks and what was known of the service's time when it was made, and its time is worked out
// when it is sent: exactly where the service was heard in the same run of the page, as well as can be said otherwise. Order never depends
// on any of it; that is what the numbers are for.

/** The device's own clocks: its idea of the date, and the counter that runs forward while the page lives (both ms). */
export interface Hands {
  wall(): number;
  mono(): number;
}

export const deviceHands: Hands = { wall: () => Date.now(), mono: () => performance.now() };

/** When a record was made, as far as was known then. */
export interface Stamp {
  /** The time as it stood then. */
  claimedAt: number;
  /** The service had been heard in this run of the page, so `claimedAt` is the service's time. */
  sure: boolean;
  /** Which run of the page. */
  boot: string;
  wall: number;
  mono: number;
  /** The service's time when it was last heard before this, in whatever run; 0: never. It cannot have been earlier. */
  after: number;
}

/** What is kept from one run of the page for the next. */
export interface Heard {
  /** The service's time when it was last heard. */
  at: number;
  /** The device's idea of the date was behind it by this much. */
  offset: number;
}

export interface DeviceTime {
  /** The service's time, as well as it is known. */
  now(): number;
  /** An answer says that it is `at`; it took `took` ms to come. */
  heard(at: number, took: number): void;
  stamp(): Stamp;
  /** When a record was made, by the timeline of `now`. */
  claimed(stamp: Stamp): number;
  /** For the next run; undefined: the service was never heard. */
  readonly known: Heard | undefined;
  /** By how much the device's clock is wrong; undefined: not known in this run. */
  readonly offset: number | undefined;
}

/** The date runs ahead of the counter while a tablet sleeps. By more than this it was set. */
const sleepMax = 12 * 3_600_000;
/** A round lasts a day or two; nothing that waits to be sent is older than this. */
const recordAgeMax = 30 * 24 * 3_600_000;
/** An answer that took longer says little about the time, once there is a better one. */
const tookMax = 2000;

export function makeTime(hands: Hands, boot: string, known?: Heard): DeviceTime {
  let anchor: { at: number; wall: number; mono: number } | undefined;
  let heard = known;
  const started = { wall: hands.wall(), mono: hands.mono() };

  const since = (from: { wall: number; mono: number }): number => {
    const ran = Math.max(0, hands.mono() - from.mono);
    const passed = hands.wall() - from.wall;
    return passed > ran && passed - ran < sleepMax ? passed : ran;
  };
  const plausible = (at: number, from: number): boolean => at >= from && at - from < recordAgeMax;

  function now(): number {
    if (anchor) return anchor.at + since(anchor);
    if (!heard) return hands.wall();
    const [corrected, plain] = [hands.wall() + heard.offset, hands.wall()];
    if (plausible(corrected, heard.at)) return corrected;
    return plausible(plain, heard.at) ? plain : heard.at + since(started);
  }

  return {
    now,
    heard(at, took) {
      if (at <= 0 || (anchor && took > tookMax)) return;
      anchor = { at: at + took / 2, wall: hands.wall(), mono: hands.mono() };
      heard = { at, offset: anchor.at - anchor.wall };
    },
    stamp: () => ({ claimedAt: whole(now()), sure: anchor !== undefined, boot, wall: hands.wall(), mono: hands.mono(), after: heard?.at ?? 0 }),
    claimed(stamp) {
      if (stamp.sure || !anchor) return stamp.claimedAt;
      const [from, to] = [stamp.after, now()];
      if (stamp.boot === boot) return whole(Math.max(from, to - since(stamp)));
      const fits = (at: number): boolean => at >= from && at <= to && to - at < recordAgeMax;
      const corrected = stamp.wall + (anchor.at - anchor.wall);
      if (fits(corrected)) return whole(corrected);
      if (fits(stamp.claimedAt)) return stamp.claimedAt;
      return whole(from > 0 ? from : to);
    },
    get known() { return heard; },
    get offset() { return anchor && anchor.at - anchor.wall; },
  };
}

const whole = (at: number): number => Math.max(0, Math.round(at));
