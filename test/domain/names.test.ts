// Names as they are compared: what people read as the same is the same, and nothing else is.

import t from 'tap';
import { comparedName } from '../../src/domain/names.js';

t.test('what a keyboard or a list writes differently is one name', async (t) => {
  for (const [one, ...others] of [
    ['买买提·阿里', '买买提 • 阿里', '买买提阿里', '买买提・阿里'], ['李小明', ' 李 小明 ', '李　小明'], ['Ana Maria', 'ANA-MARIA', 'ana  maria', 'Ａｎａ Maria'], ['O’Neil', "O'Neil"], ['José', 'Jose\u0301'],
  ] as const) for (const other of others) t.equal(comparedName(other), comparedName(one), other);
});

t.test('what differs stays different, and nothing is not a name', async (t) => {
  t.not(comparedName('李明'), comparedName('李小明'));
  t.not(comparedName('José'), comparedName('Jose'));
  for (const nothing of ['', '  ', '·', '()']) t.equal(comparedName(nothing), '');
});
