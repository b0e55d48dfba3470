// The counts of a cell as screens get them: a tally looked at from one moment of the cell's clock, as plain JSON.
//
// Everything here depends on the tally, the moment and what is known of the devices' contact, and on nothing else. Rows stand under
// their ordinal, so that a change names only the rows and fields that are different (`changesOf`, a JSON merge patch, RFC 7396; so
// nothing here is null: in a patch that means gone).

import type { Contact } from '../ledger/presence.js';
import { placeOf, placesOf, type Whereabouts } from './custody.js';
import { countedIn, endOfBucket, perMinute, quarterMs, type Pace } from './pace.js';
import type { DeviceTally, People, StationTally, Tally } from './tally.js';

const minuteMs = 60_000;

/** Swabs a minute over the last minute and the last 15. */
interface Rates {
  perMinute1: number;
  perMinute15: number;
}

export interface PeopleCounts extends People, Rates {
  /** Neither sampled nor excused nor absent: still to come. */
  open: number;
}

/** When the last open person will have been sampled, ms of the cell's clock, if the pace of the last quarter of an hour stays. */
export interface Finish {
  at: number;
  /** By the fastest and the slowest five minutes of that quarter; without `latest` one of them stood still. */
  earliest: number;
  latest?: number;
}

export interface Counts {
  round: { name: string; state: 'open' | 'closed'; rehearsal: boolean; openedAt: number; firstSwabAt: number; tubeWarnMinutes: number; tubeSealMinutes: number; silentMinutes: number; roadAmberMinutes: number; roadRedMinutes: number; laboratory: boolean; finishBy?: string };
  total: PeopleCounts & {
    waiting: number;
    called: number;
    /** Swabs of people nobody has named yet. */
    unidentified: number;
    /** Absent while the pace says nothing: in the first five minutes, and when no swab has been taken for fifteen. */
    finish?: Finish;
  };
  villages: Record<number, PeopleCounts & { name: string; site: number; team: string }>;
  /** `residents` and `sampled` of a site are those of the villages told to go there; swabs and rates are what happens at its stations. */
  sites: Record<number, Rates & { site: string; name: string; residents: number; open: number; sampled: number; swabs: number; waiting: number; called: number; stations: number; stationsOpen: number }>;
  stations: Record<number, Rates & Omit<StationTally, 'pace' | 'personMs' | 'lastSwabAt'> & { silent: boolean }>;
  tubes: {
    /** Ever opened: open + sealed + void. */
    opened: number;
    open: number;
    sealed: number;
    void: number;
    /** Open ones by the age of their first swab; the borders are the round's. */
    empty: number;
    fresh: number;
    warned: number;
    late: number;
    /** Sealed with fewer swabs than they hold. */
    short: number;
    /** Sealed ones by the number of swabs in them. */
    fill: Record<number, number>;
    /** The five that have been open longest. */
    oldest: { tube: string; station: number; firstSwabAt: number; count: number }[];
  };
  /** Tubes by where they are, void ones left out: at the table open or sealed, in a box, on the road, at the laboratory's door, in its hands. */
  places: Record<Whereabouts, number>;
  boxes: { packing: number; sealed: number; onRoad: number; arrived: number; reconciled: number };
  /** Tubes the laboratory does not have, by the age of their first swab: beyond the round's amber and red limits for the road. */
  road: { amber: number; red: number; oldest: { tube: string; station: number; firstSwabAt: number; where: Whereabouts }[] };
  /** Tubes with a result. Positive ones are counted from five on: fewer could be somebody one knows. */
  results: { resulted: number; positive?: number };
  /** Open recalls; `found` of `people` are found, `settled` have the result of their single swab. */
  recalls: { open: number; late: number; people: number; found: number; settled: number };
  discrepancies: { opened: number; open: number; byWord: Record<string, number> };
  quarantined: { received: number; open: number };
  devices: {
    known: number;
    /** Field devices not heard of for the round's `silentMinutes` that ought to be heard of; while there is one, totals are provisional. */
    silent: { device: string; station: number; seenAt: number; missing: number }[];
    /** Numbers given out by devices and not received: about so many records are still to come. */
    missing: number;
    /** Numbers two people stopped waiting for. */
    lost: number;
    /** Devices that used a number twice for different things. */
    suspect: string[];
  };
}

