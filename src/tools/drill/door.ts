// How the drill speaks to a service: as tablets, desks and screens do, and in no other way.

import type { EventName, LedgerEvent } from '../../domain/events.js';
import type { RefusalWord } from '../../domain/refusals.js';
import type { Mode, StepName } from '../../domain/requests.js';
import type { Role } from '../../domain/roles.js';
import type { PersonalResult, RecallState } from '../../ledger/custody.js';
import type { LaboratoryLine, Reconciliation as AreaLedger } from '../../ledger/reconciliation.js';
import type { CellState, DeviceState, DiscrepancyState, ResidentState, StationState, TubeState } from '../../ledger/reads.js';

/** A request as it goes over the wire. */
export interface Sent {
  number: number;
  step: StepName;
  mode: Mode;
  claimedAt: number;
  by?: string;
  body: object;
}

export interface Parcel {
  device: string;
  epoch: string;
  /** The device's clock while sending, ms. */
  now: number;
  assigned?: number;
  requests: readonly Sent[];
}

export type Answer =
  | { number: number; outcome: 'applied'; again?: true; events: LedgerEvent[] }
  | { number: number; outcome: 'refused'; again?: true; word: RefusalWord; detail: Record<string, unknown> }
  | { number: number; outcome: 'quarantined' }
  | { number: number; outcome: 'fault' | 'unreadable'; word?: string };

export interface Receipt {
  dataEpoch: string;
  at: number;
  mark: number;
  missing: number;
  lost: number;
  safeUpTo: number;
  due: number;
  answers: Answer[];
}

/** A tablet's open connection. */
export interface Line {
  /** Sends one frame; its answer. @throws LineBroken when the connection ends first: whether the frame arrived is not known. */
  send(parcel: Parcel): Promise<Receipt>;
  /** Breaks the connection off, as a lost network does. */
  cut(): void;
  close(): Promise<void>;
}

export class LineBroken extends Error {
  override name = 'LineBroken';
}

/** The service answered in a way that it promises not to. */
export class DoorFault extends Error {
  override name = 'DoorFault';
}

/** What the reconciliation needs of `/counts`; the rest is the screens'. */
export interface LiveCounts {
  residents: number;
  sampled: number;
  excused: number;
  /** Those of people nobody has identified among them. */
  swabs: number;
  walkIns: number;
  discrepanciesOpen: number;
}

/** Events in a page; a page that is not full is the last. */
export const eventsInPage = 2000;

/** A cell's door. */
export interface Door {
  /** The name under which a screen of this role and place speaks; what it shows at the gate is the door's business. */
  screen(name: string, role: Role, place?: { site?: string; station?: string }): string;
  /** Who confirms beside a person of the command post. */
  readonly second: string;
  /** One step alone, by its own route. */
  step(parcel: Parcel & { requests: readonly [Sent] }): Promise<Receipt>;
  /** Up to 200 requests of a device. */
  outbox(parcel: Parcel): Promise<Receipt>;
  line(device: string): Promise<Line>;
  /** Puts a roster file on the roster. `onProgress` hears of rows done, 0 to 1. */
  enrol(file: Buffer, name: string, onProgress: (share: number) => void): Promise<{ enrolled: number; already: number }>;
  state(): Promise<CellState>;
  stations(): Promise<StationState[]>;
  devices(): Promise<DeviceState[]>;
  residents(from: number, count: number): Promise<ResidentState[]>;
  tubes(cursor: string): Promise<{ cursor: string; tubes: TubeState[] }>;
  discrepancies(from: number): Promise<DiscrepancyState[]>;
  unfinished(from: number): Promise<{ what: string; since: number }[]>;
  /** Events after a position, oldest first; none at the end. */
  events(after: string): Promise<LedgerEvent[]>;
  /** The live page's counts, folded up to the newest event; undefined where this door has none. */
  counts(): Promise<LiveCounts | undefined>;
  /** The ledger of the area: how far everything has come, and the gaps. */
  ledger(): Promise<AreaLedger>;
  /** The ledger of the laboratory, by area. */
  laboratoryLedger(): Promise<LaboratoryLine[]>;
  recalls(from: number): Promise<RecallState[]>;
  /** What this resident may be told. */
  personalResult(resident: number): Promise<PersonalResult>;
  close(): Promise<void>;
}

/** Events of one kind out of an answer. */
export function eventsOf<Name extends EventName>(answer: Answer, name: Name): LedgerEvent<Name>[] {
  return answer.outcome === 'applied' ? (answer.events.filter(({ event }) => event === name) as LedgerEvent<Name>[]) : [];
}
