// Contradictions on the record: with owner and age, the facts side by side, resolved in two clicks. Beside them, records nobody could read.

import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { refusals, type RefusalWord } from '../../../domain/refusals.js';
import { revealReasons } from '../../../domain/reasons.js';
import { cellPath, post, type Problem } from '../../door/http.js';
import { Button, Field, Select } from '../../parts/controls.js';
import { Dialog, ProblemNote, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { common } from '../../words/everywhere.js';
import { type Phrase, say } from '../../words/language.js';
import { dayAndClock, minutesBetween } from '../../words/time.js';
import { Arrive, Said } from '../arrive.js';
import { mayStep, stepsOf } from '../here.js';
import type { RoomProps } from '../rooms.js';
import { detailOf, type StationNames } from './fields.js';
import { useReading, useStations } from './reading.js';
import { stateWord, stepWord } from './valueWords.js';
import { reasonWords, words } from './words.js';

interface Discrepancy {
  discrepancy: string;
  what: string;
  tube: string;
  resident: string;
  device: string;
  number: string;
  step: string;
  openedAt: string;
  state: 'open' | 'resolved';
  holds: boolean;
  detail: Record<string, unknown>;
}
interface TubeNow { state: string; count: number; size: number; station: number; members: { resident: number; active: boolean; second: boolean; voided: boolean; moved: boolean }[] }
interface ResidentNow { resident: number; state: string; swabs: number; station: number; sampledAt: number }

export const sentenceOf = (word: string): Phrase => (Object.hasOwn(refusals, word) ? refusals[word as RefusalWord] : { zh: word, en: word });
/** Discrepancies of one page; a day has some hundreds at the most. */
const pageSize = 1000;

export function Discrepancies({ cell }: RoomProps) {
  const path = cellPath(cell);
  const all = useReading<{ discrepancies: Discrepancy[] }>(`${path}/discrepancies?count=${pageSize}`);
  const stations = useStations(cell);
  const [shown, setShown] = useState<Discrepancy | undefined>(undefined);
  const [done, setDone] = useState(false);
  const open = (all.value?.discrepancies ?? []).filter(({ state }) => state === 'open').sort((a, b) => Number(a.openedAt) - Number(b.openedAt));
  const now = Date.now();
  return (
    <>
      <Arrive words={words.openOnes} quietly />
      {all.problem ? <ProblemNote problem={all.problem} /> : null}
      {done ? <Said><Text of={words.resolvedOne} /></Said> : null}
      <Table caption={words.discrepancies} empty={all.value ? words.none : common.loading} rows={open} rowKey={({ discrepancy }) => discrepancy} columns={[
        { head: words.what, cell: (row) => <><b>{say(sentenceOf(row.what))}</b>{row.holds ? <small> · {say(words.holds)}</small> : null}</> },
        { head: words.tube, cell: (row) => row.tube || '–' },
        { head: words.resident, cell: (row) => (row.resident === '0' ? '–' : row.resident) },
        { head: words.owner, cell: (row) => row.device },
        { head: words.age, number: true, cell: (row) => say(words.minutes, { n: minutesBetween(Number(row.openedAt), now) }) },
        { head: words.look, cell: (row) => <Button words={words.look} onPress={() => { setDone(false); setShown(row); }} /> },
      ]} />
      {shown ? <Facts cell={cell} of={shown} stations={stations} onClose={(resolved) => { setShown(undefined); setDone(resolved); if (resolved) void all.again(); }} /> : null}
      <Unreadable cell={cell} />
    </>
  );
}

function Facts({ cell, of, stations, onClose }: { cell: RoomProps['cell']; of: Discrepancy; stations: StationNames; onClose: (resolved: boolean) => void }) {
  const path = cellPath(cell);
  const tube = useReading<TubeNow>(of.tube ? `${path}/tubes/${of.tube}` : undefined, 0);
  const person = useReading<ResidentNow>(of.resident !== '0' ? `${path}/residents/${of.resident}` : undefined, 0);
  const masked = useReading<{ person: { name: string; document: { number: string } | string } }>(of.resident !== '0' ? `${path}/residents/${of.resident}/person` : undefined, 0);
  const [who, setWho] = useState('');
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const resolve = async (resolution: 'confirmed' | 'corrected' | 'mistaken' | 'identified'): Promise<void> => {
    const reply = await stepsOf(cell).ask('resolveDiscrepancy', { discrepancy: of.discrepancy, resolution, ...(resolution === 'identified' ? { resident: who.trim() } : {}) });
    if (reply.ok) onClose(true);
    else setProblem(reply.problem);
  };
  const stationName = (ordinal: number): string => stations.get(ordinal) ?? '–';
  const unidentified = of.what === 'resident_unknown';
  return (
    <Dialog title={sentenceOf(of.what)} onClose={() => onClose(false)} actions={mayStep('resolveDiscrepancy', cell) ? (
      <>
        <Button words={words.confirmed} tone="info" onPress={() => void resolve('confirmed')} />
        <Button words={words.corrected} tone="ok" onPress={() => void resolve('corrected')} />
        <Button words={words.mistaken} onPress={() => void resolve('mistaken')} />
        {unidentified ? <Button words={words.identified} tone="ok" disabled={!/^[1-9]\d{0,8}$/.test(who.trim())} onPress={() => void resolve('identified')} /> : null}
        <Button words={common.back} onPress={() => onClose(false)} />
      </>
    ) : undefined}>
      {problem ? <ProblemNote problem={problem} /> : null}
      <div class="columns">
        <section class="card">
          <h3><Text of={words.reported} plain /></h3>
          <dl class="facts">
            <dt>{say(words.step)}</dt><dd>{stepWord(of.step)}</dd>
            <dt>{say(words.device)}</dt><dd>{of.device} · {of.number}</dd>
            <dt>{say(words.time)}</dt><dd>{dayAndClock(Number(of.openedAt))}</dd>
            {of.tube ? <><dt>{say(words.tube)}</dt><dd>{of.tube}</dd></> : null}
            {detailOf(of.detail, stations).map(({ name, value }) => <Fragment key={name}><dt>{name}</dt><dd><span class="name">{value}</span></dd></Fragment>)}
          </dl>
        </section>
        <section class="card">
          <h3><Text of={words.recordNow} plain /></h3>
          {tube.value ? <p>{say(words.tube)} {of.tube} · {stationName(tube.value.station)} · {stateWord(tube.value.state)} · {say(words.members, { n: tube.value.count, size: tube.value.size })}</p> : null}
          {person.value ? <p>{say(words.resident)} {of.resident} <span class="name" lang="zh-CN">{masked.value?.person.name ?? ''}</span> · {person.value.swabs > 0 ? `${dayAndClock(person.value.sampledAt)} · ${stationName(person.value.station)}` : say(words.none)}</p> : null}
        </section>
      </div>
      {unidentified ? <Field label={words.identifiedWho} value={who} onInput={setWho} inputMode="numeric" id="who" /> : null}
    </Dialog>
  );
}

interface Quarantined { device: string; epoch: string; number: number; problem: string; at?: number }

function Unreadable({ cell }: RoomProps) {
  const path = cellPath(cell);
  const list = useReading<{ records: Quarantined[]; total: number }>(mayStep('settleQuarantined', cell) ? `${path}/quarantine` : undefined);
  const [shown, setShown] = useState<Quarantined | undefined>(undefined);
  const [reason, setReason] = useState<(typeof revealReasons)[number]>('correction');
  const [content, setContent] = useState<string | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  if (!list.value || list.value.records.length === 0) return null;
  const close = (): void => { setShown(undefined); setContent(undefined); setProblem(undefined); };
  const reveal = async (one: Quarantined): Promise<void> => {
    const reply = await post<{ record: unknown }>(`${path}/quarantine/${one.device}/${one.epoch}/${one.number}/reveal`, { reason });
    setProblem(reply.ok ? undefined : reply.problem);
    if (reply.ok) setContent(JSON.stringify(reply.value.record, undefined, 2));
  };
  const settle = async (one: Quarantined, decision: 'entered_by_hand' | 'rejected'): Promise<void> => {
    const reply = await stepsOf(cell).ask('settleQuarantined', { device: one.device, epoch: one.epoch, number: one.number, decision });
    if (!reply.ok) return setProblem(reply.problem);
    close();
    await list.again();
  };
  return (
    <>
      <Table caption={words.unreadable} rows={list.value.records} rowKey={({ device, epoch, number }) => `${device} ${epoch} ${number}`} columns={[
        { head: words.device, cell: (row) => row.device },
        { head: words.number, number: true, cell: (row) => row.number },
        { head: words.problem, cell: (row) => row.problem },
        { head: words.look, cell: (row) => <Button words={words.look} onPress={() => setShown(row)} /> },
      ]} />
      {shown ? (
        <Dialog title={words.unreadable} onClose={close} actions={(
          <>
            <Button words={words.byHand} tone="ok" onPress={() => void settle(shown, 'entered_by_hand')} />
            <Button words={words.reject} tone="stop" onPress={() => void settle(shown, 'rejected')} />
          </>
        )}>
          {problem ? <ProblemNote problem={problem} /> : null}
          <p>{shown.device} · {shown.number} · {shown.problem}</p>
          {content === undefined ? (
            <>
              <Select label={words.revealWhy} value={reason} choices={revealReasons.map((value) => ({ value, words: reasonWords[value] }))} onChoose={setReason} hint={words.onRecord} />
              <Button words={words.reveal} onPress={() => void reveal(shown)} />
            </>
          ) : <pre class="name" lang="zh-CN">{content}</pre>}
        </Dialog>
      ) : null}
    </>
  );
}
