// Labels in the languages of label printers, word for word, and the bars against what the standard says of them.

import t from 'tap';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import { code128 } from '../../src/screens/admin/print/code128.js';
import { tspl, zpl } from '../../src/screens/admin/print/printers.js';
import { runsOf } from '../../src/screens/admin/print/runs.js';

const code = makeCode('tube', 23);

t.test('a label in ZPL', async (t) => {
  t.equal(code, '100000002324');
  t.equal(zpl([{ code, mark: 'x10' }]), `^XA
^CI28
^PW400
^LL160
^LH0,0
^FO48,12^BY3,2,84^BCN,84,N,N,N,A^FD100000002324^FS
^FO48,106^A0N,34,34^FD100 000 002 324^FS
^FO316,106^A0N,34,34^FDx10^FS
^XZ
`);
  t.match(zpl([{ code, mark: 'x10' }], 3), /\^PQ3\n\^XZ/);
  t.match(zpl([{ code: makeCode('tube', rehearsalSerials + 1), mark: 'x10' }]), /DRILL - NOT FOR USE/, 'a label of a rehearsal says so');
  t.notMatch(zpl([{ code, mark: 'x10' }]), /[^\n\x20-\x7e]/, 'nothing a printer without fonts could not print');
});

t.test('a label in TSPL', async (t) => {
  t.equal(tspl([{ code, mark: 'BOX' }], 2), [
    'SIZE 50 mm,20 mm', 'GAP 2 mm,0 mm', 'DIRECTION 1', 'REFERENCE 0,0', 'CLS', 'BARCODE 48,12,"128",84,0,0,3,3,"100000002324"',
    'TEXT 48,106,"3",0,1,1,"100 000 002 324"', 'TEXT 316,106,"3",0,1,1,"BOX"', 'PRINT 1,2', '',
  ].join('\r\n'));
});

t.test('twelve digits are 101 modules and two quiet zones', async (t) => {
  const { modules, path } = code128(code);
  t.equal(modules, 121);
  // Three dots a module on 400 dots: the bars fit with their quiet zones.
  t.ok(modules * 3 <= 400);
  t.equal([...path.matchAll(/M/g)].length, 28, 'three bars a character, nine characters and their stop with four');
  t.throws(() => code128('123'), { message: /pairs/ });
});

t.test('numbers are recorded as runs without a hole', async (t) => {
  t.same(runsOf([5, 1, 2, 3, 9, 8]), [{ first: 1, last: 3 }, { first: 5, last: 5 }, { first: 8, last: 9 }]);
  t.same(runsOf([]), []);
});
