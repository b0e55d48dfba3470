// One row of a laboratory's file: the finding it holds, or everything that is wrong with it. Nothing is guessed: a letter O is not turned
// into a 0, and a word for the result that is not on the list is no result.

import { parseCode } from '../../domain/codes.js';
import { type Finding, tubeMistake } from '../../domain/findings.js';
import type { TestResult } from '../../domain/reasons.js';
import { bodies, tubeCode } from '../../domain/requests.js';
import { plainHeading } from '../tables/headings.js';
import { columnLetters, type Cell, type TableRow } from '../tables/table.js';
import type { ResultColumns, ResultField } from './columns.js';
import type { ResultProblem } from './problems.js';
import { readTestedAt } from './testedAt.js';

export interface FoundProblem {
  word: ResultProblem;
  /** Letters of the column, where the problem is one cell's. */
  column?: string;
  /** What was perhaps meant; a person says whether it was. */
  suggestion?: string;
  /** Other rows it has to do with. */
  with?: readonly number[];
}

export interface ResultRow {
  row: number;
  /** Null where there are problems. */
  finding: Finding | null;
  problems: FoundProblem[];
}

export interface ResultRules {
  columns: ResultColumns;
  /** Said once for the whole file: for rows that say nothing of it themselves. */
  run?: string | undefined;
  testedAt?: number | undefined;
  /** The second person who has looked at all of it, for what is not negative. */
  secondBy?: string | undefined;
  timeZone: string;
  /** Value of a cell that is merged with others and stands in another row. */
  fromMerged: (row: number, column: number) => Cell | 'identity' | null;
}

const words: Readonly<Record<TestResult, readonly string[]>> = {
  negative: ['阴性', '阴', '未检出', 'negative', 'neg', 'n', 'notdetected', '阴性-', '-'],
  positive: ['阳性', '阳', '检出', 'positive', 'pos', 'p', 'detected', '阳性+', '+'],
  inconclusive: ['可疑', '不确定', '灰区', '待定', 'inconclusive', 'indeterminate', 'equivocal', '±', '+/-'],
  invalid: ['无效', 'invalid'],
};
const resultOf = new Map<string, TestResult>(Object.entries(words).flatMap(([result, list]) => list.map((word): [string, TestResult] => [word, result as TestResult])));

/** What a word says of a tube; undefined for a word that is not on the list. Marks are looked at before they are taken off. */
export function readResult(text: string): TestResult | undefined {
  const plain = text
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/gu, '-')
    .replace(/[\s()（）]/gu, '')
    .toLowerCase();
  return resultOf.get(plain);
}

type Code = { code: string } | { problem: ResultProblem; suggestion?: string };

/** A tube's code as it stands in a file: of ours with fitting check digits, or another maker's. */
export function readTubeCode(text: string): Code {
  const code = text.normalize('NFKC').replace(/[\s\u200b-\u200f\u2060\ufeff]/gu, '').toUpperCase();
  if (code === '') return { problem: 'tube_missing' };
  const mistake = tubeMistake(code);
  if (mistake) return { problem: mistake.word, ...(mistake.suggestion === undefined ? {} : { suggestion: mistake.suggestion }) };
  if (/^\d(\.\d+)?E\+?\d+$/.test(code)) return { problem: 'number_rounded' };
  return tubeCode.safeParse(code).success ? { code } : { problem: 'tube_unreadable' };
}

const isOurTube = (text: string): boolean => parseCode(text.replace(/\s/gu, ''))?.type === 'tube';

