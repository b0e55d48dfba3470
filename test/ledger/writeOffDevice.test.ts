// Two people stop waiting for the records of a device: burnt, broken or gone.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { build, eventsOf, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const body = { device: 'tablet', epoch: 'e1', reason: 'fell into the river', secondBy: 'leader' };

t.test('its missing numbers are lost, and the round no longer waits for them', async (t) => {
  const { rig, tablet, open, unfinished } = await station(t);
  const tube = await open();
  const drafts = [1, 2, 3].map((n) => tablet.draft({ step: 'takeSwab', body: { resident: String(n), tube }, mode: 'report' }));
  const receipt = await tablet.send([drafts[1] as never]);
  t.match(receipt, { mark: 1, missing: 2, lost: 0 });
  t.ok((await unfinished()).includes('device:tablet:e1'));
  const { events } = await rig.post.done('writeOffDevice', body);
  t.match(events, [{ event: 'device.writtenOff', lost: 2, reason: 'fell into the river', secondBy: 'leader' }]);
  t.notOk((await unfinished()).includes('device:tablet:e1'));
  t.match((await reads.devices(rig.redis, rig.cell)).find(({ device }) => device === 'tablet'), { assigned: 4, applied: 2, lost: 2, missing: 0 });
  await repeats(t, { rig, device: rig.post });

  await t.test('should they arrive after all, they are applied', async (t) => {
    const late = await tablet.send([drafts[2] as never]);
    t.same(late.answers.map(eventsOf), [['swab.taken']]);
    t.match(late, { mark: 4, missing: 0, lost: 1 });
    t.match(await tablet.send([drafts[0] as never, { step: 'sealTube', body: { tube } }]), { mark: 5, lost: 0 });
  });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'writeOffDevice', async (t) => {
  const rig = await build(t);
  const tablet = rig.device('tablet');
  await tablet.ask('callNext', { station: 'a1' });
  rig.post.by = 'anna';
  return { rig, device: rig.post, rows: [
    { word: 'device_present', body: { ...body, device: 'post', secondBy: 'anna' }, also: ['second_person_needed', 'nothing_missing'] },
    { word: 'device_unknown', body: { ...body, device: 'never-seen', secondBy: 'anna' }, also: ['second_person_needed'] },
    { word: 'second_person_needed', body: { ...body, secondBy: 'anna' }, also: ['nothing_missing'] },
    { word: 'nothing_missing', body },
  ] };
}));

t.test('two at once: one writes off', async (t) => {
  const rig = await build(t);
  const tablet = rig.device('tablet');
  tablet.draft({ step: 'callNext', body: { station: 'a1' } });
  await tablet.ask('callNext', { station: 'a1' });
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('writeOffDevice', body)));
  t.same(answers.map(wordOf).sort(), ['applied', 'nothing_missing']);
});

t.test('a device that claims impossibly many numbers is not believed, and is written off in no time', async (t) => {
  const rig = await build(t);
  await rig.device('tablet').ask('callNext', { station: 'a1' });
  const [receipt] = await rig.ledger.take(rig.cell, [{ device: 'tablet', epoch: 'e1', assigned: 4_294_967_295, requests: [] }]);
  t.equal(receipt?.missing, 10_000);
  t.match((await rig.post.done('writeOffDevice', body)).events, [{ lost: 10_000 }]);
});
