// What a laboratory's cell says: boxes and what lay in them, tubes, results. Named reads, bounded and paged; they change nothing.

import type { Redis } from 'ioredis';
import { boxConditions, rejectionCodes, resultWaits, testResults, type RejectionReason, type TestResult } from '../domain/reasons.js';
import type { CellName } from '../domain/requests.js';
import { decode, type Value } from './codec.js';
import { keyOf } from './keys.js';
import * as records from './records.js';

type Values = Record<string, Value>;
const number = (values: Values, name: string) => values[name] as number;
const text = (values: Values, name: string) => values[name] as string;
const codesOf = (values: Values, name: string) => text(values, name).split(' ').filter(Boolean);

export const deliveryStates = ['expected', 'received', 'reconciled', 'elsewhere'] as const;

/** A box at the laboratory, on one of its trips. */
export interface DeliveryState {
  delivery: number;
  box: string;
  state: (typeof deliveryStates)[number];
  /** It came before any manifest. */
  unannounced: boolean;
  condition: (typeof boxConditions)[number];
  /** The area it comes from, '' as long as nobody has told. */
  home: string;
  /** The number of the trip in that area. */
  trip: number;
  expectedAt: number;
  receivedAt: number;
  reconciledAt: number;
  /** The tubes of its manifest, and those that lay in it. */
  tubes: string[];
  seen: string[];
  lastEvent: string;
}

function toDelivery(delivery: number, bytes: Buffer): DeliveryState {
  const { values } = decode(records.delivery, bytes);
  return {
    delivery, box: text(values, 'code'), state: deliveryStates[number(values, 'state') - 1] ?? 'expected', unannounced: number(values, 'marks') % 2 === 1,
    condition: boxConditions[number(values, 'condition')] ?? 'good', home: text(values, 'home'), trip: number(values, 'trip'),
    expectedAt: number(values, 'expectedAt'), receivedAt: number(values, 'receivedAt'), reconciledAt: number(values, 'reconciledAt'),
    tubes: codesOf(values, 'tubes'), seen: codesOf(values, 'seen'), lastEvent: text(values, 'lastEvent'),
  };
}

/** The latest delivery of a box, by its printed code. */
export async function delivery(redis: Redis, cell: CellName, box: string): Promise<DeliveryState | undefined> {
  const n = await redis.hget(keyOf(cell, 'boxes'), `@${box}`);
  return n === null ? undefined : (await deliveries(redis, cell, Number(n), 1))[0];
}

/** Up to `count` deliveries from number `from` (1) on, oldest first. */
export async function deliveries(redis: Redis, cell: CellName, from = 1, count = 200): Promise<DeliveryState[]> {
  const numbers = Array.from({ length: count }, (_, i) => from + i);
  const found = await redis.hmgetBuffer(keyOf(cell, 'boxes'), ...numbers.map(String));
  return found.flatMap((bytes, i) => (bytes ? [toDelivery(numbers[i] as number, bytes)] : []));
}

export const intakeStates = ['expected', 'received', 'rejected', 'resulted'] as const;

/** A tube at the laboratory. */
export interface IntakeState {
  tube: string;
  state: (typeof intakeStates)[number];
  /** No record had told of it when it came. */
  unregistered: boolean;
  /** It was not on the manifest of the box it lay in. */
  extra: boolean;
  reason?: RejectionReason;
  /** Its released result. */
  result?: TestResult;
  /** Open discrepancies about whose tube it is. */
  held: number;
  swabs: number;
  /** The delivery that announced it and the one it lay in, 0 for none. */
  announcedIn: number;
  layIn: number;
  sampledAt: number;
  receivedAt: number;
  resultAt: number;
  /** The area of its people, '' unknown. */
  home: string;
  accession: string;
  /** Its results, as `accession/run`. */
  results: string[];
  lastEvent: string;
}

export function toIntake(tube: string, bytes: Buffer): IntakeState {
  const { values } = decode(records.intake, bytes);
  const [reason, result] = [rejectionCodes[number(values, 'reason') - 1], testResults[number(values, 'result') - 1]];
  const marks = number(values, 'marks');
  return {
    tube, state: intakeStates[number(values, 'state')] ?? 'expected', unregistered: marks % 2 === 1, extra: marks % 4 >= 2, ...(reason ? { reason } : {}),
    ...(result ? { result } : {}), held: number(values, 'held'), swabs: number(values, 'swabs'), announcedIn: number(values, 'expected'),
    layIn: number(values, 'delivery'), sampledAt: number(values, 'sampledAt'), receivedAt: number(values, 'receivedAt'), resultAt: number(values, 'resultAt'),
    home: text(values, 'home'), accession: text(values, 'accession'), results: codesOf(values, 'results'), lastEvent: text(values, 'lastEvent'),
  };
}

