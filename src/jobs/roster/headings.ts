// Which column of a roster holds what: by the words people write above them, in Chinese and English, or as a person says by hand.
//
// Words must fit whole. "Name of the head of the household" is not a name, and a column taken for the wrong thing is worse than one
// that somebody has to point at.

import type { Category } from '../../vault/people.js';
import { byWord, plainHeading, textsOf } from '../tables/headings.js';
import { columnLetters, columnNumber, TableRefused, type MergedRange, type TableRow } from '../tables/table.js';

/** What a column can be. `flag:` columns hold yes or no for one category. */
export const rosterFields = [
  'name',
  'number',
  'kind',
  'description',
  'village',
  'zone',
  'household',
  'address',
  'phone',
  'remark',
  'category',
  'sex',
  'birth',
] as const;
export type RosterField = (typeof rosterFields)[number];

/** Column letters by field, as a person chose them; `headingRow` 0 says that there is no row of headings. */
export interface Mapping {
  headingRow?: number;
  columns: Partial<Record<RosterField, string>>;
}

export interface Columns {
  /** 0 where there is none. */
  headingRow: number;
  /** The first row that can hold a person. */
  firstRow: number;
  /** Column > field. */
  fields: ReadonlyMap<number, RosterField>;
  /** Column > category, for columns such as 孕妇 with 是 in them. */
  flags: ReadonlyMap<number, Category>;
  /** Every heading by column, those without a meaning for us too. */
  headings: ReadonlyMap<number, string>;
}

const fieldWords: Readonly<Record<RosterField, string>> = {
  name: '姓名 名字 居民姓名 人员姓名 人员名称 name fullname residentname',
  number:
    '身份证号 身份证号码 身份证 证件号码 证件号 证件编号 公民身份号码 公民身份证号 居民身份证号 居民身份证号码 documentnumber documentno idnumber idno idcardno idcardnumber identitynumber',
  kind: '证件类型 证件种类 证件类别 documenttype documentkind kindofdocument idtype',
  description: '证件说明 证件名称 其他证件名称 documentdescription documentname',
  village: '村 村庄 村名 村名称 行政村 自然村 所属村 所在村 村居 村社区 社区 所属社区 小区 village villagename community',
  zone: '组 小组 组别 村民小组 村组 网格 网格名称 片区 责任区 zone grid',
  household: '户号 户编号 户序号 户口号 家庭编号 家庭号 门牌号 门牌 household householdnumber householdno householdid door doornumber',
  address: '地址 住址 家庭住址 家庭地址 现住址 现住地 居住地址 户籍地址 详细地址 address homeaddress',
  phone: '电话 电话号码 手机 手机号 手机号码 联系电话 联系方式 联系手机 phone phonenumber mobile mobilephone telephone',
  remark: '备注 说明 备注说明 remark remarks note notes comment comments',
  category: '特殊人群 特殊人群类别 人员类别 人员类型 人群类别 人群分类 重点人群 重点人群类别 类别 category specialgroup',
  sex: '性别 sex gender',
  birth: '出生日期 出生年月 出生年月日 生日 birthdate dateofbirth birthday',
};

const categoryWords: Readonly<Record<Category, string>> = {
  pregnant: '孕妇 孕产妇 怀孕 孕 pregnant pregnancy',
  over80: '80岁以上 八十岁以上 80岁以上老人 80岁及以上 高龄 高龄老人 over80 80+ elderly',
  disabled: '残疾 残疾人 残障 残障人士 disabled disability',
  infant: '婴幼儿 婴儿 幼儿 3岁以下 infant baby toddler',
  recovered: '康复 康复者 康复人员 单管 单采 单人单管 既往感染者 既往阳性 治愈 recovered single singletube',
  quarantined: '隔离 居家隔离 隔离人员 集中隔离 居家监测 居家健康监测 健康监测 密接 密切接触者 红码 黄码 quarantined quarantine',
  keyGroup: '重点 重点人员 重点人群 重点岗位 高风险岗位 keygroup key',
  immobile: '行动不便 卧床 上门 上门采样 immobile bedridden homevisit',
};

const multiple: ReadonlySet<RosterField> = new Set(['address', 'phone', 'remark', 'category']);
const fieldOf = byWord(fieldWords);
const categoryOf = byWord(categoryWords);

