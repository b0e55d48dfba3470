// What the keys of a cell say, counted by hand and in no hurry, in the words of the live counts: the other side of the comparison.

import type { Redis } from 'ioredis';
import type { CellName } from '../../src/domain/requests.js';
import { cellTime } from '../../src/ledger/presence.js';
import { cellState, discrepancies, residents, stations, ticket, tubes, unfinished, type TubeState } from '../../src/ledger/reads.js';
import { boxes, recallList, tubeStatus } from '../../src/ledger/custody.js';
import { type Whereabouts, whereabouts } from '../../src/live/custody.js';
import type { Counts } from '../../src/live/counts.js';

interface Row { residents: number; sampled: number; excused: number; absent: number; swabs: number }

/** The part of the counts that keys hold; walk-ins, rates and devices' last events stand on the stream only. */
export interface RecordCounts {
  total: Row & { waiting: number; called: number; unidentified: number };
  villages: Record<number, Row>;
  stations: Record<number, { code: string; site: number; state: string; stalled: boolean; sampled: number; swabs: number; waiting: number; called: number; openTubes: number }>;
  tubes: { opened: number; open: number; sealed: number; void: number; short: number; fill: Record<number, number> };
  discrepancies: { opened: number; open: number; byWord: Record<string, number> };
  quarantinedOpen: number;
  places: Counts['places'];
  boxes: Counts['boxes'];
  /** Tubes the laboratory does not have, by the age of their first swab. */
  road: { amber: number; red: number; oldest: number[] };
  results: Counts['results'];
  recalls: Omit<Counts['recalls'], 'late'>;
}

const none = (): Row => ({ residents: 0, sampled: 0, excused: 0, absent: 0, swabs: 0 });

export async function countRecord(redis: Redis, cell: CellName): Promise<RecordCounts> {
  const counts: RecordCounts = {
    total: { ...none(), waiting: 0, called: 0, unidentified: 0 }, villages: {}, stations: {},
    tubes: { opened: 0, open: 0, sealed: 0, void: 0, short: 0, fill: {} }, discrepancies: { opened: 0, open: 0, byWord: {} }, quarantinedOpen: 0,
    places: Object.fromEntries(whereabouts.map((place) => [place, 0])) as Counts['places'], boxes: { packing: 0, sealed: 0, onRoad: 0, arrived: 0, reconciled: 0 },
    road: { amber: 0, red: 0, oldest: [] }, results: { resulted: 0 }, recalls: { open: 0, people: 0, found: 0, settled: 0 },
  };
  const vials: TubeState[] = [];
  for (let cursor = '0', first = true; first || cursor !== '0'; first = false) {
    const page = await tubes(redis, cell, cursor);
    vials.push(...page.tubes);
    cursor = page.cursor;
  }
  const sampledAt = new Map<number, number>();
  for (let from = 1; ; from += 1000) {
    const page = await residents(redis, cell, from, 1000);
    if (page.length === 0) break;
    for (const one of page) {
      const gone = one.ticket > 0 && (await ticket(redis, cell, one.ticket))?.state === 'gone';
      counts.villages[one.village] ??= none();
      for (const row of [counts.total, counts.villages[one.village] as Row]) {
        row.residents++;
        row.swabs += one.swabs;
        if (one.swabs > 0) row.sampled++;
        else if (one.state === 'excused') row.excused++;
        else if (gone) row.absent++;
      }
      if (one.swabs > 0) sampledAt.set(one.station, (sampledAt.get(one.station) ?? 0) + 1);
    }
  }
  for (const { ordinal, station, site, state, stalled, waiting, called, tubes: here } of await stations(redis, cell)) {
    const swabs = vials.filter((tube) => tube.station === ordinal).reduce((sum, { count }) => sum + count, 0);
    counts.stations[ordinal] = { code: station, site, state, stalled, sampled: sampledAt.get(ordinal) ?? 0, swabs, waiting, called, openTubes: here.length };
  }
  const { tickets = 0 } = (await cellState(redis, cell)) ?? {};
  for (let n = 1; n <= tickets; n++) {
    const state = (await ticket(redis, cell, n))?.state;
    if (state === 'waiting' || state === 'called') counts.total[state]++;
  }
  for (const tube of vials) {
    counts.tubes.opened++;
    counts.tubes[tube.state]++;
    counts.total.unidentified += tube.members.filter(({ resident, active }) => resident === 0 && active).length;
    if (tube.state !== 'sealed') continue;
    counts.tubes.fill[tube.count] = (counts.tubes.fill[tube.count] ?? 0) + 1;
    if (tube.count < tube.size) counts.tubes.short++;
  }
  for (const { state, what } of await discrepancies(redis, cell, 1, 5000)) {
    counts.discrepancies.opened++;
    if (state !== 'open') continue;
    counts.discrepancies.open++;
    counts.discrepancies.byWord[what] = (counts.discrepancies.byWord[what] ?? 0) + 1;
  }
  await countWay(redis, cell, vials, (await cellTime(redis, cell)) ?? 0, counts);
  counts.quarantinedOpen = (await unfinished(redis, cell, 0, 10_000)).filter(({ what }) => what.startsWith('record:')).length;
  return counts;
}

