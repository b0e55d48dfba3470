// The outbox: what this device has done, on its disk before the screen says so, and at the service as soon as there is a way.
//
//   const outbox = await openOutbox({ line: openLine() });
//   if (!outbox.place) await outbox.pair({ device, round, area, role, site, station });       // from POST /api/pairing/redeem
//
//   // Ask before it is done. `otherwise` says what becomes of it when no answer comes in time; it is called only then, and only what it
//   // decides may be shown. Decide with the device's own data first: what it says no to is not asked at all.
//   const heard = await outbox.ask('takeSwab', { resident, tube }, { by: card, otherwise: () => (roster.sampled(n) ? 'lapse' : 'report') });
//   heard.outcome: 'applied'    done, heard.events says what followed (tube.sealed ...)
//                  'refused'    not done; heard.word, zh, en, nextZh, nextEn. outbox.reportAnyway(heard) makes it a fact under the same number
//                  'reported'   no answer came; it is on this disk as a fact and goes to the service by itself. Show it as done.
//                  'lapsed'     no answer came; it was not done, and never will be
//                  'quarantined', 'noAnswer'  rare; see Heard
//   await outbox.report('voidSwab', { resident, tube, reason: 'not_taken' }, { by: card });    // it has happened: resolves when on the disk
//
//   Both throw SaveFailed when the disk does not take it: full red, no green, no sound of success.
//   outbox.subscribe((status) => ...)   counts and state, now and at every change
//   outbox.onAnswer((row) => ...)       answers that came later, also to what was reported
//   outbox.toFix(), outbox.decide(...)  what a person must decide
//
// One page of a device sends; a second one may write, and says that it is the second.

import { deviceHands, type DeviceTime, type Hands, makeTime } from './clock.js';
import { forget, sweep, type TubeReceipt, tubeReceipt } from './keeping.js';
import type { Line } from './line.js';
import { openPages, type Pages } from './pages.js';
import { keepKey, openedRow, openedRows, sealedBody } from './rest.js';
import { type Pace, type Reach, rowKey, type Sending, startSending, usualPace } from './sending.js';
import { type FixRow, isFact, toFixRow, tubesOf } from './settle.js';
import { makeTelling, type Situation, stateOf, type Status } from './status.js';
import { type Database, type Journal, openStore, type Place, randomName, type Row, SaveFailed, writing } from './store.js';
import type { AnswerEvent, BodyInput, Mode, Sentences, StepName } from './wire.js';

export { SaveFailed } from './store.js';
export type { Place, Row } from './store.js';
export type { FixRow } from './settle.js';
export type { OutboxState, Status } from './status.js';
export type { Level, TubeReceipt } from './keeping.js';

interface Numbered {
  epoch: string;
  number: number;
}

export type Heard =
  | (Numbered & { outcome: 'applied'; events: AnswerEvent[] })
  | (Numbered & { outcome: 'refused'; word: string; detail: Record<string, unknown> } & Sentences)
  /** The service keeps it under its number and could not read it; a person decides. */
  | (Numbered & { outcome: 'quarantined' })
  | (Numbered & { outcome: 'reported' })
  | { outcome: 'lapsed' }
  /** No answer came, and it may be done all the same: `onAnswer` will tell. */
  | (Numbered & { outcome: 'noAnswer' });

export type Otherwise = 'report' | 'lapse';

export interface AskOptions {
  /** The staff card scanned last. */
  by?: string | undefined;
  /** Left out: what is a fact is reported, a decision lapses. */
  otherwise?: Otherwise | (() => Otherwise | Promise<Otherwise>);
  /**
   * Called when the record is on the disk. Whoever gives it shows the record as done from then on and takes it back only where the answer
   * is a "no": so without an answer it is a fact, also where the page is gone before one could come.
   */
  saved?: ((record: { epoch: string; number: number }) => void) | undefined;
}

export interface OutboxOptions {
  line: Line;
  name?: string;
  pace?: Partial<Pace>;
  hands?: Hands;
  /** Left out: the browser's; without any, this page counts as the only one. */
  locks?: LockManager | undefined;
}

/** How often what is safe and old is taken away. */
const sweepMs = 3_600_000;

/** The page has no place yet: pair first. */
export class NotPaired extends Error {
  override readonly name = 'NotPaired';
}

