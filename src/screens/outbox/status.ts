// What the outbox tells the screen: how many records wait, since when, and whether anybody answers.

import type { DeviceTime } from './clock.js';
import type { Database, Journal, SaveFailed } from './store.js';
import type { ProblemBody } from './wire.js';

export type OutboxState =
  /** The last request was answered. */
  | 'online'
  | 'offline'
  /** The device has been revoked; what it holds of people is gone, its unsent records are kept and can be exported. */
  | 'revoked'
  /** The service does not know this device's key; records are safe here until it is paired again. */
  | 'pairAgain'
  /** The disk takes nothing: stop. */
  | 'saveFailed'
  /** Another page of this device has the outbox. */
  | 'secondTab';

export interface Status {
  state: OutboxState;
  /** Records on their way, not counting those somebody waits for this moment. */
  waiting: number;
  /** When the oldest of them was made, by `outbox.now()`. */
  oldestAt: number | undefined;
  toFix: number;
  /** Nobody could read them; the command post decides. */
  quarantined: number;
  lastAnswerAt: number | undefined;
  /** Disks that keep what the service has; 1: "one copy only". */
  copies: 1 | 2 | undefined;
  /** How wrong this device's clock is, ms; undefined: not known. */
  clockOff: number | undefined;
  /** What the service has said instead of an answer. */
  problem: ProblemBody | undefined;
  /** Why nothing can be saved. */
  fault: SaveFailed | undefined;
}

/** What the state follows from. */
export interface Situation {
  fault: SaveFailed | undefined;
  second: boolean;
  /** undefined: nobody has been called yet. `quick`: answers come while somebody waits. */
  reach: { answered: boolean; quick: boolean; problem?: ProblemBody | undefined } | undefined;
}

export function stateOf({ fault, second, reach }: Situation): OutboxState {
  if (fault) return 'saveFailed';
  if (second) return 'secondTab';
  const problem = reach?.problem;
  if (problem?.word === 'badge_revoked' || problem?.word === 'device_revoked') return 'revoked';
  if (problem?.status === 401 || problem?.status === 403) return 'pairAgain';
  return reach?.answered ? 'online' : 'offline';
}

export interface Telling {
  readonly status: Status;
  subscribe(hear: (status: Status) => void): () => void;
  /** Something has changed: counts anew and tells. */
  changed(): void;
  /** Tells the state at once, with the counts as they were. */
  tellState(): void;
  close(): Promise<void>;
}

export interface TellingParts {
  db: Database;
  time: DeviceTime;
  situation(): Situation;
  journal(): Journal | undefined;
  /** Records somebody waits for this moment. */
  asking(): number;
}

export function makeTelling({ db, time, situation, journal, asking }: TellingParts): Telling {
  const listeners = new Set<(status: Status) => void>();
  let counts: Pick<Status, 'waiting' | 'oldestAt' | 'toFix' | 'quarantined'> = { waiting: 0, oldestAt: undefined, toFix: 0, quarantined: 0 };
  let counting: Promise<void> | undefined;
  let stale = false;
  let closed = false;
  let last = journal();

  const statusNow = (): Status => {
    const now = situation();
    return {
      ...counts, state: stateOf(now), lastAnswerAt: last?.answeredAt || undefined, copies: last && last.answeredAt > 0 ? last.copies : undefined,
      clockOff: time.offset, problem: now.reach?.problem, fault: now.fault,
    };
  };
  const tell = (): void => {
    const status = statusNow();
    for (const hear of [...listeners]) hear(status);
  };

  async function count(): Promise<void> {
    const epoch = journal()?.epoch;
    const records = db.transaction('records').store;
    const all = IDBKeyRange.bound([1, '', 0], [1, '\uffff', Number.MAX_SAFE_INTEGER]);
    const [pending, toFix, quarantined, oldest] = await Promise.all([
      records.index('pending').count(all), records.index('state').count('toFix'), records.index('state').count('quarantined'), records.index('pending').get(all),
    ]);
    last = epoch === undefined ? undefined : await db.get('journals', epoch);
    const waiting = Math.max(0, pending - asking());
    counts = { waiting, oldestAt: waiting > 0 && oldest ? time.claimed(oldest.made) : undefined, toFix, quarantined };
  }

  /** What changes while it counts is counted once more. */
  async function work(): Promise<void> {
    while (stale && !closed) {
      stale = false;
      await count().catch(() => undefined);
      if (!closed) tell();
    }
    counting = undefined;
  }

  return {
    get status() { return statusNow(); },
    subscribe(hear) {
      listeners.add(hear);
      hear(statusNow());
      return () => listeners.delete(hear);
    },
    changed() {
      stale = true;
      counting ??= work();
    },
    tellState: tell,
    async close() {
      closed = true;
      await counting;
    },
  };
}
