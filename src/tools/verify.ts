// `npm run verify [-- --archive <folder>] [--live <redis>] [--alone] [--key <file>] [--json]`: is the second copy whole, and is the record
// the one it was made from? archive/verify.ts says how.

import { readConfig } from '../config.js';
import { onConsole } from './archive/check.js';
import { verify } from './archive/verify.js';

process.exitCode = await verify(process.argv.slice(2), readConfig, onConsole);
