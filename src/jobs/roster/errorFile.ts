// The file of errors: every row that was not enrolled, as it stood, with its row number and what is wrong, ready to be corrected in a
// spreadsheet program and imported again. Its headings are those of the roster, so it is read like one.
//
// A cell that a spreadsheet program would take for a formula gets an apostrophe in front: what strangers typed must not be worked out on
// the screen of whoever opens the file. The reader takes it off again.

import { PassThrough } from 'node:stream';
import ExcelJS from 'exceljs';
import type { Judgement } from './judgeRoster.js';
import { rowProblems } from './problems.js';
import type { Roster } from './readRoster.js';
import { columnLetters, type Cell } from './table.js';

export type ErrorFileFormat = 'xlsx' | 'csv';

/** The bytes of the file, as they are made. Personal data: it goes to whoever uploaded the roster, or into the vault. */
export function errorFile(roster: Roster, judgement: Judgement, format: ErrorFileFormat): AsyncIterable<Buffer> {
  return format === 'csv' ? csvFile(errorRows(roster, judgement)) : xlsxFile(errorRows(roster, judgement));
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
    ].map(harmless);
  }
}

function textOf(cell: Cell | undefined): string {
  if (!cell || cell.kind === 'formula') return '';
  return cell.kind === 'error' ? '#' : cell.text;
}

function harmless(text: string): string {
  return /^[=+\-@\p{Cc}＝＋－＠]/u.test(text) ? `'${text}` : text;
}

async function* csvFile(rows: AsyncIterable<string[]>): AsyncGenerator<Buffer> {
  // The byte order mark tells Excel that this is UTF-8.
  let waiting = '\ufeff';
  for await (const row of rows) {
    waiting += `${row.map((text) => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',')}\r\n`;
    if (waiting.length < 64 * 1024) continue;
    yield Buffer.from(waiting);
    waiting = '';
  }
  yield Buffer.from(waiting);
}

async function* xlsxFile(rows: AsyncIterable<string[]>): AsyncGenerator<Buffer> {
  const out = new PassThrough();
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: out, useSharedStrings: false, useStyles: true });
  const sheet = book.addWorksheet('问题 problems', { views: [{ state: 'frozen', ySplit: 1 }] });
  const written = (async () => {
    let first = true;
    for await (const row of rows) {
      const line = sheet.addRow(row);
      if (first) {
        line.font = { bold: true };
        // Text, so that a number typed into the corrected file keeps all its digits.
        for (let column = 1; column <= row.length; column++) sheet.getColumn(column).numFmt = '@';
        first = false;
      }
      line.commit();
    }
    sheet.commit();
    await book.commit();
  })();
  written.catch((cause: Error) => out.destroy(cause));
  for await (const bytes of out) yield bytes as Buffer;
  await written;
}
