// The packed records of a cell: what Redis holds for each resident, ticket, tube, station and device, field by field.
//
// A cell of 28,000 people is a few megabytes this way, and a swab costs four writes (see the README's measurements). The same lists
// give Lua and TypeScript their readers, so a field is added here and nowhere else; `layout` changes with any of them.

import type { FieldType } from '../domain/events.js';
import { requestEntries } from './requestEntries.js';

/** The number of this layout; a cell carries the one it was made with. */
export const layout = 2;

type Layout = Record<string, FieldType>;

/** One fixed record a resident, in one string, by the resident's number in the cell (from 1). */
export const resident = {
  /** 0 nobody, 1 on the roster, 2 excused. Sampled is `swabs > 0` and never stored twice. */
  state: 'u8',
  /** Active swabs on the record. */
  swabs: 'u8',
  /** 1 must have a tube alone; 2 the roster says deceased. */
  marks: 'u8',
  risk: 'u8',
  priority: 'u8',
  village: 'u16',
  household: 'u32',
  /** The last ticket, 0 for none; its own record says whether it is still open. */
  ticket: 'u32',
  /** The latest recall this person has to answer; older ones hang on its entry. 0: none. */
  recall: 'u32',
  /** 0 not recalled; 1 to come for a single swab; 2 it has been taken, and its result is awaited. */
  recalled: 'u8',
  /** Where and when the first active swab was taken. */
  station: 'u16',
  sampledAt: 'time',
  lastEvent: 'id',
} as const satisfies Layout;

/** One fixed record a ticket, in one string, by the ticket's number in the cell (from 1). */
export const ticket = {
  /** 1 waiting, 2 called, 3 served, 4 gone, 5 skipped and kept. */
  state: 'u8',
  absences: 'u8',
  priority: 'u8',
  resident: 'u32',
  station: 'u16',
  site: 'u16',
  /** Number of the party: the ticket of its first member. */
  party: 'u32',
  /** On the first member's ticket: those of the party who share a pool tube and are still to be swabbed. */
  partyLeft: 'u8',
  /** Place in the order of arrival, ms; a priority ticket's is earlier by the round's lead. */
  place: 'time',
} as const satisfies Layout;

/** Head of a tube's record, under its code; `member` records follow, one for each swab that is or was in it. */
export const tube = {
  /** 1 open, 2 sealed, 3 void. What comes after sealing is told by the box and the result. */
  state: 'u8',
  size: 'u8',
  risk: 'u8',
  /** 1 warned, 2 overdue, 4 opened by a report of a swab only. */
  marks: 'u8',
  /** Active members. */
  count: 'u8',
  /** Open discrepancies of membership: while there is one, no negative leaves. */
  held: 'u8',
  /** Why it was sealed: place in `sealReasons` + 1. */
  reason: 'u8',
  /** Swabs counted in the vial; 255: nobody counted. */
  counted: 'u8',
  station: 'u16',
  owner: 'u16',
  /** The door it is for, under the rule `own`. */
  household: 'u32',
  openedAt: 'time',
  firstSwabAt: 'time',
  lastSwabAt: 'time',
  sealedAt: 'time',
  /** Who sealed it, and with which number: an earlier swab of the same device is no contradiction. */
  sealedBy: 'u16',
  sealedNumber: 'u32',
  /** The trip of the box it is in, 0 for none; the box's state says the rest. */
  box: 'u32',
  /** 0 nothing the matter; 1 missing at the laboratory; 2 lost; 3 leaked. */
  fate: 'u8',
  /** 0 not there yet; 1 received by the laboratory; 2 rejected; 3 its result is released. */
  lab: 'u8',
  /** Place in `testResults` + 1; while `lab` is not 3, a negative that waits. 0: none. */
  result: 'u8',
  receivedAt: 'time',
  /** The recall of its people, 0 for none. */
  recall: 'u32',
  /** A single tube taken for a recall: which. */
  answers: 'u32',
  lastEvent: 'id',
} as const satisfies Layout;

/** One member of a tube. */
export const member = {
  /** 0: an unidentified person. */
  resident: 'u32',
  /** 1 active; 2 a second swab of this person; 4 taken off the record; 8 moved to another tube. */
  marks: 'u8',
} as const satisfies Layout;

