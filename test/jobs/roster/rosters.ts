// Rosters for tests, made by code: people of nobody with numbers whose check digits are right, as .xlsx and .csv in every ugliness.

import ExcelJS from 'exceljs';
import iconv from 'iconv-lite';
import { residentIdCheck } from '../../../src/domain/documents.js';

/** A number that proves right and, by its area code 690000, was issued nowhere. */
export function madeUpNumber(n: number): string {
  const day = new Date(Date.UTC(1950, 0, 1 + (n % 20_000))).toISOString().slice(0, 10).replaceAll('-', '');
  const first17 = `690000${day}${String(Math.floor(n / 20_000) * 7 + (n % 7) + 101).padStart(3, '0')}`;
  return first17 + residentIdCheck(first17);
}

export const headings = ['姓名', '身份证号', '村庄', '户号', '联系电话', '特殊人群'];

/** One person by number: name, document, village, household, phone, category. */
export function madeUpRow(n: number): string[] {
  return [
    `测试${String.fromCodePoint(0x4e00 + (n % 5000))}`,
    madeUpNumber(n),
    `第${1 + (n % 35)}村`,
    `${1 + Math.floor(n / 3)}`,
    `138${String(n).padStart(8, '0')}`,
    '',
  ];
}

export type Value = ExcelJS.CellValue;

/** A workbook with one sheet, or several by name. `finish` can merge cells and the like. */
export async function xlsx(sheets: Value[][] | Record<string, Value[][]>, finish?: (sheet: ExcelJS.Worksheet) => void): Promise<Buffer> {
  const book = new ExcelJS.Workbook();
  for (const [name, rows] of Object.entries(Array.isArray(sheets) ? { 名单: sheets } : sheets)) {
    const sheet = book.addWorksheet(name);
    for (const row of rows) sheet.addRow(row);
    finish?.(sheet);
  }
  return Buffer.from(await book.xlsx.writeBuffer());
}

export function csv(rows: string[][], { separator = ',', encoding = 'utf-8', mark = false, end = '\r\n' } = {}): Buffer {
  const text =
    rows
      .map((row) => row.map((cell) => (/["\n\r]/.test(cell) || cell.includes(separator) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(separator))
      .join(end) + end;
  return encoding === 'utf-8' ? Buffer.from((mark ? '\ufeff' : '') + text) : iconv.encode(text, encoding, { addBOM: mark });
}