/** Tubes by their printed codes, in order; undefined for those the laboratory has not heard of. */
export async function intakesOf(redis: Redis, cell: CellName, tubes: readonly string[]): Promise<(IntakeState | undefined)[]> {
  if (tubes.length === 0) return [];
  const found = await redis.hmgetBuffer(keyOf(cell, 'intakes'), ...tubes);
  return found.map((bytes, i) => (bytes ? toIntake(tubes[i] as string, bytes) : undefined));
}

export const intake = async (redis: Redis, cell: CellName, tube: string): Promise<IntakeState | undefined> => (await intakesOf(redis, cell, [tube]))[0];

/** Tubes page by page; `cursor` '0' begins, and the page that gives cursor '0' was the last. */
export async function intakes(redis: Redis, cell: CellName, cursor = '0', count = 500): Promise<{ cursor: string; intakes: IntakeState[] }> {
  const [next, flat] = (await redis.callBuffer('HSCAN', keyOf(cell, 'intakes'), cursor, 'COUNT', count)) as unknown as [Buffer, Buffer[]];
  const page: IntakeState[] = [];
  for (let i = 0; i < flat.length; i += 2) page.push(toIntake((flat[i] as Buffer).toString(), flat[i + 1] as Buffer));
  return { cursor: next.toString(), intakes: page };
}

/** A box as its comparison shows it, at any moment: what is still to be scanned is missing. */
export interface Comparison extends DeliveryState {
  expected: number;
  /** On the manifest and at the laboratory, wherever it lay. */
  there: string[];
  missing: string[];
  /** In the box and not on its manifest; `from`: the box whose manifest has it, if any. */
  extra: { tube: string; from?: string }[];
  /** On the manifest or in the box, and rejected. */
  rejected: { tube: string; reason: RejectionReason }[];
  /** On the manifest, and found in another box. */
  elsewhere: { tube: string; in: string }[];
}

/** Compares a delivery with its manifest; the latest of the box unless a number is given. */
export async function comparison(redis: Redis, cell: CellName, box: string, number?: number): Promise<Comparison | undefined> {
  const found = number === undefined ? await delivery(redis, cell, box) : (await deliveries(redis, cell, number, 1))[0];
  if (!found) return undefined;
  const codes = [...new Set([...found.tubes, ...found.seen])];
  const list = (await intakesOf(redis, cell, codes)).filter((one) => one !== undefined);
  const byCode = new Map(list.map((one) => [one.tube, one]));
  const others = new Map<number, string>();
  const boxOf = async (n: number) => {
    if (!others.has(n)) others.set(n, (await deliveries(redis, cell, n, 1))[0]?.box ?? '');
    return others.get(n) as string;
  };
  const isThere = (code: string) => byCode.has(code) && byCode.get(code)?.state !== 'expected';
  const extra: Comparison['extra'] = [];
  for (const code of found.seen.filter((one) => !found.tubes.includes(one))) {
    const from = byCode.get(code)?.announcedIn ?? 0;
    extra.push({ tube: code, ...(from > 0 && from !== found.delivery ? { from: await boxOf(from) } : {}) });
  }
  const elsewhere: Comparison['elsewhere'] = [];
  for (const code of found.tubes) {
    const lay = byCode.get(code)?.layIn ?? 0;
    if (lay > 0 && lay !== found.delivery) elsewhere.push({ tube: code, in: await boxOf(lay) });
  }
  return {
    ...found, expected: found.tubes.length, there: found.tubes.filter(isThere), missing: found.tubes.filter((code) => !isThere(code)), extra, elsewhere,
    rejected: list.flatMap((one) => (one.state === 'rejected' && one.reason ? [{ tube: one.tube, reason: one.reason }] : [])),
  };
}

export const resultStates = ['released', 'held', 'parked', 'set aside'] as const;

