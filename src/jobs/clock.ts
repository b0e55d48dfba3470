// The clock: wakes every second and applies what has become due in real rounds, by the step `runDue`, as everybody else takes steps.
//
// The deadlines stand in the cells and are looked at before anything is written, so a night in which nothing is due costs no record.
// BullMQ only wakes: if its data is gone the waking is put back, and a wake that is lost, doubled or broken off changes nothing, because
// what is done is no longer due. A rehearsal has its own clock and is moved by whoever runs it.

import { randomBytes } from 'node:crypto';
import { type ConnectionOptions, Worker } from 'bullmq';
import type { CellName } from '../domain/requests.js';
import { queuePrefix } from '../ledger/keys.js';
import type { Answer, Ledger } from '../ledger/ledger.js';
import { headsOf, nextDeadline, serverTime } from '../ledger/presence.js';
import { cellState, openedCells } from '../ledger/reads.js';
import { openQueue, queueNames } from './queues.js';

export interface ClockParts {
  ledger: Ledger;
  /** BullMQ's own connection; belongs to the caller. */
  connection: ConnectionOptions;
  log: { warn(detail: object, message: string): void };
  everyMs?: number;
  prefix?: string;
}

export interface Clock {
  /** Resolves after the next wake of this process has applied what was due. */
  woken(): Promise<void>;
  close(): Promise<void>;
}

/** Items one call of the step applies. */
const limit = 100;
/** Calls in one wake of a cell; a cell with more due goes on at the next. */
const callsMax = 20;
/** Cells worked on at the same time. */
const cellsAtOnce = 8;
/** Without a wake for so many times its interval the waking is put back. */
const patience = 5;

/** Starts waking. Several processes may do so: each wake is given to one of them. */
export async function startClock({ ledger, connection, log, everyMs = 1000, prefix = queuePrefix }: ClockParts): Promise<Clock> {
  const queue = openQueue('clock', connection, prefix);
  const hand = clockHand(ledger);
  let waiting: (() => void)[] = [];
  let wokenAt = Date.now();
  let told = '';
  const trouble = (fault: Error) => {
    if (fault.message !== told) log.warn({ fault: fault.message }, 'the clock cannot apply what is due');
    told = fault.message;
  };
  queue.on('error', trouble);
  const schedule = () => queue.upsertJobScheduler('wake', { every: everyMs }, { name: 'wake', opts: { attempts: 1, removeOnComplete: true, removeOnFail: { count: 20 } } });

  const worker = new Worker(queueNames.clock, async () => {
    wokenAt = Date.now();
    await hand.applyDue();
    told = '';
    for (const wake of waiting.splice(0)) wake();
  }, { connection, prefix, concurrency: 1 });
  worker.on('error', trouble);
  worker.on('failed', (_job, fault) => trouble(fault));
  await schedule();

  const guard = setInterval(() => {
    // Another process may have been woken instead: putting the waking back once more does no harm.
    if (Date.now() - wokenAt < patience * everyMs) return;
    wokenAt = Date.now();
    schedule().catch(trouble);
  }, everyMs);
  guard.unref();

  return {
    woken: () => new Promise((resolve) => { waiting.push(resolve); }),
    async close() {
      clearInterval(guard);
      await worker.close();
      await queue.close();
      for (const wake of waiting.splice(0)) wake();
      waiting = [];
    },
  };
}

export interface ClockHand {
  /** Applies what is due in all open real rounds; gives the number of calls it took. */
  applyDue(): Promise<number>;
}

/** The clock as a device: its name is `clock`, and its storage as old as this process. */
export function clockHand(ledger: Ledger): ClockHand {
  const { redis } = ledger;
  /** By cell: the history its numbers belong to, and the next number. */
  const storages = new Map<string, { epoch: string; dataEpoch: string; number: number }>();

  async function storageOf(cell: CellName): Promise<{ epoch: string; number: number } | undefined> {
    const name = `${cell.round}:${cell.area}`;
    const [head] = await headsOf(redis, [cell]);
    if (!head) return undefined;
    const known = storages.get(name);
    if (known?.dataEpoch === head.dataEpoch) return known;
    // The record may hold fewer of our numbers than we gave out: going on would leave holes, and a hole keeps a round from closing.
    const fresh = { epoch: randomBytes(6).toString('hex'), dataEpoch: head.dataEpoch, number: 1 };
    storages.set(name, fresh);
    return fresh;
  }

  async function applyIn(cell: CellName, now: number): Promise<number> {
    const deadline = await nextDeadline(redis, cell);
    if (deadline === undefined || deadline > now) return 0;
    const state = await cellState(redis, cell);
    if (!state || state.rehearsal || state.state === 'closed' || state.halted !== undefined) return 0;
    const storage = await storageOf(cell);
    if (!storage) return 0;
    let calls = 0;
    while (calls < callsMax) {
      const [receipt] = await ledger.take(cell, [{ device: 'clock', epoch: storage.epoch, now, requests: [{ number: storage.number, step: 'runDue', mode: 'ask', claimedAt: now, body: { limit } }] }]);
      calls++;
      const answer = receipt?.answers[0] as Answer;
      // Nothing was recorded under this number: it is given out again at the next wake.
      if (answer.outcome === 'fault' || (answer.outcome === 'refused' && answer.word === 'cell_halted')) break;
      storage.number++;
      if (answer.outcome !== 'applied') break;
      // A repeat is the answer to a call whose answer was lost; it does not say what is due now.
      if (receipt?.due === 0 && !answer.again) break;
    }
    return calls;
  }

  return {
    async applyDue() {
      const [cells, now] = await Promise.all([openedCells(redis), serverTime(redis)]);
      let calls = 0;
      for (let from = 0; from < cells.length; from += cellsAtOnce) {
        const some = await Promise.all(cells.slice(from, from + cellsAtOnce).map((cell) => applyIn(cell, now)));
        calls += some.reduce((sum, one) => sum + one, 0);
      }
      return calls;
    },
  };
}
