// What a scan means at a station. Pure: the scan, what stands on the table and what this tablet knows of the person in; the answer and the
// records to write out. It needs no network and no clock of its own, so it answers at once and every case of it is tested in Node.

import type { ForeignTubeRule } from '../../domain/codes.js';
import type { Wish as Plain } from '../tablet/acts.js';
import type { Phrase } from '../words/language.js';
import type { AnswerName } from './answers.js';
import { countOf, firstOf, type Member, type PoolSizes, type Table, type Taken, type Tube } from './table.js';

/** Somebody on the list, as the tablet knows them. */
export interface Person {
  /** The resident's number, or `#n` for a walk-in of this device. */
  resident: string;
  /** Masked; empty for somebody who is not on this tablet's list. */
  name: string;
  village: string;
  risk: string;
  household: number;
  single: boolean;
  deceased: boolean;
  excused: boolean;
  /** Called back for a single swab and still to come. */
  recalled: boolean;
  /** Has a swab, as the service has told. */
  sampled: boolean;
  otherVillage: boolean;
  listed: boolean;
}

export type Seen =
  | { kind: 'tube'; code: string; rehearsal: boolean | undefined }
  | { kind: 'person'; person: Person }
  /** A document that nobody on the list has. */
  | { kind: 'stranger'; document: { number: string; kind: string } }
  | { kind: 'staff'; card: string }
  | { kind: 'wrong'; what: 'box' | 'station' | 'device' | 'shopBarcode' }
  /** A code of a rehearsal on a real day, or the other way round. */
  | { kind: 'otherRound' }
  /** This tablet has no list yet, so a printed code says nothing. */
  | { kind: 'noRoster' }
  | { kind: 'unreadable'; hint?: Phrase };

/** Someone who waits for the next tube, or something that waits for another person's card. */
export type Pending =
  | { for: 'tube'; why: 'single' | 'risk' | 'household'; person: Person; until: number; by?: string | undefined }
  | { for: 'card'; act: Wish; say: Said; until: number }
  | { for: 'again'; person: Person; until: number }
  /** The swab of a member goes to the tube that is scanned next. */
  | { for: 'move'; member: Member; from: string; person: Person | undefined; until: number };

export interface Rules {
  poolSizes: PoolSizes;
  household: string;
  tubeWarnMinutes: number;
  tubeSealMinutes: number;
  knownStaff: boolean;
  rehearsal: boolean;
  /** Labels of other makers that are tubes in this round, and no others. */
  foreignTubes?: readonly ForeignTubeRule[];
}

export interface Situation {
  table: Table;
  rules: Rules;
  station: string;
  /** The card scanned last. */
  staff: string | undefined;
  pending: Pending | undefined;
  /** The code scanned last and when; the same again at once is the same scan. */
  recent: { value: string; at: number; counted: boolean } | undefined;
  /** The people whose swabs are in the open tube. */
  personOf(resident: string): Person | undefined;
}

/** What the panel says. */
export interface Said {
  row: AnswerName;
  values?: Readonly<Record<string, string | number>>;
  person?: Person | undefined;
  /** Where and when they were sampled. */
  taken?: { at: number; station?: string | undefined; tube?: string | undefined } | undefined;
  /** In place of the row's own. */
  hint?: Phrase | undefined;
}

/** A record to write. `#<` in its body stands for the number of the record before it; `by`: somebody else than the staff card scanned last. */
export interface Wish extends Plain {
  by?: string | undefined;
}

export interface Decision {
  say: Said;
  wishes: readonly Wish[];
  /** Left out: as it was. */
  pending?: Pending | undefined;
  staff?: string;
  /** The same scan again: nothing changes but a tick. */
  tick?: true;
}

/** The same code within this time is one scan held for too long. */
export const repeatMs = 3000;
export const undoMs = 30_000;
/** How long a person waits for a tube of their own, or a correction for a second card. */
const pendingMs = 120_000;
const againMs = 20_000;

export const tailOf = (code: string): string => code.slice(-4);

