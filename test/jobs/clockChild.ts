// A worker that is killed in the middle of a wake: it has taken the step, says so, and never comes to the end of the job.

import { startClock } from '../../src/jobs/clock.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';

const url = process.argv[2] as string;
const ledger = createLedger(connect(url), { error: () => {} });
const { take } = ledger;
ledger.take = async (cell, parcels) => {
  await take(cell, parcels);
  process.stdout.write('taken\n');
  return new Promise(() => {});
};
await startClock({ ledger, connection: connect(url, { patient: true }), log: { warn: () => {} }, everyMs: 100 });
