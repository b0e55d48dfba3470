// The wizard's sixth step: a rehearsal on the real screens, fenced off from the real round, with people nobody is.

import { useEffect, useRef, useState } from 'preact/hooks';
import { residentIdCheck } from '../../../domain/documents.js';
import type { CellName } from '../../../domain/requests.js';
import type { Problem } from '../../door/http.js';
import { Button, Field, Form } from '../../parts/controls.js';
import { ProblemNote, Progress, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { dayAndClock } from '../../words/time.js';
import { Arrive, useWork } from '../arrive.js';
import { cells, go, loadCells, opened, stepsOf } from '../here.js';
import { type Draft, draft } from './draft.js';
import { rehearsalWords as words } from './lateWords.js';
import { openAll, type Part, Parts } from './opening.js';
import { stationsOf } from './plan.js';
import { ended, importRoster, type Progress as Going, sendRoster } from './rosterJob.js';
import { rosterWords, setupWords } from './words.js';

/** People of nobody: numbers that prove right, of an area that was never given out, and names that say what they are. */
export function madeUp(count: number, villages: readonly string[]): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const day = new Date(Date.UTC(1950, 0, 1 + (i % 20_000))).toISOString().slice(0, 10).replaceAll('-', '');
    const first17 = `690000${day}${String(Math.floor(i / 20_000) * 7 + 301 + (i % 7)).padStart(3, '0')}`;
    const door = Math.floor(i / 3);
    return `演练${String.fromCodePoint(0x4e00 + (i % 4000))}${String.fromCodePoint(0x5000 + Math.floor(i / 4000))},${first17}${residentIdCheck(first17)},"${(villages[door % villages.length] ?? '').replaceAll('"', '""')}",${door + 1},130${String(i).padStart(8, '0')}`;
  });
  return ['姓名,身份证号,村庄,户号,联系电话', ...rows].join('\r\n');
}

/** `r1` > `r1-x1`, `r1-x2` ...: rehearsals are told from their round by name too. */
function nextRehearsal(round: string): string {
  const base = round.slice(0, 27);
  for (let n = 1; ; n++) if (!cells.value?.some((cell) => cell.round === `${base}-x${n}`)) return `${base}-x${n}`;
}

export function Rehearsal({ cell }: { cell: CellName }) {
  return opened.value?.rehearsal ? <Inside cell={cell} /> : <Begin cell={cell} />;
}

function Begin({ cell }: { cell: CellName }) {
  const [people, setPeople] = useState('200');
  const [parts, setParts] = useState<Part[]>([]);
  const [going, setGoing] = useState<Going | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [wrong, setWrong] = useState(false);
  const { run } = useWork();
  const mine = cells.value?.filter((one) => one.rehearsal && !one.laboratory && one.round.startsWith(`${cell.round.slice(0, 27)}-x`)) ?? [];
  const begin = (): void => {
    const count = Number(people);
    setWrong(!Number.isInteger(count) || count < 1 || count > 5000);
    if (!Number.isInteger(count) || count < 1 || count > 5000) return;
    run(async () => {
      setProblem(undefined);
      const round = nextRehearsal(cell.round);
      const { roster: _, ...of } = draft.value;
      const plan: Draft = { ...of, round, area: cell.area, sites: of.sites.map((site) => ({ ...site, tables: Math.max(1, site.tables) })), name: say(words.name, { name: opened.value?.name ?? of.name }).slice(0, 60) };
      const result = await openAll(plan, (said, goes) => { setParts(said); setGoing(goes); }, { clock: Date.now() });
      if (result.problem) return setProblem(result.problem === 'failed' ? undefined : result.problem);
      const there = { round, area: cell.area };
      const tell = (part: Part): void => setParts([...result.parts, part]);
      tell({ words: words.invented, state: 'goes' });
      const villages = plan.villages.length > 0 ? plan.villages.map(({ village }) => village) : [plan.sites[0]?.name ?? 'A'];
      const sent = await sendRoster(there, new File([madeUp(count, villages)], 'rehearsal.csv', { type: 'text/csv' }), {});
      const checked = sent.ok ? await ended(there, sent.value.job, setGoing) : sent;
      const asked = sent.ok && checked.ok ? await importRoster(there, sent.value.upload, {}) : checked;
      const done = asked.ok && 'job' in asked.value ? await ended(there, asked.value.job, setGoing) : asked;
      setGoing(undefined);
      if (!done.ok) return setProblem(done.problem === 'failed' ? undefined : done.problem);
      tell({ words: words.stations, state: 'goes' });
      for (const site of plan.sites) {
        for (const station of stationsOf(site)) {
          const reply = await stepsOf(there).ask('openStation', { station, site: site.site });
          if (!reply.ok && reply.problem.word !== 'station_open') return setProblem(reply.problem);
        }
      }
      await loadCells();
      go({ cell: there, step: 'rehearsal' });
    });
  };
  return (
    <>
      <Arrive words={setupWords.rehearsal} />
      <p><Text of={words.intro} /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      {draft.value.sites.length === 0 ? <p class="problem"><Text of={words.notOpen} /></p> : (
        <div class="narrow">
          <Form onSend={begin}>
            <Field label={words.people} value={people} onInput={setPeople} inputMode="numeric" error={wrong ? say(words.peopleForm) : undefined} id="rehearsal-people" />
            <Button words={mine.length > 0 ? words.another : words.open} tone="info" submit onPress={() => undefined} id="rehearsal-open" />
          </Form>
        </div>
      )}
      <Parts parts={parts} />
      {going?.phase === 'enrolling' ? <Progress label={rosterWords.enrolling} value={going.done} max={going.of ?? 1} /> : null}
      {mine.length > 0 ? <Table caption={words.list} rows={mine} rowKey={({ round }) => round} columns={[
        { head: words.code, cell: ({ round }) => round },
        { head: words.list, cell: (one) => <Button words={words.enter} values={{ round: one.round }} onPress={() => go({ cell: { round: one.round, area: one.area }, step: 'devices' })} /> },
      ]} /> : null}
    </>
  );
}

const tickMs = 5000;

function Inside({ cell }: { cell: CellName }) {
  const [going, setGoing] = useState(false);
  const [at, setAt] = useState(0);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const shown = useRef(true);
  useEffect(() => {
    shown.current = true;
    const tick = async (): Promise<void> => {
      const to = Date.now();
      const reply = await stepsOf(cell).ask('advanceClock', { to });
      if (!shown.current) return;
      if (reply.ok) setAt(to);
      setProblem(reply.ok ? undefined : reply.problem);
    };
    const timer = going ? setInterval(() => void tick(), tickMs) : undefined;
    if (going) void tick();
    return () => {
      shown.current = false;
      clearInterval(timer);
    };
  }, [going, cell.round]);
  return (
    <>
      <Arrive words={setupWords.rehearsal} />
      <p><Text of={words.isRehearsal} /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      <section class="card">
        <h3><Text of={words.clock} /></h3>
        <p><Text of={words.clockFor} plain /></p>
        {at > 0 ? <p role="status"><b>{say(words.at, { time: dayAndClock(at) })}</b></p> : null}
        <Button words={going ? words.stop : words.follow} tone={going ? 'plain' : 'info'} onPress={() => setGoing(!going)} id="rehearsal-clock" />
      </section>
    </>
  );
}
