// What the screens' plain parts stand on in Node: a database in memory, a service that behaves as the record does and can be made to fail,
// clocks that can be set, and locks.

import 'fake-indexeddb/auto';
import type { Hands } from '../../src/screens/outbox/clock.js';
import { type Line, LineFault } from '../../src/screens/outbox/line.js';
import { openOutbox, type Outbox, type OutboxOptions, type Status } from '../../src/screens/outbox/outbox.js';
import type { Answer, Envelope, ProblemBody, Receipt, WireRecord } from '../../src/screens/outbox/wire.js';

type Test = { teardown(end: () => unknown): void };

let names = 0;
/** A database nobody has used. */
export const freshName = (): string => `device-${++names}`;

export const place = { device: 'tablet', round: 'r1', area: 'north', role: 'station', site: 's1', station: '3' };

/** Clocks that run like the machine's, from where they are set. */
export function setHands(wall: number): Hands & { set(wall: number): void; pass(ms: number): void; sleep(ms: number): void; restart(): void } {
  const start = performance.now();
  let [ahead, base, origin] = [0, wall, start];
  const ran = () => performance.now() - start + ahead;
  let from = ran();
  return {
    wall: () => Math.round(base + ran() - from),
    mono: () => ran() - (origin - start),
    set(wall) { base = wall; from = ran(); },
    /** Time passes for both clocks. */
    pass(ms) { ahead += ms; },
    /** The counter stands still while the date goes on. */
    sleep(ms) { base += ms; },
    restart() { origin = start + ran(); },
  };
}

export interface Service extends Line {
  /** Every parcel that came, in order. */
  readonly came: Envelope[];
  /** What has been applied, in order: by device, number and body. */
  readonly applied: { device: string; epoch: string; record: WireRecord }[];
  /** Nobody answers. */
  down: boolean;
  /** So many answers get lost after the record was written. */
  dropAnswers: number;
  /** Answers wait until this resolves. */
  hold: Promise<void> | undefined;
  /** Said instead of a receipt. */
  problem: (Partial<ProblemBody> & { status: number; word: string; retryAfter?: number }) | undefined;
  /** Refuses an ask, or contradicts a report, with a word. */
  judge: (record: WireRecord) => string | undefined;
  /** Says what it says of a record, whatever it is. */
  say: (record: WireRecord) => Answer | undefined;
  /** Resolves when a record with this number comes. */
  arrived(number: number): Promise<void>;
  dataEpoch: string;
  copies: 1 | 2;
  safeUpTo: number;
  /** The service's time. */
  at: () => number;
  /** Forgets what was received above this number, as a restored copy does. */
  forget(above: number): void;
}

const words = { zh: '不', en: 'no', nextZh: '找负责人', nextEn: 'call' };

