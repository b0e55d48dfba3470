// The file of errors: every row that was not enrolled, as it stood, with its row number and what is wrong, ready to be corrected in a
// spreadsheet program and imported again. Its headings are those of the roster, so it is read like one.
//
// A cell that a spreadsheet program would take for a formula gets an apostrophe in front (tableFile.ts). The reader takes it off again.

import { tableFile, type TableFormat } from '../tableFile.js';
import type { Judgement } from './judgeRoster.js';
import { rowProblems } from './problems.js';
import type { Roster } from './readRoster.js';
import { columnLetters, type Cell } from './table.js';

export type ErrorFileFormat = TableFormat;

/** The bytes of the file, as they are made. Personal data: it goes to whoever uploaded the roster, or into the vault. */
export function errorFile(roster: Roster, judgement: Judgement, format: ErrorFileFormat): AsyncIterable<Buffer> {
  return tableFile(errorRows(roster, judgement), format, { title: '问题 problems' });
}

async function* errorRows(roster: Roster, { bad, pairs }: Judgement): AsyncGenerator<string[]> {
  const { headings, fields, flags } = roster.columns;
  const width = Math.max(-1, ...headings.keys(), ...fields.keys(), ...flags.keys()) + 1;
  const title = (column: number): string => headings.get(column) ?? fields.get(column) ?? '';
  yield [...Array.from({ length: width }, (_, column) => title(column)), '原行号 row in the file', '问题 problem'];
  for await (const { row, cells } of roster.rows()) {
    const problems = bad.get(row);
    if (!problems) continue;
    const others = pairs.get(row);
    const said = problems.map(({ word, column }) => `${column ? `${column}: ` : ''}${rowProblems[word].zh} ${rowProblems[word].en}`);
    if (others) said.push(`→ ${others.slice(0, 20).join(', ')}`);
    // Cells beyond the headings stay with the row, behind the problem: nothing is left out.
    const beyond = [...cells].filter(([column]) => column >= width).sort(([a], [b]) => a - b);
    yield [
      ...Array.from({ length: width }, (_, column) => textOf(cells.get(column))),
      String(row),
      said.join('\n'),
      ...beyond.map(([column, cell]) => `${columnLetters(column)}: ${textOf(cell)}`),
    ];
  }
}

function textOf(cell: Cell | undefined): string {
  if (!cell || cell.kind === 'formula') return '';
  return cell.kind === 'error' ? '#' : cell.text;
}
