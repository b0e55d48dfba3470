// The records' way out: one parcel after the other, in the order of their numbers, until the service has answered each. One page of a
// device does this at a time (outbox.ts holds the lock).
//
// It sends when something is to be sent, and otherwise now and then gives a sign of life, which also brings what the service says of the
// records it has. When nobody answers it waits, longer each time and never exactly as long as the other tablets of the site.

import type { DeviceTime } from './clock.js';
import type { Line } from './line.js';
import { LineFault } from './line.js';
import { openedRows } from './rest.js';
import { isPassing, judged, onWire } from './settle.js';
import { type Database, type Journal, type Row, SaveFailed, writing } from './store.js';
import type { Answer, ProblemBody, Receipt, WireRecord } from './wire.js';

export interface Pace {
  /** How long somebody at the table waits for an answer before the tablet decides by itself. */
  askMs: number;
  backOffMs: readonly [number, number];
  /** Time between two signs of life. */
  lifeMs: number;
  /** The same while records wait for their second copy. */
  safeMs: number;
}

export const usualPace: Pace = { askMs: 1500, backOffMs: [1000, 30_000], lifeMs: 20_000, safeMs: 3000 };

/** Most records in one parcel, and most bytes; the service takes 200 and 256 kB. */
const parcelMax = 100;
/** Records in the parcel with which it is found out whether somebody is there again. */
const tryMax = 10;
const parcelBytes = 200_000;
/** What the service says of content it cannot take apart. */
const unreadable: ReadonlySet<number> = new Set([400, 413, 422]);
/** A journal of another place or name that is not taken is not tried again for so long. */
const parkMs = 60_000;

/** What became of the last try. */
export type Reach = { answered: true; took: number } | { answered: false; problem?: ProblemBody };

export interface SendingParts {
  db: Database;
  line: Line;
  time: DeviceTime;
  pace: Pace;
  hands: { mono(): number };
  /** Epoch of the journal in use; undefined: not paired. */
  current(): string | undefined;
  reached(reach: Reach): Promise<void> | void;
  /** Rows with their answers, as they now stand on the disk. */
  settled(rows: readonly Row[]): void;
  saveFailed(fault: SaveFailed): void;
  saved(): void;
}

export interface Sending {
  /** Something is to be sent. With `anew`: try at once, whatever the back-off says, and if it is only to see whether somebody is there. */
  wake(anew?: boolean): void;
  /** Has the record left the device in this run of the page? */
  hasLeft(row: Pick<Row, 'epoch' | 'number'>): boolean;
  stop(): Promise<void>;
}

interface Parcel {
  journal: Journal;
  rows: Row[];
}

export const rowKey = ({ epoch, number }: Pick<Row, 'epoch' | 'number'>): string => `${epoch} ${number}`;

