// One row of a roster: what it says about a person, everything that is wrong with it, and what somebody should look at.
//
// All problems of a row are found, not the first. Nothing is cut to fit and nothing is guessed: a text that is too long is a problem,
// a category nobody here knows is kept as it stands and noted.

import { isRealDate, judgeDocument, readDocumentKind, type Sex } from '../../domain/documents.js';
import type { Category, Person } from '../../vault/people.js';
import { readCategory, type Columns, type RosterField } from './headings.js';
import type { RowNote, RowProblem } from './problems.js';
import { columnLetters, type Cell, type TableRow } from '../tables/table.js';

export interface Found<Word> {
  word: Word;
  /** Letters of the column, where the problem is one cell's. */
  column?: string;
}

export interface RosterRow {
  row: number;
  /** What can be said of the person; complete when there are no problems. Personal data: it goes into the vault or nowhere. */
  person: Partial<Person>;
  /** The number proves right, and ends as one does that a spreadsheet has rounded. */
  endsRounded?: true;
  problems: Found<RowProblem>[];
  notes: Found<RowNote>[];
  /** The row as it stood in the file, for the file of errors. */
  cells: TableRow['cells'];
}

export interface RowRules {
  columns: Columns;
  /** The village of a file that has no column for it. */
  village?: string | undefined;
  /** The day on which ages are counted, YYYY-MM-DD. */
  today: string;
  /** Value of a cell that is merged with others and stands in another row: column > cell. */
  fromMerged?: (row: number, column: number) => Cell | 'identity' | null;
}

/** Characters a field may hold; what cannot be longer is told before it is enrolled, not cut by the record. */
const lengthMax: Readonly<Partial<Record<RosterField, number>>> = {
  name: 100,
  village: 60,
  zone: 60,
  household: 60,
  address: 300,
  phone: 100,
  remark: 500,
  category: 100,
  description: 60,
};

