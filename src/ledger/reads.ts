// What the record says now: named reads, bounded and paged. They change nothing; a step decides, these only show.

import type { Redis } from 'ioredis';
import type { LedgerEvent } from '../domain/events.js';
import { assignmentRules, householdRules, priorityClasses, riskGroups, sealReasons, testResults, type TestResult } from '../domain/reasons.js';
import type { CellName } from '../domain/requests.js';
import type { RoundRules } from '../domain/roundRules.js';
import { decode, fixedSize, type Fields, type Value } from './codec.js';
import { journalOf, keyOf, systemKeys } from './keys.js';
import * as records from './records.js';
import { standFor } from './sealed.js';
import { eventAt } from './stream.js';

const getBytes = (redis: Redis, key: string, from: number, to: number) => redis.callBuffer('GETRANGE', key, from, to) as unknown as Promise<Buffer>;
const getField = (redis: Redis, key: string, field: string) => redis.hgetBuffer(key, field);

/** A record's field as a number; the layouts make everything but ids, codes and texts a number. */
const number = (values: Record<string, Value>, name: string) => values[name] as number;

/** Cells that have been opened on this Redis, `round:area`. */
export async function openedCells(redis: Redis): Promise<CellName[]> {
  const names = await redis.smembers(systemKeys.cells);
  return names.sort().map((name) => {
    const colon = name.indexOf(':');
    return { round: name.slice(0, colon), area: name.slice(colon + 1) };
  });
}

export interface CellState {
  name: string;
  state: 'open' | 'closed';
  rehearsal: boolean;
  /** A laboratory's cell: boxes, tubes and results of all areas of the round, and no residents. */
  laboratory: boolean;
  /** The rehearsal's clock; undefined in a real round. */
  clock?: number;
  openedAt: number;
  rules: RoundRules;
  residents: number;
  tickets: number;
  stations: number;
  discrepancies: number;
  halted?: string;
  household: (typeof householdRules)[number];
  assignment: (typeof assignmentRules)[number];
}

/** The cell's head and counters, or undefined where no round has been opened. */
export async function cellState(redis: Redis, cell: CellName): Promise<CellState | undefined> {
  const key = keyOf(cell, 'cell');
  const head = await getField(redis, key, 'head');
  if (!head) return undefined;
  const { values } = decode(records.cell, head);
  const all = await redis.hmget(key, 'name', 'rules', 'residents', 'tickets', 'stations', 'discrepancies', 'halted');
  return {
    name: all[0] ?? '',
    state: number(values, 'state') === 1 ? 'open' : 'closed',
    rehearsal: number(values, 'rehearsal') === 1,
    laboratory: number(values, 'laboratory') === 1,
    ...(number(values, 'rehearsal') === 1 ? { clock: number(values, 'clock') } : {}),
    openedAt: number(values, 'openedAt'),
    rules: JSON.parse(all[1] ?? '{}') as RoundRules,
    residents: Number(all[2] ?? 0),
    tickets: Number(all[3] ?? 0),
    stations: Number(all[4] ?? 0),
    discrepancies: Number(all[5] ?? 0),
    ...(all[6] ? { halted: all[6] } : {}),
    household: householdRules[number(values, 'household')] ?? 'together',
    assignment: assignmentRules[number(values, 'assignment')] ?? 'nearest',
  };
}

const stationStates = ['', 'open', 'paused', 'draining', 'closed'] as const;
/** Mirrors BAND in prelude.lua: a place in the queue is station, called or waiting, and time. */
const band = 4_398_046_511_104;

export interface StationState {
  station: string;
  ordinal: number;
  site: number;
  state: (typeof stationStates)[number];
  stalled: boolean;
  /** Measured seconds a person; undefined until a tube has been filled here. */
  secondsPerPerson?: number;
  waiting: number;
  called: number;
  tubes: string[];
}

