// The commands of the console, for whoever stands at the machine and may do everything there anyway. Each is a file in `commands/`; this
// one reads the words and says what there is.

import { parseArgs } from 'node:util';
import { type Config, ConfigError } from '../config.js';
import { AlreadyRunning } from '../ledger/dataLock.js';
import { RedisUnavailable } from '../ledger/embedded.js';
import { MasterKeyProblem } from '../vault/masterKey.js';
import { adminLink } from './commands/adminLink.js';
import { certificate } from './commands/certificate.js';
import { drillKey } from './commands/drillKey.js';
import { forget } from './commands/forget.js';
import { keys } from './commands/keys.js';
import { remove } from './commands/remove.js';
import { replaceMasterKey } from './commands/replaceMasterKey.js';

export interface Call {
  config: Config;
  /** What stands after the command, and its options by name. */
  words: readonly string[];
  options: Readonly<Record<string, string | boolean | undefined>>;
  /** What was asked for, to standard output; everything else that is said, to standard error. */
  print(text: string): void;
  say(sentence: string): void;
}

export interface Command {
  usage: string;
  does: string;
  /** Gives the exit code. */
  run(call: Call): Promise<number>;
}

export const commands: Readonly<Record<string, Command>> = {
  'admin-link': adminLink,
  certificate,
  'drill-key': drillKey,
  forget,
  keys,
  remove,
  'replace-master-key': replaceMasterKey,
};

export const usage = (): string =>
  ['npm run swabline -- <command>', '', ...Object.values(commands).map(({ usage, does }) => `  ${usage}\n      ${does}`)].join('\n');

/** Runs what the words say; gives the exit code. */
export async function runCommand(args: readonly string[], config: () => Config, out: Pick<Call, 'print' | 'say'>): Promise<number> {
  try {
    const { positionals: [name = '', ...words], values } = parseArgs({
      args: [...args], allowPositionals: true, strict: true,
      options: { by: { type: 'string' }, second: { type: 'string' }, yes: { type: 'boolean' }, out: { type: 'string' }, help: { type: 'boolean' } },
    });
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command || values.help) {
      out.say(usage());
      return values.help ? 0 : 2;
    }
    return await command.run({ config: config(), words, options: values, ...out });
  } catch (fault) {
    const expected = fault instanceof ConfigError || fault instanceof AlreadyRunning || fault instanceof RedisUnavailable || fault instanceof MasterKeyProblem || (fault as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
    out.say(expected ? (fault as Error).message : `It did not work: ${(fault as Error).message}`);
    return 1;
  }
}