/** A station, under its ordinal. */
export const station = {
  ordinal: 'u16',
  site: 'u16',
  /** 1 open, 2 paused, 3 draining, 4 closed. */
  state: 'u8',
  /** 1 stalled. */
  marks: 'u8',
  /** Measured milliseconds one person takes; 0 until measured. */
  pace: 'u32',
  /** Last swab of the last sealed tube; the next measurement starts here. */
  lastSwabAt: 'time',
  openedAt: 'time',
  code: 'code',
  /** Codes of the tubes open here, a blank after each. */
  tubes: 'text',
} as const satisfies Layout;

/** A box on one trip, under the number of the trip. A box comes back from the laboratory and goes out again. */
export const box = {
  /** 1 packing, 2 sealed, 3 handed over, 4 arrived, 5 reconciled. */
  state: 'u8',
  /** 1 amber on the road; 2 red; 4 begun by the report of a tube only; 8 arrived with a gap in its custody. */
  marks: 'u8',
  site: 'u16',
  /** Tubes counted on the bench; 65,535: nobody counted. */
  counted: 'u16',
  openedAt: 'time',
  sealedAt: 'time',
  arrivedAt: 'time',
  /** The first swab in it: from then its time on the road counts. */
  firstSwabAt: 'time',
  /** Hand-overs so far, and those of them only one of the two has told of. */
  legs: 'u8',
  unconfirmed: 'u8',
  /** Of the last hand-over: 0 none, 1 one of the two says so, 2 confirmed. */
  leg: 'u8',
  lastEvent: 'id',
  code: 'code',
  /** The laboratory it goes to, and then the one that has it. */
  laboratory: 'code',
  from: 'code',
  to: 'code',
  offeredBy: 'code',
  /** Of the manifest, once sealed. */
  hash: 'code',
  /** Codes of its tubes, a blank after each. */
  tubes: 'text',
} as const satisfies Layout;

/** A box at a laboratory, under a number of its own in the laboratory's `boxes`; `@code` names the latest. */
export const delivery = {
  /** 1 expected, 2 received, 3 reconciled, 4 went elsewhere. */
  state: 'u8',
  /** 1 no manifest had announced it. */
  marks: 'u8',
  /** Place in `boxConditions`. */
  condition: 'u8',
  /** The number of the trip in its own area; 0 until it is announced. */
  trip: 'u32',
  /** The delivery of the same box before this one, 0 for none. */
  previous: 'u32',
  expectedAt: 'time',
  receivedAt: 'time',
  reconciledAt: 'time',
  lastEvent: 'id',
  code: 'code',
  /** The area it comes from, '' until it is announced. */
  home: 'code',
  /** Codes of its manifest, and of what lay in it, a blank after each. */
  tubes: 'text',
  seen: 'text',
} as const satisfies Layout;

/** A tube at a laboratory, under its code. */
export const intake = {
  /** 0 expected, or only its result is here; 1 received; 2 rejected; 3 its result is released. */
  state: 'u8',
  /** 1 no record had told of it when it came; 2 not on the manifest of its box. */
  marks: 'u8',
  /** Place in `rejectionCodes` + 1. */
  reason: 'u8',
  /** Place of the released result in `testResults` + 1. */
  result: 'u8',
  /** Open discrepancies about whose tube it is: while there is one, nothing leaves. */
  held: 'u8',
  swabs: 'u8',
  /** The delivery that announced it, and the one it lay in. */
  expected: 'u32',
  delivery: 'u32',
  /** First swab in it, 0 unknown. */
  sampledAt: 'time',
  receivedAt: 'time',
  resultAt: 'time',
  lastEvent: 'id',
  /** The area whose people are in it, '' unknown. */
  home: 'code',
  accession: 'code',
  /** Its results as `accession/run`, a blank after each. */
  results: 'text',
} as const satisfies Layout;

/** A result, under `tube/accession/run`. */
export const result = {
  /** 1 released, 2 held for two people, 3 parked, 4 set aside. */
  state: 'u8',
  /** Place in `testResults` + 1. */
  result: 'u8',
  /** Place in `resultWaits` + 1, 0 none. */
  why: 'u8',
  testedAt: 'time',
  recordedAt: 'time',
  by: 'code',
  secondBy: 'code',
  plate: 'code',
  well: 'code',
  lot: 'code',
} as const satisfies Layout;

/** A recall, under its number; its people stand under `of:` and the number. */
export const recall = {
  /** 1 open, 2 closed. */
  state: 'u8',
  /** Place in `recallCauses` + 1. */
  cause: 'u8',
  /** How often its deadline has passed. */
  level: 'u8',
  /** Those of the tube, without households and neighbours. */
  people: 'u16',
  found: 'u16',
  settled: 'u16',
  positives: 'u16',
  /** Swabs in the tube whose person nobody knows. */
  unidentified: 'u8',
  openedAt: 'time',
  dueAt: 'time',
  closedAt: 'time',
  /** Place in `recallOutcomes` + 1. */
  outcome: 'u8',
  tube: 'code',
} as const satisfies Layout;

