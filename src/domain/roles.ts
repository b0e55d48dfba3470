// THE table of who may do what: role x step, role x read. Data only, and whatever is not written here is denied. The door asks it
// through `api/badge.ts`, the screens ask it what to show, and a test walks all of it with every role and with none.
//
// A role is held at a place: a device has one role and one place, a person has one or more. The limit says how much of the cell the
// place must agree with; a place that leaves out site or cell (a command post answers for a whole township) is not held to it.

import type { StepName } from './requests.js';

export const roles = {
  administrator: { zh: '系统管理员', en: 'Administrator', does: 'Accounts, devices, keys and the state of the service; sees no people.' },
  command_post: { zh: '指挥部', en: 'Command post', does: 'Runs a round: sites, stations, roster, follow-up, reports.' },
  supervisor: { zh: '采样点负责人', en: 'Supervisor', does: 'Answers for one site: its stations, corrections and discrepancies.' },
  desk: { zh: '登记台', en: 'Check-in desk', does: 'Issues tickets, calls, registers walk-ins.' },
  station: { zh: '采样台', en: 'Sampling station', does: 'Takes swabs into tubes.' },
  packer: { zh: '装箱员', en: 'Packer', does: 'Packs tubes into boxes and seals them.' },
  courier: { zh: '转运员', en: 'Courier', does: 'Carries boxes; sees codes and counts, never a name.' },
  lab: { zh: '实验室', en: 'Laboratory', does: 'Receives boxes and tubes, records results.' },
  lab_reviewer: { zh: '实验室审核', en: 'Laboratory reviewer', does: 'Releases what one person alone may not.' },
  wall: { zh: '大屏', en: 'Wall screen', does: 'Shows counts.' },
  system: { zh: '系统', en: 'System', does: "The service's own hands: the clock, the relay between cells, the import." },
  resident: { zh: '居民', en: 'Resident', does: 'Anybody without a badge.' },
} as const satisfies Record<string, { zh: string; en: string; does: string }>;

export type Role = keyof typeof roles;
export const roleNames = Object.keys(roles) as Role[];

/** What a device may be paired as. Administrators and the command post are people with accounts, never a tablet that lies about. */
export const deviceRoles = ['supervisor', 'desk', 'station', 'packer', 'courier', 'lab', 'wall'] as const satisfies readonly Role[];
/** What an account may be given. */
export const accountRoles = ['administrator', 'command_post', 'supervisor', 'lab', 'lab_reviewer', 'wall'] as const satisfies readonly Role[];

/** How much of the holder's place must agree with the thing: nothing, its cell, its site, its station. */
export type Limit = 'anywhere' | 'cell' | 'site' | 'station';
export type Grants = Partial<Record<Role, Limit>>;

/** Steps of design.md section 4 that are still to come stand here already, so that they are never open by mistake when they do. */
type Planned =
  | 'openBox' | 'packTube' | 'unpackTube' | 'sealBox' | 'handOver' | 'receiveBox' | 'receiveTube' | 'rejectTube' | 'reconcileBox'
  | 'recordResult' | 'parkResult' | 'releaseResult' | 'reportTube' | 'openRecall' | 'recordContact' | 'closeRecall';

const commandPost = { command_post: 'cell' } as const satisfies Grants;
const tableStates = { command_post: 'cell', supervisor: 'site', desk: 'site', station: 'station' } as const satisfies Grants;
const corrections = { command_post: 'cell', supervisor: 'cell', station: 'cell' } as const satisfies Grants;
const packing = { packer: 'cell', supervisor: 'cell' } as const satisfies Grants;
const laboratory = { lab: 'cell', lab_reviewer: 'cell' } as const satisfies Grants;
const followUp = { command_post: 'cell', supervisor: 'cell' } as const satisfies Grants;
const betweenCells = { system: 'anywhere' } as const satisfies Grants;
const everybodyInTheCell = {
  command_post: 'cell', supervisor: 'cell', desk: 'cell', station: 'cell', packer: 'cell', courier: 'cell', lab: 'cell', lab_reviewer: 'cell',
} as const satisfies Grants;
const administration = { administrator: 'anywhere', command_post: 'cell' } as const satisfies Grants;