/** The counts at `at` by the cell's clock, which is never before the newest event. */
export function countsOf(tally: Tally, at: number, contacts: readonly Contact[] = []): Counts {
  const now = Math.max(at, tally.at);
  const rules = tally.round.rules;
  const limits = { tubeWarnMinutes: rules?.tubeWarnMinutes ?? 45, tubeSealMinutes: rules?.tubeSealMinutes ?? 60, silentMinutes: rules?.silentMinutes ?? 5, roadAmberMinutes: rules?.roadAmberMinutes ?? 120, roadRedMinutes: rules?.roadRedMinutes ?? 240 };
  const devices = deviceCounts(tally, now, contacts, limits.silentMinutes);
  const silentStations = new Set(devices.silent.map(({ station }) => station));
  const paceAt = tally.round.rehearsal ? endOfBucket(now) : now;
  const total = peopleCounts(tally.total, tally.total.pace, paceAt);

  const villages: Counts['villages'] = {};
  const sites: Counts['sites'] = {};
  for (const [ordinal, { site, name }] of tally.sites) {
    sites[ordinal] = { site, name, residents: 0, open: 0, sampled: 0, swabs: 0, waiting: 0, called: 0, stations: 0, stationsOpen: 0, perMinute1: 0, perMinute15: 0 };
  }
  for (const [ordinal, village] of tally.villages) {
    const row = { name: village.name, site: village.site, team: village.team, ...peopleCounts(village, village.pace, paceAt) };
    villages[ordinal] = row;
    const site = sites[village.site];
    if (site) for (const field of ['residents', 'open', 'sampled'] as const) site[field] += row[field];
  }
  const stations: Counts['stations'] = {};
  for (const [ordinal, { pace, personMs: _measured, lastSwabAt: _last, ...station }] of tally.stations) {
    const row = { ...station, silent: silentStations.has(ordinal), ...ratesOf(pace, paceAt) };
    stations[ordinal] = row;
    const site = sites[station.site];
    if (!site) continue;
    for (const field of ['swabs', 'waiting', 'called'] as const) site[field] += row[field];
    for (const field of ['perMinute1', 'perMinute15'] as const) site[field] = tenth(site[field] + row[field]);
    site.stations++;
    if (station.state === 'open' || station.state === 'draining') site.stationsOpen++;
  }

  return {
    round: { name: tally.round.name, state: tally.round.state, rehearsal: tally.round.rehearsal, openedAt: tally.round.openedAt, firstSwabAt: tally.total.pace.since, ...limits, laboratory: tally.round.laboratory, ...(rules?.finishBy ? { finishBy: rules.finishBy } : {}) },
    total: { ...total, waiting: tally.total.waiting, called: tally.total.called, unidentified: tally.total.unidentified, ...finishOf(tally.total.pace, paceAt, total.open) },
    villages,
    sites,
    stations,
    tubes: tubeCounts(tally, now, limits),
    places: placesOf(tally.custody),
    boxes: boxCounts(tally),
    road: roadCounts(tally, now, limits),
    results: resultCounts(tally),
    recalls: recallCounts(tally),
    discrepancies: { opened: tally.discrepancies.opened, open: tally.discrepancies.opened - tally.discrepancies.resolved, byWord: Object.fromEntries(tally.discrepancies.byWord) },
    quarantined: { received: tally.quarantined.received, open: tally.quarantined.received - tally.quarantined.settled },
    devices,
  };
}

const tenth = (n: number): number => Math.round(n * 10) / 10;

const ratesOf = (pace: Pace, at: number): Rates => ({ perMinute1: tenth(perMinute(pace, at, minuteMs)), perMinute15: tenth(perMinute(pace, at, quarterMs)) });

function peopleCounts({ residents, sampled, excused, absent, walkIns, swabs }: People, pace: Pace, at: number): PeopleCounts {
  return { residents, sampled, excused, absent, open: residents - sampled - excused - absent, walkIns, swabs, ...ratesOf(pace, at) };
}

function finishOf(pace: Pace, at: number, open: number): { finish?: Finish } {
  const measured = at - pace.since;
  const rate = perMinute(pace, at, quarterMs);
  if (pace.since === 0 || open === 0 || rate === 0 || measured < 5 * minuteMs) return {};
  const thirds = [1, 2, 3].filter((third) => third * 5 * minuteMs <= measured).map((third) => countedIn(pace, at, third * 5 * minuteMs, (third - 1) * 5 * minuteMs) / 5);
  const after = (perMinuteThen: number) => Math.round(at + (open / perMinuteThen) * minuteMs);
  const slowest = Math.min(rate, ...thirds);
  return { finish: { at: after(rate), earliest: after(Math.max(rate, ...thirds)), ...(slowest > 0 ? { latest: after(slowest) } : {}) } };
}

function tubeCounts({ open, sums, tubes }: Tally, at: number, limits: { tubeWarnMinutes: number; tubeSealMinutes: number }): Counts['tubes'] {
  const ages = { empty: 0, fresh: 0, warned: 0, late: 0 };
  const begun = [...open.values()].filter(({ firstSwabAt }) => firstSwabAt > 0).sort((a, b) => a.firstSwabAt - b.firstSwabAt);
  ages.empty = open.size - begun.length;
  for (const { firstSwabAt } of begun) {
    const minutes = (at - firstSwabAt) / minuteMs;
    ages[minutes < limits.tubeWarnMinutes ? 'fresh' : minutes <= limits.tubeSealMinutes ? 'warned' : 'late']++;
  }
  return {
    opened: tubes.size, open: open.size, sealed: sums.sealed, void: sums.void, ...ages, short: sums.short, fill: Object.fromEntries(sums.fill),
    oldest: begun.slice(0, 5).map(({ code, station, firstSwabAt, count }) => ({ tube: code, station, firstSwabAt, count })),
  };
}

