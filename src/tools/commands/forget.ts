// Destroys the keys of a round from the console: its people can be read by nobody any more, the counts stay. The same act over the door
// needs two administrators; at the console two names are asked for and stand on record.

import { identifier } from '../../domain/fields.js';
import { accountName } from '../../domain/requests.js';
import { cellState, openedCells } from '../../ledger/reads.js';
import { connect } from '../../ledger/redis.js';
import { keyShelf } from '../../ledger/shelf.js';
import { openSystem } from '../../ledger/system.js';
import { openVault } from '../../vault/vault.js';
import { openRecord } from '../record.js';
import type { Command } from '../commands.js';

export const forget: Command = {
  usage: 'forget <round> --by <account> --second <account> --yes',
  does: 'Makes the personal data of a closed round unreadable for good, in the record and in every copy of it.',
  async run({ config, say, print, words: [round = ''], options }) {
    const [by = '', second = ''] = [options['by'], options['second']].map(String);
    if (!identifier.safeParse(round).success || round === 'system') return say('Name the round: forget <round>.'), 2;
    if (!accountName.safeParse(by).success || !accountName.safeParse(second).success || by === second) return say('Two people answer for it: --by <account> --second <account>.'), 2;
    if (options['yes'] !== true) return say(`Nobody will ever read the people of ${round} again. If that is meant, add --yes.`), 2;

    const record = await openRecord(config, say);
    const { ledger } = record;
    const system = await openSystem(ledger, connect(record.redisUrl, { patient: true }));
    try {
      for (const name of [by, second]) {
        const account = await system.account(name);
        if (!account?.grants.some(({ role }) => role === 'administrator') || account.state !== 'active') return say(`${name} is no administrator.`), 1;
      }
      const cells = (await openedCells(ledger.redis)).filter((cell) => cell.round === round);
      const states = await Promise.all(cells.map((cell) => cellState(ledger.redis, cell)));
      if (states.every((state) => state === undefined)) return say(`There is no round ${round}.`), 1;
      if (states.some((state) => state?.state === 'open')) return say(`The round ${round} is still open; close it first.`), 1;
      const count = states.reduce((sum, state) => sum + (state?.residents ?? 0), 0);
      const vault = await openVault({ file: config.masterKeyFile, shelf: keyShelf(ledger), mayCreate: false, say });
      const recorded = await system.take('recordReveal', { what: 'erasure', round, count, reason: 'retention_ended', secondBy: second }, by);
      if (recorded.outcome !== 'applied') return say('The record did not take it; nothing was destroyed.'), 1;
      await vault.forget(round);
      print(`The personal data of ${count} people of ${round} can no longer be read. Copies made before today still hold their keys, wrapped by the master key: run "replace-master-key" and destroy the old key.`);
      return 0;
    } finally {
      await system.close();
      await record.close();
    }
  },
};
