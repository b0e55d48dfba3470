// The body of each step as a screen sends it, and the envelope it travels in. Shared by the screens and the door.
//
// Only rules that need nothing but the request stand here; whether a tube is full is decided by the record (ledger/*.lua).

import { z } from 'zod';
import { identifier, label } from './fields.js';
import {
  boxConditions,
  closeRecallOutcomes,
  codeKinds,
  contactOutcomes,
  excuseReasons,
  intakeOutcomes,
  moveSwabReasons,
  openRecallReasons,
  priorityClasses,
  rejectionCodes,
  reprintReasons,
  resolutions,
  revealKinds,
  revealReasons,
  revokeReasons,
  riskGroups,
  sealReasons,
  stationReasons,
  testResults,
  tubeReports,
  unpackReasons,
  voidSwabReasons,
  voidTubeReasons,
} from './reasons.js';
import { accountRoles, deviceRoles } from './roles.js';
import { poolSize, roundRules } from './roundRules.js';

/** A resident's number in the cell, or `#n`: the walk-in this device registered with its own record n, which may not have been answered yet. */
export const residentRef = z.string().regex(/^(#?[1-9][0-9]{0,8})$/);
const plainResident = z.string().regex(/^[1-9][0-9]{0,8}$/);
/** A printed tube code: digits and capital letters, 8 to 20 of them (domain research 3.3); own codes are checked by `codes.ts`. */
export const tubeCode = z.string().regex(/^[0-9A-Z]{8,20}$/);
/** A printed box code: ours, or the six characters and more of other makers (domain research 3.3). */
export const boxCode = z.string().regex(/^[0-9A-Z]{6,20}$/);
const ticketNumber = z.string().regex(/^[A-Z]{1,2}[0-9]{1,5}$/);
const person = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);
/** Half a character (a lone surrogate) cannot be written down: it would be another text on the record. */
const note = z.string().trim().max(500).regex(/^\P{Cs}*$/u);
/** Milliseconds since 1970 UTC, below 2^48 as the record packs it. */
export const instant = z.int().min(0).max(281_474_976_710_655);
const place = z.strictObject({ lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) });

const site = z.strictObject({ site: identifier, name: label(60), at: place.optional() });
const village = z.strictObject({
  village: label(60),
  zone: label(60).optional(),
  at: place.optional(),
  /** The site this village is told to go to. */
  site: identifier.optional(),
});

/** What the roster says of a resident besides the sealed personal data. */
const enrolment = z.strictObject({
  /** Keyed hash of the identity, 32 hex digits; absent for a person without a document. */
  index: z.string().regex(/^[0-9a-f]{32}$/).optional(),
  /** Ciphertext of the personal data, base64, bound to round, area and index. */
  sealed: z.string().max(6000).regex(/^[A-Za-z0-9+/=]+$/),
  village: label(60),
  /** Number of the door within the cell; residents with the same number share it. 0: none. */
  household: z.int().min(0).max(4_294_967_295).default(0),
  risk: z.enum(riskGroups).default('normal'),
  priority: z.enum(priorityClasses).default('none'),
  /** Must have a tube alone: recovered, quarantined, recalled. */
  single: z.boolean().default(false),
});
export type Enrolment = z.infer<typeof enrolment>;

const secondBy = person.optional();
/** What a laboratory or an instrument calls a specimen or a run: letters, digits, dot, dash, underscore. */
const labName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/);
/** A cell's address in one word. */
const cellText = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}:[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);
/** What was found in a tube, by which run of which instrument. */
const finding = z.strictObject({
  tube: tubeCode,
  accession: labName,
  run: labName,
  result: z.enum(testResults),
  /** When it was read, by the laboratory's clock. */
  testedAt: instant,
  /** The second person for anything but a negative; left out, the result is held until one has looked. */
  secondBy,
  plate: labName.optional(),
  well: labName.optional(),
  /** Of the reagent, so that a bad lot can be called back. */
  lot: labName.optional(),
});
const trip = z.int().min(0).max(4_294_967_295);
const recallNumber = z.string().regex(/^[1-9][0-9]{0,8}$/);

/** The names of the service's own hands: no device and no account may call itself so. */
export const reservedDevice = /^(service|clock|relay|import|person|tool)([.-]|$)/;
/** A device's name is given at pairing; those of the service and of people's own screens are not to be had. */
const deviceName = identifier.refine((name) => !reservedDevice.test(name), 'a name that the service does not use itself');
/** Short enough that `person.<account>`, the name under which an account's screens speak, is an identifier too. */
export const accountName = z.string().regex(/^[a-z0-9][a-z0-9._-]{1,22}$/);
/** A printed code of type 6; its check digits are looked at where it is scanned. */
export const staffCard = z.string().regex(/^6[0-9]{11}$/);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const placed = { round: identifier, area: identifier, site: identifier.optional(), station: identifier.optional() };

