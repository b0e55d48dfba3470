// Opening a round: its laboratory and its area with rules, sites and villages, its teams, its roster, one after the other. Each part may be
// taken again: what is on the record already is passed over, so somebody whose network broke goes on where it stopped.

import { useState } from 'preact/hooks';
import type { Phrase } from '../../words/language.js';
import type { BodyInput, CellName, StepName } from '../../../domain/requests.js';
import type { Problem, Reply } from '../../door/http.js';
import { Button } from '../../parts/controls.js';
import { ProblemNote, Progress } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { useWork } from '../arrive.js';
import { cells, go, loadCells, stepsOf } from '../here.js';
import { type Draft, draft, rulesOf } from './draft.js';
import { openingWords as words, placeWords } from './placeWords.js';
import { teamsOf } from './plan.js';
import { ended, importRoster, type Progress as Going } from './rosterJob.js';
import { rosterWords } from './words.js';

/** The body of openRound for the area of a draft. `rehearsal`: fenced off, with a clock of its own. */
export function areaOf(of: Draft, rehearsal?: { clock: number }): BodyInput<'openRound'> {
  const at = ({ lat, lng }: { lat?: number; lng?: number }) => (lat === undefined || lng === undefined ? {} : { at: { lat, lng } });
  const sites = new Set(of.sites.map(({ site }) => site));
  return {
    name: of.name.trim(), rehearsal: rehearsal !== undefined, ...(rehearsal ?? {}), rules: rulesOf(of),
    sites: of.sites.map(({ site, name, ...where }) => ({ site, name: name.trim(), ...at(where) })),
    villages: of.villages.map(({ village, zone, site, ...where }) => ({ village, ...(zone ? { zone } : {}), ...(sites.has(site) ? { site } : {}), ...at(where) })),
  };
}

export type Part = { words: Phrase; values?: Record<string, string>; state: 'waits' | 'goes' | 'done' | 'failed'; note?: Phrase; noteValues?: Record<string, string | number> };

/** A round that is open already is as good as one that was opened now, if it is what it should be. */
async function openOnce(cell: CellName, body: BodyInput<'openRound'>): Promise<{ ok: true; already: boolean } | { ok: false; problem: Problem | 'occupied' }> {
  const reply = await stepsOf(cell).ask('openRound', body);
  if (reply.ok) return { ok: true, already: false };
  if (reply.problem.word !== 'round_exists') return reply;
  await loadCells();
  const there = cells.value?.find(({ round, area }) => round === cell.round && area === cell.area);
  return there && there.laboratory === (body.laboratory ?? false) && there.rehearsal === (body.rehearsal ?? false) ? { ok: true, already: true } : { ok: false, problem: 'occupied' };
}

interface Opened {
  parts: Part[];
  problem?: Problem | 'failed';
}

/** Opens what a draft says, telling of each part as it goes. */
export async function openAll(of: Draft, told: (parts: Part[], going?: Going) => void, rehearsal?: { clock: number }): Promise<Opened> {
  const cell = { round: of.round, area: of.area };
  const teams = teamsOf(of.villages);
  const parts: Part[] = [];
  const add = (part: Omit<Part, 'state'>): Part => {
    parts.push({ ...part, state: 'goes' });
    told([...parts]);
    return parts.at(-1) as Part;
  };
  const settle = (part: Part, with_: Partial<Part>): void => {
    Object.assign(part, with_);
    told([...parts]);
  };
  const opening = async (where: CellName, body: BodyInput<'openRound'>, said: Phrase): Promise<Problem | 'failed' | undefined> => {
    const part = add({ words: said, values: { area: where.area } });
    const result = await openOnce(where, body);
    if (result.ok) {
      settle(part, { state: 'done', ...(result.already ? { note: words.already } : {}) });
      return undefined;
    }
    settle(part, { state: 'failed', ...(result.problem === 'occupied' ? { note: words.occupied, noteValues: { area: where.area } } : {}) });
    return result.problem === 'occupied' ? 'failed' : result.problem;
  };

  if (of.laboratory) {
    const wrong = await opening({ round: of.round, area: of.laboratory }, { name: of.laboratoryName.trim() || of.laboratory, laboratory: true, rehearsal: rehearsal !== undefined, ...(rehearsal ?? {}) }, words.laboratory);
    if (wrong) return { parts, problem: wrong };
  }
  const wrong = await opening(cell, areaOf(of, rehearsal), words.area);
  if (wrong) return { parts, problem: wrong };
  if (teams.length > 0) {
    const part = add({ words: words.team });
    const reply = await assignTeams(cell, of);
    settle(part, { state: reply.ok ? 'done' : 'failed' });
    if (!reply.ok) return { parts, problem: reply.problem };
  }
  if (of.roster && !rehearsal) {
    const part = add({ words: words.roster });
    const asked = await importRoster(cell, of.roster.upload, of.roster.choice);
    const done = asked.ok ? await ended(cell, asked.value.job, (going) => told([...parts], going)) : asked;
    if (!done.ok || !('ok' in done.value) || !done.value.ok) {
      const gone = done.ok && !done.value.ok;
      settle(part, { state: 'failed', ...(gone ? { note: words.uploadGone } : {}) });
      return { parts, problem: done.ok ? 'failed' : done.problem };
    }
    if (done.value.task === 'import') settle(part, { state: 'done', note: words.people, noteValues: { enrolled: done.value.enrolled + done.value.already } });
  }
  return { parts };
}

