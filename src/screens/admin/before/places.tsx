// The wizard's third step: villages with their zones and the teams that answer for them, sites with their stations, and at its end the
// opening of the round.

import { useEffect, useState } from 'preact/hooks';
import type { CellName } from '../../../domain/requests.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import { Button, Field } from '../../parts/controls.js';
import { ProblemNote } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { type Phrase, say } from '../../words/language.js';
import { Arrive, Said, useWork } from '../arrive.js';
import { opened } from '../here.js';
import { draft, plan } from './draft.js';
import { assignTeams, Opening, siteMistake } from './opening.js';
import { Pasting } from './pasting.js';
import { placeWords as words } from './placeWords.js';
import { hoursWith, type PlannedSite, type PlannedVillage, propose, siteForm, stationsFor, unevenness } from './plan.js';
import { setupWords } from './words.js';

export function Places({ cell }: { cell: CellName }) {
  const isOpen = opened.value !== undefined;
  const [mistake, setMistake] = useState<Phrase | undefined>(undefined);
  const [pasting, setPasting] = useState<'sites' | 'villages' | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [saved, setSaved] = useState(false);
  const { run } = useWork();
  useEffect(() => { if (isOpen) void fromRecord(cell); }, [isOpen]);
  const wrong = (): boolean => {
    const found = siteMistake(draft.value, siteForm);
    setMistake(found);
    return found !== undefined;
  };
  const saveTeams = (): void => run(async () => {
    const reply = await assignTeams(cell, draft.value);
    setProblem(reply.ok ? undefined : reply.problem);
    setSaved(reply.ok);
  });
  const { sites, villages } = draft.value;
  return (
    <>
      <Arrive words={isOpen ? words.isOpen : setupWords.places} />
      {problem ? <ProblemNote problem={problem} /> : null}
      {saved ? <Said><Text of={words.teamsSaved} plain /></Said> : null}
      {isOpen ? null : <Proposal />}
      <section>
        <h3><Text of={words.sites} values={{ n: sites.length }} /></h3>
        {isOpen ? null : (
          <div class="row gap">
            <Button words={words.pasteSites} onPress={() => setPasting('sites')} id="paste-sites" />
            <Button words={words.addSite} onPress={addSite} id="add-site" />
          </div>
        )}
        <SitesTable fixed={isOpen} />
      </section>
      <section>
        <h3><Text of={words.villages} values={{ n: villages.length }} /></h3>
        <div class="row gap"><Button words={words.pasteVillages} onPress={() => setPasting('villages')} id="paste-villages" /></div>
        <VillagesTable fixed={isOpen} />
      </section>
      {mistake ? <p class="problem" role="alert"><b><Text of={mistake} /></b></p> : null}
      {isOpen ? <Button words={words.saveTeams} tone="info" onPress={saveTeams} id="save-teams" /> : <Opening wrong={wrong} />}
      {pasting ? <Pasting what={pasting} onClose={() => setPasting(undefined)} /> : null}
    </>
  );
}

/** On another computer the draft knows nothing: sites and villages are then taken from the record. */
export async function fromRecord(cell: CellName): Promise<void> {
  const reply = await get<{ sites: { site: string; name: string; ordinal: number }[]; villages: { village: string; ordinal: number }[]; teams: { team: string; villages: number[] }[] }>(cellPath(cell));
  if (!reply.ok) return;
  const { sites, villages, teams } = reply.value;
  const teamOf = new Map(teams.flatMap(({ team, villages: of }) => of.map((ordinal) => [ordinal, team] as const)));
  const before = draft.value;
  plan({
    sites: sites.map(({ site, name }) => ({ tables: 0, ...before.sites.find((one) => one.site === site), site, name })),
    villages: villages.map(({ village, ordinal }) => {
      const known = before.villages.find((one) => one.village === village);
      return { residents: 0, zone: '', site: '', ...known, village, team: known?.team || (teamOf.get(ordinal) ?? '') };
    }),
  });
}

function addSite(): void {
  const { sites } = draft.value;
  let n = sites.length + 1;
  while (sites.some(({ site }) => site === `s${n}`)) n++;
  plan({ sites: [...sites, { site: `s${n}`, name: '', tables: 1 }] });
  requestAnimationFrame(() => document.getElementById(`site-name-${sites.length}`)?.focus());
}

function Proposal() {
  const { villages, sites, hours, limits, assignment } = draft.value;
  const known = villages.reduce((sum, { residents }) => sum + residents, 0);
  const [people, setPeople] = useState('');
  const [wished, setWished] = useState(String(hours));
  const residents = people === '' ? known : Number(people) || 0;
  const needed = stationsFor(residents, limits.secondsPerPerson, Number(wished) || 0, assignment.rule);
  const planned = sites.reduce((sum, { tables }) => sum + tables, 0);
  const draw = (): void => {
    plan({ ...propose(villages, sites.length > 0 ? sites : villages.length > 0 ? [] : [{ site: 's1', name: draft.value.name.trim(), tables: 0 }], needed), hours: Number(wished) || hours });
  };
  return (
    <section class="card" id="proposal">
      <h3><Text of={words.propose} /></h3>
      <div class="columns tight">
        <Field label={words.residents} value={people === '' ? String(known) : people} onInput={setPeople} inputMode="numeric" id="proposal-people" />
        <Field label={words.hours} value={wished} onInput={setWished} inputMode="numeric" id="proposal-hours" />
        <Field label={words.seconds} value={String(limits.secondsPerPerson)} onInput={(value) => { const n = Number(value); if (Number.isInteger(n) && n >= 5 && n <= 600) plan({ limits: { ...limits, secondsPerPerson: n } }); }} inputMode="numeric" id="proposal-seconds" />
      </div>
      <p><b><Text of={words.needed} values={{ n: needed }} plain /></b> · {planned === 0 ? say(words.plannedNone) : say(words.planned, { n: planned, hours: hoursWith(planned, residents, limits.secondsPerPerson, assignment.rule).toFixed(1) })}</p>
      <p class="quiet">{say(words.why, { factor: unevenness[assignment.rule] })} {say(words.drawHint)}</p>
      <Button words={words.draw} tone="info" onPress={draw} id="proposal-draw" />
    </section>
  );
}