export interface Outbox {
  readonly place: (Place & { epoch: string }) | undefined;
  readonly db: Database;
  readonly time: DeviceTime;
  /** The service's time, as well as it is known. */
  now(): number;
  /** Takes a place. Another name or cell than before begins new numbers; what is unsent still goes where it belongs. */
  pair(place: Place): Promise<void>;
  ask<S extends StepName>(step: S, body: BodyInput<S>, options?: AskOptions): Promise<Heard>;
  report<S extends StepName>(step: S, body: BodyInput<S>, options?: { by?: string | undefined }): Promise<Numbered>;
  /** What was refused has been done all the same: the same number, now as a fact. */
  reportAnyway(refused: Numbered, by?: string): Promise<void>;
  toFix(): Promise<FixRow[]>;
  /**
   * `drop`: it did not happen, or another record says it; kept here as settled by this person. `report`: it did happen. `retry`: the same
   * again. For what is on record already (`why` contradicted or takenAfterAll) `drop` says that it was seen.
   */
  decide(row: Numbered, decision: 'drop' | 'report' | 'retry', by?: string): Promise<void>;
  /** Records in the order they were made; of the present place unless an epoch is given. */
  rows(of?: { tube?: string; pending?: boolean; epoch?: string; last?: number }): Promise<Row[]>;
  /** How safe what is on record of a tube is. */
  receipt(tube: string): Promise<TubeReceipt | undefined>;
  /** These tubes were counted at the laboratory. */
  reconciled(tubes: readonly string[]): Promise<void>;
  readonly status: Status;
  subscribe(hear: (status: Status) => void): () => void;
  onAnswer(hear: (row: Row) => void): () => void;
  /** Tries to send now, whatever the back-off says. */
  wake(): void;
  close(): Promise<void>;
}