function boxCounts({ custody: { boxes } }: Tally): Counts['boxes'] {
  const counts = { packing: 0, sealed: 0, onRoad: 0, arrived: 0, reconciled: 0 };
  for (const { state } of boxes.values()) counts[state === 'handed over' ? 'onRoad' : state]++;
  return counts;
}

const oldestShown = 8;

function roadCounts({ custody }: Tally, at: number, limits: { roadAmberMinutes: number; roadRedMinutes: number }): Counts['road'] {
  const late = [...custody.underWay.values()].filter(({ firstSwabAt }) => firstSwabAt > 0 && at - firstSwabAt >= limits.roadAmberMinutes * minuteMs);
  const red = late.filter(({ firstSwabAt }) => at - firstSwabAt >= limits.roadRedMinutes * minuteMs).length;
  late.sort((a, b) => a.firstSwabAt - b.firstSwabAt || (a.code < b.code ? -1 : 1));
  return {
    amber: late.length - red, red,
    oldest: late.slice(0, oldestShown).map((tube) => ({ tube: tube.code, station: tube.station, firstSwabAt: tube.firstSwabAt, where: placeOf(custody, tube) as Whereabouts })),
  };
}

/** Fewer than these are not told. */
const positivesTold = 5;

function resultCounts({ custody: { places, results } }: Tally): Counts['results'] {
  const positive = results['positive'] ?? 0;
  return { resulted: places.resulted, ...(positive >= positivesTold ? { positive } : {}) };
}

function recallCounts({ custody: { recalls } }: Tally): Counts['recalls'] {
  const counts = { open: 0, late: 0, people: 0, found: 0, settled: 0 };
  for (const { state, people, found, settled, late } of recalls.values()) {
    if (state !== 'open') continue;
    counts.open++;
    counts.people += people.size;
    counts.found += found;
    counts.settled += settled;
    if (late) counts.late++;
  }
  return counts;
}

/**
 * A device is silent when it has not been heard of for so long and ought to be: it owes numbers, owns an open tube, or worked last at a
 * station that is open (a desk: while any is). One whose storage was renewed is followed under its new epoch and owes only numbers.
 */
function deviceCounts(tally: Tally, at: number, contacts: readonly Contact[], silentMinutes: number): Counts['devices'] {
  const contact = new Map(contacts.map((one) => [one.ordinal, one]));
  const owners = new Set([...tally.open.values()].map(({ owner }) => owner));
  const newest = new Map<string, number>();
  for (const [ordinal, { name }] of tally.devices) newest.set(name, Math.max(ordinal, newest.get(name) ?? 0));
  const serves = ({ state }: StationTally) => state === 'open' || state === 'draining';
  const anyOpen = [...tally.stations.values()].some(serves);
  const works = (device: DeviceTally) => {
    const station = tally.stations.get(device.station);
    return station ? serves(station) : anyOpen;
  };

  let missing = 0;
  const silent: Counts['devices']['silent'] = [];
  for (const [ordinal, device] of tally.devices) {
    const owes = contact.get(ordinal)?.missing ?? 0;
    missing += owes;
    const seenAt = Math.max(device.lastAt, contact.get(ordinal)?.seenAt ?? 0);
    if (at - seenAt <= silentMinutes * minuteMs) continue;
    const current = newest.get(device.name) === ordinal;
    if (owes > 0 || owners.has(ordinal) || (device.field && current && works(device))) silent.push({ device: device.name, station: device.station, seenAt, missing: owes });
  }
  silent.sort((a, b) => a.seenAt - b.seenAt);
  const suspect = [...tally.devices.values()].filter((device) => device.suspect).map(({ name }) => name);
  return { known: newest.size, silent: silent.slice(0, 50), missing, lost: tally.lost, suspect: [...new Set(suspect)].slice(0, 50) };
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type Patch = { [name: string]: Json };

/** What has to be merged into `before` to make it `after` (RFC 7396); undefined where they are the same. Lists are replaced whole. */
export function changesOf(before: object, after: object): Patch | undefined {
  const [was, is] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const patch: Patch = {};
  let changed = false;
  for (const name in is) {
    const difference = differenceOf(was[name], is[name]);
    if (difference === undefined) continue;
    patch[name] = difference;
    changed = true;
  }
  for (const name in was) {
    if (name in is) continue;
    patch[name] = null;
    changed = true;
  }
  return changed ? patch : undefined;
}

const isRecord = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

function differenceOf(was: unknown, is: unknown): Json | undefined {
  if (was === is) return undefined;
  if (isRecord(was) && isRecord(is)) return changesOf(was, is);
  if (Array.isArray(was) && Array.isArray(is) && JSON.stringify(was) === JSON.stringify(is)) return undefined;
  return is as Json;
}
