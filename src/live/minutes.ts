// What happened in each minute of the last day: swabs, tubes sealed, tubes taken in by the laboratory. So a wall that is switched on at noon
// shows the morning. A day of it is nine kilobytes and grows no further; time is the cell's clock and only goes forward.

const minuteMs = 60_000;
/** A day. */
export const minutesKept = 1440;

export const happenings = ['swabs', 'sealed', 'received'] as const;
export type Happening = (typeof happenings)[number];

export interface Minutes extends Record<Happening, Uint16Array> {
  /** The newest minute: the clock divided by sixty seconds. 0 before the first. */
  head: number;
  /** The first minute in which anything was counted, 0 for none. */
  since: number;
}

export const newMinutes = (): Minutes => ({ head: 0, since: 0, swabs: new Uint16Array(minutesKept), sealed: new Uint16Array(minutesKept), received: new Uint16Array(minutesKept) });

/** Counts one at `at`. A time before the newest counts as the newest. */
export function countInMinute(minutes: Minutes, what: Happening, at: number): void {
  const head = Math.floor(at / minuteMs);
  if (head > minutes.head) {
    const passed = Math.min(minutesKept, head - minutes.head);
    for (let minute = head - passed + 1; minute <= head; minute++) for (const each of happenings) minutes[each][minute % minutesKept] = 0;
    minutes.head = head;
  }
  if (minutes.since === 0) minutes.since = minutes.head;
  const place = minutes.head % minutesKept;
  minutes[what][place] = (minutes[what][place] ?? 0) + 1;
}

/** Minute by minute, from the first counted (a day ago at most) to the one of `at`. */
export interface History extends Record<Happening, number[]> {
  /** Beginning of the first minute, ms of the cell's clock; 0 while nothing was counted. */
  from: number;
}

export function historyOf(minutes: Minutes, at: number): History {
  const history: History = { from: 0, swabs: [], sealed: [], received: [] };
  if (minutes.since === 0) return history;
  const last = Math.max(minutes.head, Math.floor(at / minuteMs));
  const first = Math.max(minutes.since, last - minutesKept + 1);
  history.from = first * minuteMs;
  for (let minute = first; minute <= last; minute++) {
    const kept = minute <= minutes.head && minute > minutes.head - minutesKept;
    for (const each of happenings) history[each].push(kept ? (minutes[each][minute % minutesKept] ?? 0) : 0);
  }
  return history;
}
