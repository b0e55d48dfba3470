// Where tubes and boxes are, and who is recalled: named reads of the way from the sealed tube to a result for each person. They change
// nothing; what they show is derived from the records, so that no two of them can disagree.

import type { Redis } from 'ioredis';
import type { LedgerEvent } from '../domain/events.js';
import { contactWords, recallCauses, recallOutcomes, testResults, type RecallCause, type TestResult } from '../domain/reasons.js';
import type { CellName } from '../domain/requests.js';
import { decode, fixedSize, type Value } from './codec.js';
import { keyOf } from './keys.js';
import { cellTime } from './presence.js';
import { directory, resident, stations, story, tubesOf, type TubeState, unfinished } from './reads.js';
import * as records from './records.js';
import { eventAt } from './stream.js';

type Values = Record<string, Value>;
const number = (values: Values, name: string) => values[name] as number;
const text = (values: Values, name: string) => values[name] as string;

export const boxStates = ['packing', 'sealed', 'handed over', 'arrived', 'reconciled'] as const;

export interface BoxState {
  /** The printed code; a box that comes back and goes out again keeps it. */
  box: string;
  /** The number of this trip in the cell. */
  trip: number;
  state: (typeof boxStates)[number];
  /** Late on the road, by the limits of the round. */
  late?: 'amber' | 'red';
  /** It arrived, and nobody or only one side has told of a hand-over. */
  custodyGap: boolean;
  /** Ordinal, 0 for none. */
  site: number;
  counted?: number;
  openedAt: number;
  sealedAt: number;
  arrivedAt: number;
  firstSwabAt: number;
  handOvers: number;
  /** Hand-overs only one of the two has told of. */
  unconfirmed: number;
  /** Who has it, as the last hand-over says; '' before the first. */
  holder: string;
  /** A hand-over that waits for its second person. */
  offered?: { from: string; to: string; by: string };
  laboratory: string;
  /** Of the manifest; '' until sealed. */
  hash: string;
  tubes: string[];
  lastEvent: string;
}

export function toBox(trip: number, bytes: Buffer): BoxState {
  const { values } = decode(records.box, bytes);
  const marks = number(values, 'marks');
  const [from, to, by] = [text(values, 'from'), text(values, 'to'), text(values, 'offeredBy')];
  const offered = number(values, 'leg') === 1;
  return {
    box: text(values, 'code'), trip, state: boxStates[number(values, 'state') - 1] ?? 'packing',
    ...(marks % 4 >= 2 ? { late: 'red' as const } : marks % 2 === 1 ? { late: 'amber' as const } : {}),
    custodyGap: marks % 16 >= 8, site: number(values, 'site'),
    ...(number(values, 'counted') < 65_535 ? { counted: number(values, 'counted') } : {}),
    openedAt: number(values, 'openedAt'), sealedAt: number(values, 'sealedAt'), arrivedAt: number(values, 'arrivedAt'),
    firstSwabAt: number(values, 'firstSwabAt'), handOvers: number(values, 'legs'), unconfirmed: number(values, 'unconfirmed'),
    holder: offered ? from : to, ...(offered ? { offered: { from, to, by } } : {}),
    laboratory: text(values, 'laboratory'), hash: text(values, 'hash'), tubes: text(values, 'tubes').split(' ').filter(Boolean),
    lastEvent: text(values, 'lastEvent'),
  };
}

/** A box on its latest trip, by its printed code. */
export async function box(redis: Redis, cell: CellName, code: string): Promise<BoxState | undefined> {
  const trip = await redis.hget(keyOf(cell, 'boxes'), `@${code}`);
  return trip === null ? undefined : boxOfTrip(redis, cell, Number(trip));
}

/** A box on one trip. */
export async function boxOfTrip(redis: Redis, cell: CellName, trip: number): Promise<BoxState | undefined> {
  const bytes = await redis.hgetBuffer(keyOf(cell, 'boxes'), String(trip));
  return bytes ? toBox(trip, bytes) : undefined;
}

/** Up to `count` trips of boxes from number `from` (1) on, oldest first. */
export async function boxes(redis: Redis, cell: CellName, from = 1, count = 200): Promise<BoxState[]> {
  const trips = Array.from({ length: count }, (_, i) => from + i);
  const found = await redis.hmgetBuffer(keyOf(cell, 'boxes'), ...trips.map(String));
  return found.flatMap((bytes, i) => (bytes ? [toBox(trips[i] as number, bytes)] : []));
}

/** The story of a box on one trip, newest first: opened, packed, sealed, each hand-over, arrived, reconciled. */
export async function boxStory(redis: Redis, cell: CellName, trip: number, count = 200): Promise<LedgerEvent[]> {
  const list: LedgerEvent[] = [];
  let next = (await boxOfTrip(redis, cell, trip))?.lastEvent ?? '';
  while (next !== '' && list.length < count) {
    const event = await eventAt(redis, cell, next);
    if (!event) break;
    list.push(event);
    next = (event as unknown as { beforeBox?: string }).beforeBox ?? '';
  }
  return list;
}

