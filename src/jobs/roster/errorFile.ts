// The file of errors: every row that was not enrolled, as it stood, with its row number and what is wrong, ready to be corrected in a
// spreadsheet program and imported again. Its headings are those of the roster, so it is read like one.
//
// A cell that a spreadsheet program would take for a formula gets an apostrophe in front (tableFile.ts). The reader takes it off again.

import { correctable } from '../tables/correctable.js';
import { tableFile, type TableFormat } from '../tableFile.js';
import type { Judgement } from './judgeRoster.js';
import { rowProblems } from './problems.js';
import type { Roster } from './readRoster.js';

export type ErrorFileFormat = TableFormat;

/** The bytes of the file, as they are made. Personal data: it goes to whoever uploaded the roster, or into the vault. */
export function errorFile(roster: Roster, judgement: Judgement, format: ErrorFileFormat): AsyncIterable<Buffer> {
  return tableFile(errorRows(roster, judgement), format, { title: '问题 problems' });
}

function errorRows(roster: Roster, { bad, pairs }: Judgement): AsyncIterable<string[]> {
  const { headings, fields, flags } = roster.columns;
  const titles = new Map<number, string>([...flags, ...fields, ...headings]);
  return correctable(roster.rows(), titles, (row) => {
    const others = pairs.get(row);
    const said = bad.get(row)?.map(({ word, column }) => `${column ? `${column}: ` : ''}${rowProblems[word].zh} ${rowProblems[word].en}`);
    if (said && others) said.push(`→ ${others.slice(0, 20).join(', ')}`);
    return said;
  });
}
