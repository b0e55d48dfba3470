// A worker for the test that kills one: it says when its third chunk is on the record, and waits there to be killed.

import { join } from 'node:path';
import { rosterRecord } from '../../../src/jobs/roster/enrolStep.js';
import { rosterWorker } from '../../../src/jobs/roster/importRoster.js';
import { createUploads } from '../../../src/jobs/tables/uploads.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { connect } from '../../../src/ledger/redis.js';
import { keyShelf } from '../../../src/ledger/shelf.js';
import { openVault } from '../../../src/vault/vault.js';

const [url = '', data = '', prefix = '', file = ''] = process.argv.slice(2);
const ledger = createLedger(connect(url), { error: () => undefined });
const vault = await openVault({ file, shelf: keyShelf(ledger), mayCreate: false });
const record = rosterRecord(ledger);
let sent = 0;
rosterWorker({
  connection: connect(url, { patient: true }),
  prefix,
  uploads: createUploads(join(data, 'uploads'), vault),
  vault,
  record: {
    ...record,
    async enrol(cell, chunk) {
      const answer = await record.enrol(cell, chunk);
      if (++sent === 3) {
        process.stdout.write('now\n');
        await new Promise(() => undefined);
      }
      return answer;
    },
  },
  lockMs: 1500,
  log: { info: () => undefined, error: () => undefined },
});