export const tubeStatuses = [
  'open', 'sealed', 'boxed', 'in transit', 'arrived', 'missing', 'received', 'resulted', 'void', 'lost', 'leaked', 'rejected',
] as const;
export type TubeStatus = (typeof tubeStatuses)[number];

/** Statuses that end a tube's story. */
export const terminalStatuses: readonly TubeStatus[] = ['resulted', 'void', 'lost', 'leaked', 'rejected'];

/** Where a tube is, from its own record and the state of the box it is in. */
export function tubeStatus(tube: Pick<TubeState, 'state' | 'fate' | 'lab'>, box: Pick<BoxState, 'state'> | undefined): TubeStatus {
  if (tube.state === 'void') return 'void';
  if (tube.fate === 'lost' || tube.fate === 'leaked') return tube.fate;
  if (tube.lab !== 'none') return tube.lab;
  if (tube.fate === 'missing') return 'missing';
  switch (box?.state) {
    case 'packing': case 'sealed': return 'boxed';
    case 'handed over': return 'in transit';
    case 'arrived': case 'reconciled': return 'arrived';
    default: return tube.state;
  }
}

/** A sealed tube on a table, waiting for a box. */
export interface TubeToPack {
  tube: string;
  /** Where it was filled: the codes of site and station, '' where nobody has told yet. */
  site: string;
  station: string;
  swabs: number;
  firstSwabAt: number;
  sealedAt: number;
  /** Milliseconds since it was sealed, by the cell's clock. */
  age: number;
}

/** As many open matters are looked through for sealed tubes; a township has some thousands at its busiest. */
const openMattersMax = 20_000;
const codesAtOnce = 500;

/**
 * Sealed tubes in no box, longest sealed first, at most `count` of `total`; of one site, by its code, or of all. Goes through what keeps
 * the round open (`unfinished`), where every tube stands until its story has an end: so its cost is that of the tubes under way, not of
 * all the tubes of the round. `whole` is false where there was more than it looks through.
 */
export async function toPack(redis: Redis, cell: CellName, site: string | undefined, count = 200): Promise<{ at: number; total: number; whole: boolean; tubes: TubeToPack[] } | undefined> {
  const at = await cellTime(redis, cell);
  if (at === undefined) return undefined;
  const [{ sites }, places] = await Promise.all([directory(redis, cell), stations(redis, cell)]);
  const placeOf = new Map(places.map((one) => [one.ordinal, { station: one.station, site: sites.get(one.site) ?? '' }]));
  const found: TubeToPack[] = [];
  let looked = 0;
  for (let more = true; more && looked < openMattersMax; ) {
    const open = await unfinished(redis, cell, looked, codesAtOnce);
    looked += open.length;
    more = open.length === codesAtOnce;
    const codes = open.filter(({ what }) => what.startsWith('tube:')).map(({ what }) => what.slice('tube:'.length));
    for (const one of await tubesOf(redis, cell, codes)) {
      if (!one || one.box > 0 || tubeStatus(one, undefined) !== 'sealed') continue;
      const stood = placeOf.get(one.station) ?? { station: '', site: '' };
      if (site !== undefined && stood.site !== site) continue;
      found.push({ tube: one.tube, ...stood, swabs: one.count, firstSwabAt: one.firstSwabAt, sealedAt: one.sealedAt, age: Math.max(0, at - one.sealedAt) });
    }
  }
  found.sort((a, b) => a.sealedAt - b.sealedAt || (a.tube < b.tube ? -1 : 1));
  return { at, total: found.length, whole: looked < openMattersMax, tubes: found.slice(0, count) };
}

export interface RecalledPerson {
  resident: number;
  /** In the tube, or beside somebody in it. */
  relation: { inTube: boolean; second: boolean; crossedOut: boolean; moved: boolean; household: boolean; neighbour: boolean };
  found: boolean;
  attempts: number;
  lastOutcome?: (typeof contactWords)[number];
  contactedAt?: number;
  /** Of the single swab, once it is there. */
  result?: TestResult;
}

export interface RecallState {
  recall: number;
  tube: string;
  cause: RecallCause;
  state: 'open' | 'closed';
  outcome?: (typeof recallOutcomes)[number];
  openedAt: number;
  dueAt: number;
  closedAt?: number;
  /** How often the deadline has passed. */
  level: number;
  /** Of the tube's people: how many, found, with a single result, positive. */
  people: number;
  found: number;
  settled: number;
  positives: number;
  /** Swabs whose person nobody knows. */
  unidentified: number;
}

function toRecall(recall: number, bytes: Buffer): RecallState {
  const { values } = decode(records.recall, bytes);
  const outcome = recallOutcomes[number(values, 'outcome') - 1];
  return {
    recall, tube: text(values, 'tube'), cause: recallCauses[number(values, 'cause') - 1] ?? 'other', state: number(values, 'state') === 2 ? 'closed' : 'open',
    ...(outcome ? { outcome } : {}), openedAt: number(values, 'openedAt'), dueAt: number(values, 'dueAt'),
    ...(number(values, 'closedAt') > 0 ? { closedAt: number(values, 'closedAt') } : {}), level: number(values, 'level'),
    people: number(values, 'people'), found: number(values, 'found'), settled: number(values, 'settled'), positives: number(values, 'positives'),
    unidentified: number(values, 'unidentified'),
  };
}

