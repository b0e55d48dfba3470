// The rows of a table that were not taken, as they stood, each with its row number and what is wrong: ready to be corrected in a
// spreadsheet program and sent again.

import { columnLetters, type Cell, type TableRow } from './table.js';

/** `said` gives what is wrong with a row, or undefined for one that was taken. The first row given holds the headings. */
export async function* correctable(
  rows: AsyncIterable<TableRow>,
  titles: ReadonlyMap<number, string>,
  said: (row: number) => readonly string[] | undefined,
): AsyncGenerator<string[]> {
  const width = Math.max(-1, ...titles.keys()) + 1;
  yield [...Array.from({ length: width }, (_, column) => titles.get(column) ?? ''), '原行号 row in the file', '问题 problem'];
  for await (const { row, cells } of rows) {
    const problems = said(row);
    if (!problems) continue;
    // Cells beyond the headings stay with the row, behind the problem: nothing is left out.
    const beyond = [...cells].filter(([column]) => column >= width).sort(([a], [b]) => a - b);
    yield [
      ...Array.from({ length: width }, (_, column) => textOf(cells.get(column))),
      String(row),
      problems.join('\n'),
      ...beyond.map(([column, cell]) => `${columnLetters(column)}: ${textOf(cell)}`),
    ];
  }
}

function textOf(cell: Cell | undefined): string {
  if (!cell || cell.kind === 'formula') return '';
  if (cell.kind === 'date' && cell.time !== undefined) return `${cell.text} ${cell.time}`;
  return cell.kind === 'error' ? '#' : cell.text;
}
