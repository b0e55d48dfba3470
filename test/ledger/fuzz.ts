// `npm run fuzz -- [walks] [seed]`: the walks of model.test.ts for as long as one likes, and what they have met.

import { createLedger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';
import { testRedisUrl } from '../support-redis.js';
import { walk } from './walk.js';

const runs = Number(process.argv[2] ?? 20_000);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
if (!(runs > 0) || !Number.isInteger(seed)) throw new Error('npm run fuzz -- [how many walks] [seed]: two whole numbers');
const redis = connect(await testRedisUrl());
const ledger = createLedger(redis, { error: (detail) => console.error(detail) });
console.log(`${runs} walks, seed ${seed}`);
try {
  const tally = await walk(ledger, { runs, seed });
  for (const [what, times] of [...tally].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(String(times).padStart(9), what);
  console.log('The ledger and its twin agree.');
} catch (fault) {
  console.error(fault);
  process.exitCode = 1;
} finally {
  redis.disconnect();
}
