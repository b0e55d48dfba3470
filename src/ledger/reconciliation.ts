// The reconciliation ledger: how many people and tubes have come how far, where the numbers of two neighbouring stages differ, and who has
// to do something about it. Computed from the record each time; complete is what the sums say, never what somebody declares.
//
// A tube is counted at the farthest stage its record shows and at all before it, so a hand-over nobody told of leaves no hole in the sums.
// A gap is the tubes that have reached one stage and not the next, without those whose story has ended otherwise (void, lost, leaked,
// rejected: their people are recalled or to be sampled again). The sum of all gaps is 0 when every tube has its end.

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { reservedDevice } from '../domain/requests.js';
import { type BoxState, boxes, recallList, tubeStatus } from './custody.js';
import { type IntakeState, intakes, resultsOf } from './laboratory.js';
import { cellState, devices, directory, residents, stations, tubes, type TubeState } from './reads.js';
import { eventAt } from './stream.js';

/** What a tube reaches, in order. */
export const stages = ['opened', 'sealed', 'boxed', 'handedOver', 'received', 'accepted', 'tested', 'released'] as const;
export type Stage = (typeof stages)[number];

/** Other ends of a tube's story. */
export const otherEnds = ['void', 'lost', 'leaked', 'rejected'] as const;
export type OtherEnd = (typeof otherEnds)[number];

/** How many have reached each stage, how many ended otherwise, how many stand in the gap after each stage. */
export interface Stretch {
  reached: Record<Stage, number>;
  ended: Record<OtherEnd, number>;
  gaps: Partial<Record<Stage, number>>;
  /** The sum of the gaps. */
  open: number;
}

/** A line of the ledger. Tubes hold several people, of several villages, so a village's line counts swabs only. */
export interface Line {
  tubes: Stretch;
  swabs: Stretch;
}

export interface PeopleLine {
  /** On the roster and not excused. */
  expected: number;
  excused: number;
  /** At least one swab on the record. */
  sampled: number;
  /** Expected and not sampled. */
  missing: number;
  /** Called back, and the single swab has no result yet. */
  recalled: number;
}

export interface Reconciliation {
  people: PeopleLine;
  round: Line;
  villages: { village: number; name: string; people: PeopleLine; swabs: Stretch }[];
  sites: ({ site: number; name: string } & Line)[];
  stations: ({ station: string } & Line)[];
  boxes: ({ box: string; trip: number; state: BoxState['state']; laboratory: string } & Line)[];
  laboratories: ({ laboratory: string } & Line)[];
  recalls: { open: number; closed: number; people: number; found: number; settled: number };
  /** The sum of all gaps between the stages of tubes: 0 is the finish line. */
  gaps: number;
}

const stretch = (): Stretch => ({
  reached: Object.fromEntries(stages.map((stage) => [stage, 0])) as Stretch['reached'],
  ended: Object.fromEntries(otherEnds.map((end) => [end, 0])) as Stretch['ended'], gaps: {}, open: 0,
});
const line = (): Line => ({ tubes: stretch(), swabs: stretch() });
const nobody = (): PeopleLine => ({ expected: 0, excused: 0, sampled: 0, missing: 0, recalled: 0 });

/** How far a tube has come, and whether it ended otherwise than by its result. */
export function stageOf(tube: TubeState, box: BoxState | undefined): { stage: Stage; end?: OtherEnd } {
  const status = tubeStatus(tube, box);
  const stage: Stage =
    tube.lab === 'resulted' ? 'released' : tube.lab === 'received' && tube.result ? 'tested' : tube.lab === 'received' ? 'accepted' : tube.lab === 'rejected' ? 'received'
      : box && (box.state === 'handed over' || box.state === 'arrived' || box.state === 'reconciled') ? 'handedOver'
        : box ? 'boxed' : tube.sealedAt > 0 ? 'sealed' : 'opened';
  // A void tube with a swab left in it has not ended: somebody must deal with it.
  if (status === 'void') return tube.count > 0 ? { stage: 'opened' } : { stage, end: 'void' };
  if (status === 'lost' || status === 'leaked' || status === 'rejected') return { stage, end: status };
  return { stage };
}

