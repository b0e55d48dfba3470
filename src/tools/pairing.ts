// Keys for many devices at once, from the console: straight into the record, as whoever stands at the machine may. For measurements and
// tests of faults, whose devices are programs; a tablet is paired by a code.

import type { Redis } from 'ioredis';
import type { BodyInput } from '../domain/requests.js';
import type { Ledger } from '../ledger/ledger.js';
import { drawKey } from '../ledger/passes.js';
import { openSystem } from '../ledger/system.js';

/** Pairs each device; gives its key by its name. `following` is a connection made for waiting; it is closed with this. */
export async function pairAtConsole(ledger: Ledger, following: Redis, devices: readonly Omit<BodyInput<'pairDevice'>, 'secret'>[]): Promise<Map<string, string>> {
  const system = await openSystem(ledger, following);
  try {
    const keys = await Promise.all(
      devices.map(async (device): Promise<[string, string]> => {
        const { key, hash } = drawKey(device.device);
        const { outcome } = await system.take('pairDevice', { ...device, secret: hash }, 'console');
        if (outcome !== 'applied') throw new Error(`${device.device} was not paired: ${outcome}`);
        return [device.device, key];
      }),
    );
    return new Map(keys);
  } finally {
    await system.close();
  }
}
