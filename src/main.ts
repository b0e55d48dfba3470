// Starts Swabline and stops it again. Sentences go to the console for the person there; the log is JSON on standard output.

import { ConfigError, readConfig } from './config.js';
import { AlreadyRunning } from './ledger/dataLock.js';
import { RedisUnavailable } from './ledger/embedded.js';
import { CannotStart, type Program, startProgram } from './program.js';
import { MasterKeyProblem } from './vault/masterKey.js';

const say = (sentence: string) => process.stderr.write(`${sentence}\n`);

/** Faults that are a sentence for the person at the console, not a stack trace. */
const expected = [ConfigError, AlreadyRunning, RedisUnavailable, CannotStart, MasterKeyProblem];

let program: Program | undefined;
let stopping: Promise<void> | undefined;

function stop(): Promise<void> {
  stopping ??= (async () => {
    say('Stopping: what was received is on disk.');
    await program?.close();
    process.exit(0);
  })();
  return stopping;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A second signal does not wait for polite goodbyes.
  process.on(signal, () => (stopping ? process.exit(1) : void stop()));
}

try {
  const config = readConfig();
  program = await startProgram(config, { say });
  say(program.address ? `Swabline serves at ${program.address}` : 'Swabline works in the background; it serves no address.');
} catch (fault) {
  if (stopping) await stopping;
  if (expected.some((kind) => fault instanceof kind)) say((fault as Error).message);
  else console.error(fault);
  process.exit(1);
}
