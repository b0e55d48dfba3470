// A box is closed, and what the bench counts is compared with the record.

import t from 'tap';
import { manifestHash, readManifest, writeManifest } from '../../src/domain/manifest.js';
import { contradictionsOf, eventsOf, minute } from '../support.js';
import { everything, packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('the manifest names every tube, and its hash is the one a tablet computes', async (t) => {
  const { rig, packer, sealed, openBox, box, tube } = await packing(t, { round: { rules: { laboratory: 'lab', poolSizes: { normal: 5, key: 5, high: 1 } } } });
  const codes = [await sealed(1, 2), await sealed(3)];
  const code = await openBox();
  for (const one of codes.toReversed()) await packer.done('packTube', { tube: one, box: code });
  const { events } = await packer.done('sealBox', { box: code, counted: 2 });
  t.match(events, [{ event: 'box.sealed', box: code, count: 2, counted: 2, hash: manifestHash(codes), laboratory: 'lab' }]);
  const manifest = events[0]?.event === 'box.sealed' ? (JSON.parse(Buffer.from(events[0].manifest).toString()) as unknown[]) : [];
  t.same(manifest, [[codes[0], 2, (await tube(codes[0] as string))?.firstSwabAt], [codes[1], 1, (await tube(codes[1] as string))?.firstSwabAt]]);
  t.match(await box(code), { state: 'sealed', counted: 2, hash: manifestHash(codes), laboratory: 'lab' });
  await repeats(t, { rig, device: packer });
});

t.test('a manifest goes from screen to screen as a QR code', (t) => {
  const tubes = ['190000000230', '190000000133', 'ABC0123456'];
  const text = writeManifest('390000000127', tubes);
  t.match(text, /^[0-9A-Z/.]+$/, 'the denser mode of QR');
  t.same(readManifest(text), { box: '390000000127', hash: manifestHash(tubes), tubes: tubes.toSorted() });
  t.equal(readManifest(text.replace('ABC', 'ABD')), null, 'a code misread');
  t.equal(readManifest('https://example.org'), null);
  t.equal(manifestHash(['a']), '86F7E437FAA5A7FC', 'SHA-1 as everybody else computes it');
  t.equal(manifestHash(Array.from({ length: 20 }, (_, i) => `19000000${i}`)).length, 16);
  t.end();
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'sealBox', async (t) => {
  const { rig, packer, sealed, openBox, sealedBox, newBox } = await packing(t);
  const shut = await sealedBox(await sealed(1));
  const [empty, one] = [await openBox(), await openBox()];
  await packer.done('packTube', { tube: await sealed(2), box: one });
  return { rig, device: packer, rows: [
    { word: 'box_unknown', body: { box: newBox(), counted: 3 } },
    // Sealed already: closed, as both say. Only the count is doubtful.
    { word: 'box_sealed', body: { box: shut, counted: 3 }, also: ['box_count_differs'], reported: ['box_count_differs'] },
    { word: 'box_empty', body: { box: empty, counted: 3 }, also: ['box_count_differs'] },
    { word: 'box_count_differs', body: { box: one, counted: 3 } },
  ] };
}));

t.test('a straggler reported into a sealed box goes with it, and tells where its manifest went', async (t) => {
  const { packer, sealed, sealedBox, box } = await packing(t, { round: { rules: { laboratory: 'lab', poolSizes: { normal: 5, key: 5, high: 1 } } } });
  const shut = await sealedBox(await sealed(1));
  const late = await sealed(2);
  const answer = await packer.report('packTube', { tube: late, box: shut });
  t.same(eventsOf(answer), ['tube.packed', 'discrepancy.opened']);
  t.match(answer, { events: [{ laboratory: 'lab', swabs: 1 }, { what: 'box_sealed' }] });
  t.ok((await box(shut))?.tubes.includes(late));
});

t.test('a box is late from the first swab in it on: amber, then red, each once', async (t) => {
  const { rig, packer, sealed, openBox, box } = await packing(t);
  const early = await sealed(1);
  await rig.advance(50 * minute);
  const late = await sealed(2);
  const code = await openBox();
  await packer.done('packTube', { tube: late, box: code });
  await packer.done('packTube', { tube: early, box: code });
  await packer.done('sealBox', { box: code });
  await rig.advance(69 * minute);
  t.equal((await box(code))?.late, undefined);
  await rig.advance(2 * minute);
  t.equal((await box(code))?.late, 'amber');
  await rig.advance(120 * minute);
  t.equal((await box(code))?.late, 'red');
  await rig.advance(600 * minute);
  t.same((await everything(rig)).flatMap((event) => (event.event === 'box.late' ? [event.what] : [])), ['amber', 'red']);
});

t.test('the sealing that arrives after the box itself still tells the manifest', async (t) => {
  const { packer, relay, sealed, openBox, box } = await packing(t);
  const code = await openBox();
  await packer.done('packTube', { tube: await sealed(1), box: code });
  await relay.report('noteArrival', { box: code, trip: 1, laboratory: 'lab', condition: 'good' });
  const answer = await packer.report('sealBox', { box: code, counted: 1 });
  t.same([eventsOf(answer), contradictionsOf(answer)], [['box.sealed'], []]);
  t.match(await box(code), { state: 'arrived', laboratory: 'lab', hash: /^[0-9A-F]{16}$/ });
});
