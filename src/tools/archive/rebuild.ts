// Makes the record anew from the second copy, in an empty Redis: every archived request is taken again and must come out as it did. Reads
// then answer as they did, repeats hear what they heard, and devices are told that the record may have gone back, so that they send again
// what was not archived. Ends with 0 when all of it is there; else the target is not to be used, and says so itself.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { nameOf } from '../../ledger/copy/archive.js';
import { parseKeys, restoreKeys } from '../../ledger/copy/keysBackup.js';
import { rebuild } from '../../ledger/copy/rebuild.js';
import { lockData } from '../../ledger/dataLock.js';
import { startEmbeddedRedis } from '../../ledger/embedded.js';
import { judge, connect } from '../../ledger/redis.js';
import { archiveAt, Misuse, type Out, reach, runTool, trustedKeys } from './check.js';

const usage = `npm run rebuild -- --from FOLDER --to TARGET [options]
  --from FOLDER      the archive
  --to TARGET        an empty Redis, as redis://host:port, or a data folder (SWABLINE_DATA) that holds no record yet
  --keys FILE        the backup of the keys, for names, passwords and PINs; it is useless without the master key
  --key FILE         the only key whose signatures count, in PEM; without it those that stand in the archive`;

/** Runs the tool with these words; gives its exit code. */
export const rebuildRecord = (args: readonly string[], out: Out): Promise<number> => runTool(out, async () => {
  const { values } = parseArgs({ args: [...args], options: { from: { type: 'string' }, to: { type: 'string' }, keys: { type: 'string' }, key: { type: 'string' }, help: { type: 'boolean' } } });
  const { print } = out;
  if (values.help) return print(usage), 0;
  if (values.from === undefined || values.to === undefined) throw new Misuse(`Name the archive and where the record is to be made.\n\n${usage}`);
  const dir = archiveAt(resolve(values.from));
  const trusted = trustedKeys(dir, values.key);
  if (values.keys !== undefined && !existsSync(values.keys)) throw new Misuse(`There is no backup of keys in ${values.keys}.`);
  const backup = values.keys === undefined ? undefined : parseKeys(readFileSync(values.keys, 'utf8'));

  const target = await openTarget(values.to);
  const redis = connect(target.url);
  const began = Date.now();
  try {
    await reach(redis);
    const { problems } = await judge(redis);
    if (problems.length > 0) throw new Misuse(problems.join('\n'));
    const beside = await rebuild(redis, dir, trusted, (cell, { changes }) => print(`${nameOf(cell)}: ${changes.toLocaleString('en')} changes.`));
    if (backup) {
      const { rounds, accounts } = await restoreKeys(redis, backup, beside.erased);
      print(`Keys of ${rounds} rounds and the passwords of ${accounts} accounts are back.`);
    } else print('Without --keys names and document numbers cannot be read, and everybody needs a new password (npm run swabline -- admin-link).');
    print(`The record was made anew in ${((Date.now() - began) / 1000).toFixed(1)} s.`);
    return 0;
  } finally {
    redis.disconnect();
    await target.close();
  }
});

async function openTarget(to: string): Promise<{ url: string; close(): Promise<void> }> {
  if (/^rediss?:\/\//.test(to) || (isAbsolute(to) && to.endsWith('.sock'))) return { url: to, close: async () => {} };
  const dataDir = resolve(to);
  mkdirSync(dataDir, { recursive: true });
  const lock = lockData(dataDir);
  try {
    // Nothing is promised to anybody before the end, and Redis syncs its file when it is stopped.
    const own = await startEmbeddedRedis({ dir: join(dataDir, 'redis'), appendfsync: 'no' });
    return { url: own.url, close: async () => { await own.stop(); lock.release(); } };
  } catch (fault) {
    lock.release();
    throw fault;
  }
}