export function judgeResult(source: TableRow, rules: ResultRules): ResultRow {
  const { columns } = rules;
  const problems: FoundProblem[] = [];
  const places = new Map<ResultField, number>([...columns.fields].map(([column, field]) => [field, column]));
  const say = (word: ResultProblem, field?: ResultField, suggestion?: string): void => {
    const column = field === undefined ? undefined : places.get(field);
    problems.push({ word, ...(column === undefined ? {} : { column: columnLetters(column) }), ...(suggestion === undefined ? {} : { suggestion }) });
  };

  // The cells as such.
  const failed = new Set<ResultField>();
  const texts = new Map<ResultField, string>();
  for (const [column, field] of columns.fields) {
    const merged = rules.fromMerged(source.row, column);
    const wrong = merged === 'identity' ? 'cell_merged' : undefined;
    const cell = merged === 'identity' ? undefined : (source.cells.get(column) ?? merged ?? undefined);
    const read = cell === undefined ? '' : textOf(cell, field);
    if (wrong !== undefined || typeof read !== 'string') {
      failed.add(field);
      say(wrong ?? (read as { problem: ResultProblem }).problem, field);
    } else texts.set(field, read);
  }
  const last = Math.max(-1, ...columns.headings.keys(), ...columns.fields.keys());
  if (columns.headings.size > 0 && [...source.cells.keys()].some((column) => column > last)) say('cells_too_many');
  const text = (field: ResultField): string => texts.get(field) ?? '';

  const tube = readTubeCode(text('tube'));
  const result = readResult(text('result'));
  if (!isOurTube(text('tube')) && (isOurTube(text('result')) || isOurTube(text('accession')))) {
    // What else is wrong with the row follows from it.
    say('columns_swapped');
    return { row: source.row, finding: null, problems };
  }
  if (!failed.has('tube') && 'problem' in tube) say(tube.problem, 'tube', tube.suggestion);
  if (!failed.has('result') && result === undefined) say(text('result') === '' ? 'result_missing' : 'result_word', 'result');
  const testedAt = judgeTime(text('testedAt'), rules);
  if (!failed.has('testedAt') && 'problem' in testedAt) say(testedAt.problem, 'testedAt');

  const names: Partial<Record<ResultField, string>> = {};
  for (const field of ['accession', 'run', 'plate', 'well', 'lot'] as const) {
    const name = text(field).normalize('NFKC').trim() || (field === 'run' ? (rules.run ?? '') : '');
    if (failed.has(field)) continue;
    if (name !== '' && !bodies.recordResult.shape.run.safeParse(name).success) say(/^\d(\.\d+)?E\+?\d+$/i.test(name) ? 'number_rounded' : 'name_characters', field);
    else if (name !== '') names[field] = name;
    else if (field === 'accession' || field === 'run') say(`${field}_missing`, field);
  }
  if (problems.length > 0 || 'problem' in tube || 'problem' in testedAt || result === undefined) return { row: source.row, finding: null, problems };
  const { accession = '', run = '', plate, well, lot } = names;
  return {
    row: source.row,
    finding: {
      tube: tube.code, accession, run, result, testedAt: testedAt.at,
      ...(rules.secondBy === undefined ? {} : { secondBy: rules.secondBy }), ...(plate === undefined ? {} : { plate }), ...(well === undefined ? {} : { well }), ...(lot === undefined ? {} : { lot }),
    },
    problems,
  };
}

function textOf(cell: Cell, field: ResultField): string | { problem: ResultProblem } {
  if (cell.kind === 'formula') return { problem: 'cell_formula' };
  if (cell.kind === 'error') return { problem: 'cell_error' };
  if (cell.kind === 'date') {
    if (field !== 'testedAt') return { problem: 'cell_date' };
    return cell.time === undefined ? cell.text : `${cell.text} ${cell.time}`;
  }
  // Sixteen digits and more do not fit into a spreadsheet's number.
  if (cell.kind === 'number' && field !== 'testedAt' && (!Number.isSafeInteger(cell.number) || Math.abs(cell.number) >= 1e15) && field !== 'lot' && field !== 'run')
    return { problem: 'number_rounded' };
  return cell.text;
}

function judgeTime(text: string, { testedAt, timeZone }: ResultRules): { at: number } | { problem: ResultProblem } {
  if (text.trim() !== '') return readTestedAt(text, timeZone);
  return testedAt === undefined ? { problem: 'time_missing' } : { at: testedAt };
}

/** Is this a row of nothing: a line of dashes or the signature below a list holds no tube, no result and no number. */
export const holdsResult = (source: TableRow, { fields }: ResultColumns): boolean => [...fields.keys()].some((column) => plainHeading(cellText(source.cells.get(column))) !== '');

const cellText = (cell: Cell | undefined): string => (cell === undefined ? '' : cell.kind === 'formula' || cell.kind === 'error' ? '#?' : cell.text);