function count(into: Stretch, { stage, end }: { stage: Stage; end?: OtherEnd }, many: number): void {
  for (const reached of stages) {
    into.reached[reached] += many;
    if (reached === stage) break;
  }
  if (end) into.ended[end] += many;
  else if (stage !== 'released') {
    into.gaps[stage] = (into.gaps[stage] ?? 0) + many;
    into.open += many;
  }
}

async function everyBox(redis: Redis, cell: CellName): Promise<Map<number, BoxState>> {
  const all = new Map<number, BoxState>();
  for (let from = 1; ; from += 500) {
    const page = await boxes(redis, cell, from, 500);
    for (const box of page) all.set(box.trip, box);
    if (page.length < 500) return all;
  }
}

/** Every tube once; a scan of a hash that changes may give one twice. */
async function* everyTube(redis: Redis, cell: CellName): AsyncGenerator<TubeState> {
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const page = await tubes(redis, cell, cursor);
    for (const tube of page.tubes) {
      if (seen.has(tube.tube)) continue;
      seen.add(tube.tube);
      yield tube;
    }
    cursor = page.cursor;
  } while (cursor !== '0');
}

/** The ledger of an area. Reads the whole cell page by page: some tens of milliseconds for a township. */
export async function reconciliation(redis: Redis, cell: CellName): Promise<Reconciliation> {
  const [{ sites, villages: names }, places, trips] = await Promise.all([directory(redis, cell), stations(redis, cell), everyBox(redis, cell)]);
  const round = line();
  const people = nobody();
  const villages = new Map([...names].map(([village, name]) => [village, { village, name, people: nobody(), swabs: stretch() }]));
  const bySite = new Map([...sites].map(([site, name]) => [site, { site, name, ...line() }]));
  const byStation = new Map(places.map(({ ordinal, station, site }) => [ordinal, { station, site, ...line() }]));
  const byBox = new Map([...trips].map(([trip, { box, state, laboratory }]) => [trip, { box, trip, state, laboratory, ...line() }]));
  const byLaboratory = new Map<string, { laboratory: string } & Line>();

  const villageOf: number[] = [0];
  for (let from = 1; ; from += 2000) {
    const page = await residents(redis, cell, from, 2000);
    for (const one of page) {
      villageOf[one.resident] = one.village;
      for (const into of [people, villages.get(one.village)?.people]) {
        if (!into) continue;
        if (one.state === 'excused') into.excused++;
        else into.expected++;
        if (one.swabs > 0) into.sampled++;
        else if (one.state === 'expected') into.missing++;
        if (one.recalled !== 'no') into.recalled++;
      }
    }
    if (page.length < 2000) break;
  }

  for await (const tube of everyTube(redis, cell)) {
    const box = trips.get(tube.box);
    const where = stageOf(tube, box);
    const station = byStation.get(tube.station);
    const laboratory = box && box.laboratory !== '' && where.stage !== 'boxed' ? box.laboratory : '';
    if (laboratory && !byLaboratory.has(laboratory)) byLaboratory.set(laboratory, { laboratory, ...line() });
    // The swabs of a void tube were taken off the record with it.
    const active = tube.members.filter((member) => member.active);
    for (const into of [round, station, station && bySite.get(station.site), byBox.get(tube.box), byLaboratory.get(laboratory)]) {
      if (!into) continue;
      count(into.tubes, where, 1);
      count(into.swabs, where, active.length);
    }
    for (const { resident } of active) {
      const village = villages.get(villageOf[resident] ?? 0);
      if (village) count(village.swabs, where, 1);
    }
  }

  const recalls = { open: 0, closed: 0, people: 0, found: 0, settled: 0 };
  for (let from = 1; ; from += 500) {
    const page = await recallList(redis, cell, from, 500);
    for (const { state, people, found, settled } of page) {
      recalls[state]++;
      recalls.people += people;
      recalls.found += found;
      recalls.settled += settled;
    }
    if (page.length < 500) break;
  }
  return {
    people, round, villages: [...villages.values()], sites: [...bySite.values()], stations: [...byStation.values()].map(({ site: _, ...rest }) => rest),
    boxes: [...byBox.values()], laboratories: [...byLaboratory.values()], recalls, gaps: round.tubes.open,
  };
}

