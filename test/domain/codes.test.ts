// Printed codes: what the check digits catch, that residents' serials are a permutation, and what a scan is taken for.

import fc from 'fast-check';
import t from 'tap';
import {
  anyForeignTube,
  codeTypes,
  makeCode,
  ordinalOf,
  parseCode,
  readScan,
  rehearsalSerials,
  serialKey,
  serialOf,
  spacedCode,
  unknownScans,
  type CodeType,
} from '../../src/domain/codes.js';

const types = Object.values(codeTypes);
const codes = fc
  .tuple(fc.constantFrom<CodeType[]>(...types), fc.integer({ min: 0, max: 999_999_999 }))
  .map(([type, serial]) => makeCode(type, serial));
const today = '2026-11-01';

t.test('a code says what it is for, its serial, and whether it is for practice', async (t) => {
  const tube = makeCode('tube', 123456789);
  t.match(tube, /^1123456789\d\d$/);
  t.same(parseCode(tube), { type: 'tube', serial: 123456789, rehearsal: false });
  t.same(parseCode(makeCode('box', rehearsalSerials)), { type: 'box', serial: rehearsalSerials, rehearsal: true });
  t.equal(spacedCode(tube).length, 15);
  t.equal(spacedCode('112345678901'), '112 345 678 901');
  t.throws(() => makeCode('tube', 1_000_000_000), /serial/);
  t.throws(() => makeCode('tube', 1.5), /serial/);
});

t.test('the check digits are those of ISO 7064 MOD 97-10', async (t) => {
  // The standard's own way of checking: the whole number leaves 1.
  fc.assert(fc.property(codes, (code) => BigInt(code) % 97n === 1n));
  t.equal(makeCode('tube', 0), '100000000093');
});

t.test('every single wrong digit is caught', async () => {
  fc.assert(
    fc.property(codes, fc.integer({ min: 0, max: 11 }), fc.constantFrom(...'0123456789'), (code, at, wrong) => {
      fc.pre(code.charAt(at) !== wrong);
      return parseCode(code.slice(0, at) + wrong + code.slice(at + 1)) === null;
    }),
    { numRuns: 5000 },
  );
});

t.test('every exchange of two neighbouring digits is caught', async () => {
  fc.assert(
    fc.property(codes, fc.integer({ min: 0, max: 10 }), (code, at) => {
      fc.pre(code.charAt(at) !== code.charAt(at + 1));
      return parseCode(code.slice(0, at) + code.charAt(at + 1) + code.charAt(at) + code.slice(at + 2)) === null;
    }),
    { numRuns: 3000 },
  );
});

t.test("residents' serials are a permutation: back and forth, within their own range", async () => {
  fc.assert(
    fc.property(fc.string({ minLength: 16, maxLength: 40 }), fc.integer({ min: 0, max: 899_999_999 }), fc.boolean(), (seed, n, rehearsal) => {
      const key = serialKey(seed);
      const ordinal = rehearsal ? n % 100_000_000 : n;
      const serial = serialOf(key, ordinal, rehearsal);
      return (
        ordinalOf(key, serial) === ordinal &&
        serial >= rehearsalSerials === rehearsal &&
        serial < 1_000_000_000 &&
        parseCode(makeCode('resident', serial)) !== null
      );
    }),
    { numRuns: 3000 },
  );
});

t.test('neighbours on the roster get serials that are no neighbours, and each cell its own', async (t) => {
  const key = serialKey('a cell of a test 1');
  const other = serialKey('a cell of a test 2');
  const serials = Array.from({ length: 28_000 }, (_, ordinal) => serialOf(key, ordinal));
  t.equal(new Set(serials).size, 28_000);
  t.ok(serials.filter((serial, i) => Math.abs(serial - (serials[i + 1] ?? 0)) < 1000).length < 10, 'consecutive residents are far apart');
  // Spread evenly over nine ranges of a hundred million, within what chance allows (five standard deviations).
  const ranges = Array.from({ length: 9 }, (_, range) => serials.filter((serial) => Math.floor(serial / 100_000_000) === range).length);
  for (const count of ranges) t.ok(Math.abs(count - 28_000 / 9) < 5 * Math.sqrt(28_000 * (1 / 9) * (8 / 9)), `${count} of 28,000 in a ninth`);
  t.ok(serials.filter((serial, ordinal) => serialOf(other, ordinal) === serial).length < 3, 'another seed is another permutation');
  t.throws(() => serialOf(key, 900_000_000), /number/);
  t.throws(() => serialOf(key, 100_000_000, true), /number/);
  t.throws(() => serialKey('short'), /seed/);
});

