// `npm run rebuild -- --from <archive> --to <redis or data folder> [--keys <file>] [--key <file>]`: makes the record anew from the second
// copy. archive/rebuild.ts says how.

import { onConsole } from './archive/check.js';
import { rebuildRecord } from './archive/rebuild.js';

process.exitCode = await rebuildRecord(process.argv.slice(2), onConsole);
