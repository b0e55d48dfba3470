// Residents are put on the roster; those already on it stay as they are.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { build, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';

const index = (n: number) => n.toString(16).padStart(32, '0');
const person = (n: number, more: object = {}) => ({ index: index(n), sealed: 'AAAA', village: 'Upper', ...more });

t.test('they get numbers in order, and what the roster says of them', async (t) => {
  const rig = await build(t);
  const { events } = await rig.post.done('enrolResidents', { residents: [person(1, { household: 7 }), person(2, { village: 'Lower', risk: 'key', priority: 'over80', single: true }), { sealed: 'BBBB', village: 'Upper' }] });
  t.match(events, [{ event: 'village.named', ordinal: 2, name: 'Lower' }, { event: 'residents.enrolled', first: 1, count: 3, already: 0, known: [] }]);
  t.match(await reads.residents(rig.redis, rig.cell), [
    { resident: 1, state: 'expected', household: 7, village: 1, risk: 'normal', swabs: 0 },
    { resident: 2, village: 2, risk: 'key', priority: 'over80', single: true },
    { resident: 3, household: 0 },
  ]);
  t.equal(await reads.residentByIndex(rig.redis, rig.cell, index(2)), 2);
  await repeats(t, { rig, device: rig.post });
});

t.test('the same file again changes nothing and says so', async (t) => {
  const rig = await build(t);
  await rig.post.done('enrolResidents', { residents: [person(1), person(2)] });
  const { events } = await rig.post.done('enrolResidents', { residents: [person(2, { village: 'Upper', household: 9 }), person(3), person(1)] });
  t.match(events, [{ first: 3, count: 1, already: 2, known: [2, 1] }]);
  t.match(await reads.resident(rig.redis, rig.cell, 2), { household: 0 }, 'he stays as he was');
});

t.test('two rows of one identity are one person', async (t) => {
  const rig = await build(t);
  const { events } = await rig.post.done('enrolResidents', { residents: [person(1), person(1)] });
  t.match(events, [{ count: 1, already: 1, known: [1] }]);
});

t.test('a repeat with newly made ciphertexts is the same request', async (t) => {
  const rig = await build(t);
  await rig.post.done('enrolResidents', { residents: [person(1)] });
  t.match(await rig.post.again({ body: { residents: [person(1, { sealed: 'CCCC' })] } }), { outcome: 'applied', again: true });
  t.equal(wordOf(await rig.post.again({ body: { residents: [person(2)] } })), 'id_reused');
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'enrolResidents', async (t) => {
  const rig = await build(t);
  return { rig, device: rig.post, body: { residents: [person(1)] }, rows: [] };
}));

t.test('two at once: one person is enrolled once', async (t) => {
  const rig = await build(t);
  await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('enrolResidents', { residents: [person(1), person(2)] })));
  t.match(await reads.cellState(rig.redis, rig.cell), { residents: 2 });
});
