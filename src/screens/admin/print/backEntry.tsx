// Paper forms on their way into the record, fast: the tube, the time that stands on the form, then number after number with Enter. What is
// entered has happened, so it is reported: what contradicts the record is opened as a discrepancy and never lost.

import { useEffect, useRef, useState } from 'preact/hooks';
import { readScan } from '../../../domain/codes.js';
import type { CellName, StepName } from '../../../domain/requests.js';
import { cellPath, get, post, type Problem, type Reply } from '../../door/http.js';
import type { StepAnswer } from '../../door/steps.js';
import { Button, ErrorSummary, Field, Form, Select } from '../../parts/controls.js';
import { ProblemNote, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { type Phrase, say } from '../../words/language.js';
import { Said, useWork } from '../arrive.js';
import { mayStep, opened, stepsOf } from '../here.js';
import { entryWords as words } from './words.js';

/** Somebody on the form: on the roster, or to be registered as a walk-in. */
interface Line {
  given: string;
  who: string;
  resident?: number;
  walkIn?: { document?: { number: string }; name: string; village: string };
}

/** What is known of a number; `unknown`: a good number of somebody who is not on the roster. */
type Known = { ok: true; line: Line } | { ok: false; wrong: Phrase } | { ok: false; unknown: string };

async function lookUp(cell: CellName, text: string): Promise<Known> {
  const scan = readScan(text);
  if (scan.kind === 'resident') {
    const reply = await get<{ fits: boolean; known: boolean; resident?: number }>(`${cellPath(cell)}/codes/${scan.value}`);
    if (!reply.ok) return { ok: false, wrong: reply.problem };
    if (!reply.value.fits) return { ok: false, wrong: words.otherFence };
    if (!reply.value.known || reply.value.resident === undefined) return { ok: false, wrong: words.wrongPerson };
    const person = await get<{ person: { name: string } }>(`${cellPath(cell)}/residents/${reply.value.resident}/person`);
    return { ok: true, line: { given: scan.value, resident: reply.value.resident, who: person.ok ? person.value.person.name : String(reply.value.resident) } };
  }
  if (scan.kind !== 'document' && scan.kind !== 'unknown' && scan.kind !== 'foreignTube') return { ok: false, wrong: words.wrongPerson };
  const number = scan.kind === 'document' ? scan.value : text.trim();
  const reply = await post<{ resident: number; person: { name: string; document?: { number?: string } | string } }>(`${cellPath(cell)}/residents/search`, { document: { number } });
  if (reply.ok) return { ok: true, line: { given: `...${number.slice(-4)}`, resident: reply.value.resident, who: reply.value.person.name } };
  if (reply.problem.word === 'nothing_there' && reply.problem.status === 404) return { ok: false, unknown: number };
  // The service says what is wrong with a number, to the digit.
  return { ok: false, wrong: reply.problem };
}

const localNow = (): string => {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

export function BackEntry({ cell }: { cell: CellName }) {
  const [stations, setStations] = useState<readonly string[]>([]);
  const [villages, setVillages] = useState<readonly string[]>([]);
  const [station, setStation] = useState('');
  const [tube, setTube] = useState('');
  const [time, setTime] = useState(localNow());
  const [typed, setTyped] = useState('');
  const [lines, setLines] = useState<Line[]>([]);
  const [stranger, setStranger] = useState<string | undefined>(undefined);
  const [wrong, setWrong] = useState<Phrase | undefined>(undefined);
  const [errors, setErrors] = useState<{ field: string; text: string }[]>([]);
  const [problem, setProblem] = useState<{ problem: Problem; at: number } | undefined>(undefined);
  const [done, setDone] = useState<{ tube: string; n: number; opened: number } | undefined>(undefined);
  /** What of this form is on the record already: its tube and so many of its people. */
  const taken = useRef({ tube: '', people: 0, discrepancies: 0 });
  const { run } = useWork();
  useEffect(() => {
    void get<{ stations: { station: string }[] }>(`${cellPath(cell)}/stations`).then((reply) => {
      if (!reply.ok) return;
      setStations(reply.value.stations.map((one) => one.station));
      setStation(reply.value.stations[0]?.station ?? '');
    });
    void get<{ villages: { village: string }[] }>(cellPath(cell)).then((reply) => { if (reply.ok) setVillages(reply.value.villages.map(({ village }) => village)); });
  }, [cell.round, cell.area]);
  if (!mayStep('openTube') || !mayStep('takeSwab')) return <p class="problem"><Text of={words.notYou} /></p>;

  const tubeScan = readScan(tube);
  const tubeGood = tubeScan.kind === 'tube' || tubeScan.kind === 'foreignTube';
  const tubeFits = tubeScan.kind !== 'tube' || tubeScan.rehearsal === (opened.value?.rehearsal ?? false);
  const at = new Date(time).getTime();

  const addLine = (): void => run(async () => {
    setWrong(undefined);
    setDone(undefined);
    const text = typed.trim();
    if (text === '') return;
    const known = await lookUp(cell, text);
    if (!known.ok && 'unknown' in known) return setStranger(known.unknown);
    if (!known.ok) return setWrong(known.wrong);
    setLines((before) => {
      if (before.some(({ resident }) => resident === known.line.resident)) {
        setWrong(words.twice);
        return before;
      }
      return [...before, known.line];
    });
    setTyped('');
  });

  const send = (): void => {
    const found: { field: string; text: string }[] = [];
    if (station === '') found.push({ field: 'entry-station', text: say(words.needStation) });
    if (!tubeGood || !tubeFits) found.push({ field: 'entry-tube', text: say(tubeGood ? words.otherFence : words.wrongTube) });
    if (!(at <= Date.now() + 60_000)) found.push({ field: 'entry-time', text: say(words.needTime) });
    if (lines.length === 0) found.push({ field: 'entry-person', text: say(words.needPeople) });
    setErrors(found);
    if (found.length > 0) return;
    run(async () => {
      const code = tubeScan.value;
      setProblem(undefined);
      if (taken.current.tube !== code) taken.current = { tube: '', people: 0, discrepancies: 0 };
      const report = async (step: StepName, body: unknown): Promise<Reply<StepAnswer>> => {
        const reply = await stepsOf(cell).report(step, body, at);
        if (reply.ok) taken.current.discrepancies += reply.value.answer.events.filter(({ event }) => event === 'discrepancy.opened').length;
        else setProblem({ problem: reply.problem, at: taken.current.people + 1 });
        return reply;
      };
      if (taken.current.tube === '') {
        if (!(await report('openTube', { tube: code, station })).ok) return;
        taken.current.tube = code;
      }
      let sealed = false;
      for (const line of lines.slice(taken.current.people)) {
        let { resident } = line;
        if (line.walkIn) {
          const reply = await report('registerWalkIn', line.walkIn);
          if (!reply.ok) return;
          resident = Number(reply.value.answer.events.find(({ event }) => event === 'resident.registered')?.['resident']);
          // Known from here on: should the swab fail, nobody is registered twice.
          line.resident = resident;
          delete line.walkIn;
        }
        const reply = await report('takeSwab', { tube: code, resident: String(resident) });
        if (!reply.ok) return;
        sealed ||= reply.value.answer.events.some(({ event }) => event === 'tube.sealed');
        taken.current.people++;
      }
      if (!sealed && !(await report('sealTube', { tube: code, reason: 'early', counted: lines.length })).ok) return;
      setDone({ tube: code, n: lines.length, opened: taken.current.discrepancies });
      taken.current = { tube: '', people: 0, discrepancies: 0 };
      setLines([]);
      setTube('');
      document.getElementById('entry-tube')?.focus();
    });
  };
  const next = (id: string) => (): void => document.getElementById(id)?.focus();

  return (
    <>
      <p><Text of={words.intro} /></p>
      <ErrorSummary errors={errors} />
      {problem ? <><ProblemNote problem={problem.problem} /><p><Text of={words.failed} values={{ n: problem.at }} /></p></> : null}
      {done ? <Said><span id="entry-done"><Text of={words.done} values={{ tube: done.tube, n: done.n }} plain /> {done.opened > 0 ? <Text of={words.opened} values={{ n: done.opened }} plain /> : null}</span></Said> : null}
      <div class="columns">
        <div>
          <Select label={words.station} value={station} onChoose={setStation} choices={stations.map((one) => ({ value: one, words: { zh: one, en: one }, name: true }))} id="entry-station" />
          <Form onSend={next('entry-time')}><Field label={words.tube} value={tube} onInput={setTube} inputMode="numeric" id="entry-tube" error={errors.find(({ field }) => field === 'entry-tube')?.text} /></Form>
          {/* A field of time opens its calendar with Enter, or does nothing: neither helps whoever types. */}
          <div onKeyDownCapture={(event) => { if (event.key === 'Enter') { event.preventDefault(); next('entry-person')(); } }}>
            <Field label={words.time} value={time} onInput={setTime} type="datetime-local" id="entry-time" error={errors.find(({ field }) => field === 'entry-time')?.text} />
          </div>
        </div>
        <div>
          <Form onSend={addLine}>
            <Field label={{ zh: words.person.zh.replace('{n}', String(lines.length + 1)), en: words.person.en.replace('{n}', String(lines.length + 1)) }} value={typed} onInput={(text) => { setTyped(text); setStranger(undefined); }} id="entry-person" error={wrong ? say(wrong) : undefined} maxLength={40} />
          </Form>
          {stranger === undefined ? null : <Stranger number={stranger} villages={villages} onAdd={(walkIn) => {
            setLines([...lines, { given: `...${stranger.slice(-4)}`, who: walkIn.name, walkIn }]);
            setStranger(undefined);
            setTyped('');
            document.getElementById('entry-person')?.focus();
          }} />}
          <Button words={words.send} values={{ n: lines.length }} tone="ok" onPress={send} id="entry-send" />
        </div>
      </div>
      <Table caption={words.people} rows={lines.map((line, i) => ({ ...line, i }))} rowKey={({ i }) => i} columns={[
        { head: words.no, cell: ({ i }) => i + 1 },
        { head: words.who, cell: ({ who }) => <span class="name">{who}</span> },
        { head: words.given, cell: ({ given }) => given },
        { head: words.remove, cell: ({ i }) => <Button words={words.remove} values={{ n: i + 1 }} onPress={() => { setLines(lines.filter((_, j) => j !== i)); document.getElementById('entry-person')?.focus(); }} /> },
      ]} />
    </>
  );
}

function Stranger({ number, villages, onAdd }: { number: string; villages: readonly string[]; onAdd: (walkIn: { document: { number: string }; name: string; village: string }) => void }) {
  const [name, setName] = useState('');
  const [village, setVillage] = useState(villages[0] ?? '');
  useEffect(() => document.getElementById('entry-name')?.focus(), [number]);
  return (
    <section class="card gap">
      <p role="alert"><b><Text of={words.unknown} /></b></p>
      <Form onSend={() => { if (name.trim() !== '' && village !== '') onAdd({ document: { number }, name: name.trim(), village }); else document.getElementById(village === '' ? 'entry-village' : 'entry-name')?.focus(); }}>
        <Field label={words.name} value={name} onInput={setName} maxLength={100} id="entry-name" />
        <Select label={words.village} value={village} onChoose={setVillage} choices={villages.map((one) => ({ value: one, words: { zh: one, en: one }, name: true }))} id="entry-village" />
        <Button words={words.given} submit onPress={() => undefined} id="entry-add" />
      </Form>
    </section>
  );
}
