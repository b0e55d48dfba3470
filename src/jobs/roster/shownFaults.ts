// The faults of a roster as a screen shows them: the file's own row number, the column as the spreadsheet names it, the value masked, what
// is wrong and what to do. It is part of the sealed report: a masked value is personal data still.

import { maskAddress, maskDocument, maskName, maskPhone } from '../../domain/masking.js';
import { type Cell, columnLetters, columnNumber } from '../tables/table.js';
import type { Sentences } from '../tables/fileProblems.js';
import type { Judgement } from './judgeRoster.js';
import { type RowProblem, rowProblems } from './problems.js';
import type { Roster } from './readRoster.js';

export interface ShownFault {
  row: number;
  /** Letters of the column; '' where it is the whole row. */
  column: string;
  heading: string;
  /** As it stands in the file, masked. */
  value: string;
  problem: RowProblem;
  /** The other row of a pair. */
  other?: number;
}

export interface ShownFaults {
  /** In the order of the file, at most `shownMax`; the file of errors has all of them. */
  faults: ShownFault[];
  /** What is wrong, and what to do, for the words above. */
  sentences: Partial<Record<RowProblem, Sentences & { nextZh: string; nextEn: string }>>;
}

/** Nobody reads more at a screen, and a wrong column makes a fault in every row. */
export const shownMax = 1000;

const advice = {
  spreadsheet: { nextZh: '在表格软件中把该列设为“文本”，按证件重新填写，再导入', nextEn: 'Format the column as text in the spreadsheet program, enter the number again from the document, and import once more' },
  document: { nextZh: '对照证件更正号码，再导入', nextEn: 'Correct the number from the document itself, and import once more' },
  pair: { nextZh: '打开两行，保留正确的一行，删除另一行', nextEn: 'Look at both rows, keep the right one and delete the other' },
  same: { nextZh: '无需处理：只导入前一行', nextEn: 'Nothing to do: the earlier row is imported' },
  row: { nextZh: '在文件中更正此行，再导入', nextEn: 'Correct this row in the file, and import once more' },
  cell: { nextZh: '在文件中更正此格，再导入', nextEn: 'Correct this cell in the file, and import once more' },
} as const;

function adviceFor(word: RowProblem): (typeof advice)[keyof typeof advice] {
  if (word === 'duplicate_row') return advice.same;
  if (word.startsWith('duplicate_')) return advice.pair;
  if (word.includes('spreadsheet')) return advice.spreadsheet;
  if (word.startsWith('document_')) return advice.document;
  return word === 'cells_too_many' || word === 'text_lines' ? advice.row : advice.cell;
}

/** Reads the bad rows once more for what stands in them. */
export async function shownFaults(roster: Roster, { bad, pairs }: Pick<Judgement, 'bad' | 'pairs'>): Promise<ShownFaults> {
  const faults: ShownFault[] = [];
  const sentences: ShownFaults['sentences'] = {};
  for (const found of bad.values()) for (const { word } of found) sentences[word] ??= { ...rowProblems[word], ...adviceFor(word) };
  if (bad.size === 0) return { faults, sentences };
  for await (const { row, cells } of roster.rows()) {
    for (const { word, column } of bad.get(row) ?? []) {
      const at = column === undefined ? columnOfPair(roster, word) : columnNumber(column);
      const other = word.startsWith('duplicate_') ? pairs.get(row)?.[0] : undefined;
      faults.push({
        row, column: at === null ? '' : columnLetters(at), heading: at === null ? '' : (roster.columns.headings.get(at) ?? ''), problem: word,
        value: at === null ? '' : maskedCell(cells.get(at), roster.columns.fields.get(at)), ...(other === undefined ? {} : { other }),
      });
    }
    if (faults.length >= shownMax) break;
  }
  return { faults: faults.slice(0, shownMax), sentences };
}

/** Two rows are a pair by their number, or where there is none by their name. */
function columnOfPair({ columns }: Roster, word: RowProblem): number | null {
  const wanted = word === 'duplicate_undocumented' ? 'name' : word.startsWith('duplicate_') || word === 'document_spreadsheet_rounded' ? 'number' : undefined;
  for (const [column, field] of columns.fields) if (field === wanted) return column;
  return null;
}

function maskedCell(cell: Cell | undefined, field: string | undefined): string {
  if (!cell || cell.kind === 'formula') return '';
  if (cell.kind === 'error') return '#';
  const text = cell.text.replace(/\s+/gu, ' ').slice(0, 60);
  if (field === 'number') return maskDocument(text);
  if (field === 'phone') return maskPhone(text);
  if (field === 'address') return maskAddress(text);
  // A date a spreadsheet made of a door, a village, a kind of document: these are nobody by themselves. A column taken for the wrong one could hold a name.
  return ['village', 'household', 'kind', 'category', 'sex'].includes(field ?? '') && !/\d{15}/.test(text) ? text : maskName(text);
}
