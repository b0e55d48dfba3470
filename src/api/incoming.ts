// From what a device has sent to what the record takes. An envelope is good or bad as a whole; each record in it is judged on its own.
//
// A record that cannot be read but has a usable number is quarantined: encrypted, under its number, for a person to look at, so that
// nothing is lost and nothing behind it waits. Without a number nothing can be kept of it, and it is told so. A step sent alone is
// different: somebody is waiting for the answer, so it is refused in words and its number is not used.

import { z } from 'zod';
import type { ForeignTubeRule } from '../domain/codes.js';
import type { CellName, Mode, StepName, StepRequest } from '../domain/requests.js';
import { bodies, request, sender, single, stepNames } from '../domain/requests.js';
import { steps } from '../domain/steps.js';
import type { Ledger, Parcel, Unreadable } from '../ledger/ledger.js';
import { cellState } from '../ledger/reads.js';
import type { RoundVault, Vault } from '../vault/vault.js';
import { type Badge, judge, type Verdict } from './badge.js';
import { compileCheck, type Check, type Fault, sentenceOf } from './checks.js';
import { type CarriedBody, carriedBody, carriedDeepMax, carriedOnRecord, readCarried } from './carried.js';
import type { Gate } from './gate.js';
import { hasNote, withSealedNote } from './notes.js';
import { Problem } from './problems.js';
import { type DoorAnswer, doorAnswer, sentencesOf } from './replies.js';
import { mistakenTube, scanned, withPlainCodes } from './scans.js';
import type { Sender } from './sender.js';
import { judgeWalkIn, sealWalkIn, type WalkIn, walkInBody } from './walkIn.js';

/** The bodies as they are sent: those of the record, but a walk-in comes in clear, and what is carried comes sealed. */
export const sentBodies: Readonly<Record<StepName, z.ZodType>> = { ...bodies, registerWalkIn: walkInBody, carryRecords: carriedBody };

/** The steps devices send. Those of the system's own cell are taken by the service, on other addresses (devices.ts, accounts.ts). */
export const doorSteps = stepNames.filter((step) => steps[step].place !== 'system');

/** Most records in one outbox or frame. */
export const outboxMax = 200;

const number = z.int().min(1).max(4_294_967_295);

/** An outbox; the record judges each of `requests`, so here they may be anything. */
export const outboxEnvelope = z.strictObject({ ...sender, requests: z.array(z.unknown()) });
export const frameEnvelope = z.strictObject({ id: z.union([z.string().max(64), z.int()]), ...sender, requests: z.array(z.unknown()) });
export const outboxCheck = compileCheck(outboxEnvelope);
export const frameCheck = compileCheck(frameEnvelope);

/** One record of an outbox, by its step. */
export const recordSchemas = Object.fromEntries(
  doorSteps.map((step) => [step, request.extend({ step: z.literal(step), body: sentBodies[step] })]),
) as unknown as Record<StepName, z.ZodObject>;
/** One step sent alone. */
export const singleSchemas = Object.fromEntries(doorSteps.map((step) => [step, single.extend({ body: sentBodies[step] })])) as unknown as Record<StepName, z.ZodObject>;

const recordChecks = new Map<string, Check<Record<string, unknown>>>(doorSteps.map((step) => [step, compileCheck(recordSchemas[step])]));
const anyRecord = compileCheck(request);

/** The day of a time (ms) where the people are, YYYY-MM-DD. */
export type Day = (at: number) => string;

/** A record as read: ready for the record, waiting for the vault, or not readable. */
type ReadRecord = StepRequest | { walkIn: StepRequest & { body: WalkIn } } | Malformed;
interface Malformed {
  malformed: Problem;
  /** For the record of the quarantine: fields and kinds of faults, nothing that was sent. */
  reason: string;
}

const malformedBy = (faults: readonly Fault[]): Malformed => {
  const told = faults.slice(0, 10);
  return {
    malformed: new Problem('content_invalid', { faults: told }, sentenceOf(told)),
    reason: told.slice(0, 5).map(({ path, fault }) => `${path || 'content'}: ${fault}`).join('; ').slice(0, 200),
  };
};

