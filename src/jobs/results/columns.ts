// Which column of a laboratory's file holds what: by the words people write above them, in Chinese and English, or as a person says by hand.

import { byWord, plainHeading, textsOf } from '../tables/headings.js';
import { columnLetters, columnNumber, TableRefused, type TableRow } from '../tables/table.js';

export const resultFields = ['tube', 'result', 'accession', 'run', 'testedAt', 'well', 'plate', 'lot'] as const;
export type ResultField = (typeof resultFields)[number];

/** Column letters by field, as a person chose them; `headingRow` 0 says that there is no row of headings. */
export interface ResultMapping {
  headingRow?: number;
  columns: Partial<Record<ResultField, string>>;
}

export interface ResultColumns {
  /** 0 where there is none. */
  headingRow: number;
  /** The first row that can hold a result. */
  firstRow: number;
  /** Column > field. */
  fields: ReadonlyMap<number, ResultField>;
  /** Every heading by column, those without a meaning for us too. */
  headings: ReadonlyMap<number, string>;
}

const fieldOf = byWord<ResultField>({
  tube: '试管码 试管编码 试管号 试管编号 试管条码 采样管码 采样管编号 采样管号 采样管条码 样本编号 样本号 样本码 样本条码 标本编号 标本号 标本条码 条码号 管码 管号 tube tubecode tubeno tubenumber tubeid tubebarcode sample samplecode sampleno samplenumber sampleid specimen specimenid specimencode',
  result: '结果 检测结果 检验结果 核酸结果 核酸检测结果 判定 结果判定 最终结果 result results testresult finalresult',
  accession: '流水号 检验编号 检验号 检测编号 检测号 实验室编号 实验编号 登记号 accession accessionno accessionnumber labno labnumber labid',
  run: '批次 批次号 检测批次 实验批次 上机批次 run runno runnumber runid batch batchno batchid',
  testedAt: '检测时间 检验时间 检测日期时间 检测日期 检验日期 报告时间 testedat testtime timeoftest tested timetested testdate testdatetime',
  well: '孔位 孔 孔号 板孔 well wellposition wellno',
  plate: '板号 板 板编号 酶标板号 plate plateno platenumber plateid',
  lot: '试剂批号 试剂批次 试剂盒批号 lot lotno lotnumber reagentlot reagentlotno',
});

/** Finds the columns: the row with the most headings that are known, tube and result among them. Null where there is none. */
export function findResultColumns(rows: readonly TableRow[]): ResultColumns | null {
  let best: ResultColumns | null = null;
  for (const row of rows) {
    const headings = textsOf(row);
    const fields = new Map<number, ResultField>();
    for (const [column, text] of headings) {
      const field = meaningOf(text);
      if (field) fields.set(column, field);
    }
    const kinds = new Set(fields.values());
    if (!kinds.has('tube') || !kinds.has('result') || kinds.size <= new Set(best?.fields.values()).size) continue;
    best = { headingRow: row.row, firstRow: row.row + 1, fields, headings };
  }
  return best;
}

/** 试管码（必填） and Tube No. are both a tube. */
function meaningOf(text: string): ResultField | undefined {
  return fieldOf.get(plainHeading(text)) ?? fieldOf.get(plainHeading(text.replace(/[（(【[].*$/su, '')));
}

/** The columns as a person gave them. Throws TableRefused for letters that are no column. */
export function mappedResultColumns(mapping: ResultMapping, rows: readonly TableRow[]): ResultColumns {
  const headingRow = mapping.headingRow ?? 1;
  const fields = new Map<number, ResultField>();
  for (const [field, letters] of Object.entries(mapping.columns)) {
    const column = columnNumber(letters.trim().toUpperCase());
    if (column === null || fields.has(column) || !(resultFields as readonly string[]).includes(field)) throw new TableRefused('mapping_wrong', { field, column: letters });
    fields.set(column, field as ResultField);
  }
  const row = rows.find(({ row }) => row === headingRow);
  return { headingRow, firstRow: headingRow + 1, fields, headings: row ? textsOf(row) : new Map() };
}

/** Refuses columns that do not say enough, or say it twice. `given`: said once for the whole file. */
export function checkResultColumns({ fields }: ResultColumns, given: ReadonlySet<ResultField>): void {
  const seen = new Map<ResultField, number>();
  for (const [column, field] of fields) {
    const before = seen.get(field);
    if (before !== undefined) throw new TableRefused('heading_doubled', { field, columns: [columnLetters(before), columnLetters(column)] });
    seen.set(field, column);
  }
  const missing = (['tube', 'result', 'accession', 'run', 'testedAt'] as const).filter((field) => !seen.has(field) && !given.has(field));
  if (missing.length > 0) throw new TableRefused('heading_needed', { missing });
}

/** True for a row that says the headings once more, as files glued together from plates do. */
export function repeatsResultHeadings(row: TableRow, { fields, headings }: ResultColumns): boolean {
  if (headings.size === 0) return false;
  const found = textsOf(row);
  return [...fields.keys()].every((column) => plainHeading(found.get(column) ?? '') === plainHeading(headings.get(column) ?? ''));
}

/** The columns as people name them: by letters and heading. */
export function resultColumnList({ fields, headings }: ResultColumns): { column: string; heading: string; field: ResultField | null }[] {
  return [...new Set([...headings.keys(), ...fields.keys()])]
    .sort((a, b) => a - b)
    .map((column) => ({ column: columnLetters(column), heading: headings.get(column) ?? '', field: fields.get(column) ?? null }));
}
