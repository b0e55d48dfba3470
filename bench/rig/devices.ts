// How a bench gets what opens the door: its devices are paired, as tablets are, each with a key of its own and a place in a cell.

import type { CellName } from '../../src/domain/requests.js';
import type { deviceRoles } from '../../src/domain/roles.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { drawKey } from '../../src/ledger/passes.js';
import { connect } from '../../src/ledger/redis.js';
import { openSystem } from '../../src/ledger/system.js';

export interface Place {
  device: string;
  role: (typeof deviceRoles)[number];
  cell: CellName;
  site?: string;
  station?: string;
}

/** Pairs devices by their places; gives their keys in the same order. A name paired before has a new key afterwards, and a new place. */
export async function pairDevices(ledger: Ledger, redisUrl: string, places: readonly Place[]): Promise<string[]> {
  const system = await openSystem(ledger, connect(redisUrl, { patient: true }));
  try {
    const keys: string[] = [];
    for (let at = 0; at < places.length; at += 100) {
      keys.push(...(await Promise.all(places.slice(at, at + 100).map(async ({ device, role, cell, site, station }) => {
        const { key, hash } = drawKey(device);
        const place = { ...cell, ...(site === undefined ? {} : { site }), ...(station === undefined ? {} : { station }) };
        const answer = await system.take('pairDevice', { device, role, ...place, secret: hash }, 'bench');
        if (answer.outcome !== 'applied') throw new Error(`${device} was not paired: ${JSON.stringify(answer)}`);
        return key;
      }))));
    }
    return keys;
  } finally {
    await system.close();
  }
}
