// What the record says after a run, held against what was acknowledged: nothing lost, nothing doubled.

import type { Redis } from 'ioredis';
import type { CellName } from '../../src/domain/requests.js';
import { allEvents } from '../../src/ledger/stream.js';
import { checkCell } from './cell.js';

export interface Comparison {
  acknowledged: number;
  lost: number;
  doubled: number;
  /** On the record, and the answer did not arrive before the run's end. */
  unheard: number;
  sealed: number;
}

/** `acknowledged` as `resident tube`. Throws where tubes and people of the record contradict its events. */
export async function compare(redis: Redis, cell: CellName, acknowledged: readonly string[], perTube = 10): Promise<Comparison> {
  const taken = new Map<string, number>();
  let [swabs, sealed] = [0, 0];
  for await (const event of allEvents(redis, cell)) {
    if (event.event === 'tube.sealed') sealed++;
    if (event.event !== 'swab.taken') continue;
    swabs++;
    const swab = `${event.resident} ${event.tube}`;
    taken.set(swab, (taken.get(swab) ?? 0) + 1);
  }
  const found = await checkCell(redis, cell);
  if (found.swabs !== swabs || found.sampled !== swabs || found.fullest > perTube) throw new Error(`${swabs} events of swabs, and the record says ${JSON.stringify(found)}`);
  const heard = new Set(acknowledged);
  const lost = [...heard].filter((swab) => !taken.has(swab)).length;
  return { acknowledged: acknowledged.length, lost, doubled: acknowledged.length - heard.size + [...taken.values()].filter((times) => times > 1).length, unheard: taken.size - (heard.size - lost), sealed };
}
