// Steps are taken again by the version that took them: the archive holds its code.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { differences } from '../../../src/ledger/copy/compare.js';
import { keysIn } from '../../../src/ledger/copy/archive.js';
import { rebuildCell } from '../../../src/ledger/copy/rebuild.js';
import { connect } from '../../../src/ledger/redis.js';
import { buildLibrary, functionsOf } from '../../../src/ledger/library.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { copying } from '../../jobs/archive/copying.js';
import { build } from '../../support.js';
import { ownRedis } from '../../support-redis.js';

t.test('a day that two versions have shared is the same day when it is taken again', async (t) => {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, round: false });
  // An older version, with a rule of its own: it counts a party's waiting time otherwise.
  const own = buildLibrary();
  const name = 'swabline_00000000000a';
  const rule = '* ahead / 1000)';
  if (!own.code.includes(rule)) throw new Error('the rule this test changes is gone');
  Object.assign(rig.ledger.library, { ...functionsOf(name), code: own.code.replaceAll(own.name, name).replace(rule, '* ahead / 500)') });
  const opened = await rig.openRound({});
  t.equal(opened.outcome, 'applied');
  await rig.post.done('openStation', { station: 'a', site: 's1' });
  await rig.enrol(6);
  await rig.device('desk').done('issueTicket', { site: 's1', party: [{ resident: '1', number: 'A1' }] });
  await rig.device('desk').done('issueTicket', { site: 's1', party: [{ resident: '2', number: 'A2' }] });

  const newer = createLedger(one.redis, { error: (detail) => t.fail(JSON.stringify(detail)) });
  const desk = rig.device('desk');
  for (const [ledger, resident] of [[newer, '3'], [rig.ledger, '4'], [newer, '5']] as const) {
    const [receipt] = await ledger.take(rig.cell, [{ device: 'desk', epoch: 'e1', requests: [desk.draft({ step: 'issueTicket', body: { site: 's1', party: [{ resident, number: `A${resident}` }] } })] }]);
    t.match(receipt?.answers, [{ outcome: 'applied' }]);
  }

  const archiver = one.start();
  await archiver.caughtUp();
  await archiver.close();
  t.same(readdirSync(join(one.dir, 'libraries')).sort(), [`${name}.lua`, `${own.name}.lua`].sort());
  const target = connect((await ownRedis(t, { appendfsync: 'no' })).url);
  t.teardown(() => target.disconnect());
  await rebuildCell(target, one.dir, rig.cell, keysIn(one.dir));
  t.same(await differences(one.redis, target, rig.cell), []);
});
