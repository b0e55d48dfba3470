// Opens a roster, whatever it is, finds the sheet and the columns, and gives its rows one by one with everything that is wrong in them.
//
// A file that cannot be read is refused as a value; the rows of one that can are never refused together.

import { todayInShanghai } from '../../domain/documents.js';
import { checkColumns, findColumns, headingRowsMax, mappedColumns, repeatsHeadings, type Columns, type Mapping } from './headings.js';
import { judgeRow, type RosterRow } from './judgeRow.js';
import { fileProblems, type FileProblem } from './problems.js';
import { readCsv } from './readCsv.js';
import { readXlsx } from './readXlsx.js';
import { columnLetters, RosterRefused, rosterLimits, type Cell, type MergedRange, type Table, type TableRow } from './table.js';

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
   * to 1. Throws RosterRefused for a file that turns out to be damaged on the way.
   */
  rows(passed?: RowsPassed, onRead?: (share: number) => void): AsyncGenerator<RosterRow>;
}

/** Rows that hold nobody: blank ones between the others, and headings said once more. */
export interface RowsPassed {
  empty: number;
  repeatedHeadings: number;
}

/** The file as a whole is refused. The detail names sheets, headings and rows, never a person. */
export interface RefusedRoster {
  ok: false;
  problem: FileProblem;
  zh: string;
  en: string;
  detail: Readonly<Record<string, unknown>>;
}

export async function openRoster(file: Buffer, options: RosterOptions = {}): Promise<Roster | RefusedRoster> {
  try {
    return await found(await openTable(file), options);
  } catch (cause) {
    if (cause instanceof RosterRefused) return refusedRoster(cause);
    throw cause;
  }
}

/** Turns the readers' refusal into the value that people get. */
export function refusedRoster({ problem, detail }: RosterRefused): RefusedRoster {
  return { ok: false, problem, ...fileProblems[problem], detail };
}

/** What the first bytes say a file is. Its name is not asked: names lie. */
async function openTable(file: Buffer): Promise<Table> {
  if (file.length === 0) throw new RosterRefused('file_empty');
  if (file.length > rosterLimits.fileBytes) throw new RosterRefused('file_too_large', { bytes: file.length, bytesMax: rosterLimits.fileBytes });
  const start = file.subarray(0, 8).toString('hex');
  if (start.startsWith('504b0304') || start.startsWith('504b0506')) return readXlsx(file);
  if (start === 'd0cf11e0a1b11ae1') {
    // Old workbooks and those with a password share a container; the latter names its content.
    throw new RosterRefused(file.includes(Buffer.from('EncryptedPackage', 'utf16le')) ? 'file_protected' : 'file_old_excel');
  }
  return readCsv(file);
}

async function found(table: Table, options: RosterOptions): Promise<Roster> {
  const sheet = options.sheet ?? (await onlySheet(table, options));
  const { sheets } = table;
  if (!sheets.includes(sheet)) throw new RosterRefused('sheet_unknown', { sheets });
  const merged = await table.merged(sheet);
  const top = await firstRows(table, sheet);
  const columns = options.mapping ? mappedColumns(options.mapping, top) : findColumns(top, merged);
  if (!columns) throw new RosterRefused(top.length === 0 ? 'file_empty' : 'headings_missing', { sheets });
  checkColumns(columns, Boolean(options.village));
  const rules = { columns, village: options.village, today: options.today ?? todayInShanghai() };
  return {
    ok: true,
    sheet,
    sheets,
    columns,
    rows: (passed = { empty: 0, repeatedHeadings: 0 }, onRead) => rosterRows(table.rows(sheet, onRead), merged, rules, passed),
  };
}

/** The sheet to read when nobody chose: the only one with headings and a row below them. */
async function onlySheet(table: Table, options: RosterOptions): Promise<string> {
  const [first] = table.sheets;
  if (table.sheets.length === 1 && first !== undefined) return first;
  const likely: string[] = [];
  for (const sheet of table.sheets) {
    const top = await firstRows(table, sheet);
    const columns = options.mapping ? mappedColumns(options.mapping, top) : findColumns(top, await table.merged(sheet));
    if (columns && top.some(({ row }) => row >= columns.firstRow)) likely.push(sheet);
  }
  if (likely.length > 1) throw new RosterRefused('sheet_choose', { sheets: likely });
  const [sheet] = likely;
  if (sheet === undefined) throw new RosterRefused('headings_missing', { sheets: table.sheets });
  return sheet;
}

async function firstRows(table: Table, sheet: string): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const row of table.rows(sheet)) {
    rows.push(row);
    if (row.row > headingRowsMax || rows.length > headingRowsMax) break;
  }
  return rows;
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
  const fromMerged = mergedCells(merged, columns);
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
    if (++given > rosterLimits.rows) throw new RosterRefused('file_too_many_rows', { rowsMax: rosterLimits.rows });
    yield judgeRow(row, { ...rules, fromMerged: fromMerged.get });
  }
}

/**
 * Cells merged over several rows. A village or a household written once for a family holds for all of it, as the sheet shows it; a name
 * or a number written once for two rows belongs to nobody.
 */
function mergedCells(
  merged: readonly MergedRange[],
  columns: Columns,
): { see(row: TableRow): void; get(row: number, column: number): Cell | 'identity' | null } {
  interface Kept extends MergedRange {
    identity: boolean;
    cell: Cell | null;
  }
  const ranges = new Map<number, Kept[]>();
  for (const range of merged) {
    if (range.lastRow === range.firstRow || range.lastRow < columns.firstRow) continue;
    for (let column = range.firstColumn; column <= range.lastColumn && column - range.firstColumn < 100; column++) {
      const field = columns.fields.get(column);
      if (field === undefined) continue;
      const kept: Kept = { ...range, identity: field === 'name' || field === 'number', cell: null };
      ranges.set(column, [...(ranges.get(column) ?? []), kept]);
    }
  }
  for (const list of ranges.values()) list.sort((a, b) => a.firstRow - b.firstRow);
  // Rows come in order, so each column only ever looks at the range it is in or the next one.
  const at = new Map<number, number>();
  const current = (row: number, column: number): Kept | null => {
    const list = ranges.get(column);
    if (!list) return null;
    let i = at.get(column) ?? 0;
    while ((list[i]?.lastRow ?? Number.POSITIVE_INFINITY) < row) i++;
    at.set(column, i);
    const range = list[i];
    return range && range.firstRow <= row ? range : null;
  };
  return {
    see(row) {
      for (const column of ranges.keys()) {
        const range = current(row.row, column);
        if (range && row.row === range.firstRow) range.cell = row.cells.get(range.firstColumn) ?? null;
      }
    },
    get(row, column) {
      const range = current(row, column);
      if (!range) return null;
      if (range.identity) return 'identity';
      return range.cell;
    },
  };
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