/** One person of a recall. */
export const recalled = {
  resident: 'u32',
  /** 1 in the tube, 2 by a second swab, 4 crossed out, 8 moved to another tube; 16 same household, 32 beside them in the queue. */
  relation: 'u8',
  found: 'u8',
  attempts: 'u8',
  /** Place of the last outcome in `contactWords` + 1. */
  outcome: 'u8',
  contactedAt: 'time',
  /** Of the single swab: place in `testResults` + 1. */
  result: 'u8',
  /** 1 if this person had to have a tube alone before. */
  wasSingle: 'u8',
  /** The recall this person had to answer already, 0 for none. */
  previous: 'u32',
} as const satisfies Layout;

/** A device in one epoch, under `device:epoch`. */
export const device = {
  ordinal: 'u16',
  /** Highest number the device says it has given out. */
  assigned: 'u32',
  /** Highest number received without a hole below, kept only while there are holes. */
  mark: 'u32',
  /** Numbers below the highest received that are missing. */
  holes: 'u32',
  /** Numbers two people stopped waiting for. */
  lost: 'u32',
  seenAt: 'time',
} as const satisfies Layout;

/** One entry of a device's journal, at (number - 1) x 17 bytes. */
export const journalEntry = {
  /** 0 not received, 1 applied, 2 refused, 3 quarantined, 4 written off. */
  status: 'u8',
  /** Events of the answer, from `answer` on. */
  events: 'u16',
  /** The first 48 bits of the content's fingerprint. */
  fingerprint: 'time',
  /** Position of the first event, or of the refusal among the answers. */
  answer: 'id',
} as const satisfies Layout;

/** Head of the cell, one field of its hash: what nearly every step needs, read once a call. */
export const cell = {
  layout: 'u8',
  /** 1 open, 2 closed. */
  state: 'u8',
  rehearsal: 'u8',
  /** 1: a laboratory's cell. */
  laboratory: 'u8',
  /** A rehearsal's clock; 0 in a real round, which runs on Redis TIME. */
  clock: 'time',
  poolNormal: 'u8',
  poolKey: 'u8',
  poolHigh: 'u8',
  /** Place in `householdRules`: 0 together, 1 own, 2 ignore. */
  household: 'u8',
  /** Place in `assignmentRules`: 0 own, 1 nearest, 2 any. */
  assignment: 'u8',
  secondsPerPerson: 'u16',
  priorityLeadMinutes: 'u16',
  absencesMax: 'u8',
  keepSkippedMinutes: 'u16',
  tubeWarnMinutes: 'u16',
  tubeSealMinutes: 'u16',
  silentMinutes: 'u16',
  stallMinutes: 'u16',
  boxTubes: 'u16',
  packMinutes: 'u16',
  roadAmberMinutes: 'u16',
  roadRedMinutes: 'u16',
  reconcileMinutes: 'u16',
  unregisteredMinutes: 'u16',
  resultMinutes: 'u16',
  lostMinutes: 'u16',
  recallMinutes: 'u16',
  openedAt: 'time',
} as const satisfies Layout;

/** A paired device, under its name, in the system's own cell. */
export const paired = {
  /** 1 paired, 2 revoked. */
  state: 'u8',
  changedAt: 'time',
  /** SHA-256 of its key, in hex. The key itself is known to the device alone. */
  secret: 'code',
  /** Where it has stood, a line of JSON each, oldest first: { from, role, round, area, site, station }. */
  places: 'text',
  /** When it began to stand at the last of them. */
  placedAt: 'time',
} as const satisfies Layout;

/** An account, under its name, in the system's own cell. */
export const account = {
  /** 1 active, 2 locked. */
  state: 'u8',
  administrator: 'u8',
  changedAt: 'time',
  /** JSON: [{ role, round, area, site }]. */
  grants: 'text',
  password: 'text',
  pin: 'text',
  card: 'code',
} as const satisfies Layout;

/** All layouts by name, for the library's generated Lua and for the readers. */
export const layouts = {
  resident, ticket, tube, member, station, box, delivery, intake, result, recall, recalled, device, journalEntry, cell, paired, account,
  ...requestEntries,
} as const;
