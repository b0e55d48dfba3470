// A key for a drill against a service that runs: the session of an account made for it, which may make pairing codes and accounts and is
// ended by locking the account. For whoever has the console, as the drill does nothing that they could not.

import { randomBytes } from 'node:crypto';
import { markOf, openSession } from '../../ledger/passes.js';
import { connect } from '../../ledger/redis.js';
import { openSystem } from '../../ledger/system.js';
import type { Command } from '../commands.js';
import { openRecord } from '../record.js';

export const drillKey: Command = {
  usage: 'drill-key',
  does: 'Prints a key for `npm run drill -- --url ... --key-file ...`, good for twelve hours: the session of the account "drill".',
  async run({ config, say, print }) {
    const record = await openRecord(config, say);
    const system = await openSystem(record.ledger, connect(record.redisUrl, { patient: true }));
    try {
      // Nobody can sign in with it: it is no hash of anything. It only has to be another one, so that earlier sessions end.
      const password = `none.${markOf(randomBytes(16).toString('hex'))}`;
      const made = await system.take('setRole', { account: 'drill', state: 'active', grants: [{ role: 'administrator' }, { role: 'command_post' }], password }, 'console');
      if (made.outcome !== 'applied') return say('The record did not take the account.'), 1;
      const secure = config.tls !== undefined || config.origins.some((origin) => origin.startsWith('https:'));
      print(`${secure ? '__Host-swabline' : 'swabline'}=${await openSession(record.ledger.redis, 'drill', password)}`);
      return 0;
    } finally {
      await system.close();
      await record.close();
    }
  },
};
