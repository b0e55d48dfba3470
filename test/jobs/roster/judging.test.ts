// The dry run: every error of every row, duplicates as pairs, totals that add up, and the file of errors that can be corrected.

import fc from 'fast-check';
import t from 'tap';
import { residentIdCheck } from '../../../src/domain/documents.js';
import { errorFile } from '../../../src/jobs/roster/errorFile.js';
import { readCategory, readHeading } from '../../../src/jobs/roster/headings.js';
import { judgeRoster, type Judgement } from '../../../src/jobs/roster/judgeRoster.js';
import { rowNotes, rowProblems } from '../../../src/jobs/roster/problems.js';
import { openRoster, type Roster, type RosterOptions } from '../../../src/jobs/roster/readRoster.js';
import { categoriesOn, type Person } from '../../../src/vault/people.js';
import { csv, headings, madeUpNumber, madeUpRow, xlsx, type Value } from './rosters.js';

const today = '2026-11-01';

async function judged(file: Buffer, options: RosterOptions = {}): Promise<{ roster: Roster; judgement: Judgement }> {
  const roster = await openRoster(file, { today, ...options });
  if (!roster.ok) throw new Error(`refused: ${roster.problem}`);
  const judgement = await judgeRoster(roster);
  if (!('report' in judgement)) throw new Error(`refused: ${judgement.problem}`);
  const { rows, problems } = judgement.report;
  if (rows.good + rows.bad !== rows.in || new Set(problems.map(({ row }) => row)).size !== rows.bad) throw new Error('the totals do not add up');
  return { roster, judgement };
}

const report = async (rows: string[][], options?: RosterOptions) => (await judged(csv(rows), options)).judgement.report;
const wide = ['姓名', '证件类型', '证件号码', '村', '组', '户号', '住址', '手机', '备注', '人员类别', '性别', '出生日期'];
/** A row of the wide list from its filled cells. */
const filled = (cells: Record<string, string>): string[] => wide.map((heading) => cells[heading] ?? '');

t.test('every error of every row is said, each with its row and column', async (t) => {
  const { rows, problems, counts } = await report([
    wide,
    filled({ 姓名: '测试甲', 证件号码: madeUpNumber(0), 村: '东村' }),
    filled({ 证件号码: '1.2E+17' }),
    filled({ 姓名: '测?乙', 证件号码: '110105********002X', 村: 'x'.repeat(61) }),
    filled({ 姓名: '12345', 证件类型: '会员卡', 证件号码: '123', 村: '东村' }),
    filled({ 姓名: '测试丙', 证件类型: '护照', 证件号码: 'E12345678', 村: '东村', 住址: 'y'.repeat(301) }),
  ]);
  t.same(rows, { in: 5, good: 1, bad: 4, empty: 0, repeatedHeadings: 0 });
  t.same(
    problems.map(({ row, column, problem }) => `${row}${column} ${problem}`).sort(),
    [
      '3A name_missing',
      '3C document_spreadsheet_number',
      '3D village_missing',
      '4A name_unreadable',
      '4C document_masked',
      '4D text_long',
      '5A name_characters',
      '5B document_kind_unknown',
      '6G text_long',
    ].sort(),
  );
  t.equal(counts.problems.text_long, 2);
});

t.test('a person written twice is a pair: the same twice, or two that disagree', async (t) => {
  const same = ['测试甲', madeUpNumber(0), '东村', '1', '', ''];
  const { rows, duplicates, problems } = await report([
    headings,
    same,
    madeUpRow(1),
    same,
    ['测试乙', madeUpNumber(2), '东村', '1', '', ''],
    ['测试乙', madeUpNumber(2).toLowerCase(), '西村', '9', '', ''],
    ['测试丙', madeUpNumber(3), '东村', '1', '', ''],
    ['测试丁', madeUpNumber(3), '东村', '1', '', ''],
  ]);
  t.same(duplicates, [
    { rows: [2, 4], problem: 'duplicate_row' },
    { rows: [5, 6], problem: 'duplicate_person' },
    { rows: [7, 8], problem: 'duplicate_number' },
  ]);
  t.same(rows, { in: 7, good: 2, bad: 5, empty: 0, repeatedHeadings: 0 });
  t.notOk(
    problems.some(({ row }) => row === 2),
    'the first of two equal rows stands',
  );
});

t.test('two people of one name in one village are two people', async (t) => {
  const { rows, duplicates } = await report([
    headings,
    ['测试甲', madeUpNumber(0), '东村', '1', '', ''],
    ['测试甲', madeUpNumber(1), '东村', '1', '', ''],
  ]);
  t.same([rows.good, duplicates], [2, []]);
});

