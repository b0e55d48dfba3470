// Was the last row of a text cut off? A file that broke off on its way ends anywhere: in the middle of a character, of a cell, of a row.
//
// Some programs write no line end behind their last row, so a missing one alone proves nothing. Then the row is held against those before
// it: it was cut if something is wrong with it, if cells are missing at its end, or if its last cell is shorter than that column ever is.

import type { Cell, Table, TableRow } from '../tables/table.js';

/** `end`: how the text ends. Told of every row but the last one by `see`. */
export function cutRow(end: NonNullable<Table['end']>): { see(row: TableRow): void; isCut(last: TableRow, faulty: boolean): boolean } {
  let lastColumn = Number.POSITIVE_INFINITY;
  const shortest = new Map<number, number>();
  return {
    see({ cells }) {
      if (end !== 'open') return;
      let far = -1;
      for (const [column, cell] of cells) {
        far = Math.max(far, column);
        shortest.set(column, Math.min(shortest.get(column) ?? Number.POSITIVE_INFINITY, lengthOf(cell)));
      }
      lastColumn = Math.min(lastColumn, far);
    },
    isCut({ cells }, faulty) {
      if (end !== 'open') return end === 'cut';
      if (faulty) return true;
      const far = Math.max(-1, ...cells.keys());
      if (lastColumn !== Number.POSITIVE_INFINITY && far < lastColumn) return true;
      const usual = shortest.get(far);
      return usual !== undefined && lengthOf(cells.get(far)) < usual;
    },
  };
}

const lengthOf = (cell: Cell | undefined): number => (cell && 'text' in cell ? cell.text.length : 0);
