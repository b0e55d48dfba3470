// Document numbers: what is put right, what is refused and with which reason. Vectors are those of the standards; every other number
// here is made by code and belongs to nobody.

import fc from 'fast-check';
import t from 'tap';
import {
  ageOn,
  documentProblems,
  isRealDate,
  judgeDocument,
  readDocumentKind,
  residentIdCheck,
  type DocumentKind,
} from '../../src/domain/documents.js';

const today = '2026-11-01';
const judge = (number: string | number | null, kind?: DocumentKind, description?: string) => judgeDocument({ number, kind, description, today });

/** Identity numbers of nobody: any area, any real day, any sequence, and the check digit that belongs to them. */
const residentIds = fc
  .tuple(
    fc.integer({ min: 110000, max: 659999 }),
    fc.date({ min: new Date('1900-01-01'), max: new Date('2026-10-31'), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(([area, day, sequence]) => {
    const first17 = `${area}${day.toISOString().slice(0, 10).replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
    return first17 + residentIdCheck(first17);
  });

t.test('the vectors of the standard are good, with their day of birth and sex', async (t) => {
  t.match(judge('11010519491231002X'), { ok: true, kind: 'residentId', identity: 'id:11010519491231002X', birthDate: '1949-12-31', sex: 'female' });
  t.match(judge('440524188001010014'), { ok: true, birthDate: '1880-01-01', sex: 'male' });
  t.match(judge('34052419800101001X'), { ok: true, birthDate: '1980-01-01', sex: 'male' });
});

t.test('one person is one identity however the number is written', async (t) => {
  const written = [
    '11010519491231002x',
    ' 110105 19491231 002X ',
    '110105-19491231-002X',
    '１１０１０５１９４９１２３１００２Ｘ',
    '110105194912310０2ｘ',
    "'11010519491231002X",
    '11010519491231002×',
    '11010519491231002Х',
    '\u200b11010519491231002X\u00a0',
    '110105491231002',
    110105491231002,
  ];
  for (const number of written)
    t.match(judge(number), { ok: true, normalised: '11010519491231002X', identity: 'id:11010519491231002X' }, String(number));
});

t.test('every other kind of document has its form and its lasting part', async (t) => {
  const rows: [string, DocumentKind | undefined, DocumentKind, string][] = [
    ['810000199408230021', undefined, 'hmtResidencePermit', 'id:810000199408230021'],
    ['H1234567801', undefined, 'hkMacauPermit', 'hm:H12345678'],
    ['h12345678', 'hkMacauPermit', 'hkMacauPermit', 'hm:H12345678'],
    ['M1234567802', undefined, 'hkMacauPermit', 'hm:M12345678'],
    ['12345678', 'taiwanPermit', 'taiwanPermit', 'tw:12345678'],
    ['1234567801(B)', 'taiwanPermit', 'taiwanPermit', 'tw:12345678'],
    ['E12345678', undefined, 'passport', 'pp:E12345678'],
    ['L898902C3', 'passport', 'passport', 'pp:L898902C3'],
    ['USA123456789012', undefined, 'foreignResidentCard', 'fr:USA123456789012'],
  ];
  for (const [number, kind, is, identity] of rows) t.match(judge(number, kind), { ok: true, kind: is, identity }, number);
  t.match(judge('出字第0012号', 'other', '军官证'), { ok: true, kind: 'other', identity: 'ot:军官证:出字第0012号' });
});

t.test('a renewed Hong Kong or Macau permit is the same person', async (t) => {
  const first = judge('H1234567801');
  const renewed = judge('H1234567802');
  t.equal(first.ok && first.identity, renewed.ok && renewed.identity);
});

t.test('the number decides the kind when a clerk chose a neighbouring one', async (t) => {
  t.match(judge('810000199408230021', 'residentId'), { ok: true, kind: 'hmtResidencePermit' });
  t.match(judge('11010519491231002X', 'hmtResidencePermit'), { ok: true, kind: 'residentId' });
  const first17 = '91100019900101001';
  t.match(judge(first17 + residentIdCheck(first17)), { ok: true, kind: 'foreignResidentCard', birthDate: '1990-01-01' });
});

t.test('a person without a document is good, and has no identity', async (t) => {
  t.match(judge('', 'none'), { ok: true, kind: 'none', identity: null });
  t.match(judge('无证件'), { ok: true, kind: 'none', identity: null });
  t.match(judge(null), { ok: false, problem: 'document_missing' });
  t.match(judge('12345', 'none'), { ok: false, problem: 'document_not_expected' });
});

t.test('what is wrong is said, the most helpful reason first', async (t) => {
  const rows: [string | number, DocumentKind | undefined, string][] = [
    ['1.2E+17', undefined, 'document_spreadsheet_number'],
    ['1.10105194912310E+17', 'residentId', 'document_spreadsheet_number'],
    ['1.10105E17', undefined, 'document_spreadsheet_number'],
    [1.1010519491231002e17, undefined, 'document_spreadsheet_number'],
    [2 ** 53, undefined, 'document_spreadsheet_number'],
    [12.5, undefined, 'document_spreadsheet_number'],
    [-5, undefined, 'document_spreadsheet_number'],
    ['110105194912310000', undefined, 'document_spreadsheet_rounded'],
    ['110105********002X', undefined, 'document_masked'],
    ['110105194912310021', undefined, 'document_check_digit'],
    ['11010519491231002', undefined, 'document_length'],
    ['11010519491231002X1', undefined, 'document_length'],
    ['1101051949123100', 'residentId', 'document_length'],
    ['11010519491231002A', 'residentId', 'document_characters'],
    ['身份证丢了', undefined, 'document_characters'],
    ['110105491331002', undefined, 'document_birth_date'],
    ['12345678', undefined, 'document_kind_needed'],
    ['13812345678', undefined, 'document_kind_needed'],
    ['X12', 'hkMacauPermit', 'document_shape'],
    ['1234', 'taiwanPermit', 'document_shape'],
    ['1234', 'passport', 'document_length'],
    ['AB/12345', 'passport', 'document_characters'],
    ['1234', 'other', 'document_description_needed'],
  ];
  for (const [number, kind, problem] of rows) t.match(judge(number, kind), { ok: false, problem }, `${number} is ${problem}`);
  const impossible = '11010519490230002';
  t.match(judge(impossible + residentIdCheck(impossible)), { ok: false, problem: 'document_birth_date' });
  const unborn = '11010520261102002';
  t.match(judge(unborn + residentIdCheck(unborn)), { ok: false, problem: 'document_birth_future' });
});

t.test('letters taken for digits are refused with the number that was meant', async (t) => {
  t.match(judge('11O1O519491231OO2X'), { ok: false, problem: 'document_characters', suggestion: '11010519491231002X' });
  t.match(judge('I10l05I949I23I002X'), { ok: false, suggestion: '11010519491231002X' });
  t.match(judge('HI2345678', 'hkMacauPermit'), { ok: false, problem: 'document_shape', suggestion: 'H12345678' });
  t.notMatch(judge('11O1O519491231OO21'), { suggestion: /./ }, 'a number that is wrong either way is not suggested');
});

t.test('a good number that ends as a rounded one is marked, and stays good', async (t) => {
  const ends = [...Array(100).keys()]
    .map((n) => `1101051949${String(1 + (n % 12)).padStart(2, '0')}${String(1 + (n % 28)).padStart(2, '0')}${n % 10}00`)
    .find((first17) => residentIdCheck(first17) === '0');
  t.ok(ends, 'the calendar holds such a number');
  t.match(judge(`${ends}0`), { ok: true, endsRounded: true });
});

t.test('every single wrong character of an identity number is caught', async () => {
  fc.assert(
    fc.property(residentIds, fc.integer({ min: 0, max: 17 }), fc.constantFrom(...'0123456789X'), (number, at, wrong) => {
      fc.pre(number.charAt(at) !== wrong);
      return !judge(number.slice(0, at) + wrong + number.slice(at + 1), 'residentId').ok;
    }),
    { numRuns: 3000 },
  );
});

t.test('every exchange of two neighbouring characters is caught', async () => {
  fc.assert(
    fc.property(residentIds, fc.integer({ min: 0, max: 16 }), (number, at) => {
      fc.pre(number.charAt(at) !== number.charAt(at + 1));
      return !judge(number.slice(0, at) + number.charAt(at + 1) + number.charAt(at) + number.slice(at + 2), 'residentId').ok;
    }),
  );
});

t.test('judging again what was normalised changes nothing, from 15 characters too', async () => {
  fc.assert(
    fc.property(residentIds, (number) => {
      const old = number.slice(0, 6) + number.slice(8, 17);
      const once = judge(number.slice(6, 8) === '19' ? old : number);
      return once.ok && JSON.stringify(judge(once.normalised)) === JSON.stringify(once) && once.normalised === number;
    }),
  );
});

t.test('any text at all gets an answer, and every problem has its sentences', async () => {
  const kinds = fc.constantFrom<(DocumentKind | undefined)[]>(
    undefined,
    'residentId',
    'hmtResidencePermit',
    'hkMacauPermit',
    'taiwanPermit',
    'passport',
    'foreignResidentCard',
    'other',
    'none',
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.double()), kinds, (number, kind) => {
      const judged = judge(number, kind, '出生证');
      return judged.ok
        ? typeof judged.normalised === 'string'
        : documentProblems[judged.problem].zh.length > 5 && documentProblems[judged.problem].en.length > 5;
    }),
    { numRuns: 2000 },
  );
});

t.test('kinds of documents are read as people write them', async (t) => {
  t.same(readDocumentKind('居民身份证'), { kind: 'residentId' });
  t.same(readDocumentKind('Resident ID'), { kind: 'residentId' });
  t.same(readDocumentKind('港澳通行证（回乡证）'), null);
  t.same(readDocumentKind('回乡证'), { kind: 'hkMacauPermit' });
  t.same(readDocumentKind('出生证'), { kind: 'other', description: '出生医学证明' });
  t.same(readDocumentKind('其他-出生证'), { kind: 'other', description: '出生医学证明' });
  t.same(readDocumentKind('其他（海员证）'), { kind: 'other', description: '海员证' });
  t.same(readDocumentKind('无'), { kind: 'none' });
  t.same(readDocumentKind('会员卡'), null);
  t.same(readDocumentKind('  '), undefined);
});

t.test('age counts whole years, and only real days are days', async (t) => {
  t.equal(ageOn('1946-11-01', '2026-11-01'), 80);
  t.equal(ageOn('1946-11-02', '2026-11-01'), 79);
  t.ok(isRealDate('2024-02-29'));
  t.notOk(isRealDate('2023-02-29'));
  t.notOk(isRealDate('0000-01-01'));
});
