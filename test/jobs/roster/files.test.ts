// Roster files as such: what is read, and what is refused before anything of it is believed.

import ExcelJS from 'exceljs';
import t, { type Test } from 'tap';
import type { RosterRow } from '../../../src/jobs/roster/judgeRow.js';
import { fileProblems } from '../../../src/jobs/tables/fileProblems.js';
import { openRoster, type Roster, type RosterOptions } from '../../../src/jobs/roster/readRoster.js';
import type { TableRefused } from '../../../src/jobs/tables/table.js';
import { csv, headings, madeUpNumber, madeUpRow, xlsx, type Value } from './rosters.js';
import { makeZip, sheetRow, workbookParts } from './zip.js';

const today = '2026-11-01';

async function opened(t: Test, file: Buffer, options: RosterOptions = {}): Promise<Roster> {
  const roster = await openRoster(file, { today, ...options });
  if (!roster.ok) throw new Error(`refused: ${roster.problem} ${JSON.stringify(roster.detail)}`);
  t.pass('the file is read');
  return roster;
}

async function rowsOf(roster: Roster): Promise<RosterRow[]> {
  const rows: RosterRow[] = [];
  for await (const row of roster.rows()) rows.push(row);
  return rows;
}

async function refused(t: Test, file: Buffer, problem: string, options: RosterOptions = {}): Promise<void> {
  const roster = await openRoster(file, { today, ...options });
  t.match(roster, { ok: false, problem, zh: fileProblems[problem as keyof typeof fileProblems].zh }, problem);
}

const people = [headings, madeUpRow(0), madeUpRow(1)];

t.test('the same list is the same people, whatever the file', async (t) => {
  const files: Record<string, Buffer> = {
    xlsx: await xlsx(people),
    'UTF-8': csv(people),
    'UTF-8 with a mark': csv(people, { mark: true }),
    GBK: csv(people, { encoding: 'gbk' }),
    'UTF-16, tabs': csv(people, { encoding: 'utf-16le', mark: true, separator: '\t' }),
    semicolons: csv(people, { separator: ';' }),
    tabs: csv(people, { separator: '\t' }),
    'old line ends': csv(people, { end: '\r' }),
    'new line ends': csv(people, { end: '\n' }),
    'sep= line': Buffer.concat([Buffer.from('sep=;\r\n'), csv(people, { separator: ';' })]),
  };
  for (const [what, file] of Object.entries(files)) {
    const rows = await rowsOf(await opened(t, file));
    const first = what === 'sep= line' ? 3 : 2;
    t.same(
      rows.map(({ row, problems }) => ({ row, problems })),
      [
        { row: first, problems: [] },
        { row: first + 1, problems: [] },
      ],
      what,
    );
    t.match(
      rows[0]?.person,
      { name: madeUpRow(0)[0], document: { number: madeUpNumber(0) }, village: '第1村', household: '1', phone: '13800000000' },
      what,
    );
  }
});

t.test('rows have the numbers the spreadsheet program shows', async (t) => {
  const quoted = [
    headings,
    ['测试甲', madeUpNumber(0), '东村', '1', '', ''],
    ['测试乙', madeUpNumber(1), '东村', '两行\n户', '', ''],
    [''],
    ['测试丙', madeUpNumber(2), '东村', '1', '', ''],
  ];
  t.same(
    (await rowsOf(await opened(t, csv(quoted)))).map(({ row }) => row),
    [2, 3, 5],
    'a line break in a cell is no row, a blank row is one',
  );
  const gap = await xlsx([['北村居民台账'], [], headings, [], madeUpRow(0), [], [], madeUpRow(1)]);
  const roster = await opened(t, gap);
  const passed = { empty: 0, repeatedHeadings: 0 };
  const numbers: number[] = [];
  for await (const { row } of roster.rows(passed)) numbers.push(row);
  t.same(numbers, [5, 8]);
  t.equal(roster.columns.headingRow, 3);
  t.equal(passed.empty, 3);
});

t.test('headings are found below a title, in either language, and in two merged rows', async (t) => {
  const english = ['Name', 'Document No.', 'Village', 'Household No.', 'Phone', 'Category'];
  t.same((await rowsOf(await opened(t, csv([english, madeUpRow(0)]))))[0]?.problems, []);
  const decorated = ['序号', '姓名（必填）', '*身份证号码：', '村（社区）', '户主姓名', '户 号'];
  const file = await xlsx([['某镇居民花名册'], decorated, ['1', '测试甲', madeUpNumber(3), '东村', '测试户主', '7']], (sheet) =>
    sheet.mergeCells('A1:F1'),
  );
  t.match((await rowsOf(await opened(t, file)))[0], { row: 3, person: { name: '测试甲', village: '东村', household: '7' }, problems: [] });
  const two = await xlsx(
    [
      ['基本情况', null, '证件', null, '住处', null],
      ['姓名', '性别', '类型', '号码', '村庄', '户号'],
      ['测试甲', '男', '身份证', madeUpNumber(3), '东村', '7'],
    ],
    (sheet) => {
      for (const range of ['A1:B1', 'C1:D1', 'E1:F1']) sheet.mergeCells(range);
    },
  );
  const roster = await opened(t, two);
  t.same([...roster.columns.fields.values()].sort(), ['household', 'kind', 'name', 'number', 'sex', 'village']);
  const [row] = await rowsOf(roster);
  t.match(row, { row: 3, person: { document: { number: madeUpNumber(3) } }, problems: [] });
});

