// A table that was sent as a job of BullMQ, whatever it holds: asked for under a name that the same question has again, watched while it
// runs, and taken up by another worker within seconds when its own has died.

import { createHash } from 'node:crypto';
import { Queue, Worker, type ConnectionOptions, type Job } from 'bullmq';
import type { CellName } from '../../domain/requests.js';
import { queuePrefix } from '../../ledger/keys.js';

/** Look at it first, then, when a person has seen the report, put it on the record. */
export type TableTask = 'check' | 'import';

/** Ids, and how the file is read; nothing that stands in it. */
export interface TableJob {
  task: TableTask;
  upload: string;
  cell: CellName;
}

export interface TableStatus<Progress, Outcome> {
  state: 'waiting' | 'running' | 'done' | 'failed' | 'unknown';
  progress: Progress | null;
  outcome: Outcome | null;
}

/** Long enough to correct a table and to fetch its errors, not longer: they may be lists of people. */
export const keepUploadsMs = 72 * 3_600_000;

/** Names an upload and how it is read; fits where the record takes the age of a device's storage. */
export function epochOf(upload: string, read: unknown): string {
  return `${upload}-${createHash('sha256').update(JSON.stringify(read)).digest('hex').slice(0, 12)}`;
}

/** For the door: asks for jobs and hears how they go. `connection` belongs to the caller. */
export function tableQueue<Data extends TableJob, Progress extends object, Outcome>(name: string, connection: ConnectionOptions, prefix: string = queuePrefix) {
  const queue = new Queue<Data, Outcome>(name, { connection, prefix });
  return {
    /** Gives the job's id, which begins with its task. The same id again is the same job. */
    async add(data: Data, epoch: string): Promise<string> {
      const jobId = `${data.task}-${epoch}`;
      await (queue as unknown as Queue).add(data.task, data, {
        jobId,
        // Faults are those of Redis or the disk, and pass; the work may be repeated at any point.
        attempts: 12,
        backoff: { type: 'exponential', delay: 500 },
        removeOnComplete: { age: 7 * 24 * 3600 },
        removeOnFail: { age: 7 * 24 * 3600 },
      });
      return jobId;
    },
    /** Of a job of this cell; another cell's job is unknown. */
    async status(jobId: string, cell?: CellName): Promise<TableStatus<Progress, Outcome>> {
      // Its state first: a job that ends between the two is still running, and never done without an outcome.
      const state = await queue.getJobState(jobId);
      const job = (await queue.getJob(jobId)) as Job<Data, Outcome> | undefined;
      const foreign = job && cell && (job.data.cell.round !== cell.round || job.data.cell.area !== cell.area);
      if (!job || foreign) return { state: 'unknown', progress: null, outcome: null };
      const progress = progressOf<Progress>(job);
      if (state === 'completed') return { state: 'done', progress, outcome: job.returnvalue };
      return { state: state === 'failed' ? 'failed' : state === 'active' ? 'running' : 'waiting', progress, outcome: null };
    },
    /** For those who watch over the queues. */
    queue: queue as unknown as Queue,
    close: () => queue.close(),
  };
}

/** What a job has told of itself, if anything. */
export function progressOf<Progress extends object>(job: Job): Progress | null {
  return typeof job.progress === 'object' && 'phase' in job.progress ? (job.progress as unknown as Progress) : null;
}

export interface TableWorkerParts {
  connection: ConnectionOptions;
  prefix?: string;
  log: { info(detail: object, message: string): void; error(detail: object, message: string): void };
  /** After this long without a sign of life a worker's job is given to another. */
  lockMs?: number;
}

/** Works off a queue, one table at a time. What `work` throws is tried again. */
export function tableWorker<Data extends TableJob, Outcome extends { task: TableTask; ok: boolean }>(
  name: string,
  { connection, prefix = queuePrefix, log, lockMs = 10_000 }: TableWorkerParts,
  work: (job: Job<Data, Outcome>) => Promise<Outcome>,
): Worker<Data, Outcome> {
  const worker = new Worker<Data, Outcome>(
    name,
    async (job) => {
      const outcome = await work(job as Job<Data, Outcome>);
      const { task, ok, rows, problem } = outcome as Outcome & { rows?: unknown; problem?: unknown };
      log.info({ queue: name, job: job.id, task, ok, ...(ok ? { rows } : { problem }) }, 'a table was worked off');
      return outcome;
    },
    {
      connection,
      prefix,
      concurrency: 1,
      // The reading gives way every few milliseconds, so a living worker always renews its lock.
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: 100,
    },
  );
  worker.on('failed', (job, fault) =>
    log.error({ queue: name, job: job?.id, attempt: job?.attemptsMade, fault: fault.message }, 'a table could not be worked off and will be tried again'),
  );
  worker.on('error', (fault) => log.error({ queue: name, fault: fault.message }, 'the queue of tables cannot be reached'));
  return worker;
}
