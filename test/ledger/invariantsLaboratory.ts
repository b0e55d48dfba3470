// The invariants of a laboratory's cell. See invariants.ts.
//
//   a tube lies in at most one box, and box and tube agree on it
//   no result has left that is not of a tube that is there and told of by its area; of one tube at most one value has left
//   an accession number belongs to one tube
//   what waits keeps the laboratory's cell open, and nothing else does

import type { Redis } from 'ioredis';
import type { CellName } from '../../src/domain/requests.js';
import { keyOf } from '../../src/ledger/keys.js';
import { type DeliveryState, deliveries, type IntakeState, isLaboratory, type ResultState, resultsOf, toIntake } from '../../src/ledger/laboratory.js';

export interface Laboratory {
  deliveries: Map<number, DeliveryState>;
  intakes: Map<string, IntakeState>;
  results: ResultState[];
  accessions: Map<string, string>;
}

export async function readLaboratory(redis: Redis, cell: CellName): Promise<Laboratory | undefined> {
  if (!(await isLaboratory(redis, cell))) return undefined;
  const all: DeliveryState[] = [];
  for (let from = 1; ; from += 1000) {
    const page = await deliveries(redis, cell, from, 1000);
    all.push(...page);
    if (page.length < 1000) break;
  }
  const hash = Object.entries(await redis.hgetallBuffer(keyOf(cell, 'intakes'))) as [string, Buffer][];
  const intakes = new Map(hash.map(([tube, bytes]) => [tube, toIntake(tube, bytes)]));
  const results = (await Promise.all([...intakes.keys()].map((tube) => resultsOf(redis, cell, tube)))).flat();
  const fields = Object.entries(await redis.hgetall(keyOf(cell, 'results'))).filter(([field]) => field.startsWith('@'));
  return { deliveries: new Map(all.map((one) => [one.delivery, one])), intakes, results, accessions: new Map(fields.map(([field, tube]) => [field.slice(1), tube])) };
}

/** What keeps the cell open besides discrepancies, devices and quarantined records. */
export function* waitingIn({ deliveries, intakes, results }: Laboratory): Generator<string> {
  for (const { delivery, state } of deliveries.values()) if (state === 'received') yield `box:${delivery}`;
  for (const { tube, state, home } of intakes.values()) {
    if (state === 'received') yield `tube:${tube}`;
    if (state !== 'expected' && home === '') yield `unregistered:${tube}`;
  }
  for (const { tube, accession, run, state } of results) if (state === 'held' || state === 'parked') yield `result:${tube}/${accession}/${run}`;
}

export function* laboratoryInvariants({ deliveries, intakes, results, accessions }: Laboratory, deadlines: Map<string, number>): Generator<string> {
  const lay = new Map<string, number>();
  for (const [n, one] of deliveries) {
    for (const tube of one.seen) {
      if (lay.has(tube)) yield `tube ${tube} lay in the boxes of deliveries ${lay.get(tube)} and ${n}`;
      lay.set(tube, n);
      if (intakes.get(tube)?.layIn !== n) yield `delivery ${n} has seen tube ${tube}, which says ${intakes.get(tube)?.layIn}`;
    }
    if (one.state === 'received' && !deadlines.has(`reconcile:${n}`) && deadlines.size > 0 && one.receivedAt > Math.max(...deadlines.values())) yield `delivery ${n} is on the bench and nobody looks at the time`;
  }
  for (const [tube, one] of intakes) {
    if (one.layIn > 0 && lay.get(tube) !== one.layIn) yield `tube ${tube} lay in delivery ${one.layIn}, which has not seen it`;
    if (one.state === 'resulted' && one.home === '') yield `tube ${tube} has a result out and no area`;
    if ((one.state === 'resulted') !== (one.result !== undefined)) yield `tube ${tube} is ${one.state} with the result ${one.result}`;
    if (one.accession && accessions.get(one.accession) !== tube) yield `tube ${tube} has the accession ${one.accession} of ${accessions.get(one.accession)}`;
    const out = results.filter((result) => result.tube === tube && result.state === 'released');
    if (new Set(out.map(({ result }) => result)).size > 1) yield `tube ${tube} has ${out.map(({ result }) => result)} out`;
    if (one.state === 'resulted' && out.at(-1)?.result !== one.result && !out.some(({ result }) => result === one.result)) yield `tube ${tube} says ${one.result} and ${out.map(({ result }) => result)} are out`;
    if (one.state !== 'resulted' && out.length > 0) yield `tube ${tube} is ${one.state} and has a result out`;
  }
}