t.test('columns can be given by hand, with and without a row of headings', async (t) => {
  const bare = csv([['1', madeUpNumber(0), '测试甲', '东村']]);
  await refused(t, bare, 'headings_missing');
  const roster = await opened(t, bare, { mapping: { headingRow: 0, columns: { number: 'b', name: 'C', village: 'D' } } });
  t.match((await rowsOf(roster))[0], { row: 1, person: { name: '测试甲', village: '东村' }, problems: [] });
  await refused(t, bare, 'mapping_wrong', { mapping: { headingRow: 0, columns: { number: 'B', name: 'B' } } });
  await refused(t, bare, 'mapping_wrong', { mapping: { headingRow: 0, columns: { number: '7' } } });
  await refused(t, bare, 'heading_needed', { mapping: { headingRow: 0, columns: { number: 'B', name: 'C' } } });
  t.match((await rowsOf(await opened(t, bare, { village: '东村', mapping: { headingRow: 0, columns: { number: 'B', name: 'C' } } })))[0]?.person, {
    village: '东村',
  });
});

t.test('a column that is missing or there twice stops the file, an optional one does not', async (t) => {
  await refused(
    t,
    csv([
      ['姓名', '身份证号'],
      ['测试甲', madeUpNumber(0)],
    ]),
    'heading_needed',
  );
  await refused(
    t,
    csv([
      ['姓名', '证件号码', '身份证号', '村'],
      ['测试甲', madeUpNumber(0), madeUpNumber(1), '东村'],
    ]),
    'heading_doubled',
  );
  const twoPhones = await rowsOf(
    await opened(
      t,
      csv([
        ['姓名', '身份证号', '村', '手机', '电话'],
        ['测试甲', madeUpNumber(0), '东村', '13800000000', '0310-7212345'],
      ]),
    ),
  );
  t.equal(twoPhones[0]?.person.phone, '13800000000；0310-7212345', 'both are kept');
  t.same(
    (
      await rowsOf(
        await opened(
          t,
          csv([
            ['姓名', '身份证号', '村'],
            ['测试甲', madeUpNumber(0), '东村'],
          ]),
        ),
      )
    )[0]?.problems,
    [],
  );
});

t.test('of several sheets the one that is a roster is read; when two are, a person chooses', async (t) => {
  const notes: Value[][] = [['填表说明'], ['请勿修改标题']];
  const template: Value[][] = [headings];
  const roster = await opened(t, await xlsx({ 说明: notes, 模板: template, 名单: people }));
  t.equal(roster.sheet, '名单');
  const both = await xlsx({ 东村: people, 西村: [headings, madeUpRow(5)] });
  t.match(await openRoster(both), { ok: false, problem: 'sheet_choose', detail: { sheets: ['东村', '西村'] } });
  t.equal((await rowsOf(await opened(t, both, { sheet: '西村' }))).length, 1);
  t.match(await openRoster(both, { sheet: '南村' }), { ok: false, problem: 'sheet_unknown', detail: { sheets: ['东村', '西村'] } });
});

t.test('formulas are never worked out: a stored result is used, a missing one is a problem', async (t) => {
  const number = madeUpNumber(0);
  const file = await xlsx([
    headings,
    ['测试甲', { formula: '"69"&"0000"', result: number }, '东村', '1'],
    ['测试乙', madeUpNumber(1), { formula: 'A1', result: undefined } as unknown as Value, '1'],
  ]);
  const [first, second] = await rowsOf(await opened(t, file));
  t.match(first, { person: { document: { number } }, problems: [], notes: [{ word: 'formula_value' }] });
  t.match(second?.problems, [{ word: 'cell_formula', column: 'C' }]);
  const broken = await xlsx([headings, ['测试甲', number, { error: '#REF!' } as Value, '1']]);
  t.match((await rowsOf(await opened(t, broken)))[0]?.problems, [{ word: 'cell_error', column: 'C' }]);
});

