// Where somebody is at the command post: which round and area, which room, which step of it. It stands behind # in the address, so that a
// page that is opened anew is where it was and a link leads to the place it names; nothing of a person ever stands there.

import { computed, signal } from '@preact/signals';
import type { CellName, StepName } from '../../domain/requests.js';
import { type Grants, type Held, mayReads, maySteps, within, type ReadName } from '../../domain/roles.js';
import { get, type Problem, type Reply } from '../door/http.js';
import { personBadge } from '../door/session.js';
import { type PersonSteps, personSteps } from '../door/steps.js';

export interface Here {
  room: string;
  /** The step of a wizard, the part of a room. */
  step: string;
  cell: CellName | undefined;
}

function read(): Here {
  const words = new URLSearchParams(location.hash.slice(1));
  const [round, area] = [words.get('round'), words.get('area')];
  return { room: words.get('room') ?? '', step: words.get('step') ?? '', cell: round && area ? { round, area } : undefined };
}

export const here = signal<Here>(read());
window.addEventListener('hashchange', () => { here.value = read(); });

/** Goes somewhere else; what is left out stays, but a step belongs to its room. */
export function go(to: Partial<Here>): void {
  const { room, step, cell } = { ...here.value, ...(to.room === undefined ? {} : { step: '' }), ...to };
  const words = new URLSearchParams({ ...(room ? { room } : {}), ...(step ? { step } : {}), ...(cell ? { round: cell.round, area: cell.area } : {}) });
  const hash = `#${words.toString()}`;
  if (hash !== location.hash) history.pushState(null, '', hash);
  here.value = read();
}

/** The address of a place, for a link. */
export const placeOf = (to: { room: string; step?: string; cell?: CellName }): string =>
  `#${new URLSearchParams({ room: to.room, ...(to.step ? { step: to.step } : {}), ...(to.cell ? { round: to.cell.round, area: to.cell.area } : {}) }).toString()}`;

export interface OpenedCell extends CellName {
  name: string;
  state: 'open' | 'closed';
  rehearsal: boolean;
  laboratory: boolean;
  openedAt: number;
}

/** Rounds and areas this person has to do with; undefined until the service has answered. */
export const cells = signal<readonly OpenedCell[] | undefined>(undefined);
export const cellsProblem = signal<Problem | undefined>(undefined);

export async function loadCells(): Promise<void> {
  const found: OpenedCell[] = [];
  for (;;) {
    const reply: Reply<{ cells: OpenedCell[]; total: number }> = await get(`/api/cells?from=${found.length}&count=200`);
    if (!reply.ok) {
      cellsProblem.value = reply.problem;
      return;
    }
    found.push(...reply.value.cells);
    if (reply.value.cells.length < 200) break;
  }
  cellsProblem.value = undefined;
  // The service keeps things of its own in cells; they are no rounds.
  cells.value = found.filter(({ round }) => round !== 'system' && round !== 'codes').sort((a, b) => b.openedAt - a.openedAt || a.area.localeCompare(b.area));
}

/** The chosen cell as the service knows it; undefined while it has not been opened. */
export const opened = computed(() => {
  const { cell } = here.value;
  return cell && cells.value?.find(({ round, area }) => round === cell.round && area === cell.area);
});

const speakers = new Map<string, PersonSteps>();

/** Takes steps in this cell as the person who is signed in, one after the other. */
export function stepsOf(cell: CellName): PersonSteps {
  const device = personBadge()?.device ?? '';
  const name = `${device} ${cell.round}:${cell.area}`;
  let speaker = speakers.get(name);
  if (!speaker) {
    speaker = personSteps(device, cell);
    speakers.set(name, speaker);
  }
  return speaker;
}

const holds = (grants: Grants | undefined, place: Partial<CellName>): boolean =>
  personBadge()?.grants.some((held: Held) => {
    const limit = grants?.[held.role];
    return limit !== undefined && within(limit, held, place);
  }) ?? false;

/** May the person who is signed in look at this there? What the service would refuse is not offered. */
export const mayLook = (what: ReadName, place: Partial<CellName> = here.value.cell ?? {}): boolean => holds(mayReads[what] as Grants, place);
/** May they take this step there? */
export const mayStep = (step: StepName, place: Partial<CellName> = here.value.cell ?? {}): boolean => holds(maySteps[step], place);