export function startSending({ db, line, time, pace, hands, current, reached, settled, saveFailed, saved }: SendingParts): Sending {
  const left = new Set<string>();
  const parked = new Map<string, number>();
  let stopped = false;
  let failures = 0;
  /** No try before this; `asked` by the service, so nothing shortens it. */
  let wait = { until: 0, asked: false };
  let wanted = true;
  let heardAt = Number.NEGATIVE_INFINITY;
  let waitsForCopy = false;
  /** Halved when the service finds a parcel too large, small when nobody is there, and doubled with every answer. */
  let most = parcelMax;
  let ring: (() => void) | undefined;

  async function nextParcel(): Promise<Parcel | undefined> {
    const tx = db.transaction(['journals', 'records']);
    const journals = await tx.objectStore('journals').getAll();
    const now = current();
    journals.sort((a, b) => Number(b.epoch === now) - Number(a.epoch === now) || a.began - b.began);
    for (const journal of journals) {
      if ((parked.get(journal.epoch) ?? 0) > hands.mono()) continue;
      const pending = await tx.objectStore('records').index('pending').getAll(IDBKeyRange.bound([1, journal.epoch, 0], [1, journal.epoch, Number.MAX_SAFE_INTEGER]), most);
      if (pending.length === 0) continue;
      const rows = fitting(pending);
      for (const row of rows) left.add(rowKey(row));
      return { journal, rows: await openedRows(db, rows) };
    }
    const mine = journals.find(({ epoch }) => epoch === now);
    return mine && hands.mono() - heardAt >= lifeMs() ? { journal: mine, rows: [] } : undefined;
  }

  const lifeMs = (): number => (waitsForCopy ? pace.safeMs : pace.lifeMs);

  /** One parcel out and its receipt in; false: there is nothing to do. */
  async function turn(): Promise<boolean> {
    const parcel = await nextParcel();
    if (!parcel) return false;
    const { journal, rows } = parcel;
    const { round, area, device, epoch, given } = journal;
    const began = hands.mono();
    let receipt: Receipt;
    try {
      const requests = inOrder(rows, time).map(([row, claimedAt]) => onWire(row, claimedAt));
      receipt = await line.send({ round, area }, { device, epoch, now: Math.round(time.now()), assigned: given, requests });
    } catch (fault) {
      if (!(fault instanceof LineFault)) throw fault;
      await failed(parcel, fault);
      return true;
    }
    const took = hands.mono() - began;
    time.heard(receipt.at, took);
    heardAt = hands.mono();
    failures = 0;
    await reached({ answered: true, took });
    if (await settle(parcel, receipt)) {
      await reached({ answered: false });
      backOff();
    } else most = Math.min(parcelMax, most * 2);
    return true;
  }

  /** Writes down what the service has said; true: some of it was "not now". */
  async function settle({ journal: { epoch }, rows: sent }: Parcel, receipt: Receipt): Promise<boolean> {
    const at = Math.round(time.now());
    const answers = sent.map((row, i): Answer | undefined => {
      const answer = receipt.answers[i];
      return answer && (answer.number === undefined || answer.number === row.number) ? answer : undefined;
    });
    const becomes: Row[] = [];
    try {
      await writing(db, ['journals', 'records', 'identity'], async (tx) => {
        const [journals, records] = [tx.objectStore('journals'), tx.objectStore('records')];
        const journal = await journals.get(epoch);
        if (!journal) return;
        const back = journal.dataEpoch !== '' && receipt.dataEpoch !== '' && (journal.dataEpoch !== receipt.dataEpoch || receipt.mark < journal.mark);
        // A cell that has stopped says nothing of what it holds.
        const silent = receipt.at === 0;
        if (!silent) {
          await journals.put({ ...journal, dataEpoch: receipt.dataEpoch, mark: receipt.mark, safeUpTo: receipt.safeUpTo, copies: receipt.copies, answeredAt: at });
          waitsForCopy = receipt.copies === 2 && receipt.safeUpTo < Math.min(receipt.mark, journal.given);
        }
        if (time.known) await tx.objectStore('identity').put(time.known, 'heard');
        if (back && !silent) {
          const answered = new Set(sent.map(({ number }) => number));
          const above = await records.getAll(IDBKeyRange.bound([epoch, receipt.mark + 1], [epoch, Number.MAX_SAFE_INTEGER]));
          for (const row of above) if (!row.pending && !answered.has(row.number)) await records.put({ ...row, pending: 1 });
        }
        for (const [i, { number, mode }] of sent.entries()) {
          const answer = answers[i];
          const row = answer && (await records.get([epoch, number]));
          if (!row) continue;
          const after = judged(row, mode, answer, at);
          if (after === row) continue;
          await records.put(after);
          left.delete(rowKey(after));
          becomes.push({ ...after, body: sent[i]?.body ?? after.body });
        }
      });
      saved();
    } catch (fault) {
      if (!(fault instanceof SaveFailed)) throw fault;
      saveFailed(fault);
      // Both sides have these records, so whoever waits may hear; the device will ask again for what it could not write down.
      settled(sent.flatMap((row, i) => (answers[i] && !isPassing(answers[i]) ? [judged(row, row.mode, answers[i], at)] : [])));
      return true;
    }
    settled(becomes);
    return sent.length > 0 && answers.some((answer) => !answer || isPassing(answer));
  }

  async function failed({ journal, rows }: Parcel, { kind, problem, retryAfter }: LineFault): Promise<void> {
    if (kind === 'problem' && problem) {
      if (unreadable.has(problem.status) && rows.length > 1) {
        // One of them is the cause; the others must not wait for it.
        most = Math.max(1, Math.floor(rows.length / 2));
        return;
      }
      if (unreadable.has(problem.status) && rows[0] && (await takesNothing(journal))) return setAside(rows[0], problem);
      // What an earlier place left behind must not hold up what is done here.
      if (journal.epoch !== current()) {
        parked.set(journal.epoch, hands.mono() + parkMs);
        return;
      }
    }
    await reached(problem ? { answered: false, problem } : { answered: false });
    // A try that most likely fails again must not keep a weak tablet from the scan it is to answer meanwhile.
    most = Math.min(most, tryMax);
    backOff(retryAfter);
    // Whoever is not let in has no reason to hurry, and a whole site of them would keep the others waiting.
    if (problem && (problem.status === 401 || problem.status === 403)) wait = { until: hands.mono() + parkMs, asked: false };
  }

  /** Does the service take this device's envelope when nothing is in it? Then what was in it is to blame. */
  async function takesNothing({ round, area, device, epoch, given }: Journal): Promise<boolean> {
    try {
      await line.send({ round, area }, { device, epoch, now: Math.round(time.now()), assigned: given, requests: [] });
      return true;
    } catch {
      return false;
    }
  }

  async function setAside(row: Row, { word, zh, en, nextZh, nextEn }: ProblemBody): Promise<void> {
    const aside = (now: Row): Row => {
      const { pending: _pending, ...rest } = now;
      return { ...rest, state: 'toFix', why: 'unreadable', answer: { number: row.number, outcome: 'unreadable', word, zh, en, nextZh, nextEn } };
    };
    await writing(db, ['records'], async (tx) => {
      const now = await tx.objectStore('records').get([row.epoch, row.number]);
      if (now) await tx.objectStore('records').put(aside(now));
    });
    settled([aside(row)]);
  }

  function backOff(retryAfter?: number): void {
    failures++;
    const [least, longest] = pace.backOffMs;
    const whole = Math.min(longest, least * 2 ** Math.min(failures - 1, 20));
    const ms = Math.max(retryAfter ?? 0, whole * (0.5 + Math.random() / 2));
    wait = { until: hands.mono() + ms, asked: retryAfter !== undefined };
  }

  /** Until it is time: rung for, or the back-off is over, or a sign of life is due. */
  async function rest(idle: boolean): Promise<void> {
    for (;;) {
      const now = hands.mono();
      const due = wait.until > now ? wait.until : wanted || !idle ? now : heardAt + lifeMs();
      if (stopped || due <= now) return;
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        ring = resolve;
        timer = setTimeout(resolve, Math.min(due - now, 60_000));
      });
      ring = undefined;
      clearTimeout(timer);
    }
  }

  /**
   * What a page has shown as done and was killed before the answer came. Whoever stood there has gone ahead, so it is a fact. Records of
   * this run of the page are its own to decide about.
   */
  async function goneAhead(): Promise<void> {
    const { boot } = time.stamp();
    await writing(db, ['records'], async (tx) => {
      const records = tx.objectStore('records');
      for (const row of await records.index('state').getAll('asked')) if (row.shown && row.made.boot !== boot) await records.put({ ...row, mode: 'report', state: 'waiting' });
    });
  }

  async function loop(): Promise<void> {
    let idle = false;
    await goneAhead().catch(() => undefined);
    while (!stopped) {
      await rest(idle);
      if (stopped) return;
      wanted = false;
      try {
        idle = !(await turn());
        // Not paired, there is nothing to give a sign of life for; whoever pairs rings.
        if (idle && current() === undefined) heardAt = hands.mono();
      } catch (fault) {
        if (fault instanceof SaveFailed) saveFailed(fault);
        else await reached({ answered: false });
        backOff();
        idle = false;
      }
    }
  }

  const looping = loop();
  return {
    wake(anew = false) {
      wanted = true;
      if (anew) heardAt = Number.NEGATIVE_INFINITY;
      if (anew && !wait.asked) wait = { until: 0, asked: false };
      ring?.();
    },
    hasLeft: (row) => left.has(rowKey(row)),
    async stop() {
      stopped = true;
      ring?.();
      await looping;
    },
  };
}