export interface ResultState {
  tube: string;
  accession: string;
  run: string;
  state: (typeof resultStates)[number];
  result: TestResult;
  why?: (typeof resultWaits)[number];
  testedAt: number;
  recordedAt: number;
  by: string;
  secondBy: string;
  plate: string;
  well: string;
  lot: string;
}

function toResult(field: string, bytes: Buffer): ResultState {
  const [tube = '', accession = '', run = ''] = field.split('/');
  const { values } = decode(records.result, bytes);
  const why = resultWaits[number(values, 'why') - 1];
  return {
    tube, accession, run, state: resultStates[number(values, 'state') - 1] ?? 'parked', result: testResults[number(values, 'result') - 1] ?? 'invalid',
    ...(why ? { why } : {}), testedAt: number(values, 'testedAt'), recordedAt: number(values, 'recordedAt'), by: text(values, 'by'), secondBy: text(values, 'secondBy'),
    plate: text(values, 'plate'), well: text(values, 'well'), lot: text(values, 'lot'),
  };
}

/** All results of a tube, oldest first. */
export async function resultsOf(redis: Redis, cell: CellName, tube: string): Promise<ResultState[]> {
  const names = (await intake(redis, cell, tube))?.results ?? [];
  if (names.length === 0) return [];
  const fields = names.map((name) => `${tube}/${name}`);
  const found = await redis.hmgetBuffer(keyOf(cell, 'results'), ...fields);
  return found.flatMap((bytes, i) => (bytes ? [toResult(fields[i] as string, bytes)] : []));
}

/** What the record holds of a finding before it is sent. */
export interface FindingState {
  intake?: IntakeState;
  /** The same tube, accession and run. */
  recorded?: ResultState;
  /** The tube that has this accession number. */
  accessionOf?: string;
}

/** What the record holds of these findings, in their order. A look, not a promise: the step that takes one has the last word. */
export async function findingStates(redis: Redis, cell: CellName, findings: readonly { tube: string; accession: string; run: string }[]): Promise<FindingState[]> {
  if (findings.length === 0) return [];
  const fields = findings.map(({ tube, accession, run }) => `${tube}/${accession}/${run}`);
  const [there, recorded, owners] = await Promise.all([
    intakesOf(redis, cell, findings.map(({ tube }) => tube)),
    redis.hmgetBuffer(keyOf(cell, 'results'), ...fields),
    redis.hmget(keyOf(cell, 'results'), ...findings.map(({ accession }) => `@${accession}`)),
  ]);
  return findings.map((_, i) => {
    const [intake, bytes, accessionOf] = [there[i], recorded[i], owners[i]];
    return { ...(intake ? { intake } : {}), ...(bytes ? { recorded: toResult(fields[i] as string, bytes) } : {}), ...(accessionOf ? { accessionOf } : {}) };
  });
}

/** What waits: results held or parked, and tubes that no area has told of. One page of what keeps the laboratory's cell open. */
export async function waiting(redis: Redis, cell: CellName, cursor = '0', count = 500): Promise<{ cursor: string; results: ResultState[]; unregistered: string[] }> {
  const [next, flat] = (await redis.zscan(keyOf(cell, 'unfinished'), cursor, 'COUNT', count)) as [string, string[]];
  const members = flat.filter((_, i) => i % 2 === 0);
  const fields = members.filter((one) => one.startsWith('result:')).map((one) => one.slice('result:'.length));
  const found = fields.length > 0 ? await redis.hmgetBuffer(keyOf(cell, 'results'), ...fields) : [];
  return {
    cursor: next,
    results: found.flatMap((bytes, i) => (bytes ? [toResult(fields[i] as string, bytes)] : [])),
    unregistered: members.filter((one) => one.startsWith('unregistered:')).map((one) => one.slice('unregistered:'.length)),
  };
}

/** Is this the cell of an area or of a laboratory? undefined where no round has been opened. */
export async function kindOf(redis: Redis, cell: CellName): Promise<'area' | 'laboratory' | undefined> {
  const head = await redis.hgetBuffer(keyOf(cell, 'cell'), 'head');
  return head ? (number(decode(records.cell, head).values, 'laboratory') === 1 ? 'laboratory' : 'area') : undefined;
}

/** Is this cell a laboratory's? */
export const isLaboratory = async (redis: Redis, cell: CellName): Promise<boolean> => (await kindOf(redis, cell)) === 'laboratory';