export function judgeRow(source: TableRow, rules: RowRules): RosterRow {
  const result: RosterRow = { row: source.row, person: {}, problems: [], notes: [], cells: source.cells };
  const problem = (word: RowProblem, column?: number): void => {
    result.problems.push(column === undefined ? { word } : { word, column: columnLetters(column) });
  };
  const note = (word: RowNote, column?: number): void => {
    result.notes.push(column === undefined ? { word } : { word, column: columnLetters(column) });
  };
  const reading = readFields(source, rules, problem, note);
  const { person } = result;
  const text = (field: RosterField): string => reading.text.get(field) ?? '';

  const name = text('name').replace(/\s+/gu, ' ');
  const nameColumn = reading.column.get('name');
  if (!reading.failed.has('name')) {
    const wrong = nameProblem(name);
    if (wrong) problem(wrong, nameColumn);
    // Rare characters that were given private code points: right here, perhaps a blank elsewhere.
    else if (/\p{Co}/u.test(name)) note('name_rare_character', nameColumn);
  }
  person.name = name;

  if (!reading.failed.has('village')) {
    const village = text('village') || (rules.village ?? '');
    if (village === '') problem('village_missing', reading.column.get('village'));
    person.village = village;
  }
  person.household = text('household').replace(/^'/, '');
  for (const field of ['zone', 'address', 'phone', 'remark'] as const) if (text(field) !== '') person[field] = text(field);

  if (!reading.failed.has('number') && !reading.failed.has('kind')) judgeNumber(reading, rules, result, problem, note);
  judgeSexAndBirth(reading, rules, person, note);
  person.categories = categoriesOf(reading, person, note);
  judgePhone(reading, note);
  if (/去世|死亡|已故|病故|迁出|迁走|搬走|销户/.test(text('remark') + text('category'))) note('perhaps_gone', reading.column.get('remark'));
  return result;
}

// ---------------------------------------------------------------------------------------------------------

interface Reading {
  text: Map<RosterField, string>;
  /** The column a field came from, the first of several. */
  column: Map<RosterField, number>;
  /** The number cell as a number, where it is one. */
  number: number | null;
  flags: Set<Category>;
  /** Fields whose cell cannot be used at all. */
  failed: Set<RosterField>;
}

type Say<Word> = (word: Word, column?: number) => void;

/** Takes the cells apart into texts by field, and finds what is wrong with the cells as such. */
function readFields(source: TableRow, { columns, fromMerged }: RowRules, problem: Say<RowProblem>, note: Say<RowNote>): Reading {
  const reading: Reading = { text: new Map(), column: new Map(), number: null, flags: new Set(), failed: new Set() };
  let filled = false;
  let formula = false;
  for (const [column, field] of columns.fields) {
    if (!reading.column.has(field)) reading.column.set(field, column);
    let cell = source.cells.get(column);
    const merged = fromMerged?.(source.row, column);
    if (merged === 'identity') {
      problem('cell_merged', column);
      reading.failed.add(field);
      continue;
    }
    if (!cell && merged) {
      cell = merged;
      filled = true;
    }
    if (!cell) continue;
    const wrong = cellProblem(cell, field);
    if (wrong) {
      problem(wrong, column);
      reading.failed.add(field);
      continue;
    }
    if (cell.kind === 'formula' || cell.kind === 'error') continue;
    formula ||= cell.formula === true;
    if (field === 'number' && cell.kind === 'number') reading.number = cell.number;
    const before = reading.text.get(field);
    const words = tidy(cell.text, field);
    reading.text.set(field, before ? `${before}；${words}` : words);
  }
  for (const [column, category] of columns.flags) {
    const cell = source.cells.get(column);
    if (!cell) continue;
    const answer = cell.kind === 'formula' || cell.kind === 'error' ? null : yesOrNo(cell.text);
    if (answer === null) problem('flag_unclear', column);
    else if (answer) reading.flags.add(category);
  }
  for (const [field, limit] of Object.entries(lengthMax) as [RosterField, number][]) {
    if (Array.from(reading.text.get(field) ?? '').length <= limit) continue;
    problem('text_long', reading.column.get(field));
    reading.failed.add(field);
  }
  const last = Math.max(-1, ...columns.headings.keys(), ...columns.fields.keys(), ...columns.flags.keys());
  if (columns.headings.size > 0 && [...source.cells.keys()].some((column) => column > last)) problem('cells_too_many');
  if (filled) note('merged_filled');
  if (formula) note('formula_value');
  return reading;
}

function cellProblem(cell: Cell, field: RosterField): RowProblem | null {
  if (cell.kind === 'formula') return 'cell_formula';
  if (cell.kind === 'error') return 'cell_error';
  if (cell.kind === 'date' && (field === 'household' || field === 'number' || field === 'zone'))
    return field === 'number' ? 'document_characters' : 'household_date';
  if ((cell.text.match(/\n/g) ?? []).length > 5) return 'text_lines';
  if (/[^\P{Cc}\s]|[\u2028\u2029\ufffe\uffff]/u.test(cell.text)) return 'text_characters';
  return null;
}

/** Line breaks stay in addresses and remarks; everywhere else a cell is one line. */
function tidy(text: string, field: RosterField): string {
  const plain = text
    .normalize(field === 'name' || field === 'address' || field === 'remark' ? 'NFC' : 'NFKC')
    .replace(/[\u200b-\u200f\u2060\ufeff]/gu, '');
  return (field === 'address' || field === 'remark' ? plain : plain.replace(/[\s\u3000]+/gu, ' ')).trim();
}

function nameProblem(name: string): RowProblem | null {
  if (name === '') return 'name_missing';
  if (/[?？\ufffd]/u.test(name)) return 'name_unreadable';
  // Letters of any script, marks, digits people add to tell two of one name apart, and what stands between parts of a name.
  if (!/\p{L}|\p{Co}/u.test(name) || !/^[\p{L}\p{M}\p{N}\p{Co} .,'’`·•・‧∙()（）-]+$/u.test(name)) return 'name_characters';
  return null;
}

function judgeNumber(reading: Reading, rules: RowRules, result: RosterRow, problem: Say<RowProblem>, note: Say<RowNote>): void {
  const { person } = result;
  const column = reading.column.get('number');
  const kind = readDocumentKind(reading.text.get('kind') ?? '');
  if (kind === null) {
    problem('document_kind_unknown', reading.column.get('kind'));
    return;
  }
  const description = reading.text.get('description') || kind?.description;
  const number = reading.number ?? reading.text.get('number') ?? '';
  const judged = judgeDocument({ number, kind: kind?.kind, description, today: rules.today });
  if (!judged.ok) {
    problem(judged.problem, column);
    return;
  }
  person.document = { kind: judged.kind, number: judged.normalised };
  if (judged.kind === 'other' && description) person.document.description = description;
  person.identity = judged.identity;
  if (judged.birthDate) person.birthDate = judged.birthDate;
  if (judged.sex) person.sex = judged.sex;
  if (judged.endsRounded) result.endsRounded = true;
  if (judged.kind === 'none') note('no_document', column);
  if (kind && kind.kind !== judged.kind) note('kind_corrected', reading.column.get('kind'));
}

function judgeSexAndBirth(reading: Reading, rules: RowRules, person: Partial<Person>, note: Say<RowNote>): void {
  const written = sexOf(reading.text.get('sex') ?? '');
  const born = dateOf(reading.text.get('birth') ?? '');
  const { sex, birthDate } = person;
  if (sex && written && sex !== written) note('sex_differs', reading.column.get('sex'));
  if (birthDate && born && birthDate !== born) note('birth_differs', reading.column.get('birth'));
  if (!sex && written) person.sex = written;
  if (!birthDate && born !== null && born <= rules.today) person.birthDate = born;
}

function sexOf(text: string): Sex | undefined {
  if (/^(男|男性|m|male)$/i.test(text)) return 'male';
  return /^(女|女性|f|female)$/i.test(text) ? 'female' : undefined;
}

/** 1949-12-31, 1949/12/31, 1949.12.31, 19491231, 1949年12月31日. */
function dateOf(text: string): string | null {
  const match = /^(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?$/u.exec(text);
  if (!match) return null;
  const date = `${match[1]}-${String(match[2]).padStart(2, '0')}-${String(match[3]).padStart(2, '0')}`;
  return isRealDate(date) ? date : null;
}

/** The categories a row names, in its column and in columns of their own. */
function categoriesOf(reading: Reading, person: Partial<Person>, note: Say<RowNote>): Category[] {
  const found = new Set(reading.flags);
  const written = reading.text.get('category') ?? '';
  if (written !== '') person.categoryText = written;
  for (const word of written.split(/[、，,；;/|+\s]+/u)) {
    if (word === '' || /^(无|否|普通|正常|一般|普通人群|一般人群|常住人口?|-+|none|no|normal)$/iu.test(word)) continue;
    const category = readCategory(word);
    if (category) found.add(category);
    else note('category_unused', reading.column.get('category'));
  }
  return [...found];
}

function judgePhone(reading: Reading, note: Say<RowNote>): void {
  const phone = reading.text.get('phone') ?? '';
  if (phone === '') return;
  if (/^\d(\.\d+)?E\+?\d+$/i.test(phone)) note('phone_lost', reading.column.get('phone'));
  else if (!phone.split(/[、，,；;/]/u).every((one) => /^\+?[\d\s()（）-]{5,20}$/u.test(one.trim())))
    note('phone_unclear', reading.column.get('phone'));
}

function yesOrNo(text: string): boolean | null {
  const word = text.normalize('NFKC').trim().toLowerCase();
  if (/^(是|有|√|✓|✔|☑|1|y|yes|true|t)$/u.test(word)) return true;
  return /^(否|无|没有|×|x|✗|✘|☐|0|n|no|false|f|-+)$/u.test(word) ? false : null;
}