/** A tube in a gap, and whose business it is. */
export interface GapTube {
  tube: string;
  /** The last stage it has reached. */
  gap: Stage;
  swabs: number;
  station: string;
  /** The box it is in, '' for none. */
  box: string;
  missing: boolean;
  /** When it reached that stage, as far as the record says. */
  since: number;
  owner: { kind: 'device' | 'station' | 'person' | 'laboratory' | 'supervisor'; name: string };
}

export interface GapFilter {
  gap?: Stage | undefined;
  station?: string | undefined;
  /** By the number of its trip. */
  trip?: number | undefined;
}

/** The tubes in the gaps, longest standing first, each with the one who owns it. Reads every tube of the cell; `from` counts from 0. */
export async function gapTubes(redis: Redis, cell: CellName, filter: GapFilter = {}, from = 0, many = 200): Promise<{ total: number; tubes: GapTube[] }> {
  const [places, trips] = await Promise.all([stations(redis, cell), everyBox(redis, cell)]);
  const nameOf = new Map(places.map(({ ordinal, station }) => [ordinal, station]));
  const found: { tube: TubeState; gap: Stage; since: number }[] = [];
  for await (const tube of everyTube(redis, cell)) {
    const box = trips.get(tube.box);
    const { stage, end } = stageOf(tube, box);
    if (end || stage === 'released') continue;
    if (filter.gap !== undefined && stage !== filter.gap) continue;
    if (filter.station !== undefined && nameOf.get(tube.station) !== filter.station) continue;
    if (filter.trip !== undefined && tube.box !== filter.trip) continue;
    const since = stage === 'opened' ? tube.firstSwabAt || tube.openedAt : stage === 'sealed' ? tube.sealedAt : stage === 'boxed' || stage === 'handedOver' ? box?.sealedAt || tube.sealedAt : tube.receivedAt;
    found.push({ tube, gap: stage, since });
  }
  found.sort((a, b) => a.since - b.since || (a.tube.tube < b.tube.tube ? -1 : 1));
  const page = await Promise.all(found.slice(from, from + many).map(async ({ tube, gap, since }): Promise<GapTube> => {
    const box = trips.get(tube.box);
    const station = nameOf.get(tube.station) ?? '';
    return { tube: tube.tube, gap, swabs: tube.count, station, box: box?.box ?? '', missing: tube.fate === 'missing', since, owner: await ownerOf(redis, cell, tube, gap, box, station) };
  }));
  return { total: found.length, tubes: page };
}

async function ownerOf(redis: Redis, cell: CellName, tube: TubeState, gap: Stage, box: BoxState | undefined, station: string): Promise<GapTube['owner']> {
  // A contradiction holds it back: the supervisor has to look.
  if (gap === 'tested' && tube.held > 0) return { kind: 'supervisor', name: station };
  if (gap === 'accepted' || gap === 'received') return { kind: 'laboratory', name: await laboratoryOf(redis, cell, tube, box) };
  if (gap === 'handedOver' && box?.arrivedAt) return { kind: 'laboratory', name: box.laboratory };
  if (gap === 'handedOver' && box?.holder) return { kind: 'person', name: box.holder };
  const last = await eventAt(redis, cell, box?.lastEvent || tube.lastEvent);
  if ((gap === 'boxed' || gap === 'handedOver') && last?.by) return { kind: 'person', name: last.by };
  return station ? { kind: 'station', name: station } : { kind: 'supervisor', name: '' };
}

/** Which laboratory has it: as its intake says, else as its box does. */
async function laboratoryOf(redis: Redis, cell: CellName, tube: TubeState, box: BoxState | undefined): Promise<string> {
  if (box?.laboratory) return box.laboratory;
  let event = await eventAt(redis, cell, tube.lastEvent);
  for (let i = 0; event && i < 20; i++) {
    if (event.event === 'tube.received' || event.event === 'result.waits') return event.laboratory;
    event = await eventAt(redis, cell, (event as unknown as { beforeTube?: string }).beforeTube ?? '');
  }
  return '';
}

/** Who is expected and has not been sampled, by village and door; with what is still to come, so that nobody takes it for the last word. */
export interface MissingPersons {
  /** By village, whatever page is asked for. */
  villages: { village: number; name: string; missing: number }[];
  total: number;
  /** Of one village, door by door: the page asked for. */
  households: { household: number; residents: number[] }[];
  provisional: { devices: number; records: number; silent: number } | null;
}

