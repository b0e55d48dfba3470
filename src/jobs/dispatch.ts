// THE table: what follows from each event; and who sees to it that it does. One line an event, so that a forgotten one does not compile.
//
// The dispatcher follows the streams and puts the jobs of each event into the queue, under an id made of job, cell and event. How far it
// has come is written down only after the jobs were added, so a job may be added twice and is never left out; a job that must change
// something takes a step, and the step answers a repeat.
//
// Positions stand under BullMQ's own prefix, each with the mark of the queue they belong to: when the queue's data is lost the mark is
// lost with it, and the jobs are made again from the streams.

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'bullmq';
import type { EventName, LedgerEvent } from '../domain/events.js';
import type { CellName } from '../domain/requests.js';
import { makeEnding } from '../ledger/ending.js';
import { followStreams, isBefore } from '../ledger/following.js';
import { queuePrefix, systemKeys } from '../ledger/keys.js';
import { jobIdOf, openQueue } from './queues.js';

export type JobTable = Readonly<Record<EventName, readonly string[]>>;

/** Nothing follows: the event is told to screens and kept on the record. */
const noJob = [] as const;

export const jobsOf = {
  'round.opened': noJob,
  'round.closed': noJob,
  'clock.advanced': noJob,
  'device.met': noJob,
  'device.writtenOff': noJob,
  'device.suspect': noJob,
  'record.quarantined': noJob,
  'record.settled': noJob,
  'site.named': noJob,
  'village.named': noJob,
  'team.assigned': noJob,
  'station.opened': noJob,
  'station.paused': noJob,
  'station.draining': noJob,
  'station.closed': noJob,
  'station.stalled': noJob,
  'codes.reserved': noJob,
  'codes.printed': noJob,
  'records.carried': noJob,
  'residents.enrolled': noJob,
  'resident.registered': noJob,
  'resident.excused': noJob,
  'resident.expected': noJob,
  'residents.merged': noJob,
  'swab.reassigned': noJob,
  'ticket.issued': noJob,
  'ticket.called': noJob,
  'ticket.skipped': noJob,
  'ticket.moved': noJob,
  'ticket.gone': noJob,
  'tube.opened': noJob,
  'swab.taken': noJob,
  'swab.voided': noJob,
  'swab.moved': noJob,
  'tube.sealed': noJob,
  'tube.voided': noJob,
  'tube.warned': noJob,
  'tube.overdue': noJob,
  'discrepancy.opened': noJob,
  'discrepancy.resolved': noJob,
  'box.opened': noJob,
  'tube.packed': noJob,
  'tube.unpacked': noJob,
  'box.sealed': noJob,
  'box.handedOver': noJob,
  'box.redirected': noJob,
  'box.late': noJob,
  'tube.late': noJob,
  'tube.leaked': noJob,
  'tube.lost': noJob,
  'tube.found': noJob,
  'tube.missing': noJob,
  'recall.opened': noJob,
  'resident.recalled': noJob,
  'contact.recorded': noJob,
  'recall.settled': noJob,
  'resident.freed': noJob,
  'recall.late': noJob,
  'recall.closed': noJob,
  'box.received': noJob,
  'tube.received': noJob,
  'tube.rejected': noJob,
  'box.reconciled': noJob,
  'result.released': noJob,
  'result.waits': noJob,
  'result.held': noJob,
  'result.parked': noJob,
  'box.expected': noJob,
  'tube.registered': noJob,
  'tube.claimed': noJob,
  'claim.lost': noJob,
  'device.paired': noJob,
  'device.moved': noJob,
  'device.revoked': noJob,
  'role.set': noJob,
  'personal.revealed': noJob,
} as const satisfies JobTable;

/** What a job is told: where to look, and nothing of what is there. */
export interface FollowUp {
  cell: CellName;
  /** Position of the event on the cell's stream. */
  event: string;
}

export interface DispatchParts {
  redisUrl: string;
  /** BullMQ's own connection; belongs to the caller. */
  connection: ConnectionOptions;
  log: { warn(detail: object, message: string): void };
  table?: JobTable;
  prefix?: string;
}

export interface Dispatcher {
  /** Resolves when the jobs of this cell's events up to this position have been added. */
  passed(cell: CellName, position: string): Promise<void>;
  close(): Promise<void>;
}