const said = (row: AnswerName, more: Omit<Said, 'row'> = {}): Said => ({ row, ...more });
const only = (say: Said, pending?: Pending): Decision => ({ say, wishes: [], pending });

export function decide(seen: Seen, at: Situation, now: number): Decision {
  const pending = at.pending && at.pending.until > now ? at.pending : undefined;
  switch (seen.kind) {
    case 'tube': return tubeScanned(seen, { ...at, pending }, now);
    case 'person': return personScanned(seen.person, at, now);
    case 'stranger': return strangerScanned(seen.document, at, now);
    case 'staff': return cardScanned(seen.card, { ...at, pending }, now);
    case 'wrong': return only(said('wrongKind', { values: { what: seen.what } }), pending);
    case 'otherRound': return only(said('wrongFence'), pending);
    case 'noRoster': return only(said('noRoster'), pending);
    case 'unreadable': return only(said('unreadable', { hint: seen.hint }), pending);
  }
}

// People -----------------------------------------------------------------------------------------------------------------------------------

function personScanned(person: Person, at: Situation, now: number): Decision {
  const { table, rules, recent } = at;
  if (recent && recent.value === person.resident && now - recent.at < repeatMs && recent.counted) return { say: said('counted'), wishes: [], tick: true };
  const block = blockOf(person, at, now);
  if (block) return block;
  const pool = table.pool;
  if (needsSingle(person, rules)) return only(said('singleOnly', { person }), { for: 'tube', why: 'single', person, until: now + pendingMs });
  if (!pool) return only(said('noTube', { person }));
  const other = otherPool(pool, person, at);
  if (other === 'risk') return only(said('otherRisk', { person }), { for: 'tube', why: 'risk', person, until: now + pendingMs });
  if (other === 'household') {
    return {
      say: said('otherHousehold', { person }), wishes: [{ step: 'sealTube', body: { tube: pool.code, reason: 'household' }, how: 'ask' }],
      pending: { for: 'tube', why: 'household', person, until: now + pendingMs },
    };
  }
  return { say: takenInto(pool, person), wishes: [{ step: 'takeSwab', body: { resident: person.resident, tube: pool.code }, how: 'ask' }], pending: undefined };
}

/** What speaks against swabbing this person at all. */
function blockOf(person: Person, { table, rules, staff }: Situation, now: number): Decision | undefined {
  if (rules.knownStaff && staff === undefined) return only(said('staffFirst', { person }));
  if (person.deceased) return only(said('deceased', { person }));
  const mine = table.taken.get(person.resident);
  // Somebody who is called back comes again, once, for a tube of their own.
  const again = person.recalled && !(mine?.single ?? false);
  if ((mine || person.sampled) && !again) {
    return only(said('already', { person, taken: mine && { at: mine.at, tube: mine.tube } }), { for: 'again', person, until: now + againMs });
  }
  return undefined;
}

const needsSingle = (person: Person, rules: Rules): boolean => person.single || person.recalled || rules.poolSizes[person.risk] === 1;

/** Does a pool not take this person, for whom it is not? */
function otherPool(pool: Tube, person: Person, { rules, personOf }: Situation): 'risk' | 'household' | undefined {
  const first = firstOf(pool);
  const before = first && personOf(first.resident);
  if (!first) return (rules.poolSizes[person.risk] ?? pool.size) < pool.size ? 'risk' : undefined;
  if (before && before.listed && person.listed && before.risk !== person.risk) return 'risk';
  if (rules.household === 'own' && before && before.household !== person.household) return 'household';
  return undefined;
}

/** What is said of somebody whose swab goes into this tube now. */
export function takenInto(tube: Tube, person: Person): Said {
  const n = countOf(tube) + 1;
  const values = { n, size: tube.size };
  if (tube.size === 1) return said('single', { values, person });
  if (n >= tube.size) return said('full', { values, person });
  const row: AnswerName = !person.listed ? 'unlisted' : person.excused ? 'excused' : person.otherVillage ? 'otherVillage' : 'counted';
  return said(row, { values, person });
}

