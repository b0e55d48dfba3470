// What is kept of a cell while its stream is followed: plain data without methods, so that it can be written to a file as it is
// (checkpoint.ts). How an event changes it stands in fold.ts.
//
// A resident is twelve bytes here, a ticket forty; a tube is kept under its code, since its fill changes with late swabs and corrections.

import type { RoundRules } from '../domain/roundRules.js';
import { type Minutes, newMinutes } from './minutes.js';
import { newPace, type Pace } from './pace.js';

/** People of the round, of a village. Everybody is exactly one of sampled, excused, absent and open. */
export interface People {
  residents: number;
  /** At least one active swab. */
  sampled: number;
  /** Need not come, and have no swab. */
  excused: number;
  /** Called, not there, and their ticket has run out; may still come. */
  absent: number;
  /** Registered at the site; among the residents. */
  walkIns: number;
  /** Active swabs; more than `sampled` where somebody has two. */
  swabs: number;
}

export interface VillageTally extends People {
  name: string;
  /** Ordinal of the site it is told to go to, 0 for none. */
  site: number;
  team: string;
  pace: Pace;
}

export interface StationTally {
  code: string;
  site: number;
  state: 'open' | 'paused' | 'draining' | 'closed';
  stalled: boolean;
  /** People whose first active swab was taken here. */
  sampled: number;
  /** Active swabs in the tubes of this station. */
  swabs: number;
  waiting: number;
  called: number;
  openTubes: number;
  pace: Pace;
  /** Measured milliseconds one person takes, as the queue's rule has it; 0 until measured. */
  personMs: number;
  /** Last swab of the last sealed tube. */
  lastSwabAt: number;
}

export interface TubeTally {
  code: string;
  state: 'open' | 'sealed' | 'void';
  size: number;
  count: number;
  station: number;
  owner: number;
  /** Known only from a swab in it; its opening has not arrived. */
  begun: boolean;
  /** When its first swab was taken; its time runs from there. 0: it is empty. */
  firstSwabAt: number;
  lastSwabAt: number;
  /** A single tube taken for a recall: which; 0 for none. */
  answers: number;
  /** The trip of the box it is in, 0 for none; the box's state says where that is. */
  box: number;
  fate: 'none' | 'missing' | 'lost' | 'leaked';
  lab: 'none' | 'received' | 'rejected' | 'resulted';
  /** What the laboratory says, once it has left the record. */
  result: string;
}

/** A box on one trip. */
export interface BoxTally {
  code: string;
  state: 'packing' | 'sealed' | 'handed over' | 'arrived' | 'reconciled';
  handOvers: number;
  /** Tubes of which it says where they are: not those the laboratory has had in its hands, and none that is void or lost. */
  tubes: number;
}

export interface RecallTally {
  state: 'open' | 'closed';
  /** Those of the tube, by number. */
  people: Set<number>;
  found: number;
  /** Found people of their households and of the queue. */
  foundBeside: Set<number>;
  /** With the result of their single swab. */
  settled: number;
  /** Its time has passed before all were found. */
  late: boolean;
}

/** From the filled tube to the result (custody.ts). */
export interface Custody {
  /** By the number of the trip. */
  boxes: Map<number, BoxTally>;
  /** Tubes by where they are, without those that are where their box is. */
  places: Record<'open' | 'sealed' | 'boxed' | 'onRoad' | 'arrived' | 'missing' | 'received' | 'resulted' | 'rejected' | 'lost' | 'leaked', number>;
  /** Tubes with a result, by the result. */
  results: Record<string, number>;
  /** Tubes the laboratory does not have yet. */
  underWay: Map<string, TubeTally>;
  /** By the number of the recall. */
  recalls: Map<number, RecallTally>;
}

/** A number called to a station. */
export interface Call {
  number: string;
  station: number;
  at: number;
  /** It had been called before. */
  again: boolean;
}

export interface DeviceTally {
  name: string;
  epoch: string;
  /** Its last event, by the cell's clock. */
  lastAt: number;
  /** Works in the field: has opened tubes, taken swabs, given out or called tickets. */
  field: boolean;
  /** The station where it worked last, 0 for none. */
  station: number;
  /** It used a number again for other content: a restored copy, or two that call themselves the same. */
  suspect: boolean;
}

