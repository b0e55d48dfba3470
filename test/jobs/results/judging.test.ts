// Files of results as such: what is read, what is wrong with a row, and what two rows have against each other. Nothing is guessed.

import t from 'tap';
import { makeCode } from '../../../src/domain/codes.js';
import { findingCounts, type Finding } from '../../../src/domain/findings.js';
import { judgeResults, type ResultsJudgement } from '../../../src/jobs/results/judgeResults.js';
import { fileSentence, resultProblems, waitSentences, resultNotes } from '../../../src/jobs/results/problems.js';
import { openResults, type ResultsChoice } from '../../../src/jobs/results/readResults.js';
import { readTestedAt } from '../../../src/jobs/results/testedAt.js';
import { csv, xlsx, type Value } from '../roster/rosters.js';
import { englishHeadings, headings, rowOf } from './resultFiles.js';

const at = Date.UTC(2024, 4, 1, 5, 45);
const code = (n: number): string => makeCode('tube', n);
const finding = (n: number, more: Partial<Finding> = {}): Finding => ({ tube: code(n), accession: `A${1000 + n}`, run: 'R07', result: 'negative', testedAt: at, ...more });
const good = (n: number, more: Partial<Finding> = {}): string[] => rowOf(finding(n, more));
const list = (count: number): string[][] => Array.from({ length: count }, (_, n) => good(n + 1));

async function judged(file: Buffer, choice: ResultsChoice = {}, count?: number): Promise<ResultsJudgement> {
  const results = await openResults(file, choice, 'Asia/Shanghai');
  if (!results.ok) throw new Error(`refused: ${results.problem} ${JSON.stringify(results.detail)}`);
  const judgement = await judgeResults(results, count);
  if (!judgement.ok) throw new Error(`refused: ${judgement.problem}`);
  return judgement;
}

const rowsOf = ({ good: found }: ResultsJudgement): number[] => found.map(({ place }) => place);
/** `row word column suggestion`, as far as there are any. */
const wrongs = ({ bad }: ResultsJudgement): string[] =>
  [...bad].sort(([a], [b]) => a - b).flatMap(([row, problems]) => problems.map(({ word, column, suggestion }) => [row, word, column, suggestion].filter((part) => part !== undefined).join(' ')));
const refusal = async (file: Buffer, choice: ResultsChoice = {}): Promise<unknown> => openResults(file, choice, 'Asia/Shanghai');

t.test('the same results are the same findings, whatever the file and whichever the language', async (t) => {
  const rows = [good(1), good(2, { result: 'positive' })];
  const expected = [{ place: 2, finding: { ...finding(1), well: 'A01' } }, { place: 3, finding: { ...finding(2, { result: 'positive' }), well: 'A01' } }];
  const dated = rows.map((row) => [...row.slice(0, 4), new Date(at + 8 * 3_600_000), row[5] as string]);
  for (const [what, file] of Object.entries({
    xlsx: await xlsx([headings, ...rows]), 'xlsx with dates': await xlsx([englishHeadings, ...dated] as Value[][]), csv: csv([headings, ...rows]), GBK: csv([headings, ...rows], { encoding: 'gbk' }),
    'English, semicolons': csv([englishHeadings, ...rows.map(([tube, result, ...rest]) => [tube as string, result === '阴性' ? 'NEGATIVE' : 'Positive (+)'.replace(/ .*/, ''), ...rest])], { separator: ';' }),
  })) t.same((await judged(file)).good, expected, what);
});

t.test('what is said once for the whole file holds for rows that say nothing, and columns may be given by hand', async (t) => {
  const bare = [['a', 'b', 'c'], [code(1), '阴', 'A1001']];
  t.match(await refusal(csv(bare)), { ok: false, problem: 'headings_missing', zh: fileSentence('headings_missing').zh });
  const mapping = { columns: { tube: 'A', result: 'B', accession: 'C' } };
  t.match(await refusal(csv(bare), { mapping }), { ok: false, problem: 'heading_needed', detail: { missing: ['run', 'testedAt'] } });
  t.same((await judged(csv(bare), { mapping, run: 'R9', testedAt: at })).good, [{ place: 2, finding: { ...finding(1), run: 'R9' } }]);
  t.match(await refusal(csv(bare), { mapping: { columns: { tube: 'A', result: 'A' } } }), { problem: 'mapping_wrong' });
  t.match(await refusal(csv([[...headings, '结果'], [...good(1), '阳性']])), { problem: 'heading_doubled', detail: { field: 'result', columns: ['B', 'G'] } });
});

