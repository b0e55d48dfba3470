// What the page works out from the counts: pure, so that the tests can ask it.

/** Merges a change into what is shown (RFC 7396): null takes away, an object goes deeper, anything else replaces. */
export function merge(target, patch) {
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete target[name];
    else if (typeof value === 'object' && !Array.isArray(value)) {
      target[name] ??= {};
      merge(target[name], value);
    } else target[name] = value;
  }
  return target;
}

/** Of those who are to come. 1 where nobody is: an empty village is not behind. */
export const shareOf = ({ residents, excused, sampled }) => (residents - excused > 0 ? Math.min(1, sampled / (residents - excused)) : 1);

/** Villages that are furthest behind first; of two alike the one with more people to come. */
export const worstFirst = (villages) =>
  Object.entries(villages)
    .filter(([, { residents }]) => residents > 0)
    .sort(([a, one], [b, other]) => shareOf(one) - shareOf(other) || other.open - one.open || Number(a) - Number(b));

/** By name, so that a table never moves on the screen. */
export const inPlace = (stations) => Object.entries(stations).sort(([, a], [, b]) => a.code.localeCompare(b.code, 'en', { numeric: true }));

/** Columns in which `n` tables fit into a box, each wide enough for its words and more than half as high. */
export function columnsFor(n, { width, height }, least) {
  const most = Math.max(1, Math.floor(width / least));
  for (let columns = 4; columns < most; columns++) {
    const tableHeight = height / Math.ceil(n / columns);
    if (tableHeight >= least * 0.55) return columns;
  }
  return most;
}

/**
 * The word for a station. Slow: people wait, and its pace over 15 minutes is less than half of the middle one of those where people wait.
 */
export function wordOf(station, middlePace) {
  if (station.state !== 'open' && station.state !== 'draining') return station.state;
  if (station.silent) return 'silent';
  if (station.stalled) return 'stalled';
  if (station.state === 'draining') return 'draining';
  return station.waiting + station.called > 0 && station.perMinute15 > 0 && station.perMinute15 < middlePace / 2 ? 'slow' : 'working';
}

export function middlePace(stations) {
  const paces = Object.values(stations)
    .filter(({ state, waiting, called, perMinute15 }) => state === 'open' && waiting + called > 0 && perMinute15 > 0)
    .map(({ perMinute15 }) => perMinute15)
    .sort((a, b) => a - b);
  return paces.length > 0 ? paces[Math.floor((paces.length - 1) / 2)] : 0;
}

/** Minutes of the day at `at` where the round is. */
export function minuteOfDay(at, timeZone) {
  const [hours, minutes] = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at).split(':').map(Number);
  return hours * 60 + minutes;
}

/** Swabs a minute needed so that nobody is left at `until` ('18:30'); undefined when no time is given or it has passed. */
export function neededRate(open, at, until, timeZone) {
  const match = /^(\d\d):(\d\d)$/.exec(until ?? '');
  if (!match) return undefined;
  // A time up to 18 hours ahead is to come, also past midnight; one further ahead was earlier today.
  const left = (Number(match[1]) * 60 + Number(match[2]) - minuteOfDay(at, timeZone) + 1440) % 1440;
  return left > 0 && left <= 1080 ? open / left : undefined;
}

/** How long to wait before trying again, ms: doubling to a quarter of a minute, each time a different part of it. */
export const backoff = (tries, random = Math.random) => Math.min(15_000, 500 * 2 ** tries) * (0.5 + random() / 2);