/** All stations of the cell, in the order they were first opened (at most 1,000). */
export async function stations(redis: Redis, cell: CellName): Promise<StationState[]> {
  const all = await redis.hgetallBuffer(keyOf(cell, 'stations'));
  const list = Object.entries(all).filter(([field]) => /^\d+$/.test(field));
  const queue = keyOf(cell, 'queue');
  // Two counts a station, of a hundred stations: sent apart they cost the service more than twenty swabs.
  const counting = redis.pipeline();
  for (const [field] of list) {
    for (const half of [0, 1]) counting.zcount(queue, String((Number(field) * 2 + half) * band), `(${(Number(field) * 2 + half + 1) * band}`);
  }
  const counts = ((await counting.exec()) ?? []).map(([fault, count]) => {
    if (fault) throw fault;
    return count as number;
  });
  const states = list.map(([field, bytes], i): StationState => {
    const { values } = decode(records.station, bytes as Buffer);
    const pace = number(values, 'pace');
    return {
      station: values['code'] as string, ordinal: Number(field), site: number(values, 'site'), state: stationStates[number(values, 'state')] ?? '',
      stalled: number(values, 'marks') % 2 === 1, ...(pace > 0 ? { secondsPerPerson: pace / 1000 } : {}),
      waiting: counts[i * 2] ?? 0, called: counts[i * 2 + 1] ?? 0, tubes: (values['tubes'] as string).split(' ').filter(Boolean),
    };
  });
  return states.sort((a, b) => a.ordinal - b.ordinal);
}

export interface ResidentState {
  resident: number;
  state: 'expected' | 'excused';
  /** The entry is another's twin, counts as excused, and stands for this one. */
  mergedInto?: number;
  swabs: number;
  single: boolean;
  deceased: boolean;
  risk: (typeof riskGroups)[number];
  priority: (typeof priorityClasses)[number];
  village: number;
  household: number;
  ticket: number;
  /** Where and when the first active swab was taken; station is an ordinal. */
  station: number;
  sampledAt: number;
  /** The latest recall to answer, 0 for none. */
  recall: number;
  /** Called back for a single swab: to come, or it has been taken and its result is awaited. */
  recalled: 'no' | 'to come' | 'swabbed';
  lastEvent: string;
}

function toResident(resident: number, values: Record<string, Value>): ResidentState | undefined {
  if (number(values, 'state') === 0) return undefined;
  const marks = number(values, 'marks');
  return {
    resident, state: number(values, 'state') === 2 ? 'excused' : 'expected', swabs: number(values, 'swabs'), single: marks % 2 === 1, deceased: marks >= 2,
    risk: riskGroups[number(values, 'risk')] ?? 'normal', priority: priorityClasses[number(values, 'priority')] ?? 'none',
    village: number(values, 'village'), household: number(values, 'household'), ticket: number(values, 'ticket'),
    station: number(values, 'station'), sampledAt: number(values, 'sampledAt'), recall: number(values, 'recall'),
    recalled: (['no', 'to come', 'swabbed'] as const)[number(values, 'recalled')] ?? 'no', lastEvent: values['lastEvent'] as string,
  };
}

const residentSize = fixedSize(records.resident);

/** Up to `count` residents from number `from` (1) on. */
export async function residents(redis: Redis, cell: CellName, from = 1, count = 1000): Promise<ResidentState[]> {
  const bytes = await getBytes(redis, keyOf(cell, 'residents'), (from - 1) * residentSize, (from - 1 + count) * residentSize - 1);
  const list: ResidentState[] = [];
  for (let i = 0; (i + 1) * residentSize <= bytes.length; i++) {
    const found = toResident(from + i, decode(records.resident, bytes, i * residentSize).values);
    if (found) list.push(found);
  }
  const excused = list.filter(({ state }) => state === 'excused');
  const stand = await standFor(redis, cell, excused.map((one) => one.resident));
  for (const [i, one] of excused.entries()) if (stand[i] !== one.resident) one.mergedInto = stand[i] as number;
  return list;
}

