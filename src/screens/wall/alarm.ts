// What a wall calls out for: another late tube, another station that has stopped. Pure; the sound is alarmSwitch.tsx's.

import type { WallCounts } from './reckoning.js';

/** What was known when the wall was last heard, or opened. */
export interface Alarmed {
  late: number;
  red: number;
  stopped: ReadonlySet<string>;
}

export const alarmedOf = ({ road, stations }: Pick<WallCounts, 'road' | 'stations'>): Alarmed => ({
  late: road.amber + road.red, red: road.red,
  // The record calls a station stalled when people wait and nothing has moved for as long as the round's rules say.
  stopped: new Set(Object.values(stations).filter(({ state, stalled }) => stalled && (state === 'open' || state === 'draining')).map(({ code }) => code)),
});

/** A stopped station before a late tube: somebody stands there and waits. */
export function alarmOf(before: Alarmed | undefined, now: Alarmed): 'stopped' | 'late' | undefined {
  if (!before) return undefined;
  if ([...now.stopped].some((code) => !before.stopped.has(code))) return 'stopped';
  return now.red > before.red || now.late > before.late ? 'late' : undefined;
}

/** In a bad hour there is something new every second; nobody listens to a wall that never stops. */
export const quietMs = 15_000;

/** Keeps what was called out. What comes within the quiet time is called out after it, if it still stands. */
export function openAlarm(ring: (what: 'stopped' | 'late') => void): (counts: Pick<WallCounts, 'road' | 'stations'>, now: number) => void {
  let before: Alarmed | undefined;
  let rangAt = Number.NEGATIVE_INFINITY;
  return (counts, now) => {
    const is = alarmedOf(counts);
    const what = alarmOf(before, is);
    if (what && now - rangAt < quietMs) return;
    before = is;
    if (!what) return;
    rangAt = now;
    ring(what);
  };
}
