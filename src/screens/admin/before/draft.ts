// What is planned and not yet on the record. A round's sites and villages are given when it is opened, so the wizard collects them first
// and keeps them in this browser; from the opening on the record is what counts, and the draft only still tells how many tables were
// planned. No person stands in it: names of villages, sites and teams, numbers, and the name of an upload.

import { signal } from '@preact/signals';
import type { CellName } from '../../../domain/requests.js';
import type { assignmentRules, householdRules } from '../../../domain/reasons.js';
import { hourOf, limits, standardAssignment, standardPools, type LimitName, type Rules, tubeRulesIn } from './rules.js';
import type { PlannedSite, PlannedVillage } from './plan.js';

/** How an uploaded roster is to be read, where its headings do not say. */
export interface ReadingChoice {
  sheet?: string;
  village?: string;
  mapping?: { headingRow?: number; columns: Record<string, string> };
}

export interface Draft {
  name: string;
  round: string;
  area: string;
  pools: { normal: number; key: number; high: number };
  household: (typeof householdRules)[number];
  assignment: { rule: (typeof assignmentRules)[number]; nearest: number; walkMetersMax: number };
  limits: Record<LimitName, number>;
  knownStaff: boolean;
  /** The area of the laboratory's cell, opened with the round; '': none. */
  laboratory: string;
  laboratoryName: string;
  /** The hour by which nobody is to be left, `18:30`; '': none is set. */
  finishBy: string;
  /** Labels of other makers that are tubes, as people write the rules; '': whatever the trade prints. */
  foreignTubes?: string;
  /** Hours in which everybody is to be sampled. */
  hours: number;
  sites: PlannedSite[];
  villages: PlannedVillage[];
  /** The roster that was checked, and is imported when the round is opened. */
  roster?: { upload: string; choice: ReadingChoice; file: string; good: number; bad: number };
}

const fresh = (): Draft => ({
  name: '', round: '', area: 'main', pools: { ...standardPools }, household: 'together', assignment: { ...standardAssignment },
  limits: Object.fromEntries(limits.map(({ name, standard }) => [name, standard])) as Draft['limits'], knownStaff: false,
  laboratory: 'lab', laboratoryName: '', finishBy: '', hours: 3, sites: [], villages: [],
});

const keptAs = (cell: CellName | undefined): string => `swabline.draft.${cell ? `${cell.round}:${cell.area}` : 'new'}`;

function kept(cell: CellName | undefined): Draft | undefined {
  try {
    const text = localStorage.getItem(keptAs(cell));
    return text === null ? undefined : { ...fresh(), ...(JSON.parse(text) as Draft) };
  } catch {
    return undefined;
  }
}

/** The draft in the wizard. */
export const draft = signal<Draft>(fresh());
let current: CellName | undefined;

/** Takes up the draft of this cell, or of the round that has no name yet. */
export function useDraftOf(cell: CellName | undefined): void {
  current = cell;
  draft.value = kept(cell) ?? { ...fresh(), ...(cell ?? {}) };
}

/** Changes the draft and keeps it. */
export function plan(part: Partial<Draft>): void {
  draft.value = { ...draft.value, ...part };
  localStorage.setItem(keptAs(current), JSON.stringify(draft.value));
}

/** The draft without a name becomes that of a cell. */
export function nameDraft(cell: CellName): void {
  const was = current;
  if (was && was.round === cell.round && was.area === cell.area) return;
  current = cell;
  plan(cell);
  if (!was) localStorage.removeItem(keptAs(undefined));
}

/** The rules as the step openRound takes them. */
export function rulesOf({ pools, household, assignment, limits: given, knownStaff, laboratory, finishBy, foreignTubes }: Draft): Rules {
  const labels = tubeRulesIn(foreignTubes ?? '');
  return {
    poolSizes: pools as NonNullable<Rules['poolSizes']>, household, assignment, knownStaff, ...given, ...(laboratory ? { laboratory } : {}), ...(finishBy ? { finishBy: hourOf(finishBy) } : {}), ...(labels && labels.length > 0 ? { foreignTubes: labels } : {}),
  };
}