export const bodies = {
  // command post
  openRound: z.strictObject({
    name: label(60),
    rehearsal: z.boolean().default(false),
    /** A laboratory's own cell: it takes boxes and tubes of all areas of the round, and no residents. */
    laboratory: z.boolean().default(false),
    /** First reading of a rehearsal's clock. Real rounds run on Redis TIME. */
    clock: instant.optional(),
    rules: roundRules.prefault({}),
    sites: z.array(site).max(300).default([]),
    villages: z.array(village).max(2000).default([]),
  }),
  closeRound: z.strictObject({}),
  openStation: z.strictObject({ station: identifier, site: identifier }),
  pauseStation: z.strictObject({ station: identifier, reason: z.enum(stationReasons).default('break') }),
  drainStation: z.strictObject({ station: identifier, reason: z.enum(stationReasons).default('end_of_day') }),
  closeStation: z.strictObject({ station: identifier, reason: z.enum(stationReasons).default('end_of_day') }),
  assignTeam: z.strictObject({ team: identifier, name: label(60).optional(), villages: z.array(label(60)).min(1).max(200) }),
  enrolResidents: z.strictObject({ residents: z.array(enrolment).min(1).max(500) }),
  excuseResident: z.strictObject({ resident: residentRef, reason: z.enum(excuseReasons), until: instant.optional(), note: note.optional() }),
  reserveCodes: z.strictObject({ kind: z.enum(codeKinds), count: z.int().min(1).max(1_000_000), holder: identifier.optional() }),
  // check-in
  registerWalkIn: enrolment,
  issueTicket: z.strictObject({
    /** The desk's site. */
    site: identifier,
    /** Those who came together, each with the number the desk made. */
    party: z.array(z.strictObject({ resident: residentRef, number: ticketNumber })).min(1).max(20),
    /** Set by the desk when it gave out the ticket without a network. */
    station: identifier.optional(),
    priority: z.enum(priorityClasses).optional(),
  }),
  callNext: z.strictObject({ station: identifier }),
  skipTicket: z.strictObject({ resident: residentRef }),
  moveTicket: z.strictObject({ resident: residentRef, station: identifier }),
  // station
  openTube: z.strictObject({
    tube: tubeCode,
    station: identifier,
    risk: z.enum(riskGroups).default('normal'),
    /** Left out: the round's size for the risk group. 1 asks for a single tube. */
    size: poolSize.optional(),
  }),
  takeSwab: z.strictObject({ resident: residentRef, tube: tubeCode }),
  voidSwab: z.strictObject({ resident: residentRef, tube: tubeCode, reason: z.enum(voidSwabReasons), secondBy, note: note.optional() }),
  moveSwab: z.strictObject({ resident: residentRef, from: tubeCode, to: tubeCode, reason: z.enum(moveSwabReasons), secondBy, note: note.optional() }),
  sealTube: z.strictObject({
    tube: tubeCode,
    reason: z.enum(sealReasons).default('early'),
    /** Swabs counted in the vial, when somebody counted. */
    counted: z.int().min(0).max(200).optional(),
  }),
  voidTube: z.strictObject({ tube: tubeCode, reason: z.enum(voidTubeReasons), secondBy, note: note.optional() }),
  reportTube: z.strictObject({ tube: tubeCode, what: z.enum(tubeReports), note: note.optional() }),
  // courier
  openBox: z.strictObject({ box: boxCode, site: identifier.optional() }),
  packTube: z.strictObject({ tube: tubeCode, box: boxCode }),
  unpackTube: z.strictObject({ tube: tubeCode, box: boxCode, reason: z.enum(unpackReasons).default('wrong_box') }),
  sealBox: z.strictObject({
    box: boxCode,
    /** Tubes counted on the bench; compared with the record. */
    counted: z.int().min(0).max(65_534).optional(),
    /** Where it goes, when not to the round's own laboratory. */
    laboratory: identifier.optional(),
  }),
  handOver: z.strictObject({
    box: boxCode,
    /** The staff cards of those who part with it and take it. One asks and the other confirms by asking for the same. */
    from: person,
    to: person,
    /** The hash of the manifest that was read from the other's screen: stands for the confirmation where there is no network. */
    hash: z.string().regex(/^[0-9A-F]{16}$/).optional(),
    /** Where it goes from here, when that has changed. */
    laboratory: identifier.optional(),
  }),
  // laboratory: taken in the laboratory's own cell
  receiveBox: z.strictObject({ box: boxCode, condition: z.enum(boxConditions).default('good') }),
  receiveTube: z.strictObject({
    tube: tubeCode,
    /** The box it lay in; left out for one that came by itself. */
    box: boxCode.optional(),
    accession: labName.optional(),
  }),
  rejectTube: z.strictObject({ tube: tubeCode, reason: z.enum(rejectionCodes), box: boxCode.optional(), note: note.optional() }),
  reconcileBox: z.strictObject({ box: boxCode, note: note.optional() }),
  recordResult: finding,
  parkResult: finding,
  releaseResult: z.strictObject({ tube: tubeCode, accession: labName, run: labName, secondBy, note: note.optional() }),
  // follow-up
  openRecall: z.strictObject({ tube: tubeCode, reason: z.enum(openRecallReasons), note: note.optional() }),
  recordContact: z.strictObject({ recall: recallNumber, resident: residentRef, outcome: z.enum(contactOutcomes), note: note.optional() }),
  closeRecall: z.strictObject({ recall: recallNumber, outcome: z.enum(closeRecallOutcomes), secondBy, note: note.optional() }),
  resolveDiscrepancy: z.strictObject({
    discrepancy: z.string().regex(/^[1-9][0-9]{0,8}$/),
    resolution: z.enum(resolutions),
    /** With `identified`: who the unidentified swab belongs to. */
    resident: residentRef.optional(),
    note: note.optional(),
  }),
  settleQuarantined: z.strictObject({
    device: identifier,
    epoch: identifier,
    number: z.int().min(1).max(4_294_967_295),
    decision: z.enum(['entered_by_hand', 'rejected']),
    note: note.optional(),
  }),
  writeOffDevice: z.strictObject({ device: identifier, epoch: identifier, reason: label(200), secondBy: person }),
  // between cells: taken by the relay alone, under numbers that follow the source's events (design: cells, and how it grows)
  claimTube: z.strictObject({
    tube: tubeCode,
    /** The cell it was opened in, `round:area`. */
    cell: cellText,
  }),
  noteClaim: z.strictObject({ tube: tubeCode, other: cellText }),
  expectBox: z.strictObject({
    /** Left out: single tubes, known to an area and at the laboratory without a manifest. */
    box: boxCode.optional(),
    trip,
    /** The area it comes from. */
    from: identifier,
    rehearsal: z.boolean(),
    /** Code, swabs, time of the first swab. */
    tubes: z.array(z.tuple([tubeCode, z.int().min(0).max(255), instant])).max(3000),
    /** It goes to another laboratory after all. */
    elsewhere: z.boolean().default(false),
  }),
  noteArrival: z.strictObject({ box: boxCode, trip, laboratory: identifier, condition: z.enum(boxConditions) }),
  noteIntake: z.strictObject({
    tube: tubeCode,
    outcome: z.enum(intakeOutcomes),
    reason: z.enum(rejectionCodes).optional(),
    laboratory: identifier,
    /** The box it came in, when it came in one. */
    box: boxCode.optional(),
    accession: labName.optional(),
  }),
  noteReconciled: z.strictObject({ box: boxCode, trip, laboratory: identifier, missing: z.array(tubeCode).max(3000), extra: z.array(tubeCode).max(3000) }),
  noteResult: z.strictObject({ tube: tubeCode, result: z.enum(testResults), accession: labName, run: labName, testedAt: instant, laboratory: identifier }),
  // clock
  runDue: z.strictObject({ limit: z.int().min(1).max(200).default(100) }),
  advanceClock: z.strictObject({ to: instant }),
  // system: taken in the system's own cell, by the service itself, on behalf of a person
  pairDevice: z.strictObject({ device: deviceName, role: z.enum(deviceRoles), ...placed, secret: hash }),
  moveDevice: z.strictObject({ device: deviceName, role: z.enum(deviceRoles), ...placed, from: instant }),
  revokeDevice: z.strictObject({ device: deviceName, reason: z.enum(revokeReasons) }),
  setRole: z.strictObject({
    account: accountName,
    /** Left out: as it was; a new account is active. */
    state: z.enum(['active', 'locked']).optional(),
    /** All roles of the account, each at its place; left out: as they were. */
    grants: z.array(z.strictObject({ role: z.enum(accountRoles), round: identifier.optional(), area: identifier.optional(), site: identifier.optional() })).max(20).optional(),
    /** Hashes, never what was typed; left out: as they were. */
    password: z.string().max(300).optional(),
    pin: z.string().max(300).optional(),
    /** The printed code of the staff card; '' takes it away. */
    card: staffCard.or(z.literal('')).optional(),
  }),
  recordReveal: z.strictObject({
    what: z.enum(revealKinds),
    round: identifier,
    area: identifier.optional(),
    resident: z.int().min(0).max(4_294_967_295).default(0),
    /** How many people. */
    count: z.int().min(0).max(4_294_967_295).default(1),
    reason: z.enum(revealReasons),
    secondBy,
  }),
  // The place of a step in this list stands in the header of its events, so what came later stands at the end.
  recordPrint: z.strictObject({
    kind: z.enum(codeKinds),
    /** Serials of tubes or boxes, out of one reserved range; of resident cards the residents' numbers. */
    first: z.int().min(1).max(999_999_999),
    last: z.int().min(1).max(999_999_999),
    /** Labels of each number in this run; a vial and its list may each want one. */
    copies: z.int().min(1).max(100).default(1),
    /** Asked for when any of them was printed before. */
    reason: z.enum(reprintReasons).optional(),
  }),
  /** As it stands on the record; on the wire it brings the records themselves, sealed (api/carried.ts). */
  carryRecords: z.strictObject({
    /** Whose records they are. */
    device: identifier,
    epoch: identifier,
    first: z.int().min(0).max(4_294_967_295),
    last: z.int().min(0).max(4_294_967_295),
    count: z.int().min(0).max(200),
  }),
  /** `twin` is the entry that stands for `resident` from then on. By their numbers: nobody merges somebody whose registration is not answered yet. */
  mergeResidents: z.strictObject({ resident: plainResident, twin: plainResident, secondBy, note: note.optional() }),
} as const;