const table = {
  // command post
  openRound: commandPost,
  closeRound: commandPost,
  openStation: tableStates,
  pauseStation: tableStates,
  drainStation: tableStates,
  closeStation: tableStates,
  assignTeam: commandPost,
  // What it carries is sealed, which only the service can do: people send a roster, and the import takes the step.
  enrolResidents: { system: 'anywhere' },
  excuseResident: { command_post: 'cell', supervisor: 'cell', desk: 'cell' },
  mergeResidents: commandPost,
  reserveCodes: { command_post: 'cell', supervisor: 'cell', lab: 'cell' },
  // check-in
  registerWalkIn: { command_post: 'cell', supervisor: 'cell', desk: 'cell', station: 'cell' },
  issueTicket: { command_post: 'cell', supervisor: 'site', desk: 'site' },
  callNext: { supervisor: 'site', desk: 'site', station: 'station' },
  skipTicket: { supervisor: 'cell', desk: 'cell', station: 'cell' },
  moveTicket: { command_post: 'cell', supervisor: 'cell', desk: 'cell' },
  // station
  openTube: { supervisor: 'site', station: 'station' },
  takeSwab: { supervisor: 'cell', station: 'cell' },
  voidSwab: corrections,
  moveSwab: corrections,
  sealTube: corrections,
  voidTube: corrections,
  reportTube: { command_post: 'cell', supervisor: 'cell', station: 'cell', packer: 'cell', courier: 'cell', lab: 'cell', lab_reviewer: 'cell' },
  // courier
  openBox: packing,
  packTube: packing,
  unpackTube: packing,
  sealBox: packing,
  handOver: { packer: 'cell', courier: 'cell', supervisor: 'cell', lab: 'cell', lab_reviewer: 'cell' },
  // lab
  receiveBox: laboratory,
  receiveTube: laboratory,
  rejectTube: laboratory,
  reconcileBox: laboratory,
  recordResult: laboratory,
  parkResult: laboratory,
  releaseResult: { lab_reviewer: 'cell' },
  // follow-up
  openRecall: followUp,
  recordContact: followUp,
  closeRecall: followUp,
  resolveDiscrepancy: followUp,
  settleQuarantined: commandPost,
  writeOffDevice: commandPost,
  // between cells: the relay's own
  claimTube: betweenCells,
  noteClaim: betweenCells,
  expectBox: betweenCells,
  noteArrival: betweenCells,
  noteIntake: betweenCells,
  noteReconciled: betweenCells,
  noteResult: betweenCells,
  // system: taken by the service in its own cell, on behalf of these
  pairDevice: administration,
  moveDevice: { ...administration, supervisor: 'site' },
  revokeDevice: { ...administration, supervisor: 'site' },
  setRole: { administrator: 'anywhere' },
  recordReveal: { system: 'anywhere' },
  // printing
  recordPrint: { command_post: 'cell', supervisor: 'cell', desk: 'cell', lab: 'cell' },
  // the second copy: whose the records are is proved by their seal, so anybody of the cell may bring them
  carryRecords: everybodyInTheCell,
  // clock; a real round refuses to have its clock moved, and what is due is due whoever asks
  runDue: { system: 'anywhere', command_post: 'cell' },
  advanceClock: commandPost,
} as const satisfies Record<StepName, Grants> & Partial<Record<Planned, Grants>>;

/** Who may take each step. The limit `site` or `station` looks at the step's own `site` or `station`; a step without one is held to the cell. */
export const maySteps: Partial<Record<string, Grants>> = table;

const atTheTables = { command_post: 'cell', supervisor: 'cell', desk: 'cell', station: 'cell' } as const satisfies Grants;

