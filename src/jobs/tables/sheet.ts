// Opens a table, whatever the file is, and finds the sheet of it that is meant: the one a person chose, or the only one with the headings
// that are looked for.

import { readCsv } from './readCsv.js';
import { readXlsx } from './readXlsx.js';
import { tableLimits, TableRefused, type Cell, type MergedRange, type Table, type TableRow } from './table.js';

/** What the first bytes say a file is. Its name is not asked: names lie. Throws TableRefused. `keepCut`: see readCsv. */
export async function openTable(file: Buffer, { keepCut = false } = {}): Promise<Table> {
  if (file.length === 0) throw new TableRefused('file_empty');
  if (file.length > tableLimits.fileBytes) throw new TableRefused('file_too_large', { bytes: file.length, bytesMax: tableLimits.fileBytes });
  const start = file.subarray(0, 8).toString('hex');
  if (start.startsWith('504b0304') || start.startsWith('504b0506')) return readXlsx(file);
  if (start === 'd0cf11e0a1b11ae1') {
    // Old workbooks and those with a password share a container; the latter names its content.
    throw new TableRefused(file.includes(Buffer.from('EncryptedPackage', 'utf16le')) ? 'file_protected' : 'file_old_excel');
  }
  return readCsv(file, keepCut);
}

/** How many rows from the top may be titles and notes. */
export const headingRowsMax = 20;

/**
 * The sheet of this name, or the only one in which `find` finds columns and a row below their headings; with what it found there. Throws
 * TableRefused where there is none, or more than one.
 */
export async function chosenSheet<Columns extends { firstRow: number }>(
  table: Table,
  chosen: string | undefined,
  find: (top: readonly TableRow[], merged: readonly MergedRange[]) => Columns | null,
): Promise<{ sheet: string; columns: Columns; merged: readonly MergedRange[] }> {
  const { sheets } = table;
  const look = async (sheet: string) => {
    const [merged, top] = [await table.merged(sheet), await firstRows(table, sheet)];
    return { sheet, merged, top, columns: find(top, merged) };
  };
  const only = chosen ?? (sheets.length === 1 ? sheets[0] : undefined);
  if (only !== undefined) {
    if (!sheets.includes(only)) throw new TableRefused('sheet_unknown', { sheets });
    const { sheet, columns, merged, top } = await look(only);
    if (!columns) throw new TableRefused(top.length === 0 ? 'file_empty' : 'headings_missing', { sheets });
    return { sheet, columns, merged };
  }
  const likely: { sheet: string; columns: Columns; merged: readonly MergedRange[] }[] = [];
  for (const name of sheets) {
    const { sheet, columns, merged, top } = await look(name);
    if (columns && top.some(({ row }) => row >= columns.firstRow)) likely.push({ sheet, columns, merged });
  }
  if (likely.length > 1) throw new TableRefused('sheet_choose', { sheets: likely.map(({ sheet }) => sheet) });
  const [found] = likely;
  if (!found) throw new TableRefused('headings_missing', { sheets });
  return found;
}

async function firstRows(table: Table, sheet: string): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const row of table.rows(sheet)) {
    rows.push(row);
    if (row.row > headingRowsMax || rows.length > headingRowsMax) break;
  }
  return rows;
}

/**
 * Cells merged over several rows. What is written once for several rows (a village for a family, a plate for its tubes) holds for all of
 * them, as the sheet shows it; what says whose row it is (`identity`), written once for two rows, belongs to nobody.
 */
export function mergedCells<Field>(
  merged: readonly MergedRange[],
  columns: { firstRow: number; fields: ReadonlyMap<number, Field> },
  isIdentity: (field: Field) => boolean,
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
      const kept: Kept = { ...range, identity: isIdentity(field), cell: null };
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
