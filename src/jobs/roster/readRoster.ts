// Opens a roster, whatever it is, finds the sheet and the columns, and gives its rows one by one with everything that is wrong in them.
//
// A file that cannot be read is refused as a value; the rows of one that can are never refused together.

import { todayInShanghai } from '../../domain/documents.js';
import { checkColumns, findColumns, mappedColumns, repeatsHeadings, type Columns, type Mapping } from './headings.js';
import { judgeRow, type RosterRow } from './judgeRow.js';
import { chosenSheet, mergedCells, openTable } from '../tables/sheet.js';
import { columnLetters, refusedTable, TableRefused, tableLimits, type MergedRange, type RefusedTable, type Table, type TableRow } from '../tables/table.js';

export interface RosterOptions {
  /** The name of the sheet, where a person chose one. */
  sheet?: string | undefined;
  /** The columns as a person gave them. */
  mapping?: Mapping | undefined;
  /** The village of everybody in a file that has no column for it. */
  village?: string | undefined;
  /** The day on which ages are counted; today in China where left out. */
  today?: string | undefined;
}

/** A roster that can be read. */
export interface Roster {
  ok: true;
  sheet: string;
  sheets: readonly string[];
  columns: Columns;
  /**
   * Its rows, from the beginning each time. Rows that hold nobody are counted in `passed`; `onRead` hears how much has been read, from 0
   * to 1. Throws TableRefused for a file that turns out to be damaged on the way.
   */
  rows(passed?: RowsPassed, onRead?: (share: number) => void): AsyncGenerator<RosterRow>;
}

/** Rows that hold nobody: blank ones between the others, and headings said once more. */
export interface RowsPassed {
  empty: number;
  repeatedHeadings: number;
}

export async function openRoster(file: Buffer, options: RosterOptions = {}): Promise<Roster | RefusedTable> {
  try {
    return await found(await openTable(file), options);
  } catch (cause) {
    if (cause instanceof TableRefused) return refusedTable(cause);
    throw cause;
  }
}

async function found(table: Table, options: RosterOptions): Promise<Roster> {
  const { mapping } = options;
  const { sheet, columns, merged } = await chosenSheet(table, options.sheet, (top, merged) => (mapping ? mappedColumns(mapping, top) : findColumns(top, merged)));
  checkColumns(columns, Boolean(options.village));
  const rules = { columns, village: options.village, today: options.today ?? todayInShanghai() };
  return {
    ok: true,
    sheet,
    sheets: table.sheets,
    columns,
    rows: (passed = { empty: 0, repeatedHeadings: 0 }, onRead) => rosterRows(table.rows(sheet, onRead), merged, rules, passed),
  };
}

interface Rules {
  columns: Columns;
  village: string | undefined;
  today: string;
}

async function* rosterRows(
  source: AsyncIterable<TableRow>,
  merged: readonly MergedRange[],
  rules: Rules,
  passed: RowsPassed,
): AsyncGenerator<RosterRow> {
  const { columns } = rules;
  const fromMerged = mergedCells(merged, columns, (field) => field === 'name' || field === 'number');
  let before = columns.firstRow - 1;
  let given = 0;
  for await (const row of source) {
    fromMerged.see(row);
    if (row.row < columns.firstRow) continue;
    passed.empty += row.row - before - 1;
    before = row.row;
    if (repeatsHeadings(row, columns)) {
      passed.repeatedHeadings++;
      continue;
    }
    if (++given > tableLimits.rows) throw new TableRefused('file_too_many_rows', { rowsMax: tableLimits.rows });
    yield judgeRow(row, { ...rules, fromMerged: fromMerged.get });
  }
}

/** A column as people name it: its letters and its heading. */
export function columnList({ fields, flags, headings }: Columns): { column: string; heading: string; field: string | null }[] {
  const columns = new Set([...headings.keys(), ...fields.keys()]);
  return [...columns]
    .sort((a, b) => a - b)
    .map((column) => ({
      column: columnLetters(column),
      heading: headings.get(column) ?? '',
      field: fields.get(column) ?? flags.get(column) ?? null,
    }));
}
