// The day on one page, to be printed, and reports as files that a job makes.

import { useState } from 'preact/hooks';
import { type ReportKind, reportKinds, reportNames } from '../../../domain/reports.js';
import { type RevealReason, revealReasons } from '../../../domain/reasons.js';
import { cellPath, get, post, type Problem } from '../../door/http.js';
import { Button, Select } from '../../parts/controls.js';
import { ProblemNote, Progress, Table, Tile } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { common } from '../../words/everywhere.js';
import { say } from '../../words/language.js';
import { dayAndClock } from '../../words/time.js';
import { Arrive } from '../arrive.js';
import type { RoomProps } from '../rooms.js';
import { useReading } from './reading.js';
import { reasonWords, stageWords, words } from './words.js';

type Stage = keyof typeof stageWords;
interface Day {
  name: string;
  at: number;
  people: { expected: number; sampled: number; excused: number; missing: number };
  gaps: number;
  progress: { tubes: Partial<Record<Stage, number>> } & Record<string, unknown>;
  tubes: Record<string, number>;
  boxes: Record<string, number>;
  results: Record<string, number>;
  villages: { name: string; people?: Day['people'] }[];
  provisional: { devices: number; records: number; silent: number } | null;
}
interface GapTube { tube: string; owner: string; stage?: string; since?: number; gap?: Stage }

const askEveryMs = 500;

export function Reports({ cell }: RoomProps) {
  const path = cellPath(cell);
  const day = useReading<Day>(`${path}/reports/day`, 15_000);
  const gaps = useReading<{ tubes: GapTube[]; total: number }>(`${path}/gaps?count=100`, 15_000);
  const value = day.value;
  return (
    <>
      <Arrive words={words.dayTitle} quietly>{value ? <small class="quiet"> <span class="name" lang="zh-CN">{value.name}</span> · {dayAndClock(value.at)}</small> : null}</Arrive>
      {day.problem ? <ProblemNote problem={day.problem} /> : null}
      {value ? (
        <>
          {value.provisional ? <p class="chip caution">{say(words.provisional, { silent: value.provisional.silent + value.provisional.devices, records: value.provisional.records })}</p> : null}
          <div class="columns">
            <Tile name={words.expected} figure={value.people.expected.toLocaleString('en')} />
            <Tile name={words.sampled} figure={value.people.sampled.toLocaleString('en')} tone="ok" />
            <Tile name={words.excused} figure={value.people.excused.toLocaleString('en')} />
            <Tile name={words.stillMissing} figure={value.people.missing.toLocaleString('en')} tone={value.people.missing > 0 ? 'caution' : 'plain'} />
            <Tile name={words.tubes} figure={(value.tubes['total'] ?? 0).toLocaleString('en')} />
            <Tile name={words.boxes} figure={(value.boxes['total'] ?? 0).toLocaleString('en')} />
            <Tile name={words.gaps} figure={value.gaps} note={say(words.gapsNote)} tone={value.gaps > 0 ? 'caution' : 'ok'} />
          </div>
          <div class="row"><Button words={common.print} onPress={() => window.print()} /></div>
        </>
      ) : null}
      {gaps.value && gaps.value.total > 0 ? (
        <Table caption={words.tubesShown} rows={gaps.value.tubes} rowKey={({ tube }) => tube} columns={[
          { head: words.tube, cell: (row) => row.tube },
          { head: words.stage, cell: (row) => (row.gap && Object.hasOwn(stageWords, row.gap) ? say(stageWords[row.gap]) : (row.stage ?? '')) },
          { head: words.owner, cell: (row) => row.owner },
        ]} />
      ) : null}
      <AsFile cell={cell} />
    </>
  );
}

interface JobStatus { state: string; progress?: { done: number; of: number | null } | null }

function AsFile({ cell }: RoomProps) {
  const path = `${cellPath(cell)}/reports`;
  const [kind, setKind] = useState<ReportKind>('samples_by_village');
  const [reason, setReason] = useState<RevealReason>('report');
  const [job, setJob] = useState<{ job: string; status: JobStatus } | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const make = async (): Promise<void> => {
    const asked = await post<{ job: string }>(path, { kind, reason, format: 'xlsx' });
    setProblem(asked.ok ? undefined : asked.problem);
    if (!asked.ok) return;
    for (;;) {
      const reply = await get<JobStatus>(`${path}/${asked.value.job}`);
      if (!reply.ok) return setProblem(reply.problem);
      setJob({ job: asked.value.job, status: reply.value });
      if (reply.value.state === 'done' || reply.value.state === 'failed') return;
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
  };
  return (
    <section class="card stack noprint">
      <h3><Text of={words.file} /></h3>
      {problem ? <ProblemNote problem={problem} /> : null}
      <div class="columns">
        <Select label={words.kind} value={kind} choices={reportKinds.map((value) => ({ value, words: reportNames[value] }))} onChoose={(value) => { setKind(value); setJob(undefined); }} />
        <Select label={words.reason} value={reason} choices={revealReasons.map((value) => ({ value, words: reasonWords[value] }))} onChoose={setReason} hint={words.onRecord} />
      </div>
      <div class="row">
        <Button words={words.ask} tone="info" onPress={() => void make()} />
        {job?.status.state === 'done' ? <a class="button ok" href={`${path}/${job.job}/file`} download onClick={() => setJob(undefined)}><Text of={words.download} plain /></a> : null}
      </div>
      {job && job.status.state !== 'done' && job.status.state !== 'failed' ? <Progress label={words.making} value={job.status.progress?.done ?? 0} max={job.status.progress?.of ?? 0} /> : null}
    </section>
  );
}
