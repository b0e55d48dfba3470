// Takes a closed round off the record once its archive has been shown to be whole and the same. A round is removed whole or not at all; what
// is left of it is the archive, from which it can be made anew.

import { identifier } from '../../domain/fields.js';
import { archiveFolder, cellsIn, nameOf } from '../../ledger/copy/archive.js';
import { removeCell, verifyCell } from '../../ledger/copy/rebuild.js';
import { startEmbeddedRedis } from '../../ledger/embedded.js';
import { cellState } from '../../ledger/reads.js';
import { connect } from '../../ledger/redis.js';
import { archiveAt, Misuse, ownKeyFile, trustedKeys } from '../archive/check.js';
import type { Command } from '../commands.js';
import { openRecord } from '../record.js';

export const remove: Command = {
  usage: 'remove <round>:<area> --yes',
  does: 'Takes a closed round off the record, once its archive is shown to be whole and the same.',
  async run({ config, say, print, words: [name = ''], options }) {
    const [round = '', area = '', ...more] = name.split(':');
    if (more.length > 0 || !identifier.safeParse(round).success || !identifier.safeParse(area).success || round === 'system') return say('Name the cell: remove <round>:<area>.'), 2;
    if (options['yes'] !== true) return say(`${name} will stand in the archive only. If that is meant, add --yes.`), 2;
    const cell = { round, area };
    const record = await openRecord(config, say);
    const { redis } = record.ledger;
    try {
      const state = await cellState(redis, cell);
      if (!state) return say(`There is no ${name} on the record.`), 1;
      if (state.state === 'open') return say(`${name} is still open; close it first.`), 1;
      const dir = archiveAt(archiveFolder(config));
      if (!cellsIn(dir).some((one) => nameOf(one) === name)) return say(`${name} has not been archived; nothing was removed.`), 1;
      const scratch = await startEmbeddedRedis({ appendfsync: 'no' });
      const copy = connect(scratch.url);
      try {
        // Before something is destroyed, only this machine's own signature counts.
        const verdict = await verifyCell(dir, cell, trustedKeys(dir, ownKeyFile(config)), copy, redis);
        const { problems, record: compared, unsigned, changes } = verdict;
        if (problems.length > 0) return say([...problems, 'Nothing was removed.'].join('\n')), 1;
        if (compared !== 'same' || unsigned > 0) return say(`The archive of ${name} is not complete yet: let the worker finish it. Nothing was removed.`), 1;
        await removeCell(redis, cell);
        print(`${name} stands in the archive only: ${changes.toLocaleString('en')} changes in ${dir}.`);
        return 0;
      } finally {
        copy.disconnect();
        await scratch.stop();
      }
    } catch (fault) {
      if (!(fault instanceof Misuse)) throw fault;
      return say(fault.message), 1;
    } finally {
      await record.close();
    }
  },
};