/** What a heading means: 证件号码（必填） and Document No. are both a number. */
export function readHeading(text: string): { field: RosterField } | { flag: Category } | null {
  for (const word of [plainHeading(text), plainHeading(text.replace(/[（(【[].*$/su, ''))]) {
    const field = fieldOf.get(word);
    if (field) return { field };
    const flag = categoryOf.get(word);
    if (flag) return { flag };
  }
  return null;
}

/** The category a word in a cell stands for. */
export function readCategory(text: string): Category | null {
  return categoryOf.get(plainHeading(text)) ?? null;
}

/**
 * Finds the columns from the first rows of a sheet. Headings may stand in two rows, with merged cells above: then both texts of a
 * column are tried. Null where there are none.
 */
export function findColumns(rows: readonly TableRow[], merged: readonly MergedRange[]): Columns | null {
  let best: { columns: Columns; found: number } | null = null;
  rows.forEach((row, i) => {
    const one = textsOf(row);
    const candidates = [columnsOf(row.row, one)];
    const next = rows[i + 1];
    if (next && next.row === row.row + 1) candidates.push(columnsOf(next.row, overlaid(one, textsOf(next), row.row, merged)));
    for (const columns of candidates) {
      const kinds = new Set(columns.fields.values());
      const found = kinds.size + (kinds.has('name') ? 2 : 0) + (kinds.has('number') ? 2 : 0);
      if (kinds.size >= 2 && (kinds.has('name') || kinds.has('number')) && found > (best?.found ?? 0)) best = { columns, found };
    }
  });
  return (best as { columns: Columns } | null)?.columns ?? null;
}

/** The columns as a person gave them. Throws TableRefused for letters that are no column. */
export function mappedColumns(mapping: Mapping, rows: readonly TableRow[]): Columns {
  const headingRow = mapping.headingRow ?? 1;
  const fields = new Map<number, RosterField>();
  for (const [field, letters] of Object.entries(mapping.columns) as [RosterField, string][]) {
    const column = columnNumber(letters.trim().toUpperCase());
    if (column === null || fields.has(column)) throw new TableRefused('mapping_wrong', { field, column: letters });
    fields.set(column, field);
  }
  const row = rows.find(({ row }) => row === headingRow);
  return { headingRow, firstRow: headingRow + 1, fields, flags: new Map(), headings: row ? textsOf(row) : new Map() };
}

/** Refuses columns that do not say enough, or say it twice. */
export function checkColumns(columns: Columns, hasVillage: boolean): void {
  const seen = new Map<RosterField, number>();
  for (const [column, field] of columns.fields) {
    const before = seen.get(field);
    if (before !== undefined && !multiple.has(field)) {
      throw new TableRefused('heading_doubled', { field, columns: [columnLetters(before), columnLetters(column)] });
    }
    seen.set(field, column);
  }
  const missing = (['name', 'number', 'village'] as const).filter((field) => !seen.has(field) && !(field === 'village' && hasVillage));
  if (missing.length > 0) throw new TableRefused('heading_needed', { missing });
}

/** True for a row that says the headings once more, as rosters glued together from villages do. */
export function repeatsHeadings(row: TableRow, columns: Columns): boolean {
  if (columns.headings.size === 0) return false;
  const found = textsOf(row);
  let same = 0;
  for (const [column] of columns.fields) {
    if (plainHeading(found.get(column) ?? '') === plainHeading(columns.headings.get(column) ?? '')) same++;
  }
  return same === columns.fields.size;
}

function columnsOf(headingRow: number, headings: ReadonlyMap<number, string>): Columns {
  const fields = new Map<number, RosterField>();
  const flags = new Map<number, Category>();
  for (const [column, text] of headings) {
    const meaning = readHeading(text);
    if (meaning && 'field' in meaning) fields.set(column, meaning.field);
    if (meaning && 'flag' in meaning) flags.set(column, meaning.flag);
  }
  return { headingRow, firstRow: headingRow + 1, fields, flags, headings };
}

/** Two rows of headings read as one: the lower text where it means something, else both together, else the upper. */
function overlaid(
  upper: ReadonlyMap<number, string>,
  lower: ReadonlyMap<number, string>,
  upperRow: number,
  merged: readonly MergedRange[],
): Map<number, string> {
  const both = new Map<number, string>();
  for (const column of new Set([...upper.keys(), ...lower.keys()])) {
    // 证件 over two columns belongs to both of them.
    const above = merged.find(
      ({ firstRow, lastRow, firstColumn, lastColumn }) =>
        firstRow <= upperRow && lastRow >= upperRow && firstColumn <= column && lastColumn >= column,
    );
    const up = upper.get(column) ?? (above ? upper.get(above.firstColumn) : undefined) ?? '';
    const low = lower.get(column) ?? '';
    const choice = [low, up + low, up].find((text) => readHeading(text) !== null);
    both.set(column, choice ?? up + low);
  }
  return both;
}