const placeNames: Partial<Record<string, Whereabouts>> = { 'in transit': 'onRoad' };

async function countWay(redis: Redis, cell: CellName, vials: readonly TubeState[], at: number, counts: RecordCounts): Promise<void> {
  const trips = new Map((await boxes(redis, cell, 1, 1000)).map((box) => [box.trip, box]));
  for (const { state } of trips.values()) counts.boxes[state === 'handed over' ? 'onRoad' : state]++;
  const { roadAmberMinutes = 120, roadRedMinutes = 240 } = (await cellState(redis, cell))?.rules ?? {};
  const late: number[] = [];
  let positive = 0;
  for (const tube of vials) {
    const status = tubeStatus(tube, trips.get(tube.box));
    if (status === 'void') continue;
    counts.places[placeNames[status] ?? (status as Whereabouts)]++;
    if (status === 'resulted' && tube.result === 'positive') positive++;
    if (tube.lab !== 'none' || tube.fate === 'lost' || tube.fate === 'leaked' || tube.firstSwabAt === 0) continue;
    const minutes = (at - tube.firstSwabAt) / 60_000;
    if (minutes >= roadAmberMinutes) late.push(tube.firstSwabAt);
    if (minutes >= roadRedMinutes) counts.road.red++;
    else if (minutes >= roadAmberMinutes) counts.road.amber++;
  }
  counts.road.oldest = late.sort((a, b) => a - b).slice(0, 8);
  counts.results = { resulted: counts.places.resulted, ...(positive >= 5 ? { positive } : {}) };
  for (const { state, people, found, settled } of await recallList(redis, cell, 1, 1000)) {
    if (state !== 'open') continue;
    counts.recalls.open++;
    counts.recalls.people += people;
    counts.recalls.found += found;
    counts.recalls.settled += settled;
  }
}

/** The same part of the live counts. */
export function samePart(counts: Counts): RecordCounts {
  const row = ({ residents, sampled, excused, absent, swabs }: Row): Row => ({ residents, sampled, excused, absent, swabs });
  const { waiting, called, unidentified } = counts.total;
  const { opened, open, sealed, void: voided, short, fill } = counts.tubes;
  const villages = Object.entries(counts.villages).filter(([, village]) => village.residents > 0);
  return {
    total: { ...row(counts.total), waiting, called, unidentified },
    villages: Object.fromEntries(villages.map(([ordinal, village]) => [ordinal, row(village)])),
    stations: Object.fromEntries(
      Object.entries(counts.stations).map(([ordinal, { silent: _, perMinute1: __, perMinute15: ___, ...station }]) => [ordinal, station]),
    ),
    tubes: { opened, open, sealed, void: voided, short, fill },
    discrepancies: counts.discrepancies,
    quarantinedOpen: counts.quarantined.open,
    places: counts.places, boxes: counts.boxes, road: { ...counts.road, oldest: counts.road.oldest.map(({ firstSwabAt }) => firstSwabAt) }, results: counts.results,
    recalls: { open: counts.recalls.open, people: counts.recalls.people, found: counts.recalls.found, settled: counts.recalls.settled },
  };
}
