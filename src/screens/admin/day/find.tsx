// Looking for somebody or something: by a scanned or typed document, tube, box or number, or by name; then its whole story from the stream.

import { useState } from 'preact/hooks';
import { readScan } from '../../../domain/codes.js';
import { revealReasons } from '../../../domain/reasons.js';
import { cellPath, get, post, type Problem } from '../../door/http.js';
import { Button, Field, Form, Select } from '../../parts/controls.js';
import { Dialog, ProblemNote, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { clock } from '../../words/time.js';
import { Arrive } from '../arrive.js';
import { mayLook } from '../here.js';
import type { RoomProps } from '../rooms.js';
import { useReading } from './reading.js';
import { Story, type StoryEvent } from './story.js';
import { reasonWords, statusWords, words } from './words.js';

type Found = { kind: 'resident'; resident: number } | { kind: 'tube'; tube: string } | { kind: 'box'; box: string };
interface Bearer { resident: number; person: { name: string; document?: { number?: string } }; village?: number }

export function Find({ cell }: RoomProps) {
  const path = cellPath(cell);
  const [text, setText] = useState('');
  const [name, setName] = useState('');
  const [found, setFound] = useState<Found | undefined>(undefined);
  const [bearers, setBearers] = useState<Bearer[] | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [nothing, setNothing] = useState(false);

  const show = (one: Found | undefined, why?: Problem): void => {
    setFound(one);
    setBearers(undefined);
    setProblem(why && why.status !== 404 ? why : undefined);
    setNothing(one === undefined && (!why || why.status === 404));
  };

  const look = async (): Promise<void> => {
    const plain = text.trim().toUpperCase();
    if (plain === '') return;
    if (/^[1-9]\d{0,7}$/.test(plain)) return show({ kind: 'resident', resident: Number(plain) });
    const scan = readScan(plain);
    if (scan.kind === 'tube' || scan.kind === 'foreignTube') return show({ kind: 'tube', tube: scan.value });
    if (scan.kind === 'box' || scan.kind === 'manifest') return show({ kind: 'box', box: scan.value });
    if (scan.kind === 'resident') {
      const reply = await get<{ resident?: number }>(`${path}/codes/${scan.value}`);
      return reply.ok && reply.value.resident ? show({ kind: 'resident', resident: reply.value.resident }) : show(undefined, reply.ok ? undefined : reply.problem);
    }
    const reply = await post<{ resident: number }>(`${path}/residents/search`, { document: { number: text.trim() } });
    return reply.ok ? show({ kind: 'resident', resident: reply.value.resident }) : show(undefined, reply.problem);
  };
  const lookByName = async (): Promise<void> => {
    const reply = await post<{ people: Bearer[] }>(`${path}/residents/find`, { name: name.trim() });
    show(undefined, reply.ok ? undefined : reply.problem);
    setNothing(reply.ok ? reply.value.people.length === 0 : reply.problem.status === 404);
    if (reply.ok) setBearers(reply.value.people);
  };

  return (
    <>
      <Arrive words={words.find} quietly />
      <div class="columns">
        <Form onSend={() => void look()}><Field label={words.findWhat} hint={words.findHint} value={text} onInput={setText} id="find" type="search" maxLength={60} /><Button words={words.find} tone="info" submit onPress={() => undefined} /></Form>
        <Form onSend={() => void lookByName()}><Field label={words.name} hint={words.byName} value={name} onInput={setName} id="find-name" maxLength={60} /><Button words={words.find} submit onPress={() => undefined} /></Form>
      </div>
      {problem ? <ProblemNote problem={problem} /> : null}
      {nothing ? <p role="status"><b><Text of={words.notFound} /></b></p> : null}
      {bearers && bearers.length > 0 ? (
        <Table caption={words.people} rows={bearers} rowKey={({ resident }) => resident} columns={[
          { head: words.resident, number: true, cell: (row) => row.resident },
          { head: words.name, cell: (row) => <span class="name" lang="zh-CN">{row.person.name} {row.person.document?.number ?? ''}</span> },
          { head: words.look, cell: (row) => <Button words={words.look} onPress={() => show({ kind: 'resident', resident: row.resident })} /> },
        ]} />
      ) : null}
      {found?.kind === 'resident' ? <Person key={found.resident} cell={cell} resident={found.resident} /> : null}
      {found?.kind === 'tube' ? <Tube key={found.tube} cell={cell} tube={found.tube} /> : null}
      {found?.kind === 'box' ? <Box key={found.box} cell={cell} box={found.box} /> : null}
    </>
  );
}

function Person({ cell, resident }: RoomProps & { resident: number }) {
  const path = `${cellPath(cell)}/residents/${resident}`;
  const state = useReading<{ state: string; swabs: number; recalled: string }>(path);
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
  const line = (value: unknown): string => (typeof value === 'object' && value !== null ? Object.values(value).join(' ') : String(value ?? ''));
  return (
    <section class="card stack">
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      <h3>{say(words.resident)} {resident} <span class="name" lang="zh-CN">{shown ? ['name', 'document', 'village', 'phone', 'address'].map((field) => line((shown as Record<string, unknown>)[field])).filter(Boolean).join(' · ') : ''}</span></h3>
      <p>{state.value ? `${state.value.state} · ${state.value.swabs}` : ''} {result.value ? <b>{say(words.result)}: {say(statusWords[result.value.status])}{result.value.pooled ? ` (${result.value.pooled} in 1)` : ''}</b> : null}</p>
      {mayLook('reveal', cell) && !clear ? <Button words={words.revealPerson} onPress={() => setAsking(true)} /> : null}
      <Story events={story.value?.events ?? []} />
      {asking ? (
        <Dialog title={words.revealPerson} onClose={() => setAsking(false)} actions={<Button words={words.revealPerson} tone="caution" onPress={() => void reveal()} />}>
          <Select label={words.revealWhy} hint={words.onRecord} value={reason} choices={revealReasons.map((value) => ({ value, words: reasonWords[value] }))} onChoose={setReason} />
        </Dialog>
      ) : null}
    </section>
  );
}

function Tube({ cell, tube }: RoomProps & { tube: string }) {
  const path = `${cellPath(cell)}/tubes/${tube}`;
  const state = useReading<{ state: string; count: number; size: number; lab: string; fate: string; result?: string; members: { resident: number; active: boolean }[] }>(path);
  const story = useReading<{ events: StoryEvent[] }>(`${path}/story`);
  return (
    <section class="card stack">
      <h3>{say(words.tube)} {tube}</h3>
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
      {state.value ? <p>{state.value.state} · {say(words.members, { n: state.value.count, size: state.value.size })} · {state.value.lab} · {state.value.fate}{state.value.result ? ` · ${state.value.result}` : ''}<br />{state.value.members.filter(({ active }) => active).map(({ resident }) => resident).join(', ')}</p> : null}
      <Story events={story.value?.events ?? []} />
    </section>
  );
}

function Box({ cell, box }: RoomProps & { box: string }) {
  const path = `${cellPath(cell)}/boxes/${box}`;
  const state = useReading<{ state: string; holder: string; contents: { tube: string; status: string; swabs: number; sealedAt: number }[] }>(path);
  const story = useReading<{ events: StoryEvent[] }>(`${path}/story`);
  return (
    <section class="card stack">
      <h3>{say(words.boxes)} {box}</h3>
      {state.problem ? <ProblemNote problem={state.problem} /> : null}
      {state.value ? (
        <>
          <p>{state.value.state} · {state.value.holder}</p>
          <Table caption={words.contents} rows={state.value.contents} rowKey={({ tube }) => tube} columns={[
            { head: words.tube, cell: (row) => row.tube },
            { head: words.count, number: true, cell: (row) => row.swabs },
            { head: words.state, cell: (row) => row.status },
            { head: words.time, cell: (row) => (row.sealedAt ? clock(row.sealedAt) : '') },
          ]} />
        </>
      ) : null}
      <Story events={story.value?.events ?? []} />
    </section>
  );
}
