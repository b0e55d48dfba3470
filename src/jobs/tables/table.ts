// A table as both readers give it, whatever the file was: rows with the number the spreadsheet program shows, and cells that still
// know what they were. Numbers stay numbers, because a number that stands where a text belongs has often lost its end.

import { fileProblems, type FileProblem, type Sentences } from './fileProblems.js';

export type Cell =
  | { kind: 'text'; text: string; formula?: true }
  | { kind: 'number'; text: string; number: number; formula?: true }
  /** A number that the sheet shows as a date, as YYYY-MM-DD; `time` HH:MM:SS where it shows one or holds one. */
  | { kind: 'date'; text: string; time?: string; formula?: true }
  /** A formula whose result is not in the file. Formulas are never worked out. */
  | { kind: 'formula' }
  | { kind: 'error' };

export interface TableRow {
  /** Counted from 1, as the spreadsheet program shows it. */
  row: number;
  /** By column, counted from 0; empty cells are not there. */
  cells: ReadonlyMap<number, Cell>;
}

/** Cells that are one on the sheet; both ends included, rows from 1, columns from 0. */
export interface MergedRange {
  firstRow: number;
  lastRow: number;
  firstColumn: number;
  lastColumn: number;
}

export interface Table {
  /** Names of the sheets in their order; a text file has one without a name. */
  readonly sheets: readonly string[];
  /** How a text ends: with its last line, without a line end (some programs write none), or in the middle of a character or cell. */
  readonly end?: 'whole' | 'open' | 'cut';
  /** Non-empty rows in order. `onRead` hears how much of the sheet has been read, from 0 to 1. Throws TableRefused. */
  rows(sheet: string, onRead?: (share: number) => void): AsyncIterable<TableRow>;
  merged(sheet: string): Promise<readonly MergedRange[]>;
}

/** The file as a whole is refused. The detail names sheets, headings and rows, never a person. */
export interface RefusedTable {
  ok: false;
  problem: FileProblem;
  zh: string;
  en: string;
  detail: Readonly<Record<string, unknown>>;
}

/** Turns the readers' refusal into the value that people get. `instead`: sentences that say it more exactly for this kind of table. */
export function refusedTable({ problem, detail }: TableRefused, instead: Partial<Record<FileProblem, Sentences>> = {}): RefusedTable {
  return { ok: false, problem, ...(instead[problem] ?? fileProblems[problem]), detail };
}

/** The file is refused as a whole. Thrown inside the readers, caught at their door and given back as a value. */
export class TableRefused extends Error {
  override name = 'TableRefused';
  readonly problem: FileProblem;
  readonly detail: Readonly<Record<string, unknown>>;
  /** `detail` holds row numbers, sheet names and headings only. */
  constructor(problem: FileProblem, detail: Readonly<Record<string, unknown>> = {}) {
    super(problem);
    this.problem = problem;
    this.detail = detail;
  }
}

/** What is read at most; a township of 28,000 is a tenth of it. */
export const tableLimits = {
  fileBytes: 20 * 1024 * 1024,
  rows: 300_000,
  /** Filled cells of a row. */
  columns: 1000,
  zipEntries: 500,
  entryBytes: 100 * 1024 * 1024,
  unpackedBytes: 150 * 1024 * 1024,
  /** Unpacked to packed. Sheets with much repetition reach 50; a bomb a thousand. Parts below a megabyte are harmless. */
  ratio: 200,
  cellCharacters: 32_767,
} as const;

/** 0 → A, 27 → AB. */
export function columnLetters(column: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  return letters;
}

/** A → 0, AB → 27; null for what is no column. */
export function columnNumber(letters: string): number | null {
  if (!/^[A-Z]{1,3}$/.test(letters)) return null;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column <= 16_384 ? column - 1 : null;
}
