// The queues of the jobs room: their names, and how their jobs are kept.
//
// BullMQ has a connection of its own (patient, never pipelined) and a hash-tagged prefix. What it holds can be lost: jobs are made again
// from the stream (dispatch.ts), deadlines stand in the cells (clock.ts). Job data carries ids only.

import { Queue, type ConnectionOptions } from 'bullmq';
import { queuePrefix } from '../ledger/keys.js';

export const queueNames = {
  /** Wakes the clock every second. */
  clock: 'clock',
  /** What follows from events. */
  followUps: 'followUps',
} as const;

/** A queue on this connection, which belongs to the caller. */
export function openQueue(name: keyof typeof queueNames, connection: ConnectionOptions, prefix: string = queuePrefix): Queue {
  return new Queue(queueNames[name], {
    connection,
    prefix,
    defaultJobOptions: {
      // Faults are those of Redis or of somebody else's service, and pass; every job may be repeated at any point.
      attempts: 12,
      backoff: { type: 'exponential', delay: 500 },
      // As long as an event may come twice: the id of a job that is still there is not taken again.
      removeOnComplete: { age: 24 * 3600, count: 10_000 },
      removeOnFail: { age: 7 * 24 * 3600 },
    },
  });
}

/** BullMQ's id of the job that follows from an event: no ':' is allowed in it, and the same event gives the same id. */
export const jobIdOf = (job: string, cell: { round: string; area: string }, event: string): string => `${job}@${cell.round}@${cell.area}@${event}`;
