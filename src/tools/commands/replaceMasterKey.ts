// Wraps the keys of all rounds with a new master key, while the service runs or not. No person's data is touched.

import { keyShelf } from '../../ledger/shelf.js';
import { replaceMasterKey as replace } from '../../vault/vault.js';
import { openRecord } from '../record.js';
import type { Command } from '../commands.js';

export const replaceMasterKey: Command = {
  usage: 'replace-master-key',
  does: 'Makes a new master key and wraps every round with it; the old one stays beside it until you destroy it. The service may run.',
  async run({ config, say, print }) {
    const record = await openRecord(config, say);
    try {
      const { rounds } = await replace({ file: config.masterKeyFile, shelf: keyShelf(record.ledger) });
      print(
        `The keys of ${rounds} rounds are wrapped by the new master key ${config.masterKeyFile}. Copy it to a place that is not this machine. ` +
          `Then destroy ${config.masterKeyFile}.old and every copy of it: with it, old backups could still be read.`,
      );
      return 0;
    } finally {
      await record.close();
    }
  },
};