t.test('numbers, dates and rich text keep what they were', async (t) => {
  const file = await xlsx([
    [...headings, '出生日期'],
    ['测试甲', 690000500101123, '东村', 12, 13812345678, '', new Date(Date.UTC(1950, 0, 1))],
    [
      { richText: [{ text: '测试' }, { text: '乙' }] },
      Number(madeUpNumber(1).slice(0, 17)) * 10,
      '东村',
      new Date(Date.UTC(2024, 2, 5)),
      13812345678.5,
      '',
      '1950年1月2日',
    ],
  ]);
  const [first, second] = await rowsOf(await opened(t, file));
  t.match(first, {
    person: { household: '12', phone: '13812345678', birthDate: '1950-01-01', document: { number: /^69000019500101123/ } },
    problems: [],
  });
  t.equal(second?.person.name, '测试乙');
  t.same(second?.problems.map(({ word, column }) => `${column} ${word}`).sort(), ['B document_spreadsheet_number', 'D household_date']);
});

t.test('a village merged over a family holds for all of it; a name merged over two rows belongs to nobody', async (t) => {
  const file = await xlsx(
    [
      headings,
      ['测试甲', madeUpNumber(0), '东村', '1'],
      ['测试乙', madeUpNumber(1), null, null],
      ['测试丙', madeUpNumber(2), '西村', '2'],
      [null, madeUpNumber(3), '西村', '2'],
    ],
    (sheet) => {
      for (const range of ['C2:C3', 'D2:D3', 'A4:A5']) sheet.mergeCells(range);
    },
  );
  const rows = await rowsOf(await opened(t, file));
  t.match(rows[1], { person: { name: '测试乙', village: '东村', household: '1' }, problems: [], notes: [{ word: 'merged_filled' }] });
  t.match(rows[2]?.problems, [{ word: 'cell_merged', column: 'A' }]);
  t.match(rows[3]?.problems, [{ word: 'cell_merged', column: 'A' }]);
});

t.test('workbooks of other programs: prefixed tags, no row numbers, dates from 1904, numbers as texts of formulas', async (t) => {
  const number = madeUpNumber(4);
  const head = sheetRow(1, ['姓名', '身份证号', '村庄', '户号', '出生日期']);
  const parts = workbookParts(
    `${head}<row><c t="str"><v>测试甲</v></c><c t="str"><f>A1</f><v>${number}</v></c><c t="inlineStr"><is><t>东村</t><rPh><t>x</t></rPh></is></c><c><v>7</v></c><c s="1"><v>1</v></c></row>`,
    {
      styles:
        '<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>',
    },
  );
  parts['xl/workbook.xml'] = (parts['xl/workbook.xml'] ?? '').replace('<sheets>', '<workbookPr date1904="1"/><sheets>');
  parts['xl/worksheets/sheet1.xml'] = (parts['xl/worksheets/sheet1.xml'] ?? '').replace(/<(\/?)([a-z])/gi, '<$1x:$2').replace('xmlns=', 'xmlns:x=');
  const [row] = await rowsOf(await opened(t, makeZip(parts)));
  t.match(row, { row: 2, person: { name: '测试甲', village: '东村', household: '7', document: { number } }, problems: [] });
  t.match(
    row?.notes.map(({ word }) => word),
    ['formula_value', 'birth_differs'],
    'the first day of 1904 is not the one in the number',
  );
});

t.test('what is no roster file is refused with the reason, by its content and not by its name', async (t) => {
  const container = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]);
  await refused(t, Buffer.alloc(0), 'file_empty');
  await refused(t, Buffer.from('\r\n\r\n'), 'file_empty');
  await refused(t, Buffer.alloc(21 * 1024 * 1024, 'a'), 'file_too_large');
  await refused(t, container, 'file_old_excel');
  await refused(t, Buffer.concat([container, Buffer.from('EncryptedPackage', 'utf16le')]), 'file_protected');
  await refused(t, makeZip({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet', 'content.xml': '<a/>' }), 'file_open_document');
  await refused(t, makeZip({ 'xl/workbook.bin': 'x' }), 'file_binary_excel');
  await refused(t, makeZip({ 'word/document.xml': '<a/>' }), 'file_unknown');
  await refused(t, Buffer.from('<html><table><tr><td>姓名'), 'file_web_page');
  await refused(t, Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'file_unknown');
  await refused(t, Buffer.from('%PDF-1.4\n\u0001\u0002\u0003'), 'file_unknown');
  await refused(t, Buffer.concat([Buffer.from('姓名,身份证号,村\n'), Buffer.from([0xff, 0xff, 0xff])]), 'file_encoding');
  await refused(
    t,
    csv([
      ['甲', '乙'],
      ['1', '2'],
    ]),
    'headings_missing',
  );
});

t.test('a quotation mark that is never closed stops the file instead of swallowing it', async (t) => {
  const rows = Array.from({ length: 3000 }, (_, n) => madeUpRow(n).join(','));
  const broken = (at: number) => Buffer.from([headings.join(','), ...rows.with(at, `"${rows[at]}`)].join('\n'));
  t.match(await openRoster(broken(10)), { ok: false, problem: 'file_quote_open', detail: { row: 12 } });
  const roster = await opened(t, broken(1000));
  await t.rejects(rowsOf(roster), { name: 'TableRefused', problem: 'file_quote_open', detail: { row: 1002 } } as unknown as TableRefused);
  const swallowing = Buffer.from([headings.join(','), `测试甲,${madeUpNumber(0)},"东村,,,`, ...rows.slice(0, 8), '测试乙",,,,'].join('\n'));
  t.match((await rowsOf(await opened(t, swallowing)))[0]?.problems, [{ word: 'text_lines', column: 'C' }]);
});

t.test('archives that would unpack to a mountain are refused before anything is unpacked', async (t) => {
  const repeat = sheetRow(2, ['A'.repeat(1000)]).repeat(20_000);
  await refused(t, makeZip(workbookParts(repeat)), 'file_bomb');
  await refused(t, makeZip(Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`part${n}`, 'x']))), 'file_bomb');
  const claimed = makeZip(workbookParts(sheetRow(1, headings)), { claimedSizes: { 'xl/worksheets/sheet1.xml': 200 * 1024 * 1024 } });
  await refused(t, claimed, 'file_bomb');
});

