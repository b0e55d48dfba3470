// Importing a laboratory's results as a job: first the dry run, then, when a person has seen its report, the good rows, each as the step
// recordResult in the laboratory's cell.
//
// The job speaks under the name of whoever asked for it, with the upload as the age of its storage and numbers in the order in which it
// sends. A worker that dies leaves a job that another takes up within seconds and begins from the start: what was sent already is a
// repeat and hears its first answer, so nothing is doubled and the report is the one the first worker would have given. For that, what is
// sent follows from the file and the answers alone, and never from a look at the record.
//
// The same file in another upload is other numbers: its results are known by tube, accession and run, and nothing changes.

import type { ConnectionOptions, Job, Worker } from 'bullmq';
import type { FindingCounts } from '../../domain/findings.js';
import { refusals, type RefusalWord } from '../../domain/refusals.js';
import type { CellName } from '../../domain/requests.js';
import { refusedByCell, takeFindings, type FindingAnswer } from '../../ledger/findings.js';
import { findingStates } from '../../ledger/laboratory.js';
import type { Ledger, Parcel, Receipt } from '../../ledger/ledger.js';
import { serverTime } from '../../ledger/presence.js';
import { cellState } from '../../ledger/reads.js';
import { refusedTable, TableRefused, type RefusedTable } from '../tables/table.js';
import { epochOf, keepUploadsMs, progressOf, tableQueue, tableWorker, type TableJob, type TableTask, type TableWorkerParts } from '../tables/tableJobs.js';
import { collected, type Uploads } from '../tables/uploads.js';
import { foresee, lookAlikes, type ResultLook } from './foresee.js';
import { judgeResults, type ResultsJudgement } from './judgeResults.js';
import { fileSentences, type ResultNote } from './problems.js';
import { openResults, type Results, type ResultsChoice } from './readResults.js';
import { resultsErrorFile, resultsReport, type ResultsReport } from './resultsReport.js';

/** How a file is read, and who answers for it. */
export interface ImportChoice extends ResultsChoice {
  /** How many results there should be, as the laboratory says apart from the file. */
  count?: number | undefined;
}

export interface ImportSender {
  /** Under whose name the record is spoken to. */
  device: string;
  /** The staff card or account of the person. */
  by?: string | undefined;
}

interface ResultsJob extends TableJob {
  choice: ImportChoice;
  sender: ImportSender;
}

export interface ResultsProgress {
  phase: 'reading' | 'recording';
  /** Rows, of how many; while reading, `of` is not known yet and `share` says how much of the file has passed. */
  done: number;
  of: number | null;
  share: number;
}

/** How a job ended. Counts and words only; the rest is in the sealed report. */
export type ResultsOutcome =
  | ({ task: TableTask } & RefusedTable)
  /** Refused by the cell as a whole; `rows` where some had been taken before. */
  | { ok: false; task: TableTask; problem: RefusalWord; zh: string; en: string; rows?: FindingCounts }
  | {
      ok: true;
      task: TableTask;
      rows: ResultsReport['rows'];
      notes: ResultNote[];
      /** True when the record is as it was before: the same file once more. */
      nothingNew: boolean;
    };

/** What the import needs of the record. */
export interface ResultRecord extends ResultLook {
  take(cell: CellName, parcel: Parcel): Promise<Receipt>;
}

const queueName = 'results';

/** The record itself. Throws when it cannot be reached: the job is then tried again. */
export function resultRecord(ledger: Ledger): ResultRecord {
  return {
    take: async (cell, parcel) => (await ledger.take(cell, [parcel]))[0] as Receipt,
    states: (cell, findings) => findingStates(ledger.redis, cell, findings),
    async place(cell) {
      const state = await cellState(ledger.redis, cell);
      return state && { laboratory: state.laboratory, open: state.state === 'open', now: state.clock ?? (await serverTime(ledger.redis)) };
    },
  };
}

/** For the door: asks for dry runs and imports, and hears how they go. `connection` belongs to the caller. */
export function resultsQueue(connection: ConnectionOptions, prefix?: string) {
  const { add, ...queue } = tableQueue<ResultsJob, ResultsProgress, ResultsOutcome>(queueName, connection, prefix);
  return {
    ...queue,
    /** Asks for a dry run; gives the job's id. Asked again it looks again: the record has moved on. */
    check: (cell: CellName, upload: string, sender: ImportSender, choice: ImportChoice = {}) => {
      const job: ResultsJob = { task: 'check', upload, cell, choice, sender };
      return add(job, `${jobEpoch(job)}-${Date.now()}`);
    },
    /** Asks for the import of the good rows; gives the job's id. The same question again is the same job. */
    import: (cell: CellName, upload: string, sender: ImportSender, choice: ImportChoice = {}) => {
      const job: ResultsJob = { task: 'import', upload, cell, choice, sender };
      return add(job, jobEpoch(job));
    },
  };
}

export type ResultsQueue = ReturnType<typeof resultsQueue>;

export interface ResultsWorkerParts extends TableWorkerParts {
  uploads: Uploads;
  record: ResultRecord;
  /** In which times are read that do not say theirs. */
  timeZone: string;
}

