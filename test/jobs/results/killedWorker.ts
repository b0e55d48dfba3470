// A worker for the test that kills one: it says when its third call is on the record, and waits there to be killed.

import { join } from 'node:path';
import { resultRecord, resultsWorker } from '../../../src/jobs/results/importResults.js';
import { createUploads } from '../../../src/jobs/tables/uploads.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { connect } from '../../../src/ledger/redis.js';
import { keyShelf } from '../../../src/ledger/shelf.js';
import { openVault } from '../../../src/vault/vault.js';

const [url = '', data = '', prefix = '', file = ''] = process.argv.slice(2);
const ledger = createLedger(connect(url), { error: () => undefined });
const vault = await openVault({ file, shelf: keyShelf(ledger), mayCreate: false });
const record = resultRecord(ledger);
let sent = 0;
resultsWorker({
  connection: connect(url, { patient: true }),
  prefix,
  uploads: createUploads(join(data, 'uploads'), vault),
  record: {
    ...record,
    async take(cell, parcel) {
      const receipt = await record.take(cell, parcel);
      if (++sent === 3) {
        process.stdout.write('now\n');
        await new Promise(() => undefined);
      }
      return receipt;
    },
  },
  timeZone: 'Asia/Shanghai',
  lockMs: 1500,
  log: { info: () => undefined, error: () => undefined },
});
