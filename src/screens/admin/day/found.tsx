// What was found: a resident, a tube or a box as it is now, what may be done about it, and its whole story.

import { useState } from 'preact/hooks';
import { revealReasons } from '../../../domain/reasons.js';
import { cellPath, post, type Problem } from '../../door/http.js';
import { Button, Select } from '../../parts/controls.js';
import { Dialog, ProblemNote, Table } from '../../parts/showing.js';
import { say } from '../../words/language.js';
import { clock } from '../../words/time.js';
import { mayLook } from '../here.js';
import type { RoomProps } from '../rooms.js';
import { PersonActs, TubeActs } from './acts.js';
import type { StationNames } from './fields.js';
import { useReading } from './reading.js';
import { Story, type StoryEvent } from './story.js';
import { stateWord, valueWord } from './valueWords.js';
import { reasonWords, statusWords, words } from './words.js';

interface FoundProps extends RoomProps {
  stations: StationNames;
}

/** What there is to say, one after the other. */
const joined = (...parts: readonly string[]): string => parts.filter(Boolean).join(' · ');

export function Person({ cell, resident, stations }: FoundProps & { resident: number }) {
  const path = `${cellPath(cell)}/residents/${resident}`;
  const state = useReading<{ state: string; swabs: number; recalled: string; deceased: boolean; mergedInto?: number }>(path);
  const masked = useReading<{ person: Record<string, unknown> & { name: string } }>(`${path}/person`, 0);
  const result = useReading<{ status: keyof typeof statusWords; tube?: string; pooled?: number }>(mayLook('personalResult', cell) ? `${path}/result` : undefined);
  const story = useReading<{ events: StoryEvent[] }>(`${path}/story`);
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState<(typeof revealReasons)[number]>('identity_check');
  const [clear, setClear] = useState<Record<string, unknown> | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const reveal = async (): Promise<void> => {
    const reply = await post<{ person: Record<string, unknown> }>(`${path}/reveal`, { reason });
    setAsking(false);
    setProblem(reply.ok ? undefined : reply.problem);
    if (reply.ok) setClear(reply.value.person);
  };
  const shown = clear ?? masked.value?.person;
  // Of a document the number; its kind is a word of the record.
  const line = (value: unknown): string => (typeof value === 'object' && value !== null ? String((value as { number?: string }).number ?? '') : String(value ?? ''));
  const is = state.value;
  return (
    <section class="card stack gap">
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      <h3>{say(words.resident)} {resident} <span class="name" lang="zh-CN">{shown ? joined(...['name', 'document', 'village', 'phone', 'address'].map((field) => line((shown as Record<string, unknown>)[field]))) : ''}</span></h3>
      {is ? (
        <p>
          {is.mergedInto ? say(words.mergedInto, { n: is.mergedInto }) : joined(stateWord(is.state), is.swabs > 0 ? say(words.swabs, { n: is.swabs }) : '', stateWord(is.recalled))}
          {result.value ? <> · <b>{say(words.result)}: {say(statusWords[result.value.status])}{(result.value.pooled ?? 0) > 1 ? ` (${say(words.pooled, { n: result.value.pooled ?? 0 })})` : ''}</b></> : null}
        </p>
      ) : null}
      <div class="row">
        {mayLook('reveal', cell) && !clear ? <Button words={words.revealPerson} onPress={() => setAsking(true)} /> : null}
        {is && !is.mergedInto ? <PersonActs cell={cell} resident={resident} excusable={is.swabs === 0 && is.state === 'expected'} onDone={() => { void state.again(); void story.again(); }} /> : null}
      </div>
      <Story events={story.value?.events} stations={stations} />
      {asking ? (
        <Dialog title={words.revealPerson} onClose={() => setAsking(false)} actions={<Button words={words.revealPerson} tone="caution" onPress={() => void reveal()} />}>
          <Select label={words.revealWhy} hint={words.onRecord} value={reason} choices={revealReasons.map((value) => ({ value, words: reasonWords[value] }))} onChoose={setReason} />
        </Dialog>
      ) : null}
    </section>
  );
}

export function Tube({ cell, tube, stations }: FoundProps & { tube: string }) {
  const path = `${cellPath(cell)}/tubes/${tube}`;
  const state = useReading<{ state: string; count: number; size: number; station: number; lab: string; fate: string; result?: string; members: { resident: number; active: boolean }[] }>(path);
  const story = useReading<{ events: StoryEvent[] }>(`${path}/story`);
  const is = state.value;
  return (
    <section class="card stack gap">
      <h3>{say(words.tube)} {tube}</h3>
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
      {is ? (
        <>
          <p><b>{joined(stations.get(is.station) ?? '', stateWord(is.state), say(words.members, { n: is.count, size: is.size }), stateWord(is.fate), stateWord(is.lab), is.lab === 'resulted' && is.result ? valueWord(is.result) : '')}</b></p>
          <p>{say(words.people)}: {is.members.filter(({ active }) => active).map(({ resident }) => resident || '?').join(', ') || '–'}</p>
          <div class="row"><TubeActs cell={cell} tube={tube} is={is} onDone={() => { void state.again(); void story.again(); }} /></div>
        </>
      ) : null}
      <Story events={story.value?.events} stations={stations} />
    </section>
  );
}

export function Box({ cell, box, stations }: FoundProps & { box: string }) {
  const path = `${cellPath(cell)}/boxes/${box}`;
  const state = useReading<{ state: string; holder: string; laboratory: string; contents: { tube: string; status: string; swabs: number; sealedAt: number }[] }>(path);
  const story = useReading<{ events: StoryEvent[] }>(`${path}/story`);
  return (
    <section class="card stack gap">
      <h3>{say(words.boxes)} {box}</h3>
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
      {state.value ? (
        <>
          <p><b>{joined(stateWord(state.value.state), state.value.holder ? say(words.withWhom, { who: state.value.holder }) : '', state.value.laboratory ? say(words.goesTo, { to: state.value.laboratory }) : '')}</b></p>
          <Table caption={words.contents} rows={state.value.contents} rowKey={({ tube }) => tube} columns={[
            { head: words.tube, cell: (row) => row.tube },
            { head: words.count, number: true, cell: (row) => row.swabs },
            { head: words.state, cell: (row) => stateWord(row.status) },
            { head: words.time, cell: (row) => (row.sealedAt ? clock(row.sealedAt) : '') },
          ]} />
        </>
      ) : null}
      <Story events={story.value?.events} stations={stations} />
    </section>
  );
}