/** Works off the queue, one file at a time. */
export const resultsWorker = ({ uploads, record, timeZone, ...parts }: ResultsWorkerParts): Worker<ResultsJob, ResultsOutcome> =>
  tableWorker<ResultsJob, ResultsOutcome>(queueName, parts, (job) => importResults(job, { uploads, record, timeZone }));

type WorkParts = Pick<ResultsWorkerParts, 'uploads' | 'record' | 'timeZone'>;

async function importResults(job: Job<ResultsJob, ResultsOutcome>, { uploads, record, timeZone }: WorkParts): Promise<ResultsOutcome> {
  const { task, upload, cell, choice, sender } = job.data;
  await uploads.sweep(keepUploadsMs);
  const place = await record.place(cell);
  const wrong = !place ? 'cell_unknown' : !place.laboratory ? 'wrong_cell' : task === 'check' && !place.open ? 'round_closed' : undefined;
  if (!place || wrong) return { ok: false, task, ...wordOf(wrong ?? 'cell_unknown') };
  try {
    const file = await uploads.open(cell, upload, 'results');
    if (file === 'erased') throw new TableRefused('file_erased');
    if (file === 'gone' || !(await uploads.holds(cell, upload, 'results'))) throw new TableRefused('file_empty', { upload: 'removed' });
    const results = await openResults(await collected(file), choice, timeZone);
    if (!results.ok) return { task, ...results };
    const judgement = await judgeResults(results, choice.count, reading(job));
    if (!judgement.ok) return { task, ...judgement };
    const { good } = judgement;
    const answers = task === 'check' ? await foresee(record, cell, { now: place.now, by: sender.by }, good) : await recorded(job, record, good);
    const notHere = good.filter(({ place: row }) => { const answer = answers.get(row); return answer?.outcome === 'parked' && answer.why === 'not_received'; });
    const report = resultsReport(task, results, judgement, answers, await lookAlikes(record, cell, notHere));
    await keep(uploads, cell, upload, results, judgement, answers, report);
    const { rows, notes } = report;
    const refusedAll = refusedByCell(answers.values());
    if (refusedAll) return { ok: false, task, ...wordOf(refusedAll), rows };
    return { ok: true, task, rows, notes: notes.map(({ note }) => note), nothingNew: rows.accepted + rows.held + rows.parked === 0 };
  } catch (cause) {
    if (cause instanceof TableRefused) return { task, ...refusedTable(cause, fileSentences) };
    throw cause;
  }
}

const wordOf = (word: RefusalWord): { problem: RefusalWord; zh: string; en: string } => ({ problem: word, zh: refusals[word].zh, en: refusals[word].en });

async function recorded(job: Job<ResultsJob, ResultsOutcome>, record: ResultRecord, good: ResultsJudgement['good']): Promise<Map<number, FindingAnswer>> {
  const { cell, sender } = job.data;
  const speaker = { device: sender.device, by: sender.by, epoch: jobEpoch(job.data), number: 1 };
  return takeFindings((parcel) => record.take(cell, parcel), speaker, good, (done) =>
    job.updateProgress({ phase: 'recording', done, of: good.length, share: 1 } satisfies ResultsProgress),
  );
}

async function keep(
  uploads: Uploads, cell: CellName, upload: string, results: Results, { bad }: ResultsJudgement, answers: ReadonlyMap<number, FindingAnswer>, report: ResultsReport,
): Promise<void> {
  await uploads.put(cell, upload, 'report', bytesOf(JSON.stringify(report)));
  // Of an earlier check with other columns.
  if (report.rows.faulty + report.rows.refused === 0) return uploads.remove(upload, ['errors.xlsx', 'errors.csv']);
  for (const format of ['xlsx', 'csv'] as const) await uploads.put(cell, upload, `errors.${format}`, resultsErrorFile(results, bad, answers, format));
}

/** The report a job left, for the screen that asked. Another kind of table has one of the same name, for others to see. */
export async function keptResultsReport(uploads: Uploads, cell: CellName, upload: string): Promise<ResultsReport | 'gone' | 'erased'> {
  const bytes = (await uploads.holds(cell, upload, 'results')) ? await uploads.open(cell, upload, 'report') : 'gone';
  return typeof bytes === 'string' ? bytes : (JSON.parse((await collected(bytes)).toString()) as ResultsReport);
}

/** The rows that were not taken, as a file. */
export const keptResultsErrors = async (uploads: Uploads, cell: CellName, upload: string, format: 'xlsx' | 'csv'): Promise<AsyncIterable<Buffer> | 'gone' | 'erased'> =>
  (await uploads.holds(cell, upload, 'results')) ? uploads.open(cell, upload, `errors.${format}`) : 'gone';

function reading(job: Job<ResultsJob, ResultsOutcome>): (rows: number, share: number) => void {
  let told = 0;
  // After a restart the report of what is on the record already stands; it is not taken back.
  const before = progressOf<ResultsProgress>(job);
  return (rows, share) => {
    if (rows - told < 2000 || before?.phase === 'recording') return;
    told = rows;
    // Not awaited: the next one comes soon, and a lost connection shows itself where something is written.
    job.updateProgress({ phase: 'reading', done: rows, of: null, share } satisfies ResultsProgress).catch(() => undefined);
  };
}

const jobEpoch = ({ upload, choice, sender }: ResultsJob): string => epochOf(upload, [choice, sender]);

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
