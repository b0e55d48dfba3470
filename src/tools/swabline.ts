// `npm run swabline -- <command>`: what is done at the console. The commands stand in commands.ts.

import { readConfig } from '../config.js';
import { runCommand } from './commands.js';

process.exitCode = await runCommand(process.argv.slice(2), readConfig, {
  print: (text) => process.stdout.write(`${text}\n`),
  say: (sentence) => process.stderr.write(`${sentence}\n`),
});
