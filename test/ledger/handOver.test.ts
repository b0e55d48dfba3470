// A box passes from one named person to another, and both say so.

import t from 'tap';
import { contradictionsOf, eventsOf, wordOf } from '../support.js';
import { packing } from './packing.js';
import { refusesInOrder, repeats } from './refuses.js';

const leg = { from: 'pat', to: 'cora' };

t.test('one says so, the other confirms, and the chain goes on to the laboratory', async (t) => {
  const { rig, packer, courier, sealed, sealedBox, box, status } = await packing(t);
  const tube = await sealed(1);
  const code = await sealedBox(tube);
  t.match((await packer.done('handOver', { box: code, ...leg })).events, [{ event: 'box.handedOver', leg: 1, from: 'pat', to: 'cora', confirmed: 0 }]);
  t.match(await box(code), { state: 'handed over', holder: 'pat', offered: { ...leg, by: 'pat' }, unconfirmed: 1 });
  t.equal(await status(tube), 'in transit');
  await repeats(t, { rig, device: packer });
  t.match((await courier.done('handOver', { box: code, ...leg })).events, [{ leg: 1, confirmed: 1 }]);
  t.match(await box(code), { holder: 'cora', handOvers: 1, unconfirmed: 0 });
  t.equal((await box(code))?.offered, undefined);
  await courier.done('handOver', { box: code, from: 'cora', to: 'lena' });
  t.match(await box(code), { handOvers: 2, unconfirmed: 1, offered: { from: 'cora', to: 'lena' } });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'handOver', async (t) => {
  const { rig, packer, courier, relay, sealed, openBox, sealedBox, newBox } = await packing(t);
  const [arrived, open] = [await sealedBox(await sealed(1)), await openBox()];
  await relay.report('noteArrival', { box: arrived, trip: 1, laboratory: 'lab', condition: 'good' });
  const held = await sealedBox(await sealed(2));
  await packer.done('handOver', { box: held, ...leg });
  await courier.done('handOver', { box: held, ...leg });
  const fresh = await sealedBox(await sealed(3));
  const offered = await sealedBox(await sealed(4));
  await packer.done('handOver', { box: offered, ...leg });
  const hash = '0123456789ABCDEF';
  const strangers = { from: 'x1', to: 'x2' };
  return { rig, device: packer, rows: [
    { word: 'same_person', body: { box: newBox(), from: 'x1', to: 'x1' }, also: ['box_unknown'] },
    { word: 'box_unknown', body: { box: newBox(), ...strangers } },
    { word: 'box_not_sealed', body: { box: open, ...strangers, hash }, also: ['not_a_party', 'manifest_differs'] },
    { word: 'box_arrived', body: { box: arrived, ...strangers, hash }, also: ['not_a_party', 'manifest_differs'] },
    { word: 'custody_elsewhere', body: { box: held, ...strangers, hash }, also: ['not_a_party', 'manifest_differs'] },
    { word: 'not_a_party', body: { box: fresh, ...strangers, hash }, also: ['manifest_differs'] },
    { word: 'manifest_differs', body: { box: fresh, ...leg, hash } },
    // The same again by the same person: nothing new, and nothing to look into.
    { word: 'handover_offered', body: { box: offered, ...leg }, reported: [] },
  ] };
}));

t.test('without a network the manifest read from the other screen stands for both', async (t) => {
  const { courier, packer, sealed, sealedBox, box } = await packing(t);
  const code = await sealedBox(await sealed(1));
  const hash = (await box(code))?.hash ?? '';
  const answer = await courier.report('handOver', { box: code, ...leg, hash });
  t.match(answer, { events: [{ event: 'box.handedOver', confirmed: 2 }] });
  t.match(await box(code), { holder: 'cora', unconfirmed: 0 });
  t.same(eventsOf(await packer.report('handOver', { box: code, ...leg })), [], 'the other side, later, adds nothing');
  t.match(await packer.ask('handOver', { box: code, ...leg }), { word: 'custody_elsewhere', detail: { holder: 'cora' } });
});

t.test('a hand-over nobody confirmed does not stop the next, and is counted', async (t) => {
  const { rig, packer, courier, relay, sealed, sealedBox, box } = await packing(t);
  const code = await sealedBox(await sealed(1));
  await packer.done('handOver', { box: code, ...leg });
  courier.by = 'cora';
  t.equal(wordOf(await courier.ask('handOver', { box: code, from: 'cora', to: 'lena' })), 'applied');
  const lab = rig.device('desk');
  lab.by = 'lena';
  await lab.done('handOver', { box: code, from: 'cora', to: 'lena' });
  t.match(await box(code), { handOvers: 2, unconfirmed: 1, holder: 'lena' });
  await relay.report('noteArrival', { box: code, trip: 1, laboratory: 'lab', condition: 'good' });
  t.match(await box(code), { state: 'arrived', custodyGap: true });
});

t.test('sent elsewhere on the way, the new laboratory hears what is in it', async (t) => {
  const { packer, sealed, sealedBox, box } = await packing(t);
  const tube = await sealed(1);
  const code = await sealedBox(tube);
  const { events } = await packer.done('handOver', { box: code, ...leg, laboratory: 'lab2' });
  t.match(events, [{ event: 'box.handedOver' }, { event: 'box.redirected', was: '', laboratory: 'lab2' }]);
  t.match(events[1]?.event === 'box.redirected' && Buffer.from(events[1].manifest).toString(), new RegExp(tube));
  t.match(await box(code), { laboratory: 'lab2' });
});

t.test('told before its sealing, the box is on its way when the sealing comes', async (t) => {
  const { packer, courier, sealed, openBox, box } = await packing(t);
  const code = await openBox();
  await packer.done('packTube', { tube: await sealed(1), box: code });
  t.same(contradictionsOf(await courier.report('handOver', { box: code, ...leg })), ['box_not_sealed']);
  await packer.report('sealBox', { box: code });
  t.match(await box(code), { state: 'handed over' });
});