/** A document that is on nobody's entry: registered with what the card says, and swabbed at once; somebody adds the rest. */
function strangerScanned(document: { number: string; kind: string }, at: Situation, _now: number): Decision {
  const pool = at.table.pool;
  if (at.rules.knownStaff && at.staff === undefined) return only(said('staffFirst'));
  if (!pool) return only(said('noTube'));
  const person = stranger('#<');
  return {
    say: takenInto(pool, person), pending: undefined,
    wishes: [
      { step: 'registerWalkIn', body: { document, village: unlistedVillage }, how: 'report' },
      { step: 'takeSwab', body: { resident: '#<', tube: pool.code }, how: 'ask' },
    ],
  };
}

/** Somebody new, as they were asked: registered, and swabbed where a tube is open. */
export function register(entry: Record<string, unknown>, name: string, at: Situation): Decision {
  const { pool } = at.table;
  const wish: Wish = { step: 'registerWalkIn', body: entry, how: 'report' };
  const person = stranger('#<', name, String(entry['village'] ?? ''));
  if (at.rules.knownStaff && at.staff === undefined) return only(said('staffFirst'));
  if (!pool) return only(said('noTube', { person }));
  return { say: takenInto(pool, person), pending: undefined, wishes: [wish, { step: 'takeSwab', body: { resident: '#<', tube: pool.code }, how: 'ask' }] };
}

/** Where somebody lives who has shown a document that is not on the list, until they are asked. */
export const unlistedVillage = '名册外';

export const stranger = (resident: string, name = '', village = ''): Person => ({
  resident, name, village, risk: 'normal', household: 0, single: false, deceased: false, excused: false, recalled: false, sampled: false, otherVillage: false, listed: false,
});

// Tubes ------------------------------------------------------------------------------------------------------------------------------------

function tubeScanned({ code, rehearsal }: Extract<Seen, { kind: 'tube' }>, at: Situation, now: number): Decision {
  const { table, rules, pending, recent, staff, station } = at;
  const { pool } = table;
  if (recent && recent.value === code && now - recent.at < repeatMs && recent.counted) return { say: said('opened'), wishes: [], pending, tick: true };
  if (pending?.for === 'move') return movedTo(code, pending, at);
  if (rules.knownStaff && staff === undefined) return only(said('staffFirst'), pending);
  if (rehearsal !== undefined && rehearsal !== rules.rehearsal) return only(said('wrongFence'), pending);
  if (pool?.code === code && pending?.for !== 'tube') return only(said('openedAlready', { values: { n: countOf(pool), size: pool.size, tail: tailOf(code) } }), pending);
  if (table.tubes.has(code)) return only(said('tubeUsed', { values: { tail: tailOf(code) } }), pending);

  if (pending?.for === 'tube') {
    const { person, why, by } = pending;
    const size = why === 'single' ? 1 : rules.poolSizes[person.risk] ?? 10;
    const tube: Tube = { code, size, risk: person.risk, openedAt: now, firstAt: 0, members: [], others: 0, state: 'open' };
    return {
      say: takenInto(tube, person), pending: undefined,
      wishes: [
        { step: 'openTube', body: { tube: code, station, risk: person.risk, ...(why === 'single' ? { size: 1 } : {}) }, how: 'ask' },
        { step: 'takeSwab', body: { resident: person.resident, tube: code }, how: by ? 'report' : 'ask', ...(by ? { by } : {}) },
      ],
    };
  }
  return {
    say: said('opened', { values: { tail: tailOf(code), ...(pool ? { before: tailOf(pool.code), n: countOf(pool) } : {}) } }), pending: undefined,
    wishes: [{ step: 'openTube', body: { tube: code, station, risk: table.risk }, how: 'ask' }],
  };
}

