// A person settles a contradiction on the record.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

t.test('the tube is released, and who decided is on record', async (t) => {
  const { rig, tablet, open, fill, tube, discrepancies, unfinished } = await station(t);
  await fill(await open(), 1);
  const second = await open();
  await tablet.report('takeSwab', { resident: '1', tube: second });
  await tablet.done('voidSwab', { resident: '1', tube: second, reason: 'scanned_twice' });
  rig.post.by = 'leader';
  const { events } = await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'corrected', note: 'looked into the vial' });
  t.match(events, [{ event: 'discrepancy.resolved', discrepancy: 1, what: 'already_sampled', tube: second, resident: 1, resolution: 'corrected', note: 'looked into the vial', by: 'leader' }]);
  t.match(await tube(second), { held: 0 });
  t.match(await discrepancies(), [{ state: 'resolved', resolution: 'corrected', resolvedBy: 'leader' }]);
  t.notOk((await unfinished()).includes('discrepancy:1'));
  await repeats(t, { rig, device: rig.post });
});

t.test('a tube held twice is released by the second', async (t) => {
  const { rig, tablet, open, fill, tube } = await station(t);
  const code = await fill(await open(), 1);
  await tablet.report('takeSwab', { resident: '1', tube: code });
  await tablet.report('voidSwab', { resident: '2', tube: code, reason: 'not_taken' });
  t.match(await tube(code), { held: 2 });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '2', resolution: 'mistaken' });
  t.match(await tube(code), { held: 1 });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'confirmed' });
  t.match(await tube(code), { held: 0 });
});

t.test('the story of an identified person has no gap', async (t) => {
  const { rig, tablet, open } = await station(t);
  await tablet.report('takeSwab', { resident: '999', tube: await open() });
  await rig.device('desk').done('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A1' }] });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '1', resolution: 'identified', resident: '1' });
  t.same((await reads.story(rig.redis, rig.cell, { resident: 1 })).map(({ event }) => event), ['discrepancy.resolved', 'ticket.issued']);
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'resolveDiscrepancy', async (t) => {
  const { rig, tablet, open, fill } = await station(t);
  const tube = await fill(await open(), 1);
  await tablet.report('takeSwab', { resident: '999', tube });
  await tablet.report('takeSwab', { resident: '888', tube });
  await rig.post.done('resolveDiscrepancy', { discrepancy: '2', resolution: 'confirmed' });
  const resolution = 'identified';
  return { rig, device: rig.post, rows: [
    { word: 'discrepancy_unknown', body: { discrepancy: '7', resolution, resident: '99' }, also: ['resident_unknown'] },
    { word: 'discrepancy_resolved', body: { discrepancy: '2', resolution, resident: '99' }, also: ['resident_unknown'] },
    { word: 'resident_unknown', body: { discrepancy: '1', resolution, resident: '99' } },
    { word: 'already_sampled', body: { discrepancy: '1', resolution, resident: '1' } },
  ] };
}));

t.test('two at once: one decides', async (t) => {
  const { rig, tablet, open } = await station(t);
  await tablet.report('voidSwab', { resident: '1', tube: await open(), reason: 'not_taken' });
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('resolveDiscrepancy', { discrepancy: '1', resolution: 'mistaken' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'discrepancy_resolved']);
});