/** What would go out of a journal, were there a way; but for what somebody waits for this moment. */
export async function sendable(db: Database, { epoch }: Journal, time: DeviceTime): Promise<WireRecord[]> {
  const rows = await openedRows(db, await db.getAllFromIndex('records', 'pending', IDBKeyRange.bound([1, epoch, 0], [1, epoch, Number.MAX_SAFE_INTEGER])));
  return inOrder(rows.filter(({ state }) => state !== 'asked'), time).map(([row, claimedAt]) => onWire(row, claimedAt));
}

/** As many from the front as fit into one parcel; always at least one. */
function fitting(rows: Row[]): Row[] {
  const encoder = new TextEncoder();
  let bytes = 0;
  const taken: Row[] = [];
  for (const row of rows) {
    // The envelope of a record is some 120 bytes.
    bytes += (row.sealed?.bytes.length ?? encoder.encode(JSON.stringify(row.body)).length) + 160;
    if (taken.length > 0 && bytes > parcelBytes) break;
    taken.push(row);
  }
  return taken;
}

/** With the time each is claimed for; a later number is never claimed earlier than one before it. */
function inOrder(rows: readonly Row[], time: DeviceTime): [Row, number][] {
  let before = 0;
  return rows.map((row) => {
    before = Math.max(before, time.claimed(row.made));
    return [row, before];
  });
}
