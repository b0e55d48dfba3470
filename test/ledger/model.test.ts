// The ledger and its twin walk together: hundreds of random sequences, every answer and every state compared. `npm run fuzz` walks longer.

import t from 'tap';
import { steps } from '../../src/domain/steps.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';
import { testRedisUrl } from '../support-redis.js';
import { walk } from './walk.js';

const redis = connect(await testRedisUrl());
t.teardown(() => redis.disconnect());
const ledger = createLedger(redis, { error: (detail) => t.comment(detail) });
// The same ways every time, so that a failure speaks of the change and what must be met is met; `npm run fuzz` goes new ways.
const seed = 20_261_124;

t.test('on no way through the steps do the ledger and its twin disagree', async (t) => {
  t.comment(`seed ${seed}; again with: npm run fuzz -- 300 ${seed}`);
  const tally = await walk(ledger, { runs: 300, seed });
  t.pass('300 walks');

  // Walks that met little would show little. Rare ends (a queue in its last hour, a written-off record that arrives) are left to the fuzz.
  for (const step of ['takeSwab', 'moveSwab', 'sealTube', 'voidTube', 'issueTicket', 'callNext', 'skipTicket', 'runDue', 'resolveDiscrepancy', 'writeOffDevice'] as const) t.ok(tally.get(`${step} applied`), `${step} was taken`);
  for (const word of steps.takeSwab.refuses.slice(1, 9)) t.ok(tally.get(`takeSwab ${word}`) && tally.get(`takeSwab reported ${word}`), `${word} was met, asked and reported`);
});

t.test('a twin of other rules is found out', async (t) => {
  const found = { cause: { message: /disagree|are left with different/ } };
  await t.rejects(() => walk(ledger, { runs: 60, seed, twist: { absencesMax: 10 } }), found);
  await t.rejects(() => walk(ledger, { runs: 60, seed, twist: { poolSizes: { normal: 10, key: 5, high: 1 } } }), found);
});