t.test('people without a document are taken, and kept apart as long as they can be', async (t) => {
  const child = (birth: string): string[] => filled({ 姓名: '测试娃', 证件类型: '无证件', 村: '东村', 户号: '3', 出生日期: birth });
  const { rows, duplicates, counts, problems } = await report([
    wide,
    child('2025-01-01'),
    child('2026-01-01'),
    child(''),
    child(''),
    filled({ 姓名: '测试甲', 村: '东村' }),
  ]);
  t.same(duplicates, [{ rows: [4, 5], problem: 'duplicate_undocumented' }]);
  t.equal(counts.notes.no_document, 4);
  t.same(rows, { in: 5, good: 2, bad: 3, empty: 0, repeatedHeadings: 0 });
  t.match(
    problems.find(({ row }) => row === 6),
    { problem: 'document_missing' },
  );
});

t.test('numbers a spreadsheet rounded are found even where the check digit fits by chance', async (t) => {
  // One number in eleven that ends in 000 proves right: a rounded column would slip through in part.
  const rounded: string[] = [];
  for (let n = 0; rounded.length < 20; n++) {
    const first17 = `${madeUpNumber(n).slice(0, 14)}${n % 10}00`;
    if (residentIdCheck(first17) === '0') rounded.push(`${first17}0`);
  }
  const few = await report([headings, ...Array.from({ length: 200 }, (_, n) => madeUpRow(n)), ['测试甲', rounded[0] ?? '', '东村', '1', '', '']]);
  t.equal(few.rows.bad, 0, 'one such person in 200 is chance');
  const many = await report([
    headings,
    ...Array.from({ length: 200 }, (_, n) => madeUpRow(n)),
    ...rounded.map((number, n) => [`测试${n}`, number, '东村', '1', '', '']),
  ]);
  t.same([many.rows.bad, many.counts.problems.document_spreadsheet_rounded], [20, 20]);
});

t.test('categories are read from one column, from columns of their own, and from the age', async (t) => {
  t.same(readHeading('孕妇'), { flag: 'pregnant' });
  t.equal(readCategory('单人单管'), 'recovered');
  const head = [...wide, '残疾'];
  const { roster, judgement } = await judged(
    csv([
      head,
      [...filled({ 姓名: '测试甲', 证件号码: madeUpNumber(0), 村: '东村', 人员类别: '孕妇、康复' }), '是'],
      [...filled({ 姓名: '测试乙', 证件类型: '无', 村: '东村', 出生日期: '1940/1/5', 人员类别: '党员' }), '否'],
      [...filled({ 姓名: '测试丙', 证件类型: '无', 村: '东村', 出生日期: '2025-06-01' }), ''],
      [...filled({ 姓名: '测试丁', 证件号码: madeUpNumber(9), 村: '东村' }), '也许'],
    ]),
  );
  const rows = [];
  for await (const row of roster.rows()) rows.push(row);
  t.same(
    rows.map(({ person }) => [...categoriesOn(person as Person, today)].sort()),
    [['disabled', 'pregnant', 'recovered'], ['over80'], ['infant'], []],
  );
  t.equal(judgement.report.counts.notes.category_unused, 1);
  t.same(judgement.report.problems, [{ row: 5, problem: 'flag_unclear', column: 'M' }]);
});

t.test('what disagrees with the number, and what a program cannot decide, is noted and enrolled', async (t) => {
  const number = madeUpNumber(0);
  const { rows, notes } = await report([
    wide,
    filled({ 姓名: '测试甲', 证件类型: '护照', 证件号码: 'E12345678', 村: '东村', 手机: '问村长' }),
    filled({
      姓名: '测试乙',
      证件类型: '居住证',
      证件号码: number,
      村: '东村',
      性别: Number(number.charAt(16)) % 2 === 1 ? '女' : '男',
      出生日期: '1999-09-09',
      手机: '1.38123E+10',
      备注: '2025年去世',
    }),
  ]);
  t.equal(rows.good, 2);
  t.same(
    notes.map(({ row, note }) => `${row} ${note}`).sort(),
    ['2 phone_unclear', '3 birth_differs', '3 kind_corrected', '3 perhaps_gone', '3 phone_lost', '3 sex_differs'].sort(),
  );
});

t.test('long foreign names, middle dots and rare characters are kept whole', async (t) => {
  const names = ['Maria-Teresa Конста́нтинова d’Alençon y Fernández de la Cruz Nguyễn', '阿卜杜拉·买买提', '𬀩䶮', '李\ue000'];
  const { roster, judgement } = await judged(csv([headings, ...names.map((name, n) => [name, madeUpNumber(n), '东村', '1', '', ''])]));
  const found: (string | undefined)[] = [];
  for await (const { person } of roster.rows()) found.push(person.name);
  t.same(
    found,
    names.map((name) => name.normalize('NFC')),
  );
  t.same([judgement.report.rows.bad, judgement.report.counts.notes.name_rare_character], [0, 1]);
});