interface CellProps {
  of: string;
  label: Phrase;
  value: string;
  onInput: (value: string) => void;
  id?: string;
  numeric?: boolean;
}

/** A field inside a table; its label is that of the row and the column. */
const Cell = ({ of, label, value, onInput, id, numeric = false }: CellProps) => (
  <input class="cell name" id={id} aria-label={say(words.of, { site: of, field: say(label) })} value={value} inputMode={numeric ? 'numeric' : 'text'} onInput={(event) => onInput(event.currentTarget.value)} />
);

function SitesTable({ fixed }: { fixed: boolean }) {
  const { sites } = draft.value;
  const change = (i: number, part: Partial<PlannedSite>): void => plan({ sites: sites.map((site, j) => (i === j ? { ...site, ...part } : site)) });
  if (sites.length === 0) return null;
  return (
    <div class="tablebox" tabIndex={0} role="region" aria-label={say(words.sites, { n: sites.length })}>
      <table>
        <thead><tr>{[words.code, words.name, words.tables, words.lat, words.lng].map((head) => <th key={head.en} scope="col"><Text of={head} /></th>)}<th scope="col"><span aria-hidden="true">·</span></th></tr></thead>
        <tbody>
          {sites.map((site, i) => (
            <tr key={`row-${i}`}>
              <td>{fixed ? site.site : <Cell of={site.site} label={words.code} value={site.site} onInput={(value) => rename(i, value.trim())} />}</td>
              <td>{fixed ? <span class="name">{site.name}</span> : <Cell of={site.site} label={words.name} value={site.name} onInput={(name) => change(i, { name })} id={`site-name-${i}`} />}</td>
              <td><Cell of={site.site} label={words.tables} value={String(site.tables)} numeric onInput={(value) => change(i, { tables: Math.max(0, Math.min(200, Math.floor(Number(value) || 0))) })} /></td>
              <td>{fixed ? site.lat : <Cell of={site.site} label={words.lat} value={site.lat === undefined ? '' : String(site.lat)} onInput={(value) => where(i, 'lat', value, 90)} />}</td>
              <td>{fixed ? site.lng : <Cell of={site.site} label={words.lng} value={site.lng === undefined ? '' : String(site.lng)} onInput={(value) => where(i, 'lng', value, 180)} />}</td>
              <td>{fixed ? null : <Button words={words.removeSite} values={{ site: site.site }} onPress={() => { plan({ sites: sites.filter((_, j) => j !== i), villages: draft.value.villages.map((one) => (one.site === site.site ? { ...one, site: '' } : one)) }); document.getElementById('add-site')?.focus(); }} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );

  function where(i: number, field: 'lat' | 'lng', value: string, max: number): void {
    const n = Number(value);
    const { [field]: _, ...rest } = sites[i] as PlannedSite;
    plan({ sites: sites.map((site, j) => (i !== j ? site : value.trim() === '' || Number.isNaN(n) || Math.abs(n) > max ? rest : { ...rest, [field]: n })) });
  }

  /** Its villages go along. */
  function rename(i: number, to: string): void {
    const from = (sites[i] as PlannedSite).site;
    plan({ sites: sites.map((site, j) => (i === j ? { ...site, site: to } : site)), villages: draft.value.villages.map((one) => (one.site === from ? { ...one, site: to } : one)) });
  }
}

function VillagesTable({ fixed }: { fixed: boolean }) {
  const { villages, sites } = draft.value;
  const change = (i: number, part: Partial<PlannedVillage>): void => plan({ villages: villages.map((village, j) => (i === j ? { ...village, ...part } : village)) });
  if (villages.length === 0) return null;
  return (
    <div class="tablebox" tabIndex={0} role="region" aria-label={say(words.villages, { n: villages.length })}>
      <table>
        <thead><tr>{[words.village, words.people, words.zone, words.team, words.ownSite].map((head) => <th key={head.en} scope="col"><Text of={head} /></th>)}</tr></thead>
        <tbody>
          {villages.map((village, i) => (
            <tr key={village.village}>
              <th scope="row"><span class="name">{village.village}</span></th>
              <td class="number">{village.residents || ''}</td>
              <td>{fixed ? <span class="name">{village.zone}</span> : <Cell of={village.village} label={words.zone} value={village.zone} onInput={(zone) => change(i, { zone })} />}</td>
              <td><Cell of={village.village} label={words.team} value={village.team} onInput={(team) => change(i, { team })} id={`village-team-${i}`} /></td>
              <td>{fixed ? <span class="name">{sites.find(({ site }) => site === village.site)?.name ?? ''}</span> : (
                <select class="cell name" aria-label={say(words.of, { site: village.village, field: say(words.ownSite) })} value={village.site} onChange={(event) => change(i, { site: event.currentTarget.value })}>
                  <option value="">{say(words.noSite)}</option>
                  {sites.map(({ site, name }) => <option key={site} value={site}>{`${name || site}`}</option>)}
                </select>
              )}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
