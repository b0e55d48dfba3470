// Importing a roster as a job: first the dry run, then, when a person has seen its report, the enrolment of the good rows.
//
// The job carries ids and column letters; the people are in the sealed upload. A worker that dies leaves a job that another takes up
// within seconds: it reads the file again from the start (under a second for 28,000 rows) and goes on behind the last chunk that is
// known to be on the record. The one chunk that may have been enrolled and not noted is sent again under its number, and the record
// gives its first answer, so the totals are right too.
//
// Somebody who is already on the roster stays as they are. Where the file says something else about them it is a difference, and a
// person decides what to do about it.

import type { ConnectionOptions, Job, Worker } from 'bullmq';
import { refusals, type RefusalWord } from '../../domain/refusals.js';
import { todayInShanghai } from '../../domain/documents.js';
import type { CellName, Enrolment } from '../../domain/requests.js';
import { enrolmentOf, type Person } from '../../vault/people.js';
import type { RoundVault, Vault } from '../../vault/vault.js';
import type { RosterRecord } from './enrolStep.js';
import { errorFile } from './errorFile.js';
import { judgeRoster, type Judgement, type RosterReport } from './judgeRoster.js';
import type { Mapping } from './headings.js';
import { openRoster, type Roster } from './readRoster.js';
import { shownFaults, type ShownFaults } from './shownFaults.js';
import { refusedTable, TableRefused, type RefusedTable } from '../tables/table.js';
import { epochOf, keepUploadsMs, progressOf, tableQueue, tableWorker, type TableJob, type TableTask, type TableWorkerParts } from '../tables/tableJobs.js';
import { collected, type Uploads } from '../tables/uploads.js';

/** How a file is read, as a person chose it. */
export interface ReadingChoice {
  sheet?: string;
  mapping?: Mapping;
  village?: string;
}

export type RosterTask = TableTask;

interface RosterJob extends TableJob {
  choice: ReadingChoice;
  /** The day ages are counted on: the same on every attempt. */
  today: string;
}

export interface RosterProgress {
  phase: 'reading' | 'enrolling';
  /** Rows, of how many; while reading, `of` is not known yet and `share` says how much of the file has passed. */
  done: number;
  of: number | null;
  share: number;
  /** Chunks on the record, and what the record said of them. */
  chunks: number;
  enrolled: number;
  already: number;
}

/** What a second roster says of somebody the record knows otherwise. */
export interface Difference {
  row: number;
  /** `data`: something else that is sealed, such as the name or the telephone. */
  differs: ('village' | 'household' | 'data')[];
}

/** How a job ended. Counts and words only: a wrong column taken for the village would put names into anything more. The rest is in the sealed report. */
export type RosterOutcome =
  | ({ task: RosterTask } & RefusedTable)
  | {
      ok: true;
      task: 'check';
      rows: RosterReport['rows'];
      counts: RosterReport['counts'];
      duplicates: number;
      villages: number;
      households: number;
    }
  | {
      ok: true;
      task: 'import';
      rows: RosterReport['rows'];
      enrolled: number;
      already: number;
      differences: number;
      /** True when the record is as it was before: the same list once more. */
      nothingNew: boolean;
    }
  | { ok: false; task: 'import'; problem: RefusalWord; zh: string; en: string; enrolled: number; already: number };

/** The report as it is kept for the screen, sealed: the dry run's with the faults as they are shown, and after an import what differs. */
export interface KeptReport extends RosterReport, ShownFaults {
  differences?: Difference[];
}

const queueName = 'roster';
/** Residents in one step. Redis serves nobody else meanwhile: about 3 ms for 200. */
const chunkSize = 200;

/** For the door: asks for dry runs and imports, and hears how they go. `connection` belongs to the caller. */
export function rosterQueue(connection: ConnectionOptions, prefix?: string) {
  const { add: addJob, ...queue } = tableQueue<RosterJob, RosterProgress, RosterOutcome>(queueName, connection, prefix);
  const add = (task: RosterTask, cell: CellName, upload: string, choice: ReadingChoice): Promise<string> => {
    const job: RosterJob = { task, upload, cell, choice, today: todayInShanghai() };
    return addJob(job, jobEpoch(job));
  };
  return {
    ...queue,
    /** Asks for a dry run; gives the job's id. The same question again is the same job. */
    check: (cell: CellName, upload: string, choice: ReadingChoice = {}) => add('check', cell, upload, choice),
    /** Asks for the import of the good rows; gives the job's id. */
    import: (cell: CellName, upload: string, choice: ReadingChoice = {}) => add('import', cell, upload, choice),
  };
}

