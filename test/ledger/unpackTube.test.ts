// A tube is taken out of a box again.

import t from 'tap';
import { contradictionsOf } from '../support.js';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('the tube is out, and may go into another', async (t) => {
  const { rig, packer, sealed, openBox, box, status } = await packing(t);
  const [code, first, second] = [await sealed(1), await openBox(), await openBox()];
  await packer.done('packTube', { tube: code, box: first });
  const { events } = await packer.done('unpackTube', { tube: code, box: first, reason: 'wrong_box' });
  t.match(events, [{ event: 'tube.unpacked', tube: code, box: first, reason: 'wrong_box' }]);
  t.equal(await status(code), 'sealed');
  await repeats(t, { rig, device: packer });
  await packer.done('packTube', { tube: code, box: second });
  t.same([(await box(first))?.tubes, (await box(second))?.tubes], [[], [code]]);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'unpackTube', async (t) => {
  const { rig, packer, sealed, openBox, sealedBox, newBox } = await packing(t);
  const inside = await sealed(1);
  const shut = await sealedBox(inside);
  const box = await openBox();
  return { rig, device: packer, rows: [
    { word: 'box_unknown', body: { tube: rig.tube(), box: newBox() }, also: ['tube_unknown'] },
    { word: 'box_sealed', body: { tube: rig.tube(), box: shut }, also: ['tube_unknown'] },
    { word: 'tube_unknown', body: { tube: rig.tube(), box } },
    { word: 'tube_not_packed', body: { tube: inside, box } },
  ] };
}));

t.test('reported out of a sealed box, it is out', async (t) => {
  const { packer, sealed, sealedBox, box, tube } = await packing(t);
  const [code, other] = [await sealed(1), await sealed(2)];
  const shut = await sealedBox(code, other);
  t.same(contradictionsOf(await packer.report('unpackTube', { tube: code, box: shut, reason: 'not_there' })), ['box_sealed']);
  t.same((await box(shut))?.tubes, [other]);
  t.match(await tube(code), { box: 0, held: 0 });
});
