// Opens a laboratory's file, whatever it is, finds the sheet and the columns, and gives its rows one by one: the finding each holds, or
// everything that is wrong with it.
//
// A file that breaks off gives what stands before the break. Its last row is not believed: half a time is a time too.

import { cutRow } from './cutRow.js';
import { checkResultColumns, findResultColumns, mappedResultColumns, repeatsResultHeadings, type ResultColumns, type ResultField, type ResultMapping } from './columns.js';
import { holdsResult, judgeResult, type ResultRow } from './judgeResult.js';
import { fileSentences } from './problems.js';
import { chosenSheet, mergedCells, openTable } from '../tables/sheet.js';
import { refusedTable, TableRefused, tableLimits, type MergedRange, type RefusedTable, type Table, type TableRow } from '../tables/table.js';

/** How a file is read, as a person chose it; what is said here once holds for rows that say nothing of it themselves. */
export interface ResultsChoice {
  sheet?: string | undefined;
  mapping?: ResultMapping | undefined;
  run?: string | undefined;
  testedAt?: number | undefined;
  secondBy?: string | undefined;
}

/** A laboratory's file that can be read. */
export interface Results {
  ok: true;
  sheet: string;
  sheets: readonly string[];
  columns: ResultColumns;
  /** Its rows, from the beginning each time; see `Passed` and `tables/table.ts`. Throws TableRefused. */
  rows(passed?: Passed, onRead?: (share: number) => void): AsyncGenerator<{ source: TableRow; judged: ResultRow }>;
}

/** Rows that hold no result: blank ones, headings said once more, and rows with something beside the columns only, such as a signature. */
export interface Passed {
  empty: number;
  repeatedHeadings: number;
  beside: number;
  /** The number of the last row that holds anything. */
  lastRow: number;
}

export async function openResults(file: Buffer, choice: ResultsChoice, timeZone: string): Promise<Results | RefusedTable> {
  try {
    const table = await openTable(file, { keepCut: true });
    const { mapping, run, testedAt, secondBy } = choice;
    const { sheet, columns, merged } = await chosenSheet(table, choice.sheet, (top) => (mapping ? mappedResultColumns(mapping, top) : findResultColumns(top)));
    const given = new Set<ResultField>();
    if (run !== undefined) given.add('run');
    if (testedAt !== undefined) given.add('testedAt');
    checkResultColumns(columns, given);
    const rules = { columns, run, testedAt, secondBy, timeZone };
    return {
      ok: true,
      sheet,
      sheets: table.sheets,
      columns,
      rows: (passed = { empty: 0, repeatedHeadings: 0, beside: 0, lastRow: 0 }, onRead) => resultRows(table, sheet, merged, rules, passed, onRead),
    };
  } catch (cause) {
    if (cause instanceof TableRefused) return refusedTable(cause, fileSentences);
    throw cause;
  }
}

async function* resultRows(
  table: Table,
  sheet: string,
  merged: readonly MergedRange[],
  rules: Omit<Parameters<typeof judgeResult>[1], 'fromMerged'>,
  passed: Passed,
  onRead?: (share: number) => void,
): AsyncGenerator<{ source: TableRow; judged: ResultRow }> {
  const { columns } = rules;
  const fromMerged = mergedCells(merged, columns, (field) => field === 'tube' || field === 'result' || field === 'accession');
  const usual = cutRow(table.end ?? 'whole');
  let before = columns.firstRow - 1;
  let given = 0;
  // One row is held back, as only the last one can have been cut off.
  let last: { source: TableRow; judged: ResultRow } | undefined;
  for await (const source of table.rows(sheet, onRead)) {
    fromMerged.see(source);
    if (source.row < columns.firstRow) continue;
    passed.empty += source.row - before - 1;
    before = source.row;
    passed.lastRow = source.row;
    if (repeatsResultHeadings(source, columns)) {
      passed.repeatedHeadings++;
      continue;
    }
    if (!holdsResult(source, columns)) {
      passed.beside++;
      continue;
    }
    if (++given > tableLimits.rows) throw new TableRefused('file_too_many_rows', { rowsMax: tableLimits.rows });
    if (last) {
      usual.see(last.source);
      yield last;
    }
    last = { source, judged: judgeResult(source, { ...rules, fromMerged: fromMerged.get }) };
  }
  if (!last) return;
  // Rows behind it that hold no result show that the file goes on.
  const { source, judged } = last;
  yield source.row === before && usual.isCut(source, judged.problems.length > 0) ? { source, judged: { row: source.row, finding: null, problems: [{ word: 'row_cut' }] } } : last;
}
