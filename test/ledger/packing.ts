// Tubes beside a box: the small world of the tests of boxes, hand-overs and recalls.

import type { Test } from 'tap';
import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import type { LedgerEvent } from '../../src/domain/events.js';
import type { RejectionReason, TestResult } from '../../src/domain/reasons.js';
import * as custody from '../../src/ledger/custody.js';
import { allEvents } from '../../src/ledger/stream.js';
import type { Rig, RigOptions } from '../support.js';
import { station } from './station.js';

/** A station with its tablet, and a packer's device 'packer' on whose card stands 'pat'. */
export async function packing(t: Test, options: RigOptions = {}) {
  const world = await station(t, options);
  const { rig, tablet, open, fill } = world;
  const packer = rig.device('packer');
  packer.by = 'pat';
  const courier = rig.device('courier');
  courier.by = 'cora';
  let boxes = 0;
  const newBox = () => makeCode('box', rehearsalSerials + ++boxes);
  /** A sealed tube with these residents in it. */
  const sealed = async (...residents: number[]) => {
    const code = await fill(await open(), ...residents);
    await tablet.ask('sealTube', { tube: code });
    return code;
  };
  /** An open box. */
  const openBox = async () => {
    const box = newBox();
    await packer.done('openBox', { box });
    return box;
  };
  /** A sealed box with these tubes. */
  const sealedBox = async (...tubes: string[]) => {
    const box = await openBox();
    for (const tube of tubes) await packer.done('packTube', { tube, box });
    await packer.done('sealBox', { box });
    return box;
  };
  const relay = rig.device('relay.lab');
  /** What the laboratory tells of a tube. */
  const received = (tube: string) => relay.report('noteIntake', { tube, outcome: 'received', laboratory: 'lab', accession: `A${tube.slice(4, 10)}` });
  const rejected = (tube: string, reason: RejectionReason = 'RB') => relay.report('noteIntake', { tube, outcome: 'rejected', reason, laboratory: 'lab' });
  const resulted = (tube: string, result: TestResult, run = 'R1') =>
    relay.report('noteResult', { tube, result, accession: `A${tube.slice(4, 10)}`, run, testedAt: rig.now(), laboratory: 'lab' });
  /** A single tube with this one resident, sealed. */
  const single = async (resident: number) => {
    const code = await open(tablet, 1);
    await tablet.done('takeSwab', { resident: String(resident), tube: code });
    return code;
  };
  return {
    relay, received, rejected, resulted, single,
    ...world, packer, courier, newBox, sealed, openBox, sealedBox,
    box: (code: string) => custody.box(rig.redis, rig.cell, code),
    recall: (n: number) => custody.recall(rig.redis, rig.cell, n),
    resultOf: (n: number) => custody.resultOf(rig.redis, rig.cell, n),
    status: async (code: string) => {
      const tube = await world.tube(code);
      return tube && custody.tubeStatus(tube, tube.box > 0 ? await custody.boxOfTrip(rig.redis, rig.cell, tube.box) : undefined);
    },
  };
}

/** All that has happened in the cell, in order. */
export async function everything({ redis, cell }: Rig): Promise<LedgerEvent[]> {
  const list: LedgerEvent[] = [];
  for await (const event of allEvents(redis, cell)) list.push(event);
  return list;
}
