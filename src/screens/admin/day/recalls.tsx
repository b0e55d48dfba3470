// Recalls: who must be found, who was, and how it was tried.

import { useState } from 'preact/hooks';
import { closeRecallOutcomes, contactOutcomes } from '../../../domain/reasons.js';
import { cellPath, type Problem } from '../../door/http.js';
import { Button } from '../../parts/controls.js';
import { Dialog, ProblemNote, Table } from '../../parts/showing.js';
import { common } from '../../words/everywhere.js';
import { type Phrase, say } from '../../words/language.js';
import { clock, dayAndClock } from '../../words/time.js';
import { Arrive } from '../arrive.js';
import { stepsOf } from '../here.js';
import type { RoomProps } from '../rooms.js';
import { takeWithSecond } from '../second.js';
import { useReading } from './reading.js';
import { valueWord } from './valueWords.js';
import { causeWords, closeWords, contactWords, words } from './words.js';

interface Recall {
  recall: number;
  tube: string;
  cause: keyof typeof causeWords;
  state: 'open' | 'closed';
  dueAt: number;
  level: number;
  people: number;
  found: number;
  settled: number;
}
interface Called {
  resident: number;
  relation: { inTube: boolean; second: boolean; crossedOut: boolean; moved: boolean; household: boolean; neighbour: boolean };
  found: boolean;
  attempts: number;
  lastOutcome?: keyof typeof contactWords;
  contactedAt?: number;
  result?: string;
}

export function Recalls({ cell }: RoomProps) {
  const list = useReading<{ recalls: Recall[] }>(`${cellPath(cell)}/recalls?count=500`);
  const [shown, setShown] = useState<number | undefined>(undefined);
  if (shown !== undefined) return <One cell={cell} recall={shown} onBack={() => setShown(undefined)} />;
  const rows = [...(list.value?.recalls ?? [])].sort((a, b) => (a.state === b.state ? a.dueAt - b.dueAt : a.state === 'open' ? -1 : 1));
  return (
    <>
      <Arrive words={words.recallTitle} quietly />
      {list.problem ? <ProblemNote problem={list.problem} /> : null}
      <Table caption={words.recalls} empty={list.value ? words.noRecalls : common.loading} rows={rows} rowKey={({ recall }) => recall} columns={[
        { head: words.tube, cell: (row) => row.tube },
        { head: words.cause, cell: (row) => say(causeWords[row.cause]) },
        { head: words.found, cell: (row) => <><b>{say(words.foundOf, { found: row.found, people: row.people })}</b> <small>{say(words.settled, { n: row.settled })}</small></> },
        { head: words.due, cell: (row) => <>{clock(row.dueAt)}{row.level > 0 ? <b> {say(words.late, { n: row.level })}</b> : null}</> },
        { head: words.state, cell: (row) => say(row.state === 'open' ? words.open : words.closed) },
        { head: words.look, cell: (row) => <Button words={words.look} onPress={() => setShown(row.recall)} /> },
      ]} />
    </>
  );
}

const relations = { inTube: words.inTube, second: words.second, crossedOut: words.crossedOut, moved: words.moved, household: words.sameHousehold, neighbour: words.neighbour } as const satisfies Record<keyof Called['relation'], Phrase>;

function One({ cell, recall, onBack }: RoomProps & { recall: number; onBack: () => void }) {
  const path = cellPath(cell);
  const one = useReading<Recall & { list: Called[] }>(`${path}/recalls/${recall}`);
  const [contacting, setContacting] = useState<number | undefined>(undefined);
  const [closing, setClosing] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const contact = async (resident: number, outcome: (typeof contactOutcomes)[number]): Promise<void> => {
    setContacting(undefined);
    const reply = await stepsOf(cell).ask('recordContact', { recall: String(recall), resident: String(resident), outcome });
    setProblem(reply.ok ? undefined : reply.problem);
    await one.again();
  };
  const close = async (outcome: (typeof closeRecallOutcomes)[number]): Promise<void> => {
    setClosing(false);
    const reply = await takeWithSecond(cell, 'closeRecall', { recall: String(recall), outcome }, words.closeRecall);
    if (!reply) return;
    setProblem(reply.ok ? undefined : reply.problem);
    await one.again();
  };
  const value = one.value;
  return (
    <>
      <Arrive words={words.recallTitle}>{value ? ` ${value.tube} · ${say(causeWords[value.cause])} · ${say(words.foundOf, { found: value.found, people: value.people })}` : ''}</Arrive>
      <div class="row"><Button words={words.back} onPress={onBack} />{value?.state === 'open' ? <Button words={words.closeRecall} tone="stop" onPress={() => setClosing(true)} /> : null}</div>
      {one.problem ? <ProblemNote problem={one.problem} /> : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      <Table caption={words.people} empty={value ? common.nothingHere : common.loading} rows={value?.list ?? []} rowKey={({ resident }) => resident} columns={[
        { head: words.resident, cell: (row) => <>{row.resident} <Name cell={cell} resident={row.resident} /></> },
        { head: words.relation, cell: (row) => (Object.keys(relations) as (keyof Called['relation'])[]).filter((name) => row.relation[name]).map((name) => say(relations[name])).join(' · ') },
        { head: words.found, cell: (row) => (row.found ? '✓' : '–') },
        { head: words.contact, cell: (row) => <>{say(words.attempts, { n: row.attempts })}{row.lastOutcome ? ` · ${say(contactWords[row.lastOutcome])}` : ''}{row.contactedAt ? ` · ${dayAndClock(row.contactedAt)}` : ''}</> },
        { head: words.result, cell: (row) => (row.result ? valueWord(row.result) : '') },
        { head: words.look, cell: (row) => (value?.state === 'open' ? <Button words={words.contact} onPress={() => setContacting(row.resident)} /> : null) },
      ]} />
      {contacting === undefined ? null : (
        <Dialog title={words.contact} onClose={() => setContacting(undefined)}>
          <div class="row">{contactOutcomes.map((outcome, i) => <Button key={outcome} words={contactWords[outcome]} hotkey={String(i + 1)} onPress={() => void contact(contacting, outcome)} />)}</div>
        </Dialog>
      )}
      {closing ? (
        <Dialog title={words.closeRecall} onClose={() => setClosing(false)}>
          <div class="row">{closeRecallOutcomes.map((outcome, i) => <Button key={outcome} words={closeWords[outcome]} tone="stop" hotkey={String(i + 1)} onPress={() => void close(outcome)} />)}</div>
        </Dialog>
      ) : null}
    </>
  );
}

/** Masked: enough to agree on who is meant. */
function Name({ cell, resident }: RoomProps & { resident: number }) {
  const read = useReading<{ person: { name: string; phone?: string } }>(`${cellPath(cell)}/residents/${resident}/person`, 0);
  return <span class="name" lang="zh-CN">{read.value?.person.name ?? ''} {read.value?.person.phone ?? ''}</span>;
}