/** Events without jobs after which the position is written down all the same; reading them again costs little. */
const eventsBetween = 2000;
const markEveryMs = 2000;
/** The field that marks one life of the queue. Cells have a ':' in their names. */
const markField = 'queue';

/** Starts dispatching. Several processes may do so: the same event gives the same job. */
export function startDispatch({ redisUrl, connection, log, table = jobsOf, prefix = queuePrefix }: DispatchParts): Dispatcher {
  const queue = openQueue('followUps', connection, prefix);
  queue.on('error', (fault) => log.warn({ fault: fault.message }, 'jobs cannot be added'));
  const histories = new Map<string, string>();
  const reached = new Map<string, string>();
  const unwritten = new Map<string, number>();
  const waiting = new Set<() => void>();
  let mark = '';
  const ending = makeEnding();

  const nameOf = ({ round, area }: CellName) => `${round}:${area}`;
  const jobsFrom = (cell: CellName, event: LedgerEvent) =>
    table[event.event].map((name) => ({ name, data: { cell, event: event.id } satisfies FollowUp, opts: { jobId: jobIdOf(name, cell, event.id) } }));

  /** A queue that cannot be written holds everything up, and nothing is passed over. */
  async function add(jobs: ReturnType<typeof jobsFrom>): Promise<void> {
    for (;;) {
      try {
        const added = await ending.orEnd(queue.addBulk(jobs));
        if (added) return;
      } catch (fault) {
        if (!ending.ended) log.warn({ fault: (fault as Error).message }, 'jobs cannot be added');
      }
      await ending.orEnd(sleep(1000));
      // The events are not taken then, and come again after the next start.
      if (ending.ended) throw new Error('Connection is closed.');
    }
  }

  function reach(cell: CellName, position: string): void {
    reached.set(nameOf(cell), position);
    for (const look of [...waiting]) look();
  }

  async function readMark(): Promise<string> {
    await following.redis.hsetnx(systemKeys.dispatched, markField, randomBytes(8).toString('hex'));
    return (await following.redis.hget(systemKeys.dispatched, markField)) ?? '';
  }

  const following = followStreams({
    redisUrl, log,
    reader: {
      async begin(cell, { dataEpoch, last }) {
        mark ||= await readMark();
        // Of dataEpoch only the history counts here: another run of the same server is no reason to do a day's work again.
        const history = dataEpoch.slice(0, dataEpoch.indexOf('.'));
        histories.set(nameOf(cell), history);
        const [position, of, by] = ((await following.redis.hget(systemKeys.dispatched, nameOf(cell))) ?? '').split(' ');
        const from = !position || of !== history || by !== mark ? '0' : isBefore(last, position) ? last : position;
        reach(cell, from);
        return from;
      },
      async take(cell, events) {
        const jobs = events.flatMap((event) => jobsFrom(cell, event));
        const count = (unwritten.get(nameOf(cell)) ?? 0) + events.length;
        const position = events.at(-1)?.id ?? '0';
        const under = mark;
        if (jobs.length > 0) await add(jobs);
        unwritten.set(nameOf(cell), count);
        if (jobs.length > 0 || count >= eventsBetween) {
          await following.redis.hset(systemKeys.dispatched, nameOf(cell), `${position} ${histories.get(nameOf(cell)) ?? ''} ${under}`);
          unwritten.set(nameOf(cell), 0);
        }
        reach(cell, position);
      },
    },
  });

  const watch = setInterval(() => {
    void (async () => {
      const now = await readMark();
      if (mark === '' || now === mark) return;
      mark = now;
      reached.clear();
      following.restart();
      log.warn({}, 'the queue of jobs was lost; its jobs are made again from the streams');
    })().catch(() => {});
  }, markEveryMs);
  watch.unref();

  return {
    passed: (cell, position) => new Promise((resolve) => {
      const look = () => {
        if (!ending.ended && isBefore(reached.get(nameOf(cell)) ?? '0', position)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    }),
    async close() {
      clearInterval(watch);
      ending.end();
      for (const look of [...waiting]) look();
      await following.stop();
      await queue.close();
    },
  };
}
