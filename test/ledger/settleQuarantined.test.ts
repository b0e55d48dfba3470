// A person decides about a record nobody could read.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { build, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';
import { station } from './station.js';

const unreadable = (number: number) => ({ number, step: 'quarantine', ciphertext: 'AAAA', problem: 'a field is missing', fingerprint: 77 }) as const;

t.test('it no longer keeps the round open, and its ciphertext stays', async (t) => {
  const { rig, tablet, unfinished } = await station(t);
  await tablet.send([unreadable(1)]);
  t.same(await unfinished(), ['record:tablet:e1:1']);
  const { events } = await rig.post.done('settleQuarantined', { device: 'tablet', epoch: 'e1', number: 1, decision: 'entered_by_hand', note: 'a swab of tube 4' });
  t.match(events, [{ event: 'record.settled', quarantined: 1, decision: 'entered_by_hand', note: 'a swab of tube 4' }]);
  t.same(await unfinished(), []);
  t.match((await reads.devices(rig.redis, rig.cell)).find(({ device }) => device === 'tablet'), { quarantined: 1, missing: 0 });
  await repeats(t, { rig, device: rig.post });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'settleQuarantined', async (t) => {
  const rig = await build(t);
  await rig.device('tablet').send([unreadable(1)]);
  const decision = 'rejected';
  await rig.post.done('settleQuarantined', { device: 'tablet', epoch: 'e1', number: 1, decision });
  return { rig, device: rig.post, rows: [
    { word: 'record_unknown', body: { device: 'tablet', epoch: 'e1', number: 2, decision } },
    { word: 'record_settled', body: { device: 'tablet', epoch: 'e1', number: 1, decision } },
  ] };
}));

t.test('two at once: one decides', async (t) => {
  const rig = await build(t);
  await rig.device('tablet').send([unreadable(1)]);
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('settleQuarantined', { device: 'tablet', epoch: 'e1', number: 1, decision: 'rejected' })));
  t.same(answers.map(wordOf).sort(), ['applied', 'record_settled']);
});
