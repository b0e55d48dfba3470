// The dry run: reads a whole roster and says everything about it, writing nothing anywhere.
//
// Every row that holds somebody is good or bad, and good + bad is what went in. Duplicates are found by what a person is matched on and
// shown as pairs. Two rows that say the same are one person written twice, and the first stands; two that disagree are both held back,
// since a program cannot know which of them is right.

import { createHash } from 'node:crypto';
import { identityOf, type Person } from '../../vault/people.js';
import type { Found, RosterRow } from './judgeRow.js';
import type { RowNote, RowProblem } from './problems.js';
import { columnList, type Roster, type RowsPassed } from './readRoster.js';
import { refusedTable, TableRefused, type RefusedTable } from '../tables/table.js';

/** What the dry run found. Row numbers, column letters, headings and words; the names of villages; nobody's data. */
export interface RosterReport {
  ok: true;
  sheet: string;
  headingRow: number;
  columns: { column: string; heading: string; field: string | null }[];
  rows: { in: number; good: number; bad: number } & RowsPassed;
  problems: { row: number; problem: RowProblem; column?: string }[];
  notes: { row: number; note: RowNote; column?: string }[];
  duplicates: { rows: [number, number]; problem: RowProblem }[];
  /** How often each word stands above. */
  counts: { problems: Partial<Record<RowProblem, number>>; notes: Partial<Record<RowNote, number>> };
  /** Good rows by village, in the order the file names them. */
  villages: { village: string; good: number }[];
  households: number;
}

/** The report, and the rows an import has to leave out. */
export interface Judgement {
  report: RosterReport;
  bad: ReadonlyMap<number, readonly Found<RowProblem>[]>;
  /** Row > the rows it shares a person or a number with. */
  pairs: ReadonlyMap<number, readonly number[]>;
}

/** `onRow` hears the number of rows judged so far and how much of the file has been read. */
export async function judgeRoster(roster: Roster, onRow?: (rows: number, share: number) => void): Promise<Judgement | RefusedTable> {
  const passed: RowsPassed = { empty: 0, repeatedHeadings: 0 };
  const collected = new Collected();
  let share = 0;
  try {
    for await (const row of roster.rows(passed, (read) => (share = read))) {
      collected.add(row);
      onRow?.(collected.rows, share);
    }
  } catch (cause) {
    if (cause instanceof TableRefused) return refusedTable(cause);
    throw cause;
  }
  return collected.judgement(roster, passed);
}

/** What has to be remembered of a row until the last one is read. */
interface Kept {
  row: number;
  name: string;
  print: string;
}

class Collected {
  rows = 0;
  readonly #problems = new Map<number, Found<RowProblem>[]>();
  readonly #notes: RosterReport['notes'] = [];
  readonly #duplicates: RosterReport['duplicates'] = [];
  readonly #people = new Map<string, Kept>();
  readonly #rounded: number[] = [];
  readonly #places = new Map<number, { village: string; household: string }>();

  add({ row, person, problems, notes, endsRounded }: RosterRow): void {
    this.rows++;
    for (const found of problems) this.#bad(row, found);
    for (const { word, column } of notes) this.#notes.push(column === undefined ? { row, note: word } : { row, note: word, column });
    if (endsRounded) this.#rounded.push(row);
    this.#places.set(row, { village: person.village ?? '', household: person.household ?? '' });
    if (person.document && person.identity !== undefined && person.name) this.#compare(row, person as Person);
  }

  judgement(roster: Roster, passed: RowsPassed): Judgement {
    // One person in 1,100 has a number that ends in 000. When far more do, a spreadsheet rounded them, and those whose check digit still
    // fits are wrong people's numbers.
    if (this.#rounded.length > 3 && this.#rounded.length > this.rows / 100) {
      for (const row of this.#rounded) this.#bad(row, { word: 'document_spreadsheet_rounded' });
    }
    const problems = [...this.#problems]
      .sort(([a], [b]) => a - b)
      .flatMap(([row, found]) => found.map(({ word, column }) => (column === undefined ? { row, problem: word } : { row, problem: word, column })));
    const bad = this.#problems.size;
    const good = [...this.#places].filter(([row]) => !this.#problems.has(row)).map(([, place]) => place);
    const pairs = new Map<number, number[]>();
    for (const {
      rows: [a, b],
    } of this.#duplicates) {
      pairs.set(a, [...(pairs.get(a) ?? []), b]);
      pairs.set(b, [...(pairs.get(b) ?? []), a]);
    }
    return {
      report: {
        ok: true,
        sheet: roster.sheet,
        headingRow: roster.columns.headingRow,
        columns: columnList(roster.columns),
        rows: { in: this.rows, good: this.rows - bad, bad, ...passed },
        problems,
        notes: this.#notes,
        duplicates: this.#duplicates,
        counts: { problems: tally(problems.map(({ problem }) => problem)), notes: tally(this.#notes.map(({ note }) => note)) },
        villages: Object.entries(tally(good.map(({ village }) => village))).map(([village, good]) => ({ village, good: good ?? 0 })),
        households: new Set(good.filter(({ household }) => household !== '').map(({ village, household }) => `${village}\u001f${household}`)).size,
      },
      bad: this.#problems,
      pairs,
    };
  }

  #compare(row: number, person: Person): void {
    const identity = identityOf(person);
    const print = createHash('sha1').update(JSON.stringify(person)).digest('base64');
    const first = this.#people.get(identity);
    if (!first) {
      this.#people.set(identity, { row, name: person.name, print });
      return;
    }
    const problem: RowProblem =
      person.identity === null
        ? 'duplicate_undocumented'
        : first.print === print
          ? 'duplicate_row'
          : sameName(first.name, person.name)
            ? 'duplicate_person'
            : 'duplicate_number';
    this.#duplicates.push({ rows: [first.row, row], problem });
    this.#bad(row, { word: problem });
    if (problem !== 'duplicate_row') this.#bad(first.row, { word: problem });
  }

  #bad(row: number, found: Found<RowProblem>): void {
    const before = this.#problems.get(row);
    if (!before) this.#problems.set(row, [found]);
    else if (!before.some(({ word, column }) => word === found.word && column === found.column)) before.push(found);
  }
}

function sameName(a: string, b: string): boolean {
  const bare = (name: string): string =>
    name
      .normalize('NFKC')
      .replace(/[\s.·•・‧∙-]/gu, '')
      .toLowerCase();
  return bare(a) === bare(b);
}

function tally<Word extends string>(words: readonly Word[]): Partial<Record<Word, number>> {
  const counts = new Map<Word, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts) as Partial<Record<Word, number>>;
}
