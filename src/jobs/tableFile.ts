// Tables as files for a spreadsheet program, .csv or .xlsx, made row by row as they are sent.
//
// A cell that the program would take for a formula gets an apostrophe in front: what strangers typed must not be worked out on the screen
// of whoever opens the file. Every other cell is text too, so that a document number keeps all its digits.

import { PassThrough } from 'node:stream';
import ExcelJS from 'exceljs';

export type TableFormat = 'xlsx' | 'csv';

export const tableMediaTypes: Readonly<Record<TableFormat, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', csv: 'text/csv; charset=utf-8',
};

/** The bytes of the file, as they are made. `head` is the number of rows above the first of the table, its headings included. */
export function tableFile(rows: AsyncIterable<readonly string[]>, format: TableFormat, { title, head = 1 }: { title: string; head?: number }): AsyncIterable<Buffer> {
  return format === 'csv' ? csvFile(rows) : xlsxFile(rows, title, head);
}

/** A cell's text as no spreadsheet program takes it for a formula. */
export function harmless(text: string): string {
  return /^[=+\-@\p{Cc}＝＋－＠]/u.test(text) ? `'${text}` : text;
}

async function* csvFile(rows: AsyncIterable<readonly string[]>): AsyncGenerator<Buffer> {
  // The byte order mark tells Excel that this is UTF-8.
  let waiting = '\ufeff';
  for await (const row of rows) {
    waiting += `${row.map(harmless).map((text) => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',')}\r\n`;
    if (waiting.length < 64 * 1024) continue;
    yield Buffer.from(waiting);
    waiting = '';
  }
  yield Buffer.from(waiting);
}

async function* xlsxFile(rows: AsyncIterable<readonly string[]>, title: string, head: number): AsyncGenerator<Buffer> {
  const out = new PassThrough();
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: out, useSharedStrings: false, useStyles: true });
  const sheet = book.addWorksheet(title, { views: [{ state: 'frozen', ySplit: head }] });
  const written = (async () => {
    let above = head;
    for await (const row of rows) {
      const line = sheet.addRow(row.map(harmless));
      if (above > 0) {
        line.font = { bold: true };
        // Text, so that a number typed into a corrected file keeps all its digits.
        for (let column = 1; column <= row.length; column++) sheet.getColumn(column).numFmt = '@';
        above--;
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