export type RosterQueue = ReturnType<typeof rosterQueue>;

export interface RosterWorkerParts extends TableWorkerParts {
  uploads: Uploads;
  vault: Vault;
  record: RosterRecord;
}

/** Works off the queue, one roster at a time. */
export const rosterWorker = ({ uploads, vault, record, ...parts }: RosterWorkerParts): Worker<RosterJob, RosterOutcome> =>
  tableWorker<RosterJob, RosterOutcome>(queueName, parts, (job) => work(job, { uploads, vault, record }));

type WorkParts = Pick<RosterWorkerParts, 'uploads' | 'vault' | 'record'>;

async function work(job: Job<RosterJob, RosterOutcome>, { uploads, vault, record }: WorkParts): Promise<RosterOutcome> {
  const { task, upload, cell, choice, today } = job.data;
  const before = progressOf<RosterProgress>(job);
  const progress = reporter(job, before);
  await uploads.sweep(keepUploadsMs);
  try {
    const file = await uploads.open(cell, upload, 'roster');
    if (file === 'erased') throw new TableRefused('file_erased');
    if (file === 'gone') throw new TableRefused('file_empty', { upload: 'removed' });
    const roster = await openRoster(await collected(file), { ...choice, today });
    if (!roster.ok) return { task, ...roster };
    const judgement = await judgeRoster(roster, progress.reading);
    if (!('report' in judgement)) return { task, ...judgement };
    await keepErrors(uploads, cell, upload, roster, judgement);
    const report = { ...judgement.report, ...(await shownFaults(roster, judgement)) };
    if (task === 'check') {
      await keepReport(uploads, cell, upload, report);
      const { rows, counts, villages, households } = report;
      return { ok: true, task, rows, counts, duplicates: report.duplicates.length, villages: villages.length, households };
    }
    const round = await vault.round(cell.round);
    if (round === 'erased') throw new TableRefused('file_erased');
    const imported = await enrolGood({ roster, judgement, round, cell, record, epoch: jobEpoch(job.data), today, before, progress });
    if (!imported.ok) return imported;
    await keepReport(uploads, cell, upload, { ...report, differences: imported.differences });
    const { enrolled, already, differences } = imported;
    return { ok: true, task, rows: report.rows, enrolled, already, differences: differences.length, nothingNew: enrolled === 0 };
  } catch (cause) {
    if (cause instanceof TableRefused) return { task, ...refusedTable(cause) };
    throw cause;
  }
}

interface Enrolling {
  roster: Roster;
  judgement: Judgement;
  round: RoundVault;
  cell: CellName;
  record: RosterRecord;
  epoch: string;
  today: string;
  before: RosterProgress | null;
  progress: Reporter;
}

type Enrolled =
  | { ok: true; enrolled: number; already: number; differences: Difference[] }
  | Extract<RosterOutcome, { ok: false; problem: RefusalWord }>;

async function enrolGood({ roster, judgement, round, cell, record, epoch, today, before, progress }: Enrolling): Promise<Enrolled> {
  const differences: Difference[] = [];
  let [chunks, enrolled, already] = [0, before?.enrolled ?? 0, before?.already ?? 0];
  const finished = before?.chunks ?? 0;
  let done = 0;
  for await (const { rows, residents } of chunksOf(roster, judgement, round, cell.area, today)) {
    chunks++;
    done += residents.length;
    let someKnown = already > 0;
    if (chunks > finished) {
      const answer = await record.enrol(cell, { epoch, number: chunks, residents });
      if (!answer.ok) {
        const { zh, en, retry } = refusals[answer.word];
        if (retry) throw new Error(`The record takes nothing at the moment: ${answer.word}.`);
        return { ok: false, task: 'import', problem: answer.word, zh, en, enrolled, already };
      }
      enrolled += answer.enrolled;
      already += answer.already;
      someKnown = answer.already > 0;
      await progress.enrolling({ done, of: judgement.report.rows.good, chunks, enrolled, already });
    }
    if (someKnown) differences.push(...(await differencesOf(record, cell, rows, residents)));
  }
  return { ok: true, enrolled, already, differences };
}