/** The list of one village (its ordinal), `many` people from resident number `from` on; without a village the sums only. */
export async function missingPersons(redis: Redis, cell: CellName, of: { village: number; from?: number; many?: number } | undefined = undefined): Promise<MissingPersons> {
  const [{ villages: names }, state, known] = await Promise.all([directory(redis, cell), cellState(redis, cell), devices(redis, cell)]);
  const villages = new Map([...names].map(([village, name]) => [village, { village, name, missing: 0 }]));
  const doors = new Map<number, number[]>();
  let total = 0;
  let listed = 0;
  for (let from = 1; ; from += 2000) {
    const page = await residents(redis, cell, from, 2000);
    for (const { resident, state: is, swabs, village, household, deceased } of page) {
      if (is !== 'expected' || swabs > 0 || deceased) continue;
      total++;
      const row = villages.get(village);
      if (row) row.missing++;
      if (of === undefined || village !== of.village || resident < (of.from ?? 1) || listed >= (of.many ?? 500)) continue;
      // Somebody without a door stands alone.
      const door = household === 0 ? -resident : household;
      doors.set(door, [...(doors.get(door) ?? []), resident]);
      listed++;
    }
    if (page.length < 2000) break;
  }
  const now = Math.max(state?.clock ?? 0, ...known.map(({ seenAt }) => seenAt));
  const tablets = known.filter(({ device }) => !reservedDevice.test(device));
  const behind = tablets.filter(({ missing }) => missing > 0);
  const silent = tablets.filter(({ seenAt }) => now - seenAt > (state?.rules.silentMinutes ?? 5) * 60_000).length;
  const records = behind.reduce((sum, { missing }) => sum + missing, 0);
  return {
    villages: [...villages.values()], total, households: [...doors].map(([household, list]) => ({ household: Math.max(0, household), residents: list })),
    provisional: behind.length + silent > 0 ? { devices: behind.length, records, silent } : null,
  };
}

/** A laboratory's side of the ledger, for one area or all. */
export interface LaboratoryLine {
  /** The area, '' for tubes no area has told of. */
  home: string;
  expected: number;
  received: number;
  rejected: number;
  /** At least one result on the record. */
  tested: number;
  released: number;
  /** Results that wait: for two people, or for tube or area. */
  held: number;
  parked: number;
  /** Announced and not here. */
  toReceive: number;
  toTest: number;
  toRelease: number;
}

/** The ledger of a laboratory by area. Reads every tube it has heard of. */
export async function laboratoryReconciliation(redis: Redis, cell: CellName): Promise<LaboratoryLine[]> {
  const lines = new Map<string, LaboratoryLine>();
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const page = await intakes(redis, cell, cursor);
    await Promise.all(page.intakes.filter(({ tube }) => !seen.has(tube) && seen.add(tube)).map((one) => addIntake(redis, cell, lines, one)));
    cursor = page.cursor;
  } while (cursor !== '0');
  return [...lines.values()].sort((a, b) => (a.home < b.home ? -1 : 1));
}

async function addIntake(redis: Redis, cell: CellName, lines: Map<string, LaboratoryLine>, one: IntakeState): Promise<void> {
  const results = one.results.length > 0 ? await resultsOf(redis, cell, one.tube) : [];
  const into = lines.get(one.home) ?? { home: one.home, expected: 0, received: 0, rejected: 0, tested: 0, released: 0, held: 0, parked: 0, toReceive: 0, toTest: 0, toRelease: 0 };
  lines.set(one.home, into);
  if (one.home !== '') into.expected++;
  if (one.state !== 'expected') into.received++;
  if (one.state === 'rejected') into.rejected++;
  if (one.state === 'resulted') into.released++;
  if (results.length > 0) into.tested++;
  into.held += results.filter(({ state }) => state === 'held').length;
  into.parked += results.filter(({ state }) => state === 'parked').length;
  if (one.state === 'expected') into.toReceive++;
  else if (one.state === 'received') into[results.length > 0 ? 'toRelease' : 'toTest']++;
}