/** Reads one record: `sent` as it stood in the outbox. */
export function readRecord(sent: unknown, dayOf: Day, labels?: readonly ForeignTubeRule[]): ReadRecord {
  const step = typeof sent === 'object' && sent !== null ? (sent as { step?: unknown }).step : undefined;
  const check = typeof step === 'string' ? recordChecks.get(step) : undefined;
  if (!check) {
    const checked = anyRecord(sent);
    return malformedBy(checked.ok ? [{ path: 'step', fault: 'choice', zh: '没有这个步骤', en: 'is no step there is' }] : checked.faults);
  }
  return readStep(step as StepName, sent as Record<string, unknown>, check, dayOf, labels);
}

/** The same for a step sent alone, whose name stands in the address. */
export function readSingle(step: StepName, sent: unknown, check: Check<unknown>, dayOf: Day, labels?: readonly ForeignTubeRule[]): ReadRecord {
  return readStep(step, sent, check, dayOf, labels);
}

function readStep(step: StepName, sent: unknown, check: Check<unknown>, dayOf: Day, labels?: readonly ForeignTubeRule[]): ReadRecord {
  const codes = scanned.has(step);
  let value = sent as Record<string, unknown>;
  if (!check.quick?.(sent)) {
    const plain = codes && typeof sent === 'object' && sent !== null ? withPlainCodes((sent as Record<string, unknown>)['body'], labels) : undefined;
    const checked = check(plain ? { ...sent as object, body: plain.body } : sent);
    if (!checked.ok) return plain?.mistaken ? mistakenCode(plain.mistaken) : malformedBy(checked.faults);
    value = checked.value as Record<string, unknown>;
  }
  if (codes) {
    const mistaken = mistakenTube(value['body'] as Record<string, unknown>, value['mode'] as Mode, labels);
    if (mistaken) return mistakenCode(mistaken);
  }
  if (step === 'registerWalkIn') {
    const judged = judgeWalkIn(value['body'] as WalkIn, dayOf(Date.now()));
    if (!judged.ok) {
      return { malformed: new Problem('document_refused', { path: 'body.document.number' }, judged), reason: `body.document.number: ${judged.word}` };
    }
    return { walkIn: value as unknown as StepRequest & { body: WalkIn } };
  }
  return value as unknown as StepRequest;
}

function mistakenCode({ field, kind, zh, en }: NonNullable<ReturnType<typeof mistakenTube>>): Malformed {
  return { malformed: new Problem('code_mistaken', { path: `body.${field}`, kind }, { zh, en }), reason: `body.${field}: ${kind}` };
}

/** Requests ready for the record, and the answers the door gives itself, by their place among the records. */
export interface Prepared {
  parcel: Parcel;
  local: Map<number, DoorAnswer> | undefined;
  /** It holds only what neither the ledger nor the door has to wait for: frames may follow one another without waiting. */
  flowing: boolean;
}

interface Envelope extends Sender {
  now?: number | undefined;
  assigned?: number | undefined;
  requests: unknown[];
}

/** Steps that wait for something before or during their call: they travel in a call of their own, and what follows them on a socket waits until they are answered. */
const waiting: ReadonlySet<StepName> = new Set(['openRound', 'closeRound', 'reserveCodes', 'writeOffDevice', 'registerWalkIn', 'carryRecords', 'mergeResidents']);
export const waits = (step: StepName): boolean => waiting.has(step);

export interface Vaulted {
  ledger: Ledger;
  vault: Vault;
  dayOf: Day;
  /** What must be known of a cell before a record in it can be judged; without it nobody is judged. */
  surroundings?: Gate['surroundings'] | undefined;
  fault(detail: object, message: string): void;
}

/** Reads an outbox's records. Gives a promise only where the vault is needed, so that the everyday outbox waits for nothing. */
export function prepare(parts: Vaulted, cell: CellName, envelope: Envelope, deep = 0): Prepared | Promise<Prepared> {
  const { device, epoch, badge, now, assigned, requests } = envelope;
  const ahead = aheadOf(now);
  const ready: StepRequest[] = [];
  let flowing = true;
  for (let place = 0; place < requests.length; place++) {
    const read = readRecord(requests[place], parts.dayOf);
    if ('malformed' in read || 'walkIn' in read || read.step === 'openRound' || read.step === 'carryRecords' || hasNote(read) || verdictOf(parts, cell, badge, read, ahead) !== 'yes') {
      return prepareSlowly(parts, cell, envelope, deep);
    }
    if (waiting.has(read.step)) flowing = false;
    ready.push(signed(read, badge));
  }
  return { parcel: { device, epoch, now, assigned, requests: ready }, local: undefined, flowing };
}