export async function openOutbox({ line, name = 'swabline', pace: given, hands = deviceHands, locks = globalThis.navigator?.locks }: OutboxOptions): Promise<Outbox> {
  const pace = { ...usualPace, ...given };
  const db = await openStore(name, () => setFault(new SaveFailed(new Error('the browser took the database away'))));
  const [heard, currentEpoch] = await Promise.all([db.get('identity', 'heard'), db.get('identity', 'current')]);
  const time = makeTime(hands, randomName(12), typeof heard === 'object' && 'offset' in heard ? heard : undefined);
  let journal: Journal | undefined = typeof currentEpoch === 'string' ? await db.get('journals', currentEpoch) : undefined;
  let sending: Sending | undefined;
  let closed = false;
  let fault: SaveFailed | undefined;
  let reach: Situation['reach'];
  const asking = new Map<string, (row: Row | undefined) => void>();
  const answerListeners = new Set<(row: Row) => void>();
  const telling = makeTelling({ db, time, journal: () => journal, asking: () => asking.size, situation: () => ({ fault, reach, second: pages?.second ?? false }) });

  function setFault(next: SaveFailed | undefined): void {
    if (fault === next) return;
    fault = next;
    telling.tellState();
    telling.changed();
  }

  async function reached(last: Reach): Promise<void> {
    reach = last.answered ? { answered: true, quick: last.took <= pace.askMs } : { answered: false, quick: false, problem: last.problem };
    // Nobody is there: who waits at the table need not wait for the rest of the time.
    if (!last.answered) for (const waits of asking.values()) waits(undefined);
    if (stateOf({ fault: undefined, second: false, reach }) === 'revoked') await forget(db).catch(() => undefined);
    telling.changed();
  }

  // Writing ----------------------------------------------------------------------------------------------------------------------------------

  async function saving<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work();
      setFault(undefined);
      return result;
    } catch (thrown) {
      if (thrown instanceof SaveFailed) setFault(thrown);
      throw thrown;
    }
  }

  /** A new record under the next number. */
  async function add(step: StepName, body: Record<string, unknown>, mode: Mode, by: string | undefined, state: 'asked' | 'waiting', shown = false): Promise<Row> {
    const epoch = journal?.epoch;
    if (epoch === undefined) throw new NotPaired('this device has no place yet');
    return saving(async () => {
      const { written, key } = await sealedBody(db, epoch, step, body);
      return writing(db, ['journals', 'records', 'identity'], async (tx) => {
        const there = await tx.objectStore('journals').get(epoch);
        if (!there) throw new Error('the numbers of this device are gone');
        const number = there.given + 1;
        const row: Row = { epoch, number, step, mode, ...(by === undefined ? {} : { by }), ...written, made: time.stamp(), state, pending: 1, tubes: tubesOf(step, body), ...(shown ? { shown } : {}) };
        if (key) await keepKey(tx.objectStore('identity'), epoch, key);
        await tx.objectStore('records').add(row);
        await tx.objectStore('journals').put({ ...there, given: number });
        return row;
      });
    });
  }

  /** Changes a row by what it is now; what `change` gives back as undefined stays. */
  function change({ epoch, number }: Numbered, change: (row: Row) => Row | undefined): Promise<Row | undefined> {
    return saving(() => writing(db, ['records'], async (tx) => {
      const row = await tx.objectStore('records').get([epoch, number]);
      const after = row && change(row);
      if (after) await tx.objectStore('records').put(after);
      return after ?? row;
    }));
  }

  function send(anew = false): void {
    if (closed) return;
    sending?.wake(anew);
    pages?.tell('written');
    telling.changed();
  }

  // Asking -------------------------------------------------------------------------------------------------------------------------------------

  async function ask(step: StepName, body: Record<string, unknown>, { by, otherwise = isFact({ step }) ? 'report' : 'lapse', saved }: AskOptions): Promise<Heard> {
    const decide = async (): Promise<Otherwise> => (saved ? 'report' : typeof otherwise === 'function' ? otherwise() : otherwise);
    // Nobody has answered lately, so nobody at the table waits for it.
    if (!sending || (reach && !(reach.answered && reach.quick))) {
      if ((await decide()) === 'lapse') return { outcome: 'lapsed' };
      const row = await add(step, body, 'report', by, 'waiting');
      saved?.(row);
      send();
      return { outcome: 'reported', epoch: row.epoch, number: row.number };
    }

    const row = await add(step, body, 'ask', by, 'asked', saved !== undefined);
    saved?.(row);
    const key = rowKey(row);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const answered = await new Promise<Row | undefined>((resolve) => {
      asking.set(key, resolve);
      timer = setTimeout(() => resolve(undefined), pace.askMs);
      send();
    });
    clearTimeout(timer);
    asking.delete(key);
    if (answered) return heardOf(answered);
    if (reach) reach = { ...reach, quick: false };

    // The answer may have come while the decision was made; what is on the disk counts.
    const decision = await decide();
    const after = await change(row, (now) => {
      if (now.state !== 'asked') return undefined;
      if (decision === 'report') return { ...now, mode: 'report', state: 'waiting' };
      return sending?.hasLeft(row) ? { ...now, state: 'waiting' } : { ...now, state: 'settled', settled: { how: 'lapsed', at: Math.round(time.now()) } };
    });
    send();
    if (!after) throw new SaveFailed(new Error('the record is gone'));
    return heardOf(after);
  }

  function heardOf({ epoch, number, mode, state, settled, answer }: Row): Heard {
    if (settled?.how === 'lapsed') return { outcome: 'lapsed' };
    if (answer?.outcome === 'applied') return { outcome: 'applied', epoch, number, events: answer.events };
    if (answer?.outcome === 'refused' || answer?.outcome === 'unreadable') {
      const { word, zh, en, nextZh, nextEn, detail = {} } = answer;
      return { outcome: 'refused', epoch, number, word, zh, en, nextZh, nextEn, detail };
    }
    if (state === 'quarantined') return { outcome: 'quarantined', epoch, number };
    return { outcome: mode === 'report' ? 'reported' : 'noAnswer', epoch, number };
  }

  // Sending ------------------------------------------------------------------------------------------------------------------------------------

  function begin(): void {
    sending = startSending({
      db, line, time, pace, hands, reached, saveFailed: setFault, saved: () => setFault(undefined), current: () => journal?.epoch,
      settled(rows) {
        for (const row of rows) {
          const waits = asking.get(rowKey(row));
          // Whoever waits gets it as the return value; everybody else by the event.
          if (waits) waits(row);
          else for (const hear of answerListeners) hear(row);
        }
        if (rows.length > 0) pages?.tell('answered');
        telling.changed();
      },
    });
    telling.changed();
  }

  let pages: Pages | undefined;
  pages = await openPages(name, locks, {
    begin,
    heard(what) {
      if (closed) return;
      if (what === 'written') sending?.wake();
      if (what === 'paired') void db.get('identity', 'current').then(async (epoch) => { if (typeof epoch === 'string') journal = await db.get('journals', epoch); telling.changed(); });
      telling.changed();
    },
  });

  const sweeping = setInterval(() => { if (sending && time.offset !== undefined) void sweep(db, time.now()).catch(() => undefined); }, sweepMs);
  (sweeping as { unref?: () => void }).unref?.();
  const woken = (): void => { if (globalThis.document?.visibilityState !== 'hidden') send(true); };
  globalThis.addEventListener?.('online', woken);
  globalThis.document?.addEventListener('visibilitychange', woken);
  telling.changed();

  return {
    db, time,
    now: () => time.now(),
    get place() {
      if (!journal) return undefined;
      const { device, round, area, role, site, station, epoch } = journal;
      return { device, round, area, role, site, station, epoch };
    },
    async pair(place) {
      const { device, round, area, role, site, station } = place;
      const before = journal;
      const stays = before !== undefined && before.device === device && before.round === round && before.area === area;
      journal = await saving(() => writing(db, ['identity', 'journals'], async (tx) => {
        const there = stays ? await tx.objectStore('journals').get(before.epoch) : undefined;
        const began = (await tx.objectStore('journals').count()) + 1;
        const next: Journal = there
          ? { ...there, role, site, station }
          : { device, round, area, role, site, station, epoch: `i${randomName(15)}`, began, given: 0, dataEpoch: '', mark: 0, safeUpTo: 0, copies: 1, answeredAt: 0 };
        await Promise.all([tx.objectStore('journals').put(next), tx.objectStore('identity').put(next.epoch, 'current')]);
        return next;
      }));
      reach = undefined;
      pages?.tell('paired');
      send(true);
    },
    ask: (step, body, options = {}) => ask(step, body as Record<string, unknown>, options),
    async report(step, body, { by } = {}) {
      const { epoch, number } = await add(step, body as Record<string, unknown>, 'report', by, 'waiting');
      send();
      return { epoch, number };
    },
    async reportAnyway(refused, by) {
      await change(refused, (row) => (row.state === 'refused' ? again({ ...row, ...(by === undefined ? {} : { by }) }, 'report') : undefined));
      send();
    },
    async toFix() {
      const rows = await openedRows(db, await db.getAllFromIndex('records', 'state', 'toFix'));
      return rows.map((row) => toFixRow(row, time.claimed(row.made)));
    },
    async decide(of, decision, by) {
      const signed = { at: Math.round(time.now()), ...(by === undefined ? {} : { by }) };
      const found = await db.get('records', [of.epoch, of.number]);
      if (found?.state !== 'toFix') return;
      const usedUp = found.answer?.outcome === 'refused' && found.answer.word === 'id_reused';
      if (decision === 'report' && usedUp && found.epoch === journal?.epoch) {
        // Its number stands for something else at the service, so the fact gets a number of its own.
        const { number } = await add(found.step, (await openedRow(db, found)).body, 'report', by ?? found.by, 'waiting');
        await change(of, (row) => ({ ...row, state: 'settled', settled: { how: 'reported', as: number, ...signed } }));
      } else {
        await change(of, (row) => {
          if (row.state !== 'toFix') return undefined;
          if (decision !== 'drop') return again(row, decision === 'report' ? 'report' : row.mode);
          if (row.answer?.outcome === 'applied') return { ...row, state: 'applied', settled: { how: 'seen', ...signed } };
          // The service has nothing under this number, and numbers have no holes.
          if (row.answer?.outcome === 'unreadable') return { ...row, state: 'settled', pending: 1, settled: { how: 'lapsed', ...signed } };
          return { ...row, state: 'settled', settled: { how: 'dropped', ...signed } };
        });
      }
      send();
    },
    async rows({ tube, pending, epoch = journal?.epoch, last } = {}) {
      if (epoch === undefined) return [];
      let rows: Row[];
      if (tube !== undefined) rows = (await db.getAllFromIndex('records', 'tubes', tube)).filter((row) => row.epoch === epoch);
      else if (pending) rows = await db.getAllFromIndex('records', 'pending', IDBKeyRange.bound([1, epoch, 0], [1, epoch, Number.MAX_SAFE_INTEGER]));
      else {
        const from = last === undefined ? 0 : ((await db.get('journals', epoch))?.given ?? 0) - last + 1;
        rows = await db.getAll('records', IDBKeyRange.bound([epoch, from], [epoch, Number.MAX_SAFE_INTEGER]));
      }
      return openedRows(db, rows.sort((a, b) => a.number - b.number));
    },
    receipt: (tube) => tubeReceipt(db, tube),
    async reconciled(tubes) {
      await saving(() => writing(db, ['records'], async (tx) => {
        const records = tx.objectStore('records');
        for (const tube of tubes) {
          for (const row of await records.index('tubes').getAll(tube)) if (!row.reconciled) await records.put({ ...row, reconciled: true });
        }
      }));
      telling.changed();
    },
    get status() { return telling.status; },
    subscribe: (hear) => telling.subscribe(hear),
    onAnswer(hear) {
      answerListeners.add(hear);
      return () => answerListeners.delete(hear);
    },
    wake: () => send(true),
    async close() {
      closed = true;
      clearInterval(sweeping);
      globalThis.removeEventListener?.('online', woken);
      globalThis.document?.removeEventListener('visibilitychange', woken);
      await sending?.stop();
      pages?.close();
      await telling.close();
      db.close();
      line.close();
    },
  };
}

/** The row on its way once more, whatever was said of it. */
function again({ answer: _answer, answeredAt: _at, why: _why, settled: _settled, ...row }: Row, mode: Mode): Row {
  return { ...row, mode, state: 'waiting', pending: 1 };
}