export const resident = async (redis: Redis, cell: CellName, n: number): Promise<ResidentState | undefined> => (await residents(redis, cell, n, 1))[0];

/** The resident with this keyed index, or undefined. */
export async function residentByIndex(redis: Redis, cell: CellName, index: string): Promise<number | undefined> {
  const found = await redis.hget(keyOf(cell, 'index'), index);
  return found === null ? undefined : Number(found);
}

export interface TicketState {
  ticket: number;
  state: 'waiting' | 'called' | 'served' | 'gone' | 'skipped';
  resident: number;
  station: number;
  site: number;
  party: number;
  absences: number;
}

/** One ticket by its number in the cell. */
export async function ticket(redis: Redis, cell: CellName, n: number): Promise<TicketState | undefined> {
  const size = fixedSize(records.ticket);
  const bytes = await getBytes(redis, keyOf(cell, 'tickets'), (n - 1) * size, n * size - 1);
  if (n < 1 || bytes.length < size) return undefined;
  const { values } = decode(records.ticket, bytes);
  const state = (['', 'waiting', 'called', 'served', 'gone', 'skipped'] as const)[number(values, 'state')];
  if (!state) return undefined;
  return { ticket: n, state, resident: number(values, 'resident'), station: number(values, 'station'), site: number(values, 'site'), party: number(values, 'party'), absences: number(values, 'absences') };
}

export interface TubeState {
  tube: string;
  state: 'open' | 'sealed' | 'void';
  size: number;
  risk: (typeof riskGroups)[number];
  count: number;
  held: number;
  warned: boolean;
  overdue: boolean;
  reason?: (typeof sealReasons)[number];
  /** Swabs somebody counted in the vial. */
  counted?: number;
  station: number;
  openedAt: number;
  firstSwabAt: number;
  lastSwabAt: number;
  sealedAt: number;
  /** The trip of the box it is in, 0 for none. */
  box: number;
  fate: 'none' | 'missing' | 'lost' | 'leaked';
  lab: 'none' | 'received' | 'rejected' | 'resulted';
  /** What the laboratory says; it has left the record only when `lab` is 'resulted'. */
  result?: TestResult;
  receivedAt: number;
  /** The recall of its people, 0 for none. */
  recall: number;
  /** A single tube taken for a recall: which; 0 for none. */
  answers: number;
  lastEvent: string;
  /** Everyone whose swab is or was in it; resident 0 is an unidentified person. */
  members: { resident: number; active: boolean; second: boolean; voided: boolean; moved: boolean }[];
}

export function toTube(tube: string, bytes: Buffer): TubeState {
  const { values, end } = decode(records.tube, bytes);
  const marks = number(values, 'marks');
  const reason = sealReasons[number(values, 'reason') - 1];
  const result = testResults[number(values, 'result') - 1];
  const members: TubeState['members'] = [];
  for (let at = end; at < bytes.length; ) {
    const member = decode(records.member, bytes, at);
    const flags = number(member.values, 'marks');
    members.push({ resident: number(member.values, 'resident'), active: flags < 4, second: flags % 4 >= 2, voided: flags === 4, moved: flags === 8 });
    at = member.end;
  }
  return {
    tube, state: (['open', 'sealed', 'void'] as const)[number(values, 'state') - 1] ?? 'void', size: number(values, 'size'), risk: riskGroups[number(values, 'risk')] ?? 'normal',
    count: number(values, 'count'), held: number(values, 'held'), warned: marks % 2 === 1, overdue: marks % 4 >= 2,
    ...(reason ? { reason } : {}), ...(number(values, 'counted') < 255 ? { counted: number(values, 'counted') } : {}),
    station: number(values, 'station'), openedAt: number(values, 'openedAt'), firstSwabAt: number(values, 'firstSwabAt'),
    lastSwabAt: number(values, 'lastSwabAt'), sealedAt: number(values, 'sealedAt'), box: number(values, 'box'),
    fate: (['none', 'missing', 'lost', 'leaked'] as const)[number(values, 'fate')] ?? 'none',
    lab: (['none', 'received', 'rejected', 'resulted'] as const)[number(values, 'lab')] ?? 'none',
    ...(result ? { result } : {}), receivedAt: number(values, 'receivedAt'), recall: number(values, 'recall'), answers: number(values, 'answers'), lastEvent: values['lastEvent'] as string, members,
  };
}