async function prepareSlowly(parts: Vaulted, cell: CellName, { device, epoch, badge, now, assigned, requests }: Envelope, deep = 0): Promise<Prepared> {
  const ahead = aheadOf(now);
  const labels = await labelsOf(parts, cell);
  const ready: Parcel['requests'][number][] = [];
  const local = new Map<number, DoorAnswer>();
  for (let place = 0; place < requests.length; place++) {
    const sent = requests[place];
    const read = readRecord(sent, parts.dayOf, labels);
    const of = numberOf(sent);
    if ('malformed' in read) {
      if (of === undefined) local.set(place, doorAnswer('unreadable', read.malformed));
      else keep(await quarantined(parts, cell, { device, epoch }, of, sent, read), place);
      continue;
    }
    const record = signed('walkIn' in read ? read.walkIn : read, badge);
    const verdict = await surelyJudged(parts, cell, badge, record, ahead);
    if (verdict !== 'yes' && record.mode === 'report') {
      // What is reported has happened; whether it counts, when it was not theirs to do, a person decides.
      keep(await quarantined(parts, cell, { device, epoch }, record.number, sent, { malformed: new Problem('not_allowed'), reason: verdict }), place);
      continue;
    }
    const whole =
      'walkIn' in read ? await sealed(parts, cell, { device, epoch }, record as StepRequest & { body: WalkIn })
      : hasNote(record) ? await noteSealed(parts, cell, record)
      : verdict === 'yes' && record.step === 'openRound' ? ((await keysFor(parts, cell, record.number)) ?? record)
      : verdict === 'yes' && record.step === 'carryRecords' ? await carried(parts, cell, record, deep)
      : record;
    if ('malformed' in whole) keep(await quarantined(parts, cell, { device, epoch }, record.number, sent, whole), place);
    else keep(verdict === 'yes' || 'outcome' in whole ? whole : { number: record.number, step: 'refuse', of: whole, word: verdict }, place);
  }
  return { parcel: { device, epoch, now, assigned, requests: ready }, local, flowing: false };

  function keep(kept: Parcel['requests'][number] | DoorAnswer, place: number): void {
    if ('outcome' in kept) local.set(place, kept);
    else ready.push(kept);
  }
}

/** By how many ms the sender's clock lags behind ours; 0 where it does not tell. */
export const aheadOf = (now: number | undefined): number => (now === undefined ? 0 : Date.now() - now);

/** A person's records bear their own name, whatever was sent. */
export const signed = <Record extends StepRequest>(record: Record, badge: Badge | undefined): Record =>
  badge?.kind === 'person' && record.by !== badge.account ? { ...record, by: badge.account } : record;

const verdictOf = ({ surroundings }: Pick<Vaulted, 'surroundings'>, cell: CellName, badge: Badge | undefined, record: StepRequest, ahead: number): Verdict =>
  badge && surroundings ? judge(badge, cell, record, ahead, surroundings) : 'yes';

/** The same, after looking up what must be known for it. */
export async function surelyJudged(parts: Pick<Vaulted, 'surroundings'>, cell: CellName, badge: Badge | undefined, record: StepRequest, ahead: number): Promise<Exclude<Verdict, 'unknown'>> {
  const verdict = verdictOf(parts, cell, badge, record, ahead);
  if (verdict !== 'unknown') return verdict;
  await parts.surroundings?.learn(cell, [record]);
  const sure = verdictOf(parts, cell, badge, record, ahead);
  if (sure !== 'unknown') return sure;
  // In a round that does not exist there is nothing to know, and the record refuses it.
  return parts.surroundings?.knownStaff(cell) === undefined ? 'yes' : 'not_allowed';
}

/** Labels of other makers that the round names as tubes. Only what is no everyday record is read with them: the rest needs no look-up. */
export async function labelsOf(parts: Pick<Vaulted, 'surroundings'>, cell: CellName): Promise<readonly ForeignTubeRule[] | undefined> {
  const known = parts.surroundings?.foreignTubes(cell);
  if (known || !parts.surroundings) return known;
  await parts.surroundings.learn(cell, []);
  return parts.surroundings.foreignTubes(cell);
}

function numberOf(sent: unknown): number | undefined {
  const read = number.safeParse(typeof sent === 'object' && sent !== null ? (sent as { number?: unknown }).number : undefined);
  return read.success ? read.data : undefined;
}

/** Whose ciphertext a quarantined record is: the reader needs the same words to open it. */
export const quarantineOwner = ({ device, epoch }: Sender, n: number): string => `${device}:${epoch}:${n}`;