/** What may be read (or done, where it is not a step), and who may. No read but those marked so gives personal data, masked or not. */
export const mayReads = {
  /** Which rounds and areas there are; each sees its own. */
  cells: { administrator: 'anywhere', ...everybodyInTheCell, wall: 'cell' },
  /** The round's name, rules, counters. */
  cell: { administrator: 'anywhere', ...everybodyInTheCell, wall: 'cell' },
  stations: { ...atTheTables, packer: 'cell', wall: 'cell' },
  /** Tubes, devices, discrepancies that keep the round open. */
  unfinished: { administrator: 'anywhere', command_post: 'cell', supervisor: 'cell' },
  /** What has been heard of each device. */
  presence: { administrator: 'anywhere', command_post: 'cell', supervisor: 'cell' },
  discrepancies: { command_post: 'cell', supervisor: 'cell' },
  /** States of residents by number: no name, no document. */
  residents: atTheTables,
  tubes: { ...everybodyInTheCell },
  /** Boxes, what is in them, what waits for one: codes and counts. */
  boxes: { command_post: 'cell', supervisor: 'cell', station: 'cell', packer: 'cell', courier: 'cell', lab: 'cell', lab_reviewer: 'cell' },
  /** What a laboratory's cell holds: deliveries, tubes, results. No person stands in it. */
  laboratory: { command_post: 'cell', lab: 'cell', lab_reviewer: 'cell' },
  /** Recalls with their people by number. */
  recalls: followUp,
  /** Who is expected and has not come: numbers; PERSONAL, masked, to those who may see `person`. */
  missing: followUp,
  /** Ranges of printed numbers, how many are used, what was printed how often. */
  codes: { command_post: 'cell', supervisor: 'cell', desk: 'cell', lab: 'cell' },
  /** Texts for loudspeaker and chat group: villages, sites, waits. */
  broadcast: followUp,
  /** The day as a page, and reports as files; the one with people asks for `export` as well. */
  reports: followUp,
  /** What one resident may be told. */
  personalResult: followUp,
  /** Records nobody could read: whose, and what was wrong. What they hold is shown by `reveal`. */
  quarantine: followUp,
  /** The decoded record. Holds resident numbers and staff cards, never a name. */
  events: { command_post: 'cell' },
  /** Who waits at a site, was called, was skipped: numbers. */
  queue: atTheTables,
  /** Called ticket numbers and how long it takes, for a screen people wait before. */
  board: { ...atTheTables, wall: 'cell' },
  /** Counts only, the wall's food. */
  counts: { administrator: 'anywhere', ...everybodyInTheCell, wall: 'cell' },
  /** Reports about tubes, boxes and gaps, without people. */
  reconciliation: { command_post: 'cell', supervisor: 'cell', lab: 'cell', lab_reviewer: 'cell' },
  /** Sending a roster file, watching its import, fetching its faults. The faults quote the file, so they are personal data. */
  roster: commandPost,
  /** Sending results, as a file or from an instrument, and seeing what became of them. Tubes, never people. */
  results: laboratory,
  /** PERSONAL, masked: 李*明, 110105********002X. */
  person: atTheTables,
  /** PERSONAL, masked, whole rosters: names only, so that a tablet knows who stands there without a network. And who has been sampled. */
  tabletRoster: atTheTables,
  /** What a printed code is: kinds and numbers. */
  readCode: { ...atTheTables, packer: 'cell', lab: 'cell', lab_reviewer: 'cell' },
  /** PERSONAL, masked, whole lists: the cards of residents for the printer. */
  residentCodes: commandPost,
  /** PERSONAL, masked: who has this document. */
  search: atTheTables,
  /** PERSONAL, in clear, with a reason, on record. */
  reveal: { command_post: 'cell', supervisor: 'cell' },
  /** PERSONAL, in clear, whole lists in a file, with a reason, on record. */
  export: commandPost,
  /** The paired devices and their places. */
  devices: { ...administration, supervisor: 'site' },
  accounts: { administrator: 'anywhere' },
  /** Who has looked at whom, who was given what. */
  looks: { administrator: 'anywhere' },
  /** Making the personal data of a round unreadable, by two people. */
  forget: { administrator: 'anywhere' },
  metrics: { administrator: 'anywhere' },
  queues: { administrator: 'anywhere' },
  /** Anything of one's own: sign out, own password, what may I do. */
  own: Object.fromEntries(roleNames.filter((role) => role !== 'resident' && role !== 'system').map((role) => [role, 'anywhere'])) as Grants,
  /** Who may send records at all; each record is then judged by its step. */
  outbox: everybodyInTheCell,
  /** The live stream of counts. */
  live: { administrator: 'anywhere', ...everybodyInTheCell, wall: 'cell' },
} as const satisfies Record<string, Grants>;

export type ReadName = keyof typeof mayReads;
export const readNames = Object.keys(mayReads) as ReadName[];

/** Where a role is held, or where a thing is. What is left out is not limited. */
export interface Placed {
  round?: string | undefined;
  area?: string | undefined;
  site?: string | undefined;
  station?: string | undefined;
}

/** A role at a place. */
export interface Held extends Placed {
  role: Role;
}

/** The limit under which a role may take a step; undefined: it may not. */
export const limitOfStep = (role: Role, step: string): Limit | undefined => (Object.hasOwn(maySteps, step) ? maySteps[step]?.[role] : undefined);

/** The limit under which a role may read; undefined: it may not. */
export const limitOfRead = (role: Role, read: ReadName): Limit | undefined => (mayReads[read] as Grants)[role];

/**
 * Is the thing within the place, as far as the limit looks? A level the holder's place leaves out is free; a level the thing leaves
 * out cannot be outside (a step without a station is held to its cell).
 */
export function within(limit: Limit, held: Placed, thing: Placed): boolean {
  if (limit === 'anywhere') return true;
  const agrees = (level: keyof Placed) => held[level] === undefined || thing[level] === undefined || held[level] === thing[level];
  // A station's site and a site's cell are known with it, so each limit includes the wider ones.
  return agrees('round') && agrees('area') && (limit === 'cell' || (agrees('site') && (limit === 'site' || agrees('station'))));
}

/** May somebody who holds this take the step there? */
export const mayTake = (held: Held, step: string, thing: Placed): boolean => {
  const limit = limitOfStep(held.role, step);
  return limit !== undefined && within(limit, held, thing);
};

/** May somebody who holds this read that there? */
export const mayRead = (held: Held, read: ReadName, thing: Placed): boolean => {
  const limit = limitOfRead(held.role, read);
  return limit !== undefined && within(limit, held, thing);
};
