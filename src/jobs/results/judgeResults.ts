// The whole of a laboratory's file, judged by what stands in it alone: which rows are good, what is wrong with the others, and where rows
// contradict each other. Writes nothing anywhere, and says the same of the same file at any time.

import { clashesOf, type Placed } from '../../domain/findings.js';
import type { FoundProblem } from './judgeResult.js';
import { fileSentences, type ResultNote } from './problems.js';
import type { Passed, Results } from './readResults.js';
import { refusedTable, TableRefused, type RefusedTable } from '../tables/table.js';

export interface ResultsJudgement {
  ok: true;
  /** Rows that hold a result, good or not. */
  in: number;
  passed: Passed;
  /** What may be sent, by row. */
  good: Placed[];
  bad: ReadonlyMap<number, readonly FoundProblem[]>;
  notes: { note: ResultNote; said?: number; found?: number; rows?: readonly number[] }[];
}

/** Where old spreadsheet programs end. */
const oldSheetRows = 65_536;

/** `said`: how many results there should be, as the laboratory says apart from the file. `onRow` hears how many were read, and how much of the file. */
export async function judgeResults(results: Results, said?: number, onRow?: (rows: number, share: number) => void): Promise<ResultsJudgement | RefusedTable> {
  const passed: Passed = { empty: 0, repeatedHeadings: 0, beside: 0, lastRow: 0 };
  const bad = new Map<number, FoundProblem[]>();
  const found: Placed[] = [];
  let [rows, share] = [0, 0];
  try {
    for await (const { judged } of results.rows(passed, (read) => { share = read; })) {
      rows++;
      if (judged.finding) found.push({ place: judged.row, finding: judged.finding });
      else bad.set(judged.row, judged.problems);
      onRow?.(rows, share);
    }
  } catch (cause) {
    if (cause instanceof TableRefused) return refusedTable(cause, fileSentences);
    throw cause;
  }
  for (const [row, { word, with: others }] of clashesOf(found)) bad.set(row, [{ word, with: others }]);
  const notes: ResultsJudgement['notes'] = [];
  if (said !== undefined && said !== rows) notes.push({ note: 'count_differs', said, found: rows });
  if (passed.lastRow === oldSheetRows) notes.push({ note: 'rows_at_limit', found: rows });
  return { ok: true, in: rows, passed, good: found.filter(({ place }) => !bad.has(place)), bad, notes };
}
