// How many a minute, over the last minute and the last quarter of an hour, from a ring of ten-second buckets: a few hundred bytes for
// each village and station, and no list of times. Time is the cell's clock and only goes forward.

const bucketMs = 10_000;
/** 15 minutes, and one more bucket: the oldest counts only for the part of it that is still inside. */
const bucketCount = 91;
const minuteMs = 60_000;
export const quarterMs = 15 * minuteMs;

export interface Pace {
  /** Number of the newest bucket: the clock divided by ten seconds. */
  head: number;
  buckets: Uint16Array;
  /** When the first was counted, 0 for never. A day that began three minutes ago is not measured over fifteen. */
  since: number;
}

export const newPace = (): Pace => ({ head: 0, buckets: new Uint16Array(bucketCount), since: 0 });

/** Counts one at `at`. A time before the newest counts as the newest. */
export function countOne(pace: Pace, at: number): void {
  moveTo(pace, at);
  const place = pace.head % bucketCount;
  pace.buckets[place] = (pace.buckets[place] ?? 0) + 1;
  if (pace.since === 0) pace.since = at;
}

/**
 * The end of the bucket of `at`. A rehearsal's clock stands still while the work of a step is done and then leaps, so what is stamped with
 * its reading has happened up to the next one; looked at from the reading itself, a minute would hold one step too many.
 */
export const endOfBucket = (at: number): number => (Math.floor(at / bucketMs) + 1) * bucketMs - 1;

function moveTo(pace: Pace, at: number): void {
  const head = Math.floor(at / bucketMs);
  if (head <= pace.head) return;
  if (head - pace.head >= bucketCount) pace.buckets.fill(0);
  else for (let bucket = pace.head + 1; bucket <= head; bucket++) pace.buckets[bucket % bucketCount] = 0;
  pace.head = head;
}

/** How many were counted from `from` ms to `to` ms before `at`; at most 15 minutes back. */
export function countedIn(pace: Pace, at: number, from: number, to = 0): number {
  return reach(pace, at, from) - reach(pace, at, to);
}

function reach(pace: Pace, at: number, back: number): number {
  if (back === 0 || pace.since === 0) return 0;
  const newest = Math.max(pace.head, Math.floor(at / bucketMs));
  const begin = Math.max(at, newest * bucketMs) - back;
  const oldest = Math.floor(begin / bucketMs);
  let sum = 0;
  for (let bucket = Math.max(oldest, pace.head - bucketCount + 1); bucket <= pace.head; bucket++) {
    const counted = pace.buckets[bucket % bucketCount] ?? 0;
    sum += bucket === oldest ? counted * (1 - (begin - oldest * bucketMs) / bucketMs) : counted;
  }
  return sum;
}

/** How many a minute, over the last `ms` or since the first, whichever is shorter, but never over less than a minute. */
export function perMinute(pace: Pace, at: number, ms: number): number {
  if (pace.since === 0) return 0;
  const window = Math.min(ms, Math.max(minuteMs, at - pace.since));
  return (reach(pace, at, window) / window) * minuteMs;
}
