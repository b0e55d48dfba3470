// What goes between a device and the service: the envelope of an outbox, and the receipt that comes back. The service's side of it stands
// in domain/requests.ts; this is the same as plain types, so that no screen carries the service's checks.

import type { BodyInput, CellName, Mode, StepName } from '../../domain/requests.js';

export type { BodyInput, CellName, Mode, StepName };

/** One record as the service wants it. */
export interface WireRecord {
  number: number;
  step: StepName;
  mode: Mode;
  claimedAt: number;
  by?: string;
  body: unknown;
}

export interface Envelope {
  device: string;
  epoch: string;
  now: number;
  /** The highest number given out. */
  assigned: number;
  requests: WireRecord[];
}

/** The sentences that come with every "no". */
export interface Sentences {
  zh: string;
  en: string;
  nextZh: string;
  nextEn: string;
}

/** An event as it stands in an answer. */
export interface AnswerEvent {
  event: string;
  at: number;
  [field: string]: unknown;
}

export type Answer =
  | { number: number; outcome: 'applied'; again?: true; events: AnswerEvent[] }
  | ({ number: number; outcome: 'refused'; again?: true; word: string; detail?: Record<string, unknown> } & Sentences)
  | { number: number; outcome: 'quarantined' }
  /** The service's own failure: nothing was written. */
  | ({ number: number; outcome: 'fault'; word: string } & Sentences)
  /** Nothing of it could be kept. */
  | ({ number?: number; outcome: 'unreadable'; word: string; detail?: Record<string, unknown> } & Sentences);

export interface Receipt {
  dataEpoch: string;
  /** The service's time. */
  at: number;
  /** Highest number received without a hole below it. */
  mark: number;
  missing: number;
  lost: number;
  /** Disks that keep what is received. */
  copies: 1 | 2;
  /** Highest number up to which a second disk holds everything. */
  safeUpTo: number;
  due: number;
  answers: Answer[];
}

/** What is said instead of a receipt (RFC 9457). */
export interface ProblemBody extends Sentences {
  status: number;
  word: string;
  title: string;
  detail?: Record<string, unknown>;
}
