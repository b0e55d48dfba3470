// Everything that can become of a row of a laboratory's file besides being taken, as words with sentences:
//
//   resultProblems  the row was not sent to the record; it has to be corrected first
//   resultNotes     said of the file; somebody should look
//   waitSentences   the record has the result and keeps it until something else has happened
//
// What the record refuses, it refuses in its own words (domain/refusals.ts). No sentence says what stands in the file.

import { clashes, tubeMistakes } from '../../domain/findings.js';
import type { ResultWait } from '../../domain/reasons.js';
import { fileProblems, type FileProblem, type Sentences } from '../tables/fileProblems.js';

/** Said instead of the sentences for tables in general. */
export const fileSentences: Partial<Record<FileProblem, Sentences>> = {
  headings_missing: {
    zh: '没有找到标题行，可能选错了文件或工作表。前 20 行中应有一行包含“试管码”和“结果”等标题，或手工指定各列。',
    en: 'No row of headings was found; this may be the wrong file or sheet. One of the first 20 rows must hold headings such as "tube" and "result", or say by hand which column is which.',
  },
  heading_needed: {
    zh: '缺少必需的列：试管码、结果、流水号、批次、检测时间。批次和检测时间也可以对整个文件统一填写。',
    en: 'A necessary column is missing: tube, result, accession, run, time of the test. Run and time may also be given once for the whole file.',
  },
  file_damaged: {
    zh: '文件已损坏，可能没有传完，未读取。请重新导出或重新传送。',
    en: 'The file is damaged, perhaps cut off on its way, and nothing of it was read. Export or send it anew.',
  },
  file_too_large: { zh: '文件太大。请按检测批次拆成几个文件。', en: 'The file is too large. Split it, for example by run.' },
  file_too_many_rows: { zh: '行数太多。请按检测批次拆成几个文件。', en: 'There are too many rows. Split the file, for example by run.' },
  file_erased: { zh: '本轮次的密钥已被销毁，不能再导入。', en: 'The keys of this round were destroyed; nothing can be imported into it.' },
};

export const fileSentence = (problem: FileProblem): Sentences => fileSentences[problem] ?? fileProblems[problem];

export const resultProblems = {
  tube_missing: { zh: '没有试管码。', en: 'There is no tube code.' },
  ...tubeMistakes,
  tube_unreadable: { zh: '试管码应为 8 到 20 位数字和字母。', en: 'A tube code has 8 to 20 digits and letters.' },
  number_rounded: {
    zh: '表格软件把编号变成了数值并丢失了末位。请把该列设为“文本”后重新填写。',
    en: 'A spreadsheet turned the code into a number and lost its last digits. Format the column as text and enter it again.',
  },
  cell_date: {
    zh: '表格软件把编号变成了日期。请把该列设为“文本”后重新填写。',
    en: 'A spreadsheet turned the code into a date. Format the column as text and enter it again.',
  },
  columns_swapped: { zh: '此行的列对调了：试管码在另一列里。', en: 'The columns of this row are swapped: the tube code stands in another one.' },
  result_missing: { zh: '没有结果。', en: 'There is no result.' },
  result_word: {
    zh: '结果只能写：阴性、阳性、可疑、无效。',
    en: 'The result is none of: negative, positive, inconclusive, invalid.',
  },
  accession_missing: { zh: '没有流水号。', en: 'There is no accession number.' },
  run_missing: { zh: '没有批次。', en: 'There is no run.' },
  name_characters: {
    zh: '流水号、批次、板号、孔位、试剂批号只能用字母、数字、点、横线和下划线，最多 40 个字符。',
    en: 'Accession, run, plate, well and lot take letters, digits, dot, dash and underscore, at most 40 of them.',
  },
  time_missing: { zh: '没有检测时间。', en: 'There is no time of the test.' },
  time_unclear: {
    zh: '检测时间看不懂，请写成 2024-05-01 13:45。',
    en: 'The time of the test cannot be read. Write it like 2024-05-01 13:45.',
  },
  time_of_day_missing: { zh: '检测时间只有日期，没有钟点。', en: 'The time of the test is a date only; the time of day is missing.' },
  cell_formula: {
    zh: '单元格是公式，文件中没有保存它的结果。请粘贴为数值。',
    en: 'The cell is a formula and the file holds no result of it. Paste it as a value.',
  },
  cell_error: { zh: '单元格是公式错误（如 #REF!）。', en: 'The cell is the error of a formula (such as #REF!).' },
  cell_merged: {
    zh: '试管码、结果或流水号的单元格与其他行合并了，无法判断属于哪支试管。',
    en: 'The cell of the tube, the result or the accession is merged with other rows, so it is not clear whose it is.',
  },
  cells_too_many: {
    zh: '此行的格子比标题多，可能有未加引号的分隔符，各列已错位。',
    en: 'The row has more cells than there are headings: a separator without quotation marks has shifted them.',
  },
  ...clashes,
  row_cut: {
    zh: '文件在此行中断，可能不完整。此行未登记，请核对文件是否完整。',
    en: 'The file ends in the middle of this row: it may have been cut off. The row was not recorded; see whether the file is whole.',
  },
} as const satisfies Record<string, Sentences>;

export type ResultProblem = keyof typeof resultProblems;

export const resultNotes = {
  count_differs: {
    zh: '文件的行数与填报的结果数不同，文件可能不完整。',
    en: 'The file has not as many rows as was said: it may not be whole.',
  },
  look_alikes: {
    zh: '有暂存的试管码与已接收的试管只差字母 O、I 与数字 0、1，请核对。',
    en: 'Some parked tube codes differ from tubes that are here only by the letters O, I and the digits 0, 1. Look at them.',
  },
  rows_at_limit: {
    zh: '文件正好在旧版表格软件的行数上限处结束，后面的行可能被截断。',
    en: 'The file ends exactly where old spreadsheet programs cut off; rows after it may be lost.',
  },
} as const satisfies Record<string, Sentences>;

export type ResultNote = keyof typeof resultNotes;

export const waitSentences: Readonly<Record<ResultWait, Sentences>> = {
  not_received: { zh: '暂存：实验室还没有接收此试管。', en: 'Parked: the laboratory has not received this tube.' },
  unregistered: { zh: '暂存：还没有采样点的记录说明此试管。', en: 'Parked: no record of a site has told of this tube yet.' },
  second_person: { zh: '待复核：阴性以外的结果须第二人确认。', en: 'Held: anything but a negative needs a second person.' },
  conflict: { zh: '待复核：同一试管有不同的结果。', en: 'Held: there are different results for this tube.' },
  before_sampling: { zh: '待复核：检测时间早于采样。', en: 'Held: the test is earlier than the sampling.' },
  accession_differs: { zh: '待复核：流水号与接收时不同。', en: 'Held: the accession number is not the one given at intake.' },
  contested: { zh: '待复核：两个区域都登记了此试管码。', en: 'Held: two areas call this tube theirs.' },
};