/** One tube by its printed code. */
export async function tube(redis: Redis, cell: CellName, code: string): Promise<TubeState | undefined> {
  const bytes = await getField(redis, keyOf(cell, 'tubes'), code);
  return bytes ? toTube(code, bytes) : undefined;
}

/** Tubes by their printed codes, in order; undefined for those nobody has told of. */
export async function tubesOf(redis: Redis, cell: CellName, codes: readonly string[]): Promise<(TubeState | undefined)[]> {
  if (codes.length === 0) return [];
  const found = await redis.hmgetBuffer(keyOf(cell, 'tubes'), ...codes);
  return found.map((bytes, i) => (bytes ? toTube(codes[i] as string, bytes) : undefined));
}

/** Tubes page by page; `cursor` '0' begins, and the page that gives cursor '0' was the last. A page may hold a few more than `count`. */
export async function tubes(redis: Redis, cell: CellName, cursor = '0', count = 500): Promise<{ cursor: string; tubes: TubeState[] }> {
  const [next, flat] = (await redis.callBuffer('HSCAN', keyOf(cell, 'tubes'), cursor, 'COUNT', count)) as unknown as [Buffer, Buffer[]];
  const page: TubeState[] = [];
  for (let i = 0; i < flat.length; i += 2) page.push(toTube((flat[i] as Buffer).toString(), flat[i + 1] as Buffer));
  return { cursor: next.toString(), tubes: page };
}

export interface DiscrepancyState {
  discrepancy: string;
  what: string;
  tube: string;
  resident: string;
  device: string;
  epoch: string;
  number: string;
  step: string;
  openedAt: string;
  state: 'open' | 'resolved';
  holds: boolean;
  detail: Record<string, unknown>;
  resolution?: string;
}

/** Up to `count` discrepancies from number `from` (1) on, oldest first. */
export async function discrepancies(redis: Redis, cell: CellName, from = 1, count = 200): Promise<DiscrepancyState[]> {
  const fields = Array.from({ length: count }, (_, i) => String(from + i));
  const found = await redis.hmget(keyOf(cell, 'discrepancies'), ...fields);
  return found.flatMap((text, i) => (text ? [{ discrepancy: fields[i] as string, ...(JSON.parse(text) as Omit<DiscrepancyState, 'discrepancy'>) }] : []));
}

/** What keeps the round from closing: `tube:code`, `device:name:epoch`, `discrepancy:n`, `record:...`; oldest first, with its time. */
export async function unfinished(redis: Redis, cell: CellName, from = 0, count = 200): Promise<{ what: string; since: number }[]> {
  const flat = await redis.zrange(keyOf(cell, 'unfinished'), String(from), String(from + count - 1), 'WITHSCORES');
  const pairs = (flat as unknown[]).flat() as string[];
  return Array.from({ length: pairs.length / 2 }, (_, i) => ({ what: pairs[i * 2] as string, since: Number(pairs[i * 2 + 1]) }));
}

export interface DeviceState {
  device: string;
  epoch: string;
  ordinal: number;
  seenAt: number;
  /** Numbers it has given out, as far as is known. */
  assigned: number;
  applied: number;
  refused: number;
  quarantined: number;
  lost: number;
  /** Given out and not received. */
  missing: number;
}

const entrySize = fixedSize(records.journalEntry);

