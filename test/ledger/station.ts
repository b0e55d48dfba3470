// One station with its tablet: the small world most tests of tubes and swabs begin in.

import type { Test } from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { build, type Device, type RigOptions } from '../support.js';

/** Pools of five, so that a test fills a tube with few people. */
export const pools = { poolSizes: { normal: 5, key: 5, high: 1 } } as const;

/** The station 'a1' with the device 'tablet', and twelve residents unless told otherwise. */
export async function station(t: Test, options: RigOptions = {}) {
  const rig = await build(t, { round: { rules: pools }, stations: ['a1'], residents: 12, ...options });
  const tablet = rig.device('tablet');
  /** Opens a fresh tube; a pool tube this device had open is sealed or taken off by that. */
  const open = async (by: Device = tablet, size?: 1) => {
    const tube = rig.tube();
    await by.done('openTube', { tube, station: 'a1', ...(size ? { size } : {}) });
    return tube;
  };
  /** Swabs these residents into a tube; gives its code. */
  const fill = async (tube: string, ...residents: number[]) => {
    for (const resident of residents) await tablet.done('takeSwab', { resident: String(resident), tube });
    return tube;
  };
  return {
    rig, tablet, open, fill,
    tube: (code: string) => reads.tube(rig.redis, rig.cell, code),
    resident: (n: number) => reads.resident(rig.redis, rig.cell, n),
    ticket: (n: number) => reads.ticket(rig.redis, rig.cell, n),
    station: async (name = 'a1') => (await reads.stations(rig.redis, rig.cell)).find(({ station }) => station === name),
    unfinished: async () => (await reads.unfinished(rig.redis, rig.cell)).map(({ what }) => what),
    discrepancies: () => reads.discrepancies(rig.redis, rig.cell),
  };
}
