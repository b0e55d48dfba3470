// A laboratory's bench: the small world of the tests of intake and results.

import type { Test } from 'tap';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import type { TestResult } from '../../src/domain/reasons.js';
import * as laboratory from '../../src/ledger/laboratory.js';
import * as reads from '../../src/ledger/reads.js';
import { build, type Rig, type RigOptions } from '../support.js';

export const laboratoryRound: Exclude<RigOptions['round'], false | undefined> = { laboratory: true, sites: [], villages: [] };

/** A laboratory's cell with the scanner of 'lena'; the area 'north' tells of its boxes. `area` takes the steps of another kind of cell. */
export const bench = async (t: Test, options: RigOptions = {}) => benchOf(t, await build(t, { round: laboratoryRound, ...options }));

/** The same in a laboratory's cell that is open already. */
export function benchOf<R extends Rig>(t: Test, rig: R) {
  const scanner = rig.device('scanner');
  scanner.by = 'lena';
  let boxes = 0;
  const newBox = () => makeCode('box', rehearsalSerials + 500 + ++boxes);
  let trips = 0;
  /** Announces a box with these tubes (fresh ones for a number); gives code, tubes and the request. */
  const expect = async (tubes: number | string[], box = newBox(), from = 'north') => {
    const codes = typeof tubes === 'number' ? Array.from({ length: tubes }, () => rig.tube()) : tubes;
    const body = { box, trip: ++trips, from, rehearsal: true, tubes: codes.map((code): [string, number, number] => [code, 10, rig.now() - 3_600_000]) };
    const answer = await rig.device(`relay.${from}`).report('expectBox', body);
    return { box, tubes: codes, body, answer };
  };
  /** A box on the bench with all its tubes taken in. */
  const received = async (count = 1) => {
    const found = await expect(count);
    await scanner.done('receiveBox', { box: found.box });
    for (const tube of found.tubes) await scanner.done('receiveTube', { tube, box: found.box, accession: accessionOf(tube) });
    return found;
  };
  const accessionOf = (tube: string) => `A${tube.slice(4, 10)}`;
  const finding = (tube: string, result: TestResult = 'negative', run = 'R1') => ({ tube, accession: accessionOf(tube), run, result, testedAt: rig.now() });
  return {
    rig, scanner, newBox, expect, received, finding, accessionOf,
    delivery: (box: string) => laboratory.delivery(rig.redis, rig.cell, box),
    comparison: (box: string) => laboratory.comparison(rig.redis, rig.cell, box),
    intake: (tube: string) => laboratory.intake(rig.redis, rig.cell, tube),
    results: (tube: string) => laboratory.resultsOf(rig.redis, rig.cell, tube),
    waiting: () => laboratory.waiting(rig.redis, rig.cell),
    unfinished: async () => (await reads.unfinished(rig.redis, rig.cell)).map(({ what }) => what).sort(),
    discrepancies: () => reads.discrepancies(rig.redis, rig.cell),
    /** A device of an area, where none of this belongs. */
    area: async () => (await build(t)).device('tablet'),
  };
}