/** Every device that has spoken in this cell, its numbers counted from its journal: assigned = applied + refused + quarantined + lost + missing. */
export async function devices(redis: Redis, cell: CellName): Promise<DeviceState[]> {
  const all = await redis.hgetallBuffer(keyOf(cell, 'devices'));
  const list: DeviceState[] = [];
  for (const [field, bytes] of Object.entries(all)) {
    if (field.startsWith('#')) continue;
    const colon = field.lastIndexOf(':');
    const [device, epoch] = [field.slice(0, colon), field.slice(colon + 1)];
    const { values } = decode(records.device as Fields, bytes as Buffer);
    const journal = (await redis.getBuffer(journalOf(cell, device, epoch))) ?? Buffer.alloc(0);
    const counts = [0, 0, 0, 0, 0];
    for (let at = 0; at + entrySize <= journal.length; at += entrySize) counts[journal[at] as number] = (counts[journal[at] as number] ?? 0) + 1;
    const received = journal.length / entrySize;
    const assigned = Math.max(received, number(values, 'assigned'));
    const [holes, applied, refused, quarantined, lost] = counts as [number, number, number, number, number];
    list.push({ device, epoch, ordinal: number(values, 'ordinal'), seenAt: number(values, 'seenAt'), assigned, applied, refused, quarantined, lost, missing: holes + assigned - received });
  }
  return list.sort((a, b) => a.ordinal - b.ordinal);
}

/** Fields of an event that point to the one before it in the story of `kind`. */
const links = { resident: ['beforeResident'], tube: ['beforeTube', 'beforeFrom', 'beforeTo'] } as const;

/** The story of a resident or a tube, newest first, at most `count` events: from its record's last event back through the links. */
export async function story(redis: Redis, cell: CellName, of: { resident: number } | { tube: string }, count = 100): Promise<LedgerEvent[]> {
  const state = 'resident' in of ? await resident(redis, cell, of.resident) : await tube(redis, cell, of.tube);
  const list: LedgerEvent[] = [];
  let next = state?.lastEvent ?? '';
  while (next !== '' && list.length < count) {
    const event = await eventAt(redis, cell, next);
    if (!event) break;
    list.push(event);
    const fields = event as unknown as Record<string, string>;
    if (event.event === 'residents.merged' && 'resident' in of && event.twin === of.resident) next = event.beforeTwin;
    else if ('resident' in of) next = fields['beforeResident'] ?? '';
    else if (event.event === 'swab.moved') next = event.from === of.tube ? event.beforeFrom : event.beforeTo;
    else next = links.tube.map((name) => fields[name]).find(Boolean) ?? '';
  }
  return list;
}

/** The site each village is told to go to, by their ordinals; villages for which the round says nothing are left out. */
export async function ownSites(redis: Redis, cell: CellName): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for (const [field, packed] of Object.entries(await redis.hgetallBuffer(keyOf(cell, 'names')))) {
    // Nearest first; the village's own site is the nearest it has.
    if (field.startsWith('sites:') && packed.length >= 2) found.set(Number(field.slice(6)), packed.readUInt16BE(0));
  }
  return found;
}

/** Sites and villages of the cell by ordinal. Villages grow with the roster; a cell has at most some hundreds. */
export async function directory(redis: Redis, cell: CellName): Promise<{ sites: Map<number, string>; siteNames: Map<number, string>; villages: Map<number, string>; teams: Map<string, number[]> }> {
  const all = await redis.hgetallBuffer(keyOf(cell, 'names'));
  const sites = new Map<number, string>();
  const siteNames = new Map<number, string>();
  const villages = new Map<number, string>();
  const teams = new Map<string, number[]>();
  for (const [field, bytes] of Object.entries(all)) {
    const value = (bytes as Buffer).toString();
    if (field.startsWith('site:')) sites.set(Number(value), field.slice(5));
    else if (field.startsWith('siteName:')) siteNames.set(Number(field.slice(9)), value);
    else if (field.startsWith('village:')) villages.set(Number(value), field.slice(8));
    else if (field.startsWith('team:')) teams.set(field.slice(5), Array.from({ length: bytes.length / 2 }, (_, i) => (bytes as Buffer).readUInt16BE(i * 2)));
  }
  return { sites, siteNames, villages, teams };
}
