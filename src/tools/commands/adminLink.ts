// A one-time link for a new administrator, for whoever has the console: the first one, or when none can get in any more.

import { makeLink } from '../../ledger/passes.js';
import type { Command } from '../commands.js';
import { openRecord } from '../record.js';

export const adminLink: Command = {
  usage: 'admin-link',
  does: 'Prints a link, good once and for a day, by which somebody becomes an administrator.',
  async run({ config, say, print }) {
    const record = await openRecord(config, say);
    try {
      const address = config.origins[0] ?? record.address ?? `${config.tls ? 'https' : 'http'}://${config.host}:${config.port || 3000}`;
      print(`${address}/enter#${await makeLink(record.ledger.redis, { by: 'console' })}`);
      return 0;
    } finally {
      await record.close();
    }
  },
};
