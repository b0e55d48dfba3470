// Writes the backup of the keys to a file, for a place that is neither this machine nor beside the archive.

import { resolve } from 'node:path';
import { writeKeys } from '../../ledger/copy/keysFile.js';
import type { Command } from '../commands.js';
import { openRecord } from '../record.js';

export const keys: Command = {
  usage: 'keys export <file>',
  does: 'Writes the wrapped keys of the rounds and the hashes of passwords to a file, for `npm run rebuild -- --keys`. The archive does not hold them.',
  async run({ config, say, print, words: [what, file] }) {
    if (what !== 'export' || file === undefined) return say('Name the file: keys export <file>.'), 2;
    const record = await openRecord(config, say);
    try {
      const { rounds, accounts } = await writeKeys(record.ledger.redis, resolve(file));
      print(`The keys of ${Object.keys(rounds).length} rounds and ${Object.keys(accounts).length} accounts are in ${resolve(file)}. They open nothing without the master key; keep the two apart, and destroy older copies when a round has been forgotten.`);
      return 0;
    } finally {
      await record.close();
    }
  },
};