export type StepName = keyof typeof bodies;
export const stepNames = Object.keys(bodies) as StepName[];
/** A body as it stands after its defaults were filled in. */
export type Body<S extends StepName> = z.infer<(typeof bodies)[S]>;
/** A body as a sender may write it. */
export type BodyInput<S extends StepName> = z.input<(typeof bodies)[S]>;

/** Was the step asked before it was done, or is it reported as done? A fact cannot be refused (design: a fact cannot be refused). */
export const modes = ['ask', 'report'] as const;
export type Mode = (typeof modes)[number];

/** One record of a device's outbox. `number` is the device's own, counted from 1 without holes. */
export const request = z.strictObject({
  number: z.int().min(1).max(4_294_967_295),
  step: z.enum(stepNames as [StepName, ...StepName[]]),
  mode: z.enum(modes).default('ask'),
  /** When it was done, by the device's clock. */
  claimedAt: instant,
  /** The staff card scanned last on this device. */
  by: person.optional(),
  body: z.unknown(),
});

/** The sender of a request: a device and the age of its storage. */
export const sender = {
  device: identifier,
  /** New whenever the app's storage is new, or the device moves to another cell. */
  epoch: identifier,
  /** The device's clock while sending, for measuring its offset. */
  now: instant.optional(),
  /** The highest number the device has given out; it shows what is still to come. */
  assigned: z.int().min(0).max(4_294_967_295).optional(),
};

/** A device's outbox: 1 to 200 requests in order; none is a sign of life. */
export const outbox = z.strictObject({ ...sender, requests: z.array(z.unknown()).max(200) });
/** One step, sent alone. */
export const single = z.strictObject({ ...sender, number: request.shape.number, mode: request.shape.mode, claimedAt: instant, by: person.optional(), body: z.unknown() });

/** A step to be taken, checked and complete. */
export interface StepRequest<S extends StepName = StepName> {
  number: number;
  step: S;
  mode: Mode;
  claimedAt: number;
  by?: string | undefined;
  body: Body<S>;
}

/** `round:area`, the address of a cell. */
export interface CellName {
  round: string;
  area: string;
}

/** Where foreign tube codes are claimed, so that each is used once, in whatever round or area; rehearsals have a directory of their own. */
export const codeDirectory = (rehearsal: boolean): CellName => ({ round: 'codes', area: rehearsal ? 'rehearsal' : 'real' });
export const isCodeDirectory = ({ round }: CellName): boolean => round === 'codes';

/** The system's own cell: devices, accounts, and who looked at whom. No round may be named so. */
export const systemCell: CellName = { round: 'system', area: 'system' };
export const isSystemCell = ({ round }: CellName): boolean => round === systemCell.round;