t.test('an archive that lies about itself is damaged, never read further', async (t) => {
  const parts = workbookParts(sheetRow(1, headings) + sheetRow(2, madeUpRow(0)));
  await refused(t, makeZip(parts, { claimedSizes: { 'xl/worksheets/sheet1.xml': 100 } }), 'file_damaged');
  await refused(t, makeZip(parts, { unlisted: ['xl/worksheets/sheet1.xml'] }), 'file_damaged');
  const whole = makeZip(parts);
  await refused(t, whole.subarray(0, whole.length - 30), 'file_damaged');
  await refused(t, makeZip({ ...parts, 'xl/workbook.xml': '<workbook' }), 'file_damaged');
});

t.test('entities and document types in a workbook are an attack and are not followed', async (t) => {
  const laughs = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>';
  const file = makeZip(workbookParts(sheetRow(1, headings), { before: laughs }));
  await refused(t, file, 'file_damaged');
  const outside = '<!DOCTYPE l [<!ENTITY f SYSTEM "file:///etc/passwd">]>';
  await refused(t, makeZip(workbookParts(`<row r="1"><c t="inlineStr"><is><t>&f;</t></is></c></row>`, { before: outside })), 'file_damaged');
});

t.test('a sheet with columns and rows out of all order is damaged', async (t) => {
  const parts = (sheetData: string) => makeZip(workbookParts(sheetRow(1, headings) + sheetData));
  for (const row of [
    '<row r="1"><c r="A1"><v>1</v></c></row>',
    '<row r="9999999"><c><v>1</v></c></row>',
    '<row r="2"><c r="ZZZZZ2"><v>1</v></c></row>',
    '<row r="2"><c r="C2"><v>1</v></c><c r="B2"><v>1</v></c></row>',
  ]) {
    await refused(t, parts(row), 'file_damaged');
  }
});

t.test('rows without end and cells without end are no roster', async (t) => {
  await refused(t, csv([headings, Array.from({ length: 1001 }, () => 'x')]), 'file_too_wide');
  await refused(t, csv([headings, ['x'.repeat(40_000)]]), 'file_too_wide');
  const wide = `<row r="2">${'<c><v>1</v></c>'.repeat(1001)}</row>`;
  await refused(t, makeZip(workbookParts(sheetRow(1, headings) + wide)), 'file_too_wide');
  await refused(t, makeZip(workbookParts(sheetRow(1, headings) + sheetRow(2, ['x'.repeat(70_000)]))), 'file_too_wide');
  const tail = Array.from({ length: 250_000 }, (_, n) => `<mergeCell x="${n}" `).join('');
  await refused(t, makeZip(workbookParts(sheetRow(1, headings), { tail: tail + tail })), 'file_damaged');
});

t.test('a workbook that exceljs wrote in parts is read too', async (t) => {
  const { PassThrough } = await import('node:stream');
  const out = new PassThrough();
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: out, useSharedStrings: true });
  const sheet = book.addWorksheet('名单');
  for (const row of people) sheet.addRow(row).commit();
  sheet.commit();
  const written = book.commit();
  const parts: Buffer[] = [];
  for await (const bytes of out) parts.push(bytes as Buffer);
  await written;
  t.equal((await rowsOf(await opened(t, Buffer.concat(parts)))).length, 2);
});