t.test('a wrong sheet is named, and of several the only one with results is read', async (t) => {
  const other = [['试剂', '数量'], ['提取液', '12']];
  t.same(rowsOf(await judged(await xlsx({ 试剂: other, 结果: [headings, good(1)] }))), [2]);
  t.match(await refusal(await xlsx({ 试剂: other, 结果: [headings, good(1)] }), { sheet: '试剂' }), { ok: false, problem: 'headings_missing', detail: { sheets: ['试剂', '结果'] } });
  t.match(await refusal(await xlsx({ 上午: [headings, good(1)], 下午: [headings, good(2)] })), { problem: 'sheet_choose', detail: { sheets: ['上午', '下午'] } });
  t.match(await refusal(await xlsx({ 结果: [headings, good(1)] }), { sheet: '明天' }), { problem: 'sheet_unknown' });
});

t.test('every fault of every row is named with its column, and the good rows stay good', async (t) => {
  const tube = code(7);
  const rows = [
    good(1),
    [tube.replace('0', 'O'), '阴性', 'A1', 'R1', '2024-05-01 13:45', ''],
    [`${tube.slice(0, 11)}${tube.endsWith('9') ? '8' : '9'}`, '阴性', 'A2', 'R1', '2024-05-01 13:45', ''],
    [makeCode('box', 3), '阴性', 'A3', 'R1', '2024-05-01 13:45', ''],
    ['', '阴性', 'A4', 'R1', '2024-05-01 13:45', ''],
    ['1.2E+11', '阴性', 'A5', 'R1', '2024-05-01 13:45', ''],
    [code(8), '阴性?', 'A6', 'R1', '2024-05-01 13:45', ''],
    [code(9), '', '', '', '', ''],
    [code(10), '阴性', 'A 7', 'R1', '3/4/2024', ''],
    [code(11), '阴性', 'A8', 'R1', '2024-05-01', ''],
    [code(12), '阴性', 'A9', 'R1', '2024-02-30 10:00', ''],
    good(13),
  ];
  const judgement = await judged(csv([headings, ...rows]));
  t.same(rowsOf(judgement), [2, 13]);
  t.same(wrongs(judgement), [
    `3 tube_letters A ${tube}`, '4 tube_check_failed A', '5 tube_other_code A', '6 tube_missing A', '7 number_rounded A', '8 result_word B', '9 result_missing B', '9 time_missing E',
    '9 accession_missing C', '9 run_missing D', '10 time_unclear E', '10 name_characters C', '11 time_of_day_missing E', '12 time_unclear E',
  ]);
});

t.test('swapped columns are seen by the codes in them', async (t) => {
  const swapped = ['检测结果', '试管码', ...headings.slice(2)];
  const judgement = await judged(csv([swapped, ...list(3)]));
  t.same(rowsOf(judgement), []);
  t.same(wrongs(judgement), ['2 columns_swapped', '3 columns_swapped', '4 columns_swapped']);
  t.same(wrongs(await judged(csv([headings, ['A1001', '阴性', code(1), 'R1', '2024-05-01 13:45', '']]))), ['2 columns_swapped'], 'tube and accession too');
  t.same(wrongs(await judged(csv([headings, good(1), [...good(2), 'x', 'y']]))), ['3 cells_too_many'], 'a stray separator');
});

t.test('rows that contradict each other about one finding are all left out; two runs of one tube are not one finding', async (t) => {
  const judgement = await judged(csv([
    headings, good(1), good(1), good(2), good(2, { result: 'positive' }), good(3), good(4, { accession: 'A1003' }), good(5), good(5, { run: 'R08', result: 'positive' }),
  ]));
  t.same(wrongs(judgement), ['3 row_repeated', '4 results_differ', '5 results_differ', '6 accession_twice', '7 accession_twice']);
  t.same(judgement.bad.get(4)?.[0]?.with, [5], 'each names the other');
  t.same(rowsOf(judgement), [2, 8, 9], 'positive and negative of two runs are for the record to hold');
});

t.test('a file cut off in its middle gives what stands before the break, and its last row is not believed', async (t) => {
  const whole = csv([headings, ...list(40)]);
  const cuts: Record<string, number> = {};
  for (let end = whole.length - 1; end > whole.length - 160; end--) {
    const judgement = await judged(whole.subarray(0, end));
    const rows = rowsOf(judgement);
    const complete = whole.subarray(0, end).toString().split('\r\n').length - 2;
    const cut = wrongs(judgement);
    // Cut exactly behind the last cell, nothing shows: the row is whole. Anywhere else it is named.
    const last = judgement.in - complete;
    t.ok(rows.length >= complete && rows.length <= complete + 1, `cut at ${end}: ${rows.length} of ${complete}`);
    for (const { finding: read } of judgement.good) t.match(read, { accession: /^A10\d\d$/, run: 'R07', testedAt: at }, 'nothing half is taken for whole');
    if (last > 0 && rows.length === complete) t.same(cut, [`${complete + 2} row_cut`]);
    cuts[cut.length > 0 ? 'named' : 'whole'] = (cuts[cut.length > 0 ? 'named' : 'whole'] ?? 0) + 1;
  }
  t.ok((cuts['named'] ?? 0) > 100 && (cuts['whole'] ?? 0) > 0, JSON.stringify(cuts));

  const quoted = Buffer.from(`${headings.join(',')}\r\n${list(3).map((row) => row.map((cell) => `"${cell}"`).join(',')).join('\r\n')}`);
  const inCell = await judged(quoted.subarray(0, quoted.length - 20));
  t.same([rowsOf(inCell), wrongs(inCell)], [[2, 3], ['4 row_cut']], 'in the middle of a quoted cell');
  t.match(await refusal((await xlsx([headings, ...list(40)])).subarray(0, 4000)), { ok: false, problem: 'file_damaged', en: /cut off/ }, 'half a workbook cannot be read at all');
  const untidy = Buffer.from(whole.toString().trimEnd());
  t.equal(rowsOf(await judged(untidy)).length, 40, 'a file without a last line end is as good as another');
});

