// An archiver for the test that kills one: it says a letter for every batch that is on disk.

import { startArchive } from '../../../src/jobs/archive/archiver.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { connect } from '../../../src/ledger/redis.js';

const [url = '', dir = '', keyFile = ''] = process.argv.slice(2);
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
startArchive({
  ledger: createLedger(connect(url), { error: () => undefined }), following: connect(url, { patient: true }), dir, keyFile, copies: 2, log: quiet,
  segmentBytes: 30_000, onArchived: () => void process.stdout.write('.'),
});
