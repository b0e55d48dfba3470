// The day on one page: how many came, what became of the tubes, what is open. Counted from the record each time; no personal data.

import type { Redis } from 'ioredis';
import { type TestResult, testResults } from '../domain/reasons.js';
import type { CellName } from '../domain/requests.js';
import { boxes, boxStates } from './custody.js';
import { cellTime } from './presence.js';
import { quarantineList } from './quarantine.js';
import { type Line, missingPersons, type MissingPersons, type PeopleLine, reconciliation, type Reconciliation } from './reconciliation.js';
import { cellState, discrepancies, tubes } from './reads.js';

export interface DayReport {
  round: string;
  area: string;
  name: string;
  state: 'open' | 'closed';
  rehearsal: boolean;
  openedAt: number;
  /** By the cell's clock, when this was counted. */
  at: number;
  /** First and last swab on the record, 0 for none. */
  firstSwabAt: number;
  lastSwabAt: number;
  people: PeopleLine;
  /** Tubes and swabs of the round by stage, with the gaps between. */
  progress: Line;
  gaps: number;
  tubes: { total: number; open: number; sealed: number; void: number; lost: number; leaked: number; rejected: number; missing: number; held: number };
  /** Tubes by their released result; `none`: none yet. */
  results: Record<TestResult | 'none', number>;
  boxes: { total: number; late: number } & Record<(typeof boxStates)[number], number>;
  villages: Reconciliation['villages'];
  sites: Reconciliation['sites'];
  stations: Reconciliation['stations'];
  laboratories: Reconciliation['laboratories'];
  recalls: Reconciliation['recalls'];
  discrepancies: { open: number; resolved: number; byWord: Record<string, number> };
  /** Records nobody could read that wait for a person. */
  quarantined: number;
  /** Devices from which records are still to come, so that nobody takes it for the last word; null: none. */
  provisional: MissingPersons['provisional'];
}

/** The report of a cell; undefined where no round has been opened. Reads the whole cell page by page. */
export async function dayReport(redis: Redis, cell: CellName): Promise<DayReport | undefined> {
  const state = await cellState(redis, cell);
  if (!state) return undefined;
  const [ledger, { provisional }, { total: quarantined }, at] = await Promise.all([reconciliation(redis, cell), missingPersons(redis, cell), quarantineList(redis, cell, 0, 1), cellTime(redis, cell)]);

  const counted = { total: 0, open: 0, sealed: 0, void: 0, lost: 0, leaked: 0, rejected: 0, missing: 0, held: 0 };
  const results = Object.fromEntries([...testResults, 'none'].map((word) => [word, 0])) as DayReport['results'];
  let [firstSwabAt, lastSwabAt] = [0, 0];
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const page = await tubes(redis, cell, cursor);
    for (const one of page.tubes) {
      // A scan of a hash that changes may give one twice.
      if (seen.has(one.tube)) continue;
      seen.add(one.tube);
      counted.total++;
      counted[one.state]++;
      if (one.fate !== 'none') counted[one.fate]++;
      if (one.lab === 'rejected') counted.rejected++;
      if (one.held > 0) counted.held++;
      results[one.lab === 'resulted' ? (one.result ?? 'none') : 'none']++;
      if (one.firstSwabAt > 0 && (firstSwabAt === 0 || one.firstSwabAt < firstSwabAt)) firstSwabAt = one.firstSwabAt;
      lastSwabAt = Math.max(lastSwabAt, one.lastSwabAt);
    }
    cursor = page.cursor;
  } while (cursor !== '0');

  const trips = { total: 0, late: 0, ...(Object.fromEntries(boxStates.map((word) => [word, 0])) as Record<(typeof boxStates)[number], number>) };
  for (let from = 1; ; from += 500) {
    const page = await boxes(redis, cell, from, 500);
    for (const one of page) {
      trips.total++;
      trips[one.state]++;
      if (one.late) trips.late++;
    }
    if (page.length < 500) break;
  }

  const contradictions = { open: 0, resolved: 0, byWord: {} as Record<string, number> };
  for (let from = 1; ; from += 500) {
    const page = await discrepancies(redis, cell, from, 500);
    for (const { state: is, what } of page) {
      contradictions[is]++;
      if (is === 'open') contradictions.byWord[what] = (contradictions.byWord[what] ?? 0) + 1;
    }
    if (page.length < 500) break;
  }

  const { people, round, gaps, villages, sites, stations, laboratories, recalls } = ledger;
  return {
    ...cell, name: state.name, state: state.state, rehearsal: state.rehearsal, openedAt: state.openedAt, at: at ?? 0, firstSwabAt, lastSwabAt, people, progress: round, gaps,
    tubes: counted, results, boxes: trips, villages, sites, stations, laboratories, recalls, discrepancies: contradictions, quarantined, provisional,
  };
}