t.test('how many there should be, as somebody says, is held against how many there are', async (t) => {
  t.same((await judged(csv([headings, ...list(9)]), {}, 10)).notes, [{ note: 'count_differs', said: 10, found: 9 }]);
  t.same((await judged(csv([headings, ...list(9)]), {}, 9)).notes, []);
});

t.test('65,537 rows are read to the last; a file that ends where old programs cut is pointed out', async (t) => {
  const rows = list(65_537);
  const judgement = await judged(csv([headings, ...rows]));
  t.match(judgement, { in: 65_537, notes: [] });
  t.equal(judgement.good.length, 65_537);
  t.equal(judgement.good.at(-1)?.place, 65_538);
  t.same((await judged(csv([headings, ...rows.slice(0, 65_535)]))).notes, [{ note: 'rows_at_limit', found: 65_535 }]);
});

t.test('blank rows, headings said again and signatures are no results, and are counted', async (t) => {
  const judgement = await judged(csv([['某实验室检测报告'], headings, good(1), headings, [''], good(2), ['', '', '', '', '', '', '检验员：某某']]));
  t.match(judgement, { in: 2, passed: { empty: 1, repeatedHeadings: 1, beside: 1 } });
  t.same(rowsOf(judgement), [3, 6]);
});

t.test('a tube, a result or an accession merged over two rows belongs to neither; a run merged over a plate to all of it', async (t) => {
  const rows = [good(1), good(2), good(3)];
  const file = await xlsx([headings, ...rows], (sheet) => { sheet.mergeCells('D2:D4'); sheet.mergeCells('B3:B4'); });
  const judgement = await judged(file);
  t.same(rowsOf(judgement), [2]);
  t.same(wrongs(judgement), ['3 cell_merged B', '4 cell_merged B']);
  t.equal(judgement.good[0]?.finding.run, 'R07');
});

t.test('formulas, errors and dates where a code belongs are never worked out', async (t) => {
  const row = good(1);
  const judgement = await judged(await xlsx([
    headings, row,
    [{ formula: 'A2' }, ...row.slice(1)] as Value[], [code(2), { error: '#REF!' }, ...row.slice(2)] as unknown as Value[], [code(3), '阴性', new Date(at), ...row.slice(3)] as Value[],
    [Number(code(4)), '阴性', 1004, ...row.slice(3)] as Value[],
  ]));
  t.same(wrongs(judgement), ['3 cell_formula A', '4 cell_error B', '5 cell_date C']);
  t.match(judgement.good.at(-1), { place: 6, finding: { tube: code(4), accession: '1004' } }, 'a number that lost nothing is what it says');
});

t.test('times are those of the laboratory\'s clocks, and which of 3/4 is the month is not guessed', async (t) => {
  for (const text of ['2024-05-01 13:45', '2024/5/1 13:45:00', '2024年5月1日13时45分', '2024.5.1 13:45', '20240501134500', '2024-05-01T13:45:00+08:00', '2024-05-01T05:45:00Z', '２０２４－０５－０１ 13：45']) {
    t.same(readTestedAt(text, 'Asia/Shanghai'), { at }, text);
  }
  for (const text of ['1/5/2024 13:45', '24-05-01 13:45', '2024-13-01 10:00', '2024-05-01 24:30', 'yesterday', '45413.57', '']) t.match(readTestedAt(text, 'Asia/Shanghai'), { problem: 'time_unclear' }, text);
  t.same(readTestedAt('2024-07-01 12:00', 'Europe/Berlin'), { at: Date.UTC(2024, 6, 1, 10) });
});

t.test('every word has its sentences, and a sum that does not fit is shown as such', async (t) => {
  for (const sentences of [resultProblems, resultNotes, waitSentences]) for (const [word, { zh, en }] of Object.entries(sentences)) t.ok(/\p{Script=Han}/u.test(zh) && /\.$/.test(en), word);
  t.match(findingCounts(3, ['accepted', 'held', 'faulty']), { in: 3, accepted: 1, held: 1, faulty: 1, sum: 3, equal: true });
  t.match(findingCounts(3, ['accepted', 'held']), { sum: 2, equal: false });
});
