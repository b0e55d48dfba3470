// A team answers for villages.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { build, wordOf } from '../support.js';
import { refusesInOrder, repeats } from './refuses.js';

t.test('the team answers for its villages, new ones among them', async (t) => {
  const rig = await build(t);
  const { events } = await rig.post.done('assignTeam', { team: 'T1', name: 'First team', villages: ['Upper', 'Lower'] });
  t.match(events, [{ event: 'village.named', ordinal: 2, name: 'Lower' }, { event: 'team.assigned', team: 'T1', name: 'First team', villages: [1, 2] }]);
  t.same([...(await reads.directory(rig.redis, rig.cell)).villages.values()].sort(), ['Lower', 'Upper']);
  await repeats(t, { rig, device: rig.post });
});

t.test('assigned again, the last word counts', async (t) => {
  const rig = await build(t);
  await rig.post.done('assignTeam', { team: 'T1', villages: ['Upper'] });
  t.match((await rig.post.done('assignTeam', { team: 'T1', villages: ['Lower'] })).events.at(-1), { villages: [2] });
});

t.test('refuses, in order', (t) => refusesInOrder(t, 'assignTeam', async (t) => {
  const rig = await build(t);
  return { rig, device: rig.post, body: { team: 'T1', villages: ['Upper'] }, rows: [] };
}));

t.test('two at once give a village one number', async (t) => {
  const rig = await build(t);
  const answers = await Promise.all([rig.post, rig.device('other')].map((one) => one.ask('assignTeam', { team: one.name, villages: ['Lower'] })));
  t.same(answers.map(wordOf), ['applied', 'applied']);
  t.equal((await reads.directory(rig.redis, rig.cell)).villages.size, 2);
});