/** Every team with its villages, at most two hundred in a step. */
export async function assignTeams(cell: CellName, of: Pick<Draft, 'villages'>): Promise<Reply<unknown>> {
  for (const { team, name, villages } of teamsOf(of.villages)) {
    const reply = await stepsOf(cell).ask('assignTeam' satisfies StepName, { team, name, villages: villages.slice(0, 200) });
    if (!reply.ok) return reply;
  }
  return { ok: true, value: undefined };
}

export function Opening({ wrong }: { wrong: () => boolean }) {
  const [parts, setParts] = useState<Part[]>([]);
  const [going, setGoing] = useState<Going | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | 'failed' | undefined>(undefined);
  const { run } = useWork();
  const of = draft.value;
  const open = (): void => {
    if (wrong()) return;
    run(async () => {
      setProblem(undefined);
      const result = await openAll(draft.value, (said, goes) => { setParts(said); setGoing(goes); });
      setGoing(undefined);
      setParts(result.parts);
      if (result.problem) return setProblem(result.problem);
      await loadCells();
      go({ step: 'devices' });
    });
  };
  return (
    <section class="card" id="opening">
      <h3><Text of={words.title} /></h3>
      <p><Text of={words.intro} plain /></p>
      <p><b><Text of={words.sum} plain values={{ sites: of.sites.length, tables: of.sites.reduce((sum, { tables }) => sum + tables, 0), villages: of.villages.length, teams: teamsOf(of.villages).length, people: of.roster?.good ?? 0 }} /></b></p>
      {problem && problem !== 'failed' ? <ProblemNote problem={problem} /> : null}
      <Parts parts={parts} />
      {going?.phase === 'enrolling' ? <Progress label={rosterWords.enrolling} value={going.done} max={going.of ?? 1} /> : null}
      <Button words={problem ? words.resume : words.open} tone="ok" onPress={open} hotkey="F9" id="open-round" />
    </section>
  );
}

const signs = { waits: '·', goes: '…', done: '✓', failed: '✕' } as const;

export function Parts({ parts }: { parts: readonly Part[] }) {
  return (
    <ol class="plainlist parts" role="status">
      {parts.map((part, i) => (
        <li key={`${part.words.en}${i}`} class={part.state}>
          <b aria-hidden="true">{signs[part.state]}</b> <Text of={part.words} plain {...(part.values ? { values: part.values } : {})} />
          {part.note ? <> · <Text of={part.note} plain {...(part.noteValues ? { values: part.noteValues } : {})} /></> : null}
        </li>
      ))}
    </ol>
  );
}

export const siteMistake = ({ sites }: Draft, form: RegExp): Phrase | undefined => {
  if (sites.length === 0) return placeWords.needSite;
  if (sites.some(({ site, name }) => !form.test(site) || name.trim() === '' || name.length > 60) || new Set(sites.map(({ site }) => site)).size < sites.length) return placeWords.needSiteFields;
  return sites.reduce((sum, { tables }) => sum + tables, 0) > 1000 ? placeWords.tooMany : undefined;
};
