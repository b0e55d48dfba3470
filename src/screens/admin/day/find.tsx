// Looking for somebody or something: by a scanned or typed document, tube, box or number, or by name; then its whole story from the stream.

import { useState } from 'preact/hooks';
import { readScan } from '../../../domain/codes.js';
import { cellPath, get, post, type Problem } from '../../door/http.js';
import { Button, Field, Form } from '../../parts/controls.js';
import { ProblemNote, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { Arrive } from '../arrive.js';
import type { RoomProps } from '../rooms.js';
import { Box, Person, Tube } from './found.js';
import { useStations } from './reading.js';
import { words } from './words.js';

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
  const stations = useStations(cell);

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
      {found?.kind === 'resident' ? <Person key={found.resident} cell={cell} resident={found.resident} stations={stations} /> : null}
      {found?.kind === 'tube' ? <Tube key={found.tube} cell={cell} tube={found.tube} stations={stations} /> : null}
      {found?.kind === 'box' ? <Box key={found.box} cell={cell} box={found.box} stations={stations} /> : null}
    </>
  );
}