t.test('a scan is read however the scanner sends it', async (t) => {
  const tube = makeCode('tube', 42);
  const full = tube.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
  for (const text of [tube, `${tube}\r\n`, `${tube}\t`, `\u001d${tube}`, `]C1${tube}`, `]Q3${tube}`, `]d2${tube}\r`, full, ` ${spacedCode(tube)} `]) {
    t.match(readScan(text), { kind: 'tube', value: tube, serial: 42, rehearsal: false }, JSON.stringify(text));
  }
  t.match(readScan(makeCode('staff', 7)), { kind: 'staff' });
});

t.test('the same code twice in one scan is that code; two codes are two', async (t) => {
  const [a, b] = [makeCode('tube', 1), makeCode('resident', 2)];
  t.match(readScan(a + a), { kind: 'tube', value: a, repeated: true });
  t.match(readScan(`${a}\r${a}\r`), { kind: 'tube', value: a, repeated: true });
  t.match(readScan(a + b), { kind: 'twoCodes', values: [a, b] });
  t.match(readScan(`${a}\n${b}`), { kind: 'twoCodes', values: [a, b] });
  t.match(readScan(`${a}11010519491231002X`, { today }), { kind: 'twoCodes', values: [a, '11010519491231002X'] });
  t.match(readScan('AB12345678901\tAB12345678902'), { kind: 'twoCodes' });
});

t.test('documents are told from codes', async (t) => {
  t.match(readScan('11010519491231002x', { today }), {
    kind: 'document',
    value: '11010519491231002X',
    document: { identity: 'id:11010519491231002X' },
  });
  t.match(readScan('H1234567801', { today }), { kind: 'document', document: { kind: 'hkMacauPermit' } });
  t.match(readScan('110105194912310021', { today }), { kind: 'unknown', reason: 'scan_document_wrong' });
});

t.test('a shop barcode is no tube', async (t) => {
  for (const code of ['6901234567892', '4006381333931', '96385074', '036000291452'])
    t.match(readScan(code), { kind: 'shopBarcode', value: code }, code);
});

t.test('labels of other makers are tubes by rule', async (t) => {
  t.match(readScan('ab12345678901'), { kind: 'foreignTube', value: 'AB12345678901', rule: 'any' });
  t.match(readScan('8812345678901234'), { kind: 'foreignTube' });
  t.match(readScan('AB1234567890123456'), { kind: 'unknown', reason: 'scan_length' });
  const lot = { name: 'lot 7', prefix: '690', lengthMin: 13, lengthMax: 13, letters: false };
  t.match(
    readScan('6901234567892', { foreignTubes: [lot, anyForeignTube] }),
    { kind: 'foreignTube', rule: 'lot 7' },
    'a rule of the round goes before the guess',
  );
  t.match(readScan('AB12345678901', { foreignTubes: [lot] }), { kind: 'unknown' }, 'a round that names its lots takes no others');
});

t.test('one of our codes misread is never taken for a foreign tube', async () => {
  fc.assert(
    fc.property(codes, fc.integer({ min: 0, max: 11 }), fc.constantFrom(...'123456789'), (code, at, wrong) => {
      fc.pre(code.charAt(at) !== wrong && !(at === 0 && wrong > '7'));
      const scan = readScan(code.slice(0, at) + wrong + code.slice(at + 1));
      return (scan.kind === 'unknown' && scan.reason === 'scan_check_failed') || scan.kind === 'shopBarcode';
    }),
    { numRuns: 3000 },
  );
});

t.test('what is nothing we know is refused with its reason', async (t) => {
  const rows: [string, string][] = [
    ['', 'scan_empty'],
    ['\r\n', 'scan_empty'],
    ['https://example.org/code?x=1', 'scan_web_address'],
    ['1023', 'scan_length'],
    ['人：7看吗-全自动-2', 'scan_characters'],
    ['x'.repeat(5000), 'scan_length'],
  ];
  for (const [text, reason] of rows) t.match(readScan(text), { kind: 'unknown', reason }, text.slice(0, 20));
});

t.test('any text at all gets an answer, and every reason has its sentences', async () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: fc.constantFrom(...'0123456789X]C1\r\t\u001d'), maxLength: 40 })),
      (text) => {
        const scan = readScan(text, { today });
        return scan.kind !== 'unknown' || unknownScans[scan.reason].zh.length > 3;
      },
    ),
    { numRuns: 3000 },
  );
});
