// A relay that is killed at the worst moment: the target has answered, and nothing is written down yet. Started by relay.test.ts with
// the address of Redis and the number of the answer after which it dies.

import { startRelay } from '../../src/jobs/relay/relay.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { connect } from '../../src/ledger/redis.js';

const [url = '', after = '1'] = process.argv.slice(2);
const ledger = createLedger(connect(url), { error: (detail) => { throw new Error(JSON.stringify(detail)); } });
let answers = 0;
const take = ledger.take;
ledger.take = async (cell, parcels) => {
  const receipts = await take(cell, parcels);
  if (++answers === Number(after)) process.kill(process.pid, 'SIGKILL');
  return receipts;
};
startRelay({ redisUrl: url, ledger, log: { warn: () => {} } });