export interface Tally {
  /** Of the newest event folded; '0' before the first. */
  position: string;
  /** The cell's clock at that event. */
  at: number;
  round: { name: string; state: 'open' | 'closed'; rehearsal: boolean; openedAt: number; laboratory: boolean; rules: RoundRules | undefined };
  total: People & { waiting: number; called: number; unidentified: number; pace: Pace };
  villages: Map<number, VillageTally>;
  sites: Map<number, { site: string; name: string }>;
  stations: Map<number, StationTally>;
  /**
   * By the resident's number: swabs, marks (1 on the roster, 2 excused, 4 walk-in, 8 absent, 16 must have a tube alone, 32 deceased),
   * village, station of the first swab, door, risk, priority.
   */
  people: { swabs: Uint8Array; marks: Uint8Array; village: Uint16Array; station: Uint16Array; household: Uint32Array; risk: Uint8Array; priority: Uint8Array };
  /** Those with a recall to answer, by number: the latest of them, and whether they are still to come. */
  recalled: Map<number, { recall: number; toCome: boolean }>;
  /** By the ticket's number (queue.ts). */
  tickets: {
    state: Uint8Array; priority: Uint8Array; calls: Uint8Array; station: Uint16Array; site: Uint16Array; resident: Uint32Array; number: Uint32Array;
    place: Float64Array; issuedAt: Float64Array; changedAt: Float64Array;
  };
  /** Tickets in the queue by station, 0 for none, and those that were skipped and are kept. */
  queue: { at: Map<number, Set<number>>; kept: Set<number> };
  /** The last calls at each site, newest first. */
  calls: Map<number, Call[]>;
  tubes: Map<string, TubeTally>;
  /** The open ones among them. */
  open: Map<string, TubeTally>;
  custody: Custody;
  minutes: Minutes;
  sums: { opened: number; sealed: number; void: number; short: number; fill: Map<number, number> };
  discrepancies: { opened: number; resolved: number; byWord: Map<string, number> };
  quarantined: { received: number; settled: number };
  lost: number;
  devices: Map<number, DeviceTally>;
}

export const newTally = (): Tally => ({
  position: '0',
  at: 0,
  round: { name: '', state: 'open', rehearsal: false, openedAt: 0, laboratory: false, rules: undefined },
  total: { ...noPeople(), waiting: 0, called: 0, unidentified: 0, pace: newPace() },
  villages: new Map(),
  sites: new Map(),
  stations: new Map(),
  people: {
    swabs: new Uint8Array(1024), marks: new Uint8Array(1024), village: new Uint16Array(1024), station: new Uint16Array(1024),
    household: new Uint32Array(1024), risk: new Uint8Array(1024), priority: new Uint8Array(1024),
  },
  recalled: new Map(),
  tickets: {
    state: new Uint8Array(1024), priority: new Uint8Array(1024), calls: new Uint8Array(1024), station: new Uint16Array(1024), site: new Uint16Array(1024),
    resident: new Uint32Array(1024), number: new Uint32Array(1024), place: new Float64Array(1024), issuedAt: new Float64Array(1024), changedAt: new Float64Array(1024),
  },
  queue: { at: new Map(), kept: new Set() },
  calls: new Map(),
  tubes: new Map(),
  open: new Map(),
  custody: {
    boxes: new Map(), results: {}, underWay: new Map(), recalls: new Map(),
    places: { open: 0, sealed: 0, boxed: 0, onRoad: 0, arrived: 0, missing: 0, received: 0, resulted: 0, rejected: 0, lost: 0, leaked: 0 },
  },
  minutes: newMinutes(),
  sums: { opened: 0, sealed: 0, void: 0, short: 0, fill: new Map() },
  discrepancies: { opened: 0, resolved: 0, byWord: new Map() },
  quarantined: { received: 0, settled: 0 },
  lost: 0,
  devices: new Map(),
});

export const noPeople = (): People => ({ residents: 0, sampled: 0, excused: 0, absent: 0, walkIns: 0, swabs: 0 });

type Column = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Room for number `n`: the columns double, so a roster of any size costs a few copies in all. */
export function grow<T extends Record<string, Column>>(columns: T, n: number): T {
  for (const name in columns) {
    const column = columns[name] as Column;
    if (n < column.length) continue;
    const wider = new (column.constructor as new (length: number) => typeof column)(Math.max(n + 1, column.length * 2));
    wider.set(column);
    (columns as Record<string, Column>)[name] = wider;
  }
  return columns;
}