async function quarantined(parts: Vaulted, cell: CellName, from: Sender, n: number, sent: unknown, { malformed, reason }: Malformed): Promise<Unreadable | DoorAnswer> {
  return withVault(parts, cell, n, (vault) => {
    const raw = JSON.stringify(sent);
    const ciphertext = vault.sealBytes('quarantine', { area: cell.area, owner: quarantineOwner(from, n) }, Buffer.from(raw, 'utf8')).toString('base64');
    // A keyed hash: a plain one of a record with an identity number in it could be undone by trying all numbers.
    return { number: n, step: 'quarantine', ciphertext, problem: reason || malformed.body.word, fingerprint: vault.indexOf(`quarantine\u001f${raw}`).readUIntBE(0, 6) };
  });
}

/** A walk-in with index and ciphertext in place of the personal data. */
export async function sealed(parts: Vaulted, cell: CellName, from: Sender, walkIn: StepRequest & { body: WalkIn }): Promise<StepRequest | DoorAnswer> {
  const judged = judgeWalkIn(walkIn.body, parts.dayOf(Date.now()));
  if (!judged.ok) throw new Error('a walk-in is sealed only after its document was judged');
  return withVault(parts, cell, walkIn.number, (vault) => ({
    ...walkIn,
    body: sealWalkIn(vault, cell.area, walkIn.body, judged.document, { source: quarantineOwner(from, walkIn.number), day: parts.dayOf(walkIn.claimedAt) }),
  }));
}

/** A record with its free words as ciphertext. */
export const noteSealed = (parts: Vaulted, cell: CellName, record: StepRequest): Promise<StepRequest | DoorAnswer> =>
  withVault(parts, cell, record.number, (vault) => withSealedNote(vault, cell, record));

/** Makes the keys of a round that is about to be opened. An answer, where its personal data was destroyed before. */
export async function keysFor(parts: Vaulted, cell: CellName, n: number): Promise<DoorAnswer | undefined> {
  return (await parts.vault.prepare(cell.round)) === 'erased' ? doorAnswer('unreadable', new Problem('person_erased'), n) : undefined;
}

/**
 * Takes what one device has brought of another, as the other's own, and gives what goes on record of it. `deep`: how often it was carried
 * already. The records are taken first: whoever hears that they are in need not keep them any more.
 */
export async function carried(parts: Vaulted, cell: CellName, record: StepRequest, deep = 0): Promise<StepRequest | DoorAnswer | Malformed> {
  const body = record.body as unknown as CarriedBody;
  const found = await withVault(parts, cell, record.number, (vault) => ({ content: readCarried(vault, cell, body) }));
  if ('outcome' in found) return found;
  const { content } = found;
  const from = { device: body.device, epoch: body.epoch };
  const badge = parts.surroundings && (await parts.surroundings.badgeOf(from.device));
  if (!content || deep >= carriedDeepMax || (parts.surroundings && !badge)) return { malformed: new Problem('carried_unreadable'), reason: 'body.sealed: does not open' };
  const { parcel, local } = await prepare(parts, cell, { ...from, badge, assigned: content.assigned, requests: content.requests }, deep + 1);
  const [receipt] = await parts.ledger.take(cell, [parcel]);
  // What failed for now is brought again; the rest is answered as a repeat then.
  const failed = receipt?.answers.some(({ outcome }) => outcome === 'fault') || [...(local?.values() ?? [])].some(({ outcome }) => outcome === 'fault');
  if (failed) return doorAnswer('fault', new Problem('step_failed'), record.number);
  return { ...record, body: carriedOnRecord(content) as unknown as StepRequest['body'] };
}

async function withVault<Kept>(parts: Vaulted, cell: CellName, n: number, work: (vault: RoundVault) => Kept): Promise<Kept | DoorAnswer> {
  let vault: RoundVault | 'erased';
  try {
    vault = await parts.vault.round(cell.round);
  } catch (fault) {
    // Asked first: a cell that was never opened has no keys, and that is no fault.
    if (!(await cellState(parts.ledger.redis, cell))) return { number: n, outcome: 'refused', word: 'cell_unknown', ...sentencesOf('cell_unknown') };
    parts.fault({ cell: `${cell.round}:${cell.area}`, number: n, fault: (fault as Error).message }, 'the vault of a round does not open');
    return doorAnswer('fault', new Problem('step_failed'), n);
  }
  if (vault === 'erased') return doorAnswer('unreadable', new Problem('person_erased'), n);
  return work(vault);
}
