// What the wall works out from the counts: pure, so that it can be asked without a screen.

/** The part of the live counts that the wall shows (src/live/counts.ts). */
export interface WallCounts {
  round: { name: string; state: 'open' | 'closed'; rehearsal: boolean; openedAt: number; roadAmberMinutes: number; roadRedMinutes: number; finishBy?: string };
  total: Progress & { waiting: number; called: number; perMinute1: number; perMinute15: number; finish?: { at: number; earliest: number; latest?: number } };
  villages: Record<string, Progress & { name: string }>;
  stations: Record<string, StationCounts>;
  tubes: { sealed: number };
  places: Record<'sealed' | 'boxed' | 'onRoad' | 'arrived' | 'received' | 'resulted' | 'rejected' | 'missing' | 'open', number>;
  boxes: { onRoad: number };
  road: { amber: number; red: number; oldest: { tube: string; station: number; firstSwabAt: number; where: string }[] };
  results: { resulted: number; positive?: number };
  recalls: { open: number; people: number; found: number };
  discrepancies: { open: number };
  devices: { missing: number; silent: { device: string; station: number; seenAt: number; missing: number }[] };
}

interface Progress {
  residents: number;
  sampled: number;
  excused: number;
  open: number;
}

export interface StationCounts {
  code: string;
  state: 'open' | 'paused' | 'draining' | 'closed';
  stalled: boolean;
  silent: boolean;
  waiting: number;
  called: number;
  perMinute15: number;
}

/** What happened in each minute (`/history`). */
export interface History {
  from: number;
  swabs: number[];
  sealed: number[];
  received: number[];
}

const minuteMs = 60_000;

/** Of those who are to come; 1 where nobody is. */
export const shareOf = ({ residents, excused, sampled }: Progress): number => (residents - excused > 0 ? Math.min(1, sampled / (residents - excused)) : 1);

/** Villages that are furthest behind first; of two alike the one with more people to come. */
export function worstFirst<Village extends Progress>(villages: Readonly<Record<string, Village>>): Village[] {
  return Object.entries(villages)
    .filter(([, { residents }]) => residents > 0)
    .sort(([a, one], [b, other]) => shareOf(one) - shareOf(other) || other.open - one.open || Number(a) - Number(b))
    .map(([, village]) => village);
}

const byCode = new Intl.Collator('en', { numeric: true });
/** By their code, so that a tile never moves. */
export const inPlace = (stations: Readonly<Record<string, StationCounts>>): StationCounts[] =>
  Object.values(stations).sort((a, b) => byCode.compare(a.code, b.code));

export const stationWords = ['working', 'slow', 'stalled', 'silent', 'draining', 'paused', 'closed'] as const;
export type StationWord = (typeof stationWords)[number];

/** The word for a station, the worst that is true. Slow: people wait, and its pace is less than half the middle one of those where people wait. */
export function wordOf(station: StationCounts, middle: number): StationWord {
  if (station.state === 'paused' || station.state === 'closed') return station.state;
  if (station.silent) return 'silent';
  if (station.stalled) return 'stalled';
  if (station.state === 'draining') return 'draining';
  return station.waiting + station.called > 0 && station.perMinute15 > 0 && station.perMinute15 < middle / 2 ? 'slow' : 'working';
}

export function middlePace(stations: readonly StationCounts[]): number {
  const paces = stations.filter(({ state, waiting, called, perMinute15 }) => state === 'open' && waiting + called > 0 && perMinute15 > 0).map(({ perMinute15 }) => perMinute15).sort((a, b) => a - b);
  return paces[Math.floor((paces.length - 1) / 2)] ?? 0;
}

/** Columns and rows into which `n` tiles fit, each at least so wide and high; what does not fit goes to further pages. */
export function gridFor(n: number, box: { width: number; height: number }, least: { width: number; height: number }): { columns: number; rows: number } {
  const most = { columns: Math.max(1, Math.floor(box.width / least.width)), rows: Math.max(1, Math.floor(box.height / least.height)) };
  for (let columns = Math.min(most.columns, 4); columns <= most.columns; columns++) {
    if (columns * most.rows >= n) return { columns, rows: Math.max(Math.ceil(n / columns), Math.min(most.rows, 3)) };
  }
  return most;
}

/** One page of a list; pages follow each other by `turn`. */
export function pageOf<Row>(rows: readonly Row[], size: number, turn: number): { rows: readonly Row[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const page = turn % pages;
  return { rows: rows.slice(page * size, (page + 1) * size), page, pages };
}

/** Minutes of the day at `at`, where the round is. */
function minuteOfDay(at: number, timeZone: string): number {
  const [hours = 0, minutes = 0] = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at).split(':').map(Number);
  return hours * 60 + minutes;
}

/** The moment the clock first shows this hour (`18:30`) after `from`, where the round is. */
export function nextTime(hour: string, from: number, timeZone: string): number | undefined {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(hour);
  if (!match) return undefined;
  const wanted = Number(match[1]) * 60 + Number(match[2]);
  const begin = Math.floor(from / minuteMs) * minuteMs;
  return begin + ((wanted - minuteOfDay(from, timeZone) + 1440) % 1440 || 1440) * minuteMs;
}

/** Swabs a minute that are needed so that nobody is left at `target`; 'passed' when it is too late, undefined without a target. */
export function neededRate(open: number, at: number, target: number | undefined): number | 'passed' | undefined {
  if (target === undefined) return undefined;
  if (open === 0) return 0;
  return target <= at ? 'passed' : open / Math.max(1, (target - at) / minuteMs);
}

/** What is said of the finish. Nothing can be when hardly anything moves. */
export function finishOf({ total }: WallCounts, at: number, needed: number | undefined): 'done' | 'unknown' | 'overADay' | { at: number; earliest: number; latest?: number } {
  if (total.open === 0 && total.sampled > 0) return 'done';
  const { finish } = total;
  if (!finish || (needed !== undefined && total.perMinute15 < needed / 10)) return 'unknown';
  return finish.at - at > 24 * 60 * minuteMs ? 'overADay' : finish;
}

export type Freshness = 'fresh' | 'amber' | 'lost';
/** How old figures may be: beyond five seconds they are marked, beyond fifteen the whole wall is. */
export const freshnessOf = (ageMs: number): Freshness => (ageMs > 15_000 ? 'lost' : ageMs > 5000 ? 'amber' : 'fresh');

/** The mean of the last `over` minutes, minute by minute; the minute that has only begun is left out. */
export function trailingMean(counts: readonly number[], over: number): number[] {
  const means: number[] = [];
  let sum = 0;
  for (let i = 0; i < counts.length - 1; i++) {
    sum += (counts[i] ?? 0) - (i >= over ? (counts[i - over] ?? 0) : 0);
    means.push(sum / Math.min(over, i + 1));
  }
  return means;
}

export function runningTotal(counts: readonly number[]): number[] {
  let sum = 0;
  return counts.map((count) => (sum += count));
}

/** Milliseconds until the clock next shows three at night, where the round is. */
export const untilThree = (now: number, timeZone: string): number => (nextTime('03:00', now, timeZone) ?? now) - now;