const entrySize = fixedSize(records.recalled);

/** A recall with its people: first those of the tube, then their households and those who queued beside them. */
export async function recall(redis: Redis, cell: CellName, n: number): Promise<(RecallState & { list: RecalledPerson[] }) | undefined> {
  const [head, people] = await redis.hmgetBuffer(keyOf(cell, 'recalls'), String(n), `of:${n}`);
  if (!head) return undefined;
  const list: RecalledPerson[] = [];
  for (let at = 0; people && at + entrySize <= people.length; at += entrySize) {
    const { values } = decode(records.recalled, people, at);
    const relation = number(values, 'relation');
    const has = (bit: number) => (relation & bit) !== 0;
    const [lastOutcome, result] = [contactWords[number(values, 'outcome') - 1], testResults[number(values, 'result') - 1]];
    list.push({
      resident: number(values, 'resident'),
      relation: { inTube: has(1), second: has(2), crossedOut: has(4), moved: has(8), household: has(16), neighbour: has(32) },
      found: number(values, 'found') === 1, attempts: number(values, 'attempts'), ...(lastOutcome ? { lastOutcome } : {}),
      ...(number(values, 'contactedAt') > 0 ? { contactedAt: number(values, 'contactedAt') } : {}), ...(result ? { result } : {}),
    });
  }
  return { ...toRecall(n, head), list };
}

/** Up to `count` recalls from number `from` (1) on, oldest first, without their people. */
export async function recallList(redis: Redis, cell: CellName, from = 1, count = 200): Promise<RecallState[]> {
  const numbers = Array.from({ length: count }, (_, i) => from + i);
  const found = await redis.hmgetBuffer(keyOf(cell, 'recalls'), ...numbers.map(String));
  return found.flatMap((bytes, i) => (bytes ? [toRecall(numbers[i] as number, bytes)] : []));
}

/** What a resident may be told. It is derived from the tubes the resident's swabs are in, each time it is asked for. */
export type PersonalResult =
  /** No swab on the record. */
  | { status: 'none' }
  /** A swab, and no result yet; `waits`: a negative is there and stays back until a person has settled a contradiction. */
  | { status: 'pending'; tube: string; waits: boolean }
  /** Called back: nothing is said before the single swab has its result. */
  | { status: 'recalled'; recall: number; swabbed: boolean }
  /** `pooled`: n-in-1; 1 for a tube of one's own. */
  | { status: 'negative'; tube: string; pooled: number }
  | { status: 'positive'; tube: string }
  /** The recall was ended by a person before there was a single result: others go on with it. */
  | { status: 'unsettled'; tube: string };

/** The tubes a resident's swabs are in, newest first, so that a single tube taken for a recall comes before the pool it answers. */
export async function tubesOfResident(redis: Redis, cell: CellName, n: number): Promise<TubeState[]> {
  const codes = new Set<string>();
  for (const event of await story(redis, cell, { resident: n }, 500)) {
    if (event.event === 'swab.taken' || event.event === 'swab.reassigned' || (event.event === 'discrepancy.resolved' && event.identified === n)) codes.add(event.tube);
    else if (event.event === 'swab.moved') codes.add(event.to);
  }
  const found = await tubesOf(redis, cell, [...codes]);
  return found.filter((one) => one !== undefined).filter(({ members }) => members.some((member) => member.active && member.resident === n));
}

/** The result of one resident. Follows the resident's own story back, so its cost is that of a handful of reads. */
export async function resultOf(redis: Redis, cell: CellName, n: number): Promise<PersonalResult> {
  const state = await resident(redis, cell, n);
  if (state?.mergedInto !== undefined) return resultOf(redis, cell, state.mergedInto);
  if (!state || state.swabs === 0) return { status: 'none' };
  if (state.recalled !== 'no') return { status: 'recalled', recall: state.recall, swabbed: state.recalled === 'swabbed' };
  const own = await tubesOfResident(redis, cell, n);
  const single = own.find((one) => one.size === 1 && one.lab === 'resulted' && (one.result === 'negative' || one.result === 'positive') && one.held === 0);
  if (single) return single.result === 'positive' ? { status: 'positive', tube: single.tube } : { status: 'negative', tube: single.tube, pooled: 1 };
  const spoilt = own.find((one) => (one.lab === 'resulted' && one.result !== 'negative') || one.lab === 'rejected' || one.fate === 'lost' || one.fate === 'leaked');
  if (spoilt) return { status: 'unsettled', tube: spoilt.tube };
  const clean = own.find((one) => one.lab === 'resulted' && one.held === 0);
  if (clean) return { status: 'negative', tube: clean.tube, pooled: clean.count };
  const [first] = own;
  return first ? { status: 'pending', tube: first.tube, waits: own.some((one) => one.result === 'negative') } : { status: 'none' };
}
