// What became of every row of a laboratory's file: the report for the screen, and the file of errors with the rows that were not taken, as
// they stood, ready to be corrected and sent again.

import { findingCounts, type FindingCounts } from '../../domain/findings.js';
import { refusals, type RefusalWord } from '../../domain/refusals.js';
import type { ResultWait } from '../../domain/reasons.js';
import type { FindingAnswer } from '../../ledger/findings.js';
import { tableFile, type TableFormat } from '../tableFile.js';
import { correctable } from '../tables/correctable.js';
import type { Sentences } from '../tables/fileProblems.js';
import type { TableTask } from '../tables/tableJobs.js';
import { resultColumnList, type ResultField } from './columns.js';
import type { FoundProblem } from './judgeResult.js';
import type { ResultsJudgement } from './judgeResults.js';
import { resultNotes, resultProblems, waitSentences, type ResultNote, type ResultProblem } from './problems.js';
import type { Results } from './readResults.js';

export interface ResultsRows extends FindingCounts {
  /** Rows that hold no result: blank, headings said once more, or with something beside the columns only. */
  empty: number;
  repeatedHeadings: number;
  beside: number;
}

/** After a `check`, what would become of each row if it were imported now; after an `import`, what has. Rows that are not listed were accepted. */
export interface ResultsReport {
  task: TableTask;
  sheet: string;
  headingRow: number;
  columns: { column: string; heading: string; field: ResultField | null }[];
  /** In = accepted + held + parked + known + refused + faulty. */
  rows: ResultsRows;
  /** Faulty rows: they were not sent. `with`: other rows it has to do with. */
  problems: { row: number; problem: ResultProblem; column?: string; suggestion?: string; with?: readonly number[] }[];
  /** What the record refuses, with its reason. */
  refused: { row: number; word: RefusalWord; detail: Record<string, unknown> }[];
  waits: { row: number; state: 'held' | 'parked'; why: ResultWait }[];
  known: number[];
  /** Parked rows, and the tube on the bench that was perhaps meant. */
  lookAlikes: { row: number; tube: string }[];
  notes: ResultsJudgement['notes'];
  /** The sentences of all words above. */
  sentences: Record<string, Sentences>;
}

export function resultsReport(
  task: TableTask,
  results: Results,
  { in: count, passed, bad, notes }: ResultsJudgement,
  answers: ReadonlyMap<number, FindingAnswer>,
  lookAlikes: ResultsReport['lookAlikes'],
): ResultsReport {
  const { empty, repeatedHeadings, beside } = passed;
  const report: ResultsReport = {
    task,
    sheet: results.sheet,
    headingRow: results.columns.headingRow,
    columns: resultColumnList(results.columns),
    rows: { ...findingCounts(count, [...[...bad.keys()].map(() => 'faulty' as const), ...[...answers.values()].map(({ outcome }) => outcome)]), empty, repeatedHeadings, beside },
    problems: [], refused: [], waits: [], known: [], lookAlikes,
    notes: lookAlikes.length > 0 ? [...notes, { note: 'look_alikes', rows: lookAlikes.map(({ row }) => row).slice(0, 100) }] : notes,
    sentences: {},
  };
  const say = (word: string, { zh, en }: Sentences): void => { report.sentences[word] = { zh, en }; };
  const inOrder = <Value>(map: ReadonlyMap<number, Value>): [number, Value][] => [...map].sort(([a], [b]) => a - b);
  for (const [row, problems] of inOrder(bad)) {
    for (const { word, ...where } of problems) {
      report.problems.push({ row, problem: word, ...where });
      say(word, resultProblems[word]);
    }
  }
  for (const [row, answer] of inOrder(answers)) {
    if (answer.outcome === 'refused') {
      report.refused.push({ row, word: answer.word, detail: answer.detail });
      say(answer.word, refusals[answer.word]);
    } else if (answer.outcome === 'held' || answer.outcome === 'parked') {
      report.waits.push({ row, state: answer.outcome, why: answer.why });
      say(answer.why, waitSentences[answer.why]);
    } else if (answer.outcome === 'known') report.known.push(row);
  }
  for (const { note } of report.notes) say(note, resultNotes[note as ResultNote]);
  return report;
}

/** The bytes of the file of errors, as they are made; its headings are those of the file, so it is read like one. */
export function resultsErrorFile(results: Results, bad: ResultsJudgement['bad'], answers: ReadonlyMap<number, FindingAnswer>, format: TableFormat): AsyncIterable<Buffer> {
  const { headings, fields } = results.columns;
  const titles = new Map<number, string>([...fields, ...headings]);
  const rows = async function* () {
    for await (const { source } of results.rows()) yield source;
  };
  const said = (row: number): string[] | undefined => {
    const problems = bad.get(row);
    if (problems) return problems.map(sentenceOf);
    const answer = answers.get(row);
    if (answer?.outcome !== 'refused') return undefined;
    const { zh, en, nextZh, nextEn } = refusals[answer.word];
    return [`${zh}。${nextZh}。 ${en}. ${nextEn}.`];
  };
  return tableFile(correctable(rows(), titles, said), format, { title: '问题 problems' });
}

function sentenceOf({ word, column, suggestion, with: others = [] }: FoundProblem): string {
  const { zh, en } = resultProblems[word];
  const meant = suggestion === undefined ? '' : ` 是否为 ${suggestion}？ Is it ${suggestion}?`;
  return `${column ? `${column}: ` : ''}${zh} ${en}${meant}${others.length > 0 ? ` → ${others.join(', ')}` : ''}`;
}
