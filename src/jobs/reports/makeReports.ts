// Reports as jobs: asked for, made in the background with progress, kept sealed in the spool, and fetched once.
//
// The job carries ids and words; what stands in the file is read from the record when it is made. A worker that dies leaves a job that
// another takes up within seconds and makes again from the start: a file appears whole or not at all.

import { randomBytes } from 'node:crypto';
import { type ConnectionOptions, type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { holdsPeople, type ReportFormat, type ReportKind, reportNames } from '../../domain/reports.js';
import type { CellName } from '../../domain/requests.js';
import { queuePrefix } from '../../ledger/keys.js';
import type { Vault } from '../../vault/vault.js';
import { tableFile } from '../tableFile.js';
import { keepUploadsMs } from '../tables/tableJobs.js';
import type { Uploads } from '../tables/uploads.js';
import { type ReportSource, reportTables, watermark } from './tables.js';

export interface ReportAsked {
  cell: CellName;
  kind: ReportKind;
  format: ReportFormat;
  /** Who asked, why, when: the watermark. */
  by: string;
  reason: string;
  at: string;
}

interface ReportJob extends ReportAsked {
  /** Under which name the file lies in the spool. */
  upload: string;
}

export interface ReportProgress {
  phase: 'writing';
  /** Rows written so far. */
  done: number;
}

export type ReportOutcome = { ok: true; rows: number } | { ok: false; problem: 'person_gone' };

export interface ReportStatus extends Pick<ReportAsked, 'kind' | 'format' | 'by' | 'reason' | 'at'> {
  state: 'waiting' | 'running' | 'done' | 'failed';
  progress: ReportProgress | null;
  outcome: ReportOutcome | null;
  /** Is the file there to be fetched? */
  file: boolean;
}

const queueName = 'reports';
const jobName = /^report-u[0-9a-f]{12}$/;
const partOf = (format: ReportFormat) => `report.${format}` as const;

/** For the door: asks for reports, hears how they go, gives the file. `connection` belongs to the caller. */
export function reportQueue(connection: ConnectionOptions, uploads: Uploads, prefix: string = queuePrefix) {
  const queue = new Queue<ReportJob, ReportOutcome>(queueName, { connection, prefix });
  /** Of a job of this cell; another cell's is not there. */
  const jobOf = async (cell: CellName, id: string): Promise<Job<ReportJob, ReportOutcome> | undefined> => {
    const job = jobName.test(id) ? ((await queue.getJob(id)) as Job<ReportJob, ReportOutcome> | undefined) : undefined;
    return job && job.data.cell.round === cell.round && job.data.cell.area === cell.area ? job : undefined;
  };
  return {
    /** Gives the job's id. Two questions are two reports: each has a reason of its own. */
    async start(asked: ReportAsked): Promise<string> {
      const upload = `u${randomBytes(6).toString('hex')}`;
      const jobId = `report-${upload}`;
      await (queue as unknown as Queue).add(asked.kind, { ...asked, upload } satisfies ReportJob, {
        jobId, attempts: 12, backoff: { type: 'exponential', delay: 500 }, removeOnComplete: { age: 7 * 24 * 3600 }, removeOnFail: { age: 7 * 24 * 3600 },
      });
      return jobId;
    },
    async status(cell: CellName, id: string): Promise<ReportStatus | undefined> {
      const job = await jobOf(cell, id);
      if (!job) return undefined;
      const { kind, format, by, reason, at, upload } = job.data;
      const is = await job.getState();
      const state = is === 'completed' ? 'done' : is === 'failed' ? 'failed' : is === 'active' ? 'running' : 'waiting';
      const progress = typeof job.progress === 'object' && 'phase' in job.progress ? (job.progress as unknown as ReportProgress) : null;
      return { kind, format, by, reason, at, state, progress, outcome: state === 'done' ? job.returnvalue : null, file: state === 'done' && (await uploads.holds(cell, upload, partOf(format)).catch(() => false)) };
    },
    /** The bytes of a finished report, to one caller once. */
    async take(cell: CellName, id: string): Promise<AsyncIterable<Buffer> | 'gone' | 'erased'> {
      const job = await jobOf(cell, id);
      return job ? uploads.take(cell, job.data.upload, partOf(job.data.format)) : 'gone';
    },
    queue: queue as unknown as Queue,
    close: () => queue.close(),
  };
}

export type ReportQueue = ReturnType<typeof reportQueue>;

export interface ReportWorkerParts {
  connection: ConnectionOptions;
  prefix?: string;
  redis: Redis;
  uploads: Uploads;
  vault: Vault;
  timeZone: string;
  log: { info(detail: object, message: string): void; error(detail: object, message: string): void };
  /** After this long without a sign of life a worker's job is given to another. */
  lockMs?: number;
}

const rowsBetween = 500;

/** Works off the queue, one report at a time. */
export function reportWorker({ connection, prefix = queuePrefix, redis, uploads, vault, timeZone, log, lockMs = 10_000 }: ReportWorkerParts): Worker<ReportJob, ReportOutcome> {
  // The Swedish way of writing a time is the ISO one.
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const worker = new Worker<ReportJob, ReportOutcome>(
    queueName,
    async (job) => {
      const { cell, kind, format, upload, ...asked } = job.data;
      await uploads.sweep(keepUploadsMs);
      const opened = await vault.round(cell.round);
      // They have gone while it waited.
      if (opened === 'erased') return { ok: false, problem: 'person_gone' };
      const source: ReportSource = { redis, cell, vault: opened, timeOf: (at) => (at > 0 ? clock.format(at) : '') };
      const { headings, rows } = reportTables[kind];
      let written = 0;
      async function* table(): AsyncGenerator<readonly string[]> {
        yield [watermark(kind, cell, asked, holdsPeople(kind))];
        yield headings;
        for await (const row of rows(source)) {
          yield row;
          written++;
          // Not awaited: the next one comes soon, and a lost connection shows itself where something is written.
          if (written % rowsBetween === 0) job.updateProgress({ phase: 'writing', done: written } satisfies ReportProgress).catch(() => undefined);
        }
      }
      await uploads.put(cell, upload, partOf(format), tableFile(table(), format, { title: reportNames[kind].zh, head: 2 }));
      await job.updateProgress({ phase: 'writing', done: written } satisfies ReportProgress);
      log.info({ queue: queueName, job: job.id, kind, rows: written }, 'a report was made');
      return { ok: true, rows: written };
    },
    { connection, prefix, concurrency: 1, lockDuration: lockMs, stalledInterval: lockMs / 2, maxStalledCount: 100 },
  );
  worker.on('failed', (job, fault) => log.error({ queue: queueName, job: job?.id, attempt: job?.attemptsMade, fault: fault.message }, 'a report could not be made and will be tried again'));
  worker.on('error', (fault) => log.error({ queue: queueName, fault: fault.message }, 'the queue of reports cannot be reached'));
  return worker;
}