function movedTo(code: string, { member, from, person }: Extract<Pending, { for: 'move' }>, at: Situation): Decision {
  const [was, to] = [at.table.tubes.get(from), at.table.tubes.get(code)];
  if (code === from) return only(said('tubeUsed', { person }), undefined);
  const say = said('moved', { values: { tail: tailOf(code) }, person });
  const act: Wish = { step: 'moveSwab', body: { resident: member.resident, from, to: code, reason: 'wrong_tube_scanned' }, how: 'ask' };
  return secondIfClosed(act, say, [was, to], at);
}

// Cards ------------------------------------------------------------------------------------------------------------------------------------

function cardScanned(card: string, at: Situation, now: number): Decision {
  const { pending, staff, table } = at;
  if (pending?.for === 'card') {
    if (card === staff) return only(said('otherCard'), pending);
    return { say: pending.say, wishes: [{ ...pending.act, body: { ...pending.act.body, secondBy: card } }], pending: undefined };
  }
  if (pending?.for === 'again' && staff !== undefined && card !== staff) {
    const { person } = pending;
    if (needsSingle(person, at.rules)) return only(said('singleOnly', { person }), { for: 'tube', why: 'single', person, until: now + pendingMs, by: card });
    if (!table.pool) return only(said('noTube', { person }), pending);
    return {
      say: said('again', { person, values: { n: countOf(table.pool) + 1, size: table.pool.size } }), pending: undefined,
      // The record will hold two swabs of one person, and say so: it is a fact that a supervisor stands for.
      wishes: [{ step: 'takeSwab', body: { resident: person.resident, tube: table.pool.code }, how: 'report', by: card }],
    };
  }
  return { say: said('staff', { values: { tail: tailOf(card) } }), wishes: [], pending: undefined, staff: card };
}

function secondIfClosed(act: Wish, say: Said, tubes: readonly (Tube | undefined)[], { table }: Situation): Decision {
  if (tubes.every((tube) => !tube || tube.state === 'open')) return { say, wishes: [act], pending: undefined };
  void table;
  return only(said('secondPerson', { person: say.person }), { for: 'card', act, say, until: Number.POSITIVE_INFINITY });
}

// Corrections ------------------------------------------------------------------------------------------------------------------------------

/** The last swab off the record again, by key or card, while it is fresh. */
export function undo(at: Situation, now: number, reason: 'not_taken' | 'wrong_person'): Decision {
  const { last } = at.table;
  if (!last) return only(said('nothingToUndo'));
  if (now - last.at > undoMs) return only(said('undoTooLate', { person: at.personOf(last.resident) }));
  return takeOff(last, last.tube, reason, at);
}

/** A swab off the record, whenever it was taken. Where its tube is closed a second person confirms. */
export function takeOff({ resident }: Pick<Member, 'resident'>, tube: string, reason: string, at: Situation): Decision {
  const person = at.personOf(resident);
  const say = said(reason === 'wrong_person' ? 'notThem' : 'undone', { person });
  return secondIfClosed({ step: 'voidSwab', body: { resident, tube, reason }, how: 'ask' }, say, [at.table.tubes.get(tube)], at);
}

/** The swab went into another vial than the one that was scanned: the next tube code says which. */
export const toMove = (member: Member, from: string, at: Situation, now: number): Decision =>
  only(said('goOn', { person: at.personOf(member.resident), hint: { zh: '扫实际放入的那支管', en: 'Scan the tube the swab is really in' } }), { for: 'move', member, from, person: at.personOf(member.resident), until: now + pendingMs });

/** The open tube is closed early, with what was counted in it where somebody has counted. */
export function closeTube({ table }: Situation, counted?: number, sure = false): Decision {
  const { pool } = table;
  if (!pool) return only(said('nothingToClose'));
  const n = countOf(pool);
  if (n === 0) return { say: said('emptied'), wishes: [{ step: 'voidTube', body: { tube: pool.code, reason: 'unused' }, how: 'ask' }], pending: undefined };
  if (counted !== undefined && counted !== n && !sure) return only(said('countDiffers', { values: { n, counted } }));
  return {
    say: said('closed', { values: { n } }), pending: undefined,
    wishes: [{ step: 'sealTube', body: { tube: pool.code, reason: 'early', ...(counted === undefined ? {} : { counted }) }, how: counted !== undefined && counted !== n ? 'report' : 'ask' }],
  };
}

