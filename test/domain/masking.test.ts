// Masks: what stays visible, and that nothing else does.

import fc from 'fast-check';
import t from 'tap';
import { maskAddress, maskDocument, maskName, maskPhone } from '../../src/domain/masking.js';

t.test('names keep their ends and hide the middle', async (t) => {
  const rows: [string, string][] = [
    ['李小明', '李*明'],
    ['李明', '李*'],
    ['李', '*'],
    ['', ''],
    ['欧阳小明', '欧**明'],
    ['𬀩小龙', '𬀩*龙'],
    ['阿卜杜拉·买买提', '阿***提'],
    ['Maria da Silva', 'M***a'],
  ];
  for (const [name, masked] of rows) t.equal(maskName(name), masked);
});

t.test('documents show area and last four, short ones less', async (t) => {
  t.equal(maskDocument('11010519491231002X'), '110105********002X');
  t.equal(maskDocument('H12345678'), 'H1*****78');
  t.equal(maskDocument('1234567'), '*******');
});

t.test('telephones show who would recognise them', async (t) => {
  t.equal(maskPhone('13812345678'), '138****5678');
  t.equal(maskPhone('138 1234 5678'), '138****5678');
  t.equal(maskPhone('7212345'), '*****45');
  t.equal(maskPhone('110'), '***');
});

t.test('addresses end where the house begins', async (t) => {
  t.equal(maskAddress('河北省邯郸市成安县北乡义镇东村3组12号'), '河北省邯郸市成安县北乡义镇东村***');
  t.equal(maskAddress('和平街道阳光小区3号楼2单元501'), '和平街道***');
  t.equal(maskAddress('12号院'), '***');
  t.equal(maskAddress(''), '');
});

t.test('a mask of at least three characters hides at least one, and shows nothing that was not there', async () => {
  const text = fc.string({ unit: 'grapheme', minLength: 3, maxLength: 40 }).filter((text) => !text.includes('*') && text.trim().length > 2);
  fc.assert(
    fc.property(text, (text) =>
      [maskName(text), maskDocument(text), maskPhone(text), maskAddress(text)].every((masked) => masked === '' || masked.includes('*')),
    ),
  );
});
