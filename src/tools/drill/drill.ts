// One drill, from the seed to the report: for the command line and for tests.

import { todayInShanghai } from '../../domain/documents.js';
import type { CellName } from '../../domain/requests.js';
import { Day, type Progress } from './day.js';
import { httpDoor } from './httpDoor.js';
import { laboratoryArea } from './laboratory.js';
import { reconcile, type Reconciliation } from './reconcile.js';
import { type DrillReport, reportOf } from './report.js';
import { buildTownship } from './township.js';

export interface DrillOptions {
  /** Address of the service, such as http://127.0.0.1:3000. */
  url: string;
  /** What the drill shows at the gate, where there is one. */
  key?: string | undefined;
  seed: string;
  residents: number;
  /** The share of people who are infected. */
  prevalence?: number;
  /** Simulated seconds a real second has; Infinity: as fast as it goes. */
  speed: number;
  onProgress?: (at: Progress) => void;
  /** Called when the day is over and before anything is compared. */
  onDayOver?: (cell: CellName) => Promise<void>;
}

/** Runs a drill in a round of its own, a rehearsal, and compares everything. Throws DoorFault where the service breaks a promise. */
export async function runDrill({ url, key, seed, residents, prevalence = 0.001, speed, onProgress = () => {}, onDayOver }: DrillOptions): Promise<{ report: DrillReport; found: Reconciliation }> {
  const today = todayInShanghai();
  const township = buildTownship(seed, residents, Number(today.slice(0, 4)));
  // Two drills begun in one millisecond still have a round each.
  const cell = { round: `drill-${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`, area: 'township' };
  const door = httpDoor(url, cell, key);
  const laboratoryDoor = httpDoor(url, { round: cell.round, area: laboratoryArea }, key);
  try {
    const day = new Day({ township, door, laboratoryDoor, prevalence, cell, speed, opening: Date.parse(`${today}T06:00:00+08:00`), onProgress });
    await day.run();
    await onDayOver?.(cell);
    const found = await reconcile(door, day);
    return { report: reportOf(day, found), found };
  } finally {
    await Promise.all([door.close(), laboratoryDoor.close()]);
  }
}
