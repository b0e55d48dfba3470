// Everything that can be wrong with the rows of a roster, as words with sentences; what can be wrong with a file as a whole stands in
// tables/fileProblems.ts. Two lists:
//
//   rowProblems   a row is not enrolled until somebody corrects it
//   rowNotes      a row is enrolled, and somebody should look at it
//
// Words travel in reports, jobs and logs; sentences are for the person at the screen and in the file they download.

import { documentProblems } from '../../domain/documents.js';
import type { Sentences } from '../tables/fileProblems.js';

export const rowProblems = {
  ...documentProblems,
  name_missing: { zh: '没有姓名。', en: 'There is no name.' },
  name_unreadable: { zh: '姓名中有无法识别的字符（如 ? 或 �），原字已丢失。', en: 'The name holds ? or another mark of a lost character.' },
  name_characters: { zh: '姓名中有不应出现的字符。', en: 'The name holds characters that do not belong in a name.' },
  village_missing: { zh: '没有村庄。', en: 'There is no village.' },
  text_characters: { zh: '内容含有控制字符。', en: 'The cell holds control characters.' },
  text_long: { zh: '内容太长。', en: 'The text is too long.' },
  text_lines: {
    zh: '单元格内有很多换行，可能是引号没有配对而吞掉了后面的行。',
    en: 'The cell holds many line breaks: a quotation mark that was not closed may have swallowed the rows below.',
  },
  cells_too_many: {
    zh: '此行的格子比标题多，可能有未加引号的分隔符，各列已错位。',
    en: 'The row has more cells than there are headings: a separator without quotation marks has shifted them.',
  },
  cell_formula: {
    zh: '单元格是公式，文件中没有保存它的结果。请粘贴为数值。',
    en: 'The cell is a formula and the file holds no result of it. Paste it as a value.',
  },
  cell_error: { zh: '单元格是公式错误（如 #REF!）。', en: 'The cell is the error of a formula (such as #REF!).' },
  cell_merged: {
    zh: '姓名或证件号码的单元格与其他行合并了，无法判断属于谁。',
    en: 'The cell of the name or the number is merged with other rows, so it is not clear whose it is.',
  },
  household_date: {
    zh: '表格软件把户号变成了日期（如 3-5 变成 3月5日）。请把该列设为“文本”后重新填写。',
    en: 'A spreadsheet turned the household number into a date (such as 3-5). Format the column as text and enter it again.',
  },
  flag_unclear: { zh: '此列只能写“是”或“否”。', en: 'This column takes only "yes" or "no".' },
  duplicate_row: {
    zh: '与前面一行是同一人且内容相同，只导入前一行。',
    en: 'The same person stands in an earlier row with the same data; only that one is enrolled.',
  },
  duplicate_person: {
    zh: '同一证件号码出现在两行，村庄、户号等内容不同，请保留正确的一行。',
    en: 'The same document number stands in two rows with different data. Keep the right one.',
  },
  duplicate_number: {
    zh: '同一证件号码对应两个不同姓名，至少一个号码有误。',
    en: 'One document number stands beside two different names: one of the numbers is wrong.',
  },
  duplicate_undocumented: {
    zh: '两行无证件人员无法区分（同村、同户、同名），请补充出生日期或性别。',
    en: 'Two rows without a document cannot be told apart (same village, household and name). Add the date of birth or the sex.',
  },
} as const satisfies Record<string, Sentences>;

export type RowProblem = keyof typeof rowProblems;

export const rowNotes = {
  no_document: {
    zh: '无证件，按姓名、村、户登记，请尽快核实。',
    en: 'No document: enrolled by name, village and household, to be identified later.',
  },
  sex_differs: { zh: '性别与证件号码不符，以证件号码为准。', en: 'The sex differs from the one in the document number, which is used.' },
  birth_differs: {
    zh: '出生日期与证件号码不符，以证件号码为准。',
    en: 'The date of birth differs from the one in the document number, which is used.',
  },
  phone_unclear: { zh: '电话号码不像电话号码，已原样保存。', en: 'The telephone number does not look like one; it is kept as it stands.' },
  phone_lost: { zh: '表格软件破坏了电话号码，需要补录。', en: 'A spreadsheet destroyed the telephone number; it has to be asked for.' },
  category_unused: { zh: '人员类别不影响采样，只作保存。', en: 'This category has no meaning for sampling; it is only kept.' },
  name_rare_character: { zh: '姓名中有自造字，其他设备上可能显示不出。', en: 'The name holds a private character that other devices may not show.' },
  kind_corrected: { zh: '证件类型已按号码更正。', en: 'The kind of document was corrected by its number.' },
  merged_filled: { zh: '村、户等内容取自合并单元格。', en: 'Village, household or address were taken from a merged cell.' },
  formula_value: { zh: '单元格是公式，使用了文件中保存的结果。', en: 'A cell is a formula; the result stored in the file was used.' },
  perhaps_gone: {
    zh: '备注提到去世或迁出：仍按应检导入，请在指挥台登记免检。',
    en: 'The remark speaks of death or moving away: enrolled as expected; excuse this person at the command post.',
  },
} as const satisfies Record<string, Sentences>;

export type RowNote = keyof typeof rowNotes;