export function service(): Service {
  const journals = new Map<string, Map<number, { answer: Answer; mode: string; content: string }>>();
  const awaited = new Map<number, () => void>();
  const it: Service = {
    arrived: (number) => new Promise((resolve) => awaited.set(number, resolve)),
    came: [], applied: [], down: false, dropAnswers: 0, hold: undefined, problem: undefined, judge: () => undefined, say: () => undefined,
    dataEpoch: 'a', copies: 1, safeUpTo: 0, at: () => Date.now(),
    forget(above) {
      for (const journal of journals.values()) for (const number of [...journal.keys()]) if (number > above) journal.delete(number);
      for (let i = it.applied.length - 1; i >= 0; i--) if ((it.applied[i]?.record.number ?? 0) > above) it.applied.splice(i, 1);
    },
    async send(_cell, envelope) {
      if (it.down) throw new LineFault('offline', 'down');
      it.came.push(structuredClone(envelope));
      for (const { number } of envelope.requests) awaited.get(number)?.();
      if (it.problem) {
        const { retryAfter, ...problem } = it.problem;
        throw new LineFault('problem', problem.word, { ...words, title: '', ...problem }, retryAfter);
      }
      const receipt = take(envelope);
      await it.hold;
      if (it.dropAnswers > 0) {
        it.dropAnswers--;
        throw new LineFault('timeout', 'lost');
      }
      return receipt;
    },
    close: () => undefined,
  };

  function take({ device, epoch, requests, assigned }: Envelope): Receipt {
    const journal = journals.get(`${device} ${epoch}`) ?? new Map<number, { answer: Answer; mode: string; content: string }>();
    journals.set(`${device} ${epoch}`, journal);
    const answers = requests.map((record): Answer => {
      const content = JSON.stringify([record.step, record.body]);
      const there = journal.get(record.number);
      if (there && there.content !== content) return { number: record.number, outcome: 'refused', word: 'id_reused', ...words };
      if (there && !(there.answer.outcome === 'refused' && record.mode === 'report')) return { ...there.answer, again: true } as Answer;
      const said = it.say(record);
      if (said) {
        if (said.outcome !== 'fault' && said.outcome !== 'unreadable') journal.set(record.number, { answer: said, mode: record.mode, content });
        return said;
      }
      const word = it.judge(record);
      const answer: Answer = word === undefined ? { number: record.number, outcome: 'applied', events: [{ event: 'swab.taken', at: it.at() }] }
        : record.mode === 'ask' ? { number: record.number, outcome: 'refused', word, ...words }
        : { number: record.number, outcome: 'applied', events: [{ event: 'discrepancy.opened', at: it.at(), what: word, detail: { site: 's4' } }] };
      journal.set(record.number, { answer, mode: record.mode, content });
      if (answer.outcome === 'applied') it.applied.push({ device, epoch, record });
      return answer;
    });
    let mark = 0;
    while (journal.has(mark + 1)) mark++;
    return { dataEpoch: it.dataEpoch, at: it.at(), mark, missing: assigned - journal.size, lost: 0, copies: it.copies, safeUpTo: it.safeUpTo, due: 0, answers };
  }
  return it;
}

/** Locks as a browser has them, for pages that share this object. */
export function locks(): LockManager {
  const queues = new Map<string, Promise<unknown>>();
  return {
    async request(name: string, options: LockOptions, hold: (lock: Lock | null) => unknown) {
      const before = queues.get(name);
      if (before && options.ifAvailable) return hold(null);
      const mine = (before ?? Promise.resolve()).catch(() => undefined).then(() => (options.signal?.aborted ? undefined : hold({ name, mode: 'exclusive' })));
      const kept = mine.then(() => { if (queues.get(name) === kept) queues.delete(name); }, () => undefined);
      queues.set(name, kept);
      return mine;
    },
  } as unknown as LockManager;
}

/** A pace at which an answer that comes is always in time, and nothing else is waited for long. */
export const quick = { askMs: 20_000, backOffMs: [2, 8], lifeMs: 3_600_000, safeMs: 3_600_000 } as const;

/** The same for tests in which no answer comes in time. */
export const impatient = { ...quick, askMs: 250 };

/** An outbox that closes with the test, paired unless told otherwise. */
export async function open(t: Test, line: Line, { paired = true, ...options }: Partial<OutboxOptions> & { paired?: boolean } = {}): Promise<Outbox> {
  const outbox = await openOutbox({ line, name: freshName(), pace: quick, locks: undefined, ...options });
  t.teardown(() => outbox.close());
  if (paired && !outbox.place) await outbox.pair(place);
  return outbox;
}

/** Waits until what the screen is told fits. */
export function told(outbox: Outbox, fits: (status: Status) => boolean): Promise<Status> {
  return new Promise((resolve) => {
    let stop: (() => void) | undefined;
    let done = false;
    stop = outbox.subscribe((status) => {
      if (done || !fits(status)) return;
      done = true;
      resolve(status);
      stop?.();
    });
    if (done) stop();
  });
}

/** Waits until the service has answered everything, as the disk has it. */
export async function allSent(outbox: Outbox): Promise<void> {
  for (;;) {
    const next = new Promise<void>((resolve) => {
      let first = true;
      const stop = outbox.subscribe(() => {
        if (first) { first = false; return; }
        queueMicrotask(() => stop());
        resolve();
      });
    });
    const all = IDBKeyRange.bound([1, '', 0], [1, '\uffff', Number.MAX_SAFE_INTEGER]);
    if (outbox.status.state === 'online' && (await outbox.db.countFromIndex('records', 'pending', all)) === 0) return;
    await next;
  }
}

/** A promise that somebody else ends. */
export function gate(): { closed: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const closed = new Promise<void>((resolve) => { open = resolve; });
  return { closed, open };
}
