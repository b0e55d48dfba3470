// Somebody who is not on the roster is put on it and can be sampled at once.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { eventsOf, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const index = 'ab'.repeat(16);

t.test('he gets a number, and his identity is known from then on', async (t) => {
  const { rig, tablet, resident } = await station(t);
  const { events } = await tablet.done('registerWalkIn', { index, sealed: 'AAAA', village: 'Elsewhere', household: 5, risk: 'key', priority: 'pregnant', single: true });
  t.match(events, [{ event: 'village.named', ordinal: 2 }, { event: 'resident.registered', resident: 13, village: 2, household: 5, risk: 1, priority: 1, single: 1, identified: 1, already: 0 }]);
  t.match(await resident(13), { village: 2, household: 5, risk: 'key', priority: 'pregnant', single: true });
  t.equal(await reads.residentByIndex(rig.redis, rig.cell, index), 13);
  await repeats(t, { rig, device: tablet });
});

t.test('the next records of the same device may name him before he was answered', async (t) => {
  const { tablet, open, tube } = await station(t);
  const code = await open();
  const registering = tablet.draft({ step: 'registerWalkIn', body: { sealed: 'AAAA', village: 'New village' }, mode: 'report' });
  const receipt = await tablet.send([registering, { step: 'takeSwab', body: { resident: `#${registering.number}`, tube: code }, mode: 'report' }]);
  t.same(receipt.answers.map(eventsOf), [['village.named', 'resident.registered'], ['swab.taken']]);
  t.match(await tube(code), { held: 0, members: [{ resident: 13 }] });
});

t.test('a name for a record that registered nobody is nobody', async (t) => {
  const { rig, tablet, open } = await station(t);
  const tube = await open();
  await tablet.ask('callNext', { station: 'a1' });
  await tablet.done('runDue', {});
  for (const record of [1, 2, 3, 4, 99, 999_999_999]) t.equal(wordOf(await tablet.ask('takeSwab', { resident: `#${record}`, tube })), 'resident_unknown', `record ${record}`);
  await rig.post.done('drainStation', { station: 'a1' });
  t.equal(wordOf(await rig.post.ask('skipTicket', { resident: `#${rig.post.number}` })), 'resident_unknown');
});

t.test('reported for somebody who is there, it answers with the entry there is', async (t) => {
  const { rig, tablet } = await station(t);
  await tablet.done('registerWalkIn', { index, sealed: 'AAAA', village: 'Upper' });
  const other = rig.device('other');
  t.match(await other.report('registerWalkIn', { index, sealed: 'BBBB', village: 'Upper' }), { events: [{ event: 'resident.registered', resident: 13, already: 1 }] });
  t.match(await other.ask('excuseResident', { resident: `#${other.number}`, reason: 'medical' }), { events: [{ resident: 13 }] });
  t.match(await reads.cellState(rig.redis, rig.cell), { residents: 13 });
});

t.test('two people without a document are two people', async (t) => {
  const { rig, tablet } = await station(t);
  await tablet.done('registerWalkIn', { sealed: 'AAAA', village: 'Upper' });
  await tablet.done('registerWalkIn', { sealed: 'AAAA', village: 'Upper' });
  t.match(await reads.cellState(rig.redis, rig.cell), { residents: 14 });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'registerWalkIn', async (t) => {
  const { rig, tablet } = await station(t);
  await rig.device('other').done('registerWalkIn', { index, sealed: 'AAAA', village: 'Upper' });
  return { rig, device: tablet, rows: [
    // Nobody becomes two people, and the one who is there is answered: no contradiction.
    { word: 'resident_known', body: { index, sealed: 'BBBB', village: 'Upper' }, reported: [] },
  ] };
}));

t.test('two at once: one is registered', async (t) => {
  const { rig, tablet } = await station(t);
  const answers = await Promise.all([tablet, rig.device('other')].map((one) => one.ask('registerWalkIn', { index, sealed: 'AAAA', village: 'Upper' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'resident_known']);
});
