// Is the second copy whole, and is the record the one it was made from? Every line is checked against the chain and every signature against
// its key; then all of it is taken again in a Redis made for that, each event must come out as it stands in the archive, and the result is
// compared with the record that runs. Ends with 0 when everything is in order, with 1 when not; what is not is named, by file and line.

import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Config } from '../../config.js';
import { archiveFolder, cellsIn, nameOf } from '../../ledger/copy/archive.js';
import { type CellVerdict, cellsNotArchived, verifyCell } from '../../ledger/copy/rebuild.js';
import { servedFrom } from '../../ledger/dataLock.js';
import { startEmbeddedRedis } from '../../ledger/embedded.js';
import { connect } from '../../ledger/redis.js';
import { archiveAt, type Out, reach, runTool, soundness, trustedKeys } from './check.js';

const usage = `npm run verify -- [options]
  --archive FOLDER   the archive; without it the one of the settings
  --live URL         the record to compare with, as redis://host:port or the path of a socket; without it the one that runs on the
                     data folder, if one does
  --alone            compares with no record
  --key FILE         the only key whose signatures count, in PEM; without it those that stand in the archive
  --json             one JSON object on standard output`;

/** Runs the tool with these words; gives its exit code. */
export const verify = (args: readonly string[], readConfig: () => Config, out: Out): Promise<number> => runTool(out, async () => {
  const { values } = parseArgs({
    args: [...args],
    options: { archive: { type: 'string' }, live: { type: 'string' }, alone: { type: 'boolean' }, key: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const { print } = out;
  if (values.help) return print(usage), 0;
  const config = readConfig();
  const dir = archiveAt(values.archive === undefined ? archiveFolder(config) : resolve(values.archive));
  const keys = trustedKeys(dir, values.key);
  const liveUrl = values.alone ? undefined : (values.live ?? config.redisUrl ?? servedFrom(config.dataDir)?.redis);

  const scratch = await startEmbeddedRedis({ appendfsync: 'no' });
  const [copy, live] = [connect(scratch.url), liveUrl === undefined ? undefined : connect(liveUrl)];
  try {
    if (live) await reach(live);
    const verdicts: CellVerdict[] = [];
    const problems: string[] = [];
    for (const cell of cellsIn(dir)) {
      const verdict = await verifyCell(dir, cell, keys, copy, live);
      verdicts.push(verdict);
      problems.push(...verdict.problems);
      if (!values.json) for (const line of verdict.problems.length > 0 ? verdict.problems : [soundness(verdict)]) print(line);
    }
    if (live) {
      for (const cell of await cellsNotArchived(dir, live)) {
        problems.push(`${nameOf(cell)} is on the record and not in the archive.`);
        if (!values.json) print(problems.at(-1) as string);
      }
    }
    if (values.json) print(JSON.stringify({ ok: problems.length === 0, archive: dir, compared: live !== undefined, cells: verdicts.map(({ cell, ...rest }) => ({ cell: nameOf(cell), ...rest })), problems }));
    else print(problems.length === 0 ? `The archive is whole${live ? ' and the record is the one it was made from' : ''}.` : `${problems.length} things are not as they should be.`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    copy.disconnect();
    live?.disconnect();
    await scratch.stop();
  }
});