t.test('headings said again and rows with shifted cells are seen', async (t) => {
  const { rows, problems } = await report([headings, madeUpRow(0), headings, madeUpRow(1), [...madeUpRow(2), '多出来的']]);
  t.same(rows, { in: 3, good: 2, bad: 1, empty: 0, repeatedHeadings: 1 });
  t.same(problems, [{ row: 5, problem: 'cells_too_many' }]);
});

t.test('the report holds nobody: no name, no number, no telephone', async (t) => {
  const { judgement } = await judged(csv([headings, madeUpRow(0), [...madeUpRow(1).slice(0, 1), '12', ...madeUpRow(1).slice(2)], madeUpRow(0)]));
  const text = JSON.stringify(judgement.report);
  for (const cell of [...madeUpRow(0), ...madeUpRow(1)].filter((cell) => cell.length > 4 || cell.startsWith('测试')))
    t.notOk(text.includes(cell), cell);
});

t.test('the file of errors holds exactly the bad rows as they stood, and comes back corrected', async (t) => {
  const bad = ['=HYPERLINK("x")', '1.2E+17', '东村', '+1', '', '@SUM(A1)'];
  const { roster, judgement } = await judged(csv([headings, madeUpRow(0), bad, madeUpRow(0), [...madeUpRow(3), '多']]));
  for (const format of ['csv', 'xlsx'] as const) {
    const parts: Buffer[] = [];
    for await (const bytes of errorFile(roster, judgement, format)) parts.push(bytes);
    const file = Buffer.concat(parts);
    if (format === 'csv') {
      t.equal(file.subarray(0, 3).toString('hex'), 'efbbbf', 'Excel knows it for UTF-8');
      const cells = file
        .toString()
        .split(/[,\n]/)
        .filter((cell) => /^"?[=+@-]/.test(cell));
      t.same(cells, [], 'nothing in it is taken for a formula');
    }
    const again = await openRoster(file, { today });
    if (!again.ok) throw new Error(again.problem);
    const rows: Map<number, string>[] = [];
    for await (const { cells } of again.rows()) rows.push(new Map([...cells].map(([column, cell]) => [column, 'text' in cell ? cell.text : ''])));
    t.same(
      rows.map((cells) => cells.get(6)),
      ['3', '4', '5'],
      `${format}: the row numbers of the first file`,
    );
    t.same([rows[0]?.get(0), rows[0]?.get(3), rows[0]?.get(5)], [bad[0], bad[3], bad[5]], `${format}: the cells as they stood`);
    t.match(rows[0]?.get(7), /姓名中有不应出现的字符[\s\S]*1\.2E\+17/);
    t.match(rows[1]?.get(7), /→ 2/, 'a duplicate names the other row');
    t.match(rows[2]?.get(8), 'G: 多', 'cells beyond the headings stay with the row');
  }
});

t.test('any table at all is judged without a fault, and every word has its sentences', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom(...headings, ...wide, '1.2E+17', '无', '是', madeUpNumber(0), '\u0000', '"', '2026-02-30'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(cell, { maxLength: 14 }), { maxLength: 12 }), async (rows) => {
      const roster = await openRoster(csv([wide, ...rows]), { today });
      if (!roster.ok) return true;
      const judgement = await judgeRoster(roster);
      if (!('report' in judgement)) return true;
      const { report } = judgement;
      return (
        report.rows.good + report.rows.bad === report.rows.in &&
        report.problems.every(({ problem }) => rowProblems[problem].zh.length > 3 && rowProblems[problem].en.length > 3) &&
        report.notes.every(({ note }) => rowNotes[note].zh.length > 3)
      );
    }),
    { numRuns: 300 },
  );
});

t.test('28,000 rows are judged, as .xlsx and as .csv, with progress to the end', async (t) => {
  const people: string[][] = [headings, ...Array.from({ length: 28_000 }, (_, n) => madeUpRow(n))];
  for (const file of [await xlsx(people as Value[][]), csv(people, { encoding: 'gbk' })]) {
    const roster = await openRoster(file, { today });
    if (!roster.ok) throw new Error(roster.problem);
    const heard: number[] = [];
    const judgement = await judgeRoster(roster, (rows, share) => heard.push(rows === 28_000 ? rows : share));
    t.match(judgement, { report: { rows: { in: 28_000, good: 28_000, bad: 0 }, duplicates: [] } });
    t.equal(heard.at(-1), 28_000);
    t.ok(
      heard.slice(0, -1).every((share, i) => share >= (heard[i - 1] ?? 0) && share <= 1),
      'progress only moves forward',
    );
    t.ok(new Set(heard).size > 20, 'and in many steps');
  }
});