/** What the time a tube has been open asks for. */
export function tubeAge({ table: { pool }, rules }: Pick<Situation, 'table' | 'rules'>, now: number): { minutes: number; due: 'no' | 'warn' | 'seal' } | undefined {
  if (!pool?.firstAt) return undefined;
  const minutes = Math.floor((now - pool.firstAt) / 60_000);
  return { minutes, due: minutes >= rules.tubeSealMinutes ? 'seal' : minutes >= rules.tubeWarnMinutes ? 'warn' : 'no' };
}

/** After the longest time a tube may be open: this tablet closes what it has opened. */
export const sealForTime = (pool: Tube, minutes: number): Decision => ({
  say: said('timeUp', { values: { minutes, n: countOf(pool) } }), pending: undefined,
  wishes: [{ step: 'sealTube', body: { tube: pool.code, reason: 'timer' }, how: 'report' }],
});

// The service's answer ---------------------------------------------------------------------------------------------------------------------

export interface Refusal {
  word: string;
  detail: Readonly<Record<string, unknown>>;
  zh: string;
  en: string;
  nextZh: string;
  nextEn: string;
}

/** What the panel says instead when the service says no to what was decided here. The table is as it stands without the record. */
export function refusedInstead(wish: Wish, { word, detail, ...sentences }: Refusal, person: Person | undefined, at: Situation, now: number): Decision {
  const { pool } = at.table;
  const seal = (reason: string): Wish[] => (pool && pool.code === wish.body['tube'] ? [{ step: 'sealTube', body: { tube: pool.code, reason }, how: 'ask' }] : []);
  const wait = (why: 'single' | 'risk' | 'household'): Pending | undefined => person && { for: 'tube', why, person, until: now + pendingMs };
  switch (wish.step === 'takeSwab' || wish.step === 'openTube' ? word : '') {
    case 'already_sampled':
      return only(said('already', { person, taken: { at: Number(detail['at'] ?? 0), station: detail['station'] === undefined ? undefined : String(detail['station']) } }),
        person && { for: 'again', person, until: now + againMs });
    case 'resident_deceased': return only(said('deceased', { person }));
    case 'single_tube_only': return only(said('singleOnly', { person }), wait('single'));
    case 'risk_group_differs': return only(said('otherRisk', { person }), wait('risk'));
    case 'household_differs': return { say: said('otherHousehold', { person }), wishes: seal('household'), pending: wait('household') };
    case 'party_does_not_fit': return { say: said('party', { person, values: { party: Number(detail['party'] ?? 2) } }), wishes: seal('party'), pending: wait('household') };
    case 'tube_code_used': return only(said('tubeUsed', { values: { tail: tailOf(String(wish.body['tube'])) }, taken: { at: Number(detail['at'] ?? 0), station: String(detail['station'] ?? '') || undefined } }));
    case 'wrong_fence': return only(said('wrongFence'));
    case 'tube_full':
    case 'tube_sealed':
    case 'tube_voided':
    case 'tube_unknown': return only(said('tubeGone', { person }));
    default:
  }
  if (word === 'second_person_needed') {
    const { secondBy: _, ...body } = wish.body;
    return only(said('secondPerson', { person }), { for: 'card', act: { ...wish, body }, say: said(wish.step === 'moveSwab' ? 'moved' : 'undone', { person, values: { tail: tailOf(String(wish.body['to'] ?? '')) } }), until: Number.POSITIVE_INFINITY });
  }
  if (word === 'count_differs') return only(said('countDiffers', { values: { n: Number(detail['recorded'] ?? 0), counted: Number(detail['counted'] ?? 0) } }));
  // Both say that it is closed.
  if (word === 'tube_sealed' && wish.step === 'sealTube') return only(said('closed', { values: { n: Number(detail['count'] ?? 0) } }));
  return only(said('refused', { person, values: { ...sentences } }));
}