/** The good rows as the record takes them, always cut in the same places. */
async function* chunksOf(
  roster: Roster,
  { bad }: Judgement,
  round: RoundVault,
  area: string,
  today: string,
): AsyncGenerator<{ rows: number[]; residents: Enrolment[] }> {
  let rows: number[] = [];
  let residents: Enrolment[] = [];
  for await (const { row, person } of roster.rows()) {
    if (bad.has(row)) continue;
    rows.push(row);
    residents.push(enrolmentOf(round, area, person as Person, today));
    if (residents.length < chunkSize) continue;
    yield { rows, residents };
    [rows, residents] = [[], []];
  }
  if (residents.length > 0) yield { rows, residents };
}

/** Sealing the same data gives the same bytes, so what differs is seen without opening anybody's entry. */
async function differencesOf(record: RosterRecord, cell: CellName, rows: readonly number[], residents: readonly Enrolment[]): Promise<Difference[]> {
  const there = await record.enrolledAs(
    cell,
    residents.map(({ index }) => index ?? ''),
  );
  return residents.flatMap((resident, i): Difference[] => {
    const known = there[i];
    if (!known) return [];
    const differs: Difference['differs'] = [];
    if (known.village !== resident.village) differs.push('village');
    if (known.household !== resident.household && known.village === resident.village) differs.push('household');
    if (differs.length === 0 && known.sealed !== resident.sealed) differs.push('data');
    return differs.length > 0 ? [{ row: rows[i] ?? 0, differs }] : [];
  });
}

async function keepReport(uploads: Uploads, cell: CellName, upload: string, report: KeptReport): Promise<void> {
  await uploads.put(cell, upload, 'report', bytesOf(JSON.stringify(report)));
}

async function keepErrors(uploads: Uploads, cell: CellName, upload: string, roster: Roster, judgement: Judgement): Promise<void> {
  // Of an earlier check with other columns.
  if (judgement.report.rows.bad === 0) return uploads.remove(upload, ['errors.xlsx', 'errors.csv']);
  for (const format of ['xlsx', 'csv'] as const) await uploads.put(cell, upload, `errors.${format}`, errorFile(roster, judgement, format));
}

/** The report a job left, for the screen that asked. */
export async function keptReport(uploads: Uploads, cell: CellName, upload: string): Promise<KeptReport | 'gone' | 'erased'> {
  const bytes = await uploads.open(cell, upload, 'report');
  return typeof bytes === 'string' ? bytes : (JSON.parse((await collected(bytes)).toString()) as KeptReport);
}

// ---------------------------------------------------------------------------------------------------------
// Progress

interface Reporter {
  reading(rows: number, share: number): void;
  enrolling(at: Pick<RosterProgress, 'done' | 'of' | 'chunks' | 'enrolled' | 'already'>): Promise<void>;
}

/** While a file is read again after a restart, the progress keeps what is already on the record. */
function reporter(job: Job<RosterJob, RosterOutcome>, before: RosterProgress | null): Reporter {
  let told = 0;
  const kept = { chunks: before?.chunks ?? 0, enrolled: before?.enrolled ?? 0, already: before?.already ?? 0 };
  return {
    reading(rows, share) {
      if (rows - told < 2000) return;
      told = rows;
      // Not awaited: the next one comes soon, and a lost connection shows itself where something is written.
      job.updateProgress({ phase: 'reading', done: rows, of: null, share, ...kept } satisfies RosterProgress).catch(() => undefined);
    },
    async enrolling(at) {
      await job.updateProgress({ phase: 'enrolling', share: 1, ...at } satisfies RosterProgress);
    },
  };
}

const jobEpoch = ({ upload, choice, today }: RosterJob): string => epochOf(upload, [choice, today]);

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
