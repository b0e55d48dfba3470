// The day on one page, to be printed, and reports as files that a job makes.

import { useState } from 'preact/hooks';
import { type ReportKind, reportKinds, reportNames } from '../../../domain/reports.js';
import { type RevealReason, revealReasons } from '../../../domain/reasons.js';
import { cellPath, get, post, type Problem } from '../../door/http.js';
import { Button, Select } from '../../parts/controls.js';
import { ProblemNote, Progress, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { dayAndClock } from '../../words/time.js';
import { Arrive } from '../arrive.js';
import { printPaper } from '../print/paper.js';
import type { RoomProps } from '../rooms.js';
import { type Day, DayOnPaper, DayOnScreen, type Stage } from './dayPage.js';
import { useReading } from './reading.js';
import { ownerWords, reasonWords, stageWords, words } from './words.js';

interface GapTube { tube: string; swabs: number; station: string; gap: Stage; since: number; owner: { kind: keyof typeof ownerWords; name: string } }

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
          <div class="row gap noprint"><Button words={words.printDay} tone="info" onPress={printPaper} id="print-day" /></div>
          <DayOnScreen day={value} />
          <DayOnPaper day={value} />
        </>
      ) : null}
      {gaps.value && gaps.value.total > 0 ? (
        <Table caption={words.tubesShown} rows={gaps.value.tubes} rowKey={({ tube }) => tube} columns={[
          { head: words.tube, cell: (row) => row.tube },
          { head: words.reached, cell: (row) => say(stageWords[row.gap]) },
          { head: words.since, cell: (row) => (row.since > 0 ? dayAndClock(row.since) : '') },
          { head: words.gapOwner, cell: ({ owner }) => <>{say(ownerWords[owner.kind])} <span class="name">{owner.name}</span></> },
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
    <section class="card stack gap noprint">
      <h3><Text of={words.file} /></h3>
      {problem ? <ProblemNote problem={problem} /> : null}
      <div class="columns">
        <Select label={words.reportKind} value={kind} choices={reportKinds.map((value) => ({ value, words: reportNames[value] }))} onChoose={(value) => { setKind(value); setJob(undefined); }} />
        <Select label={words.reason} value={reason} choices={revealReasons.map((value) => ({ value, words: reasonWords[value] }))} onChoose={setReason} hint={words.onRecord} />
      </div>
      <div class="row">
        <Button words={words.ask} tone="info" onPress={() => void make()} />
        {job?.status.state === 'done' ? <a class="button ok" href={`${path}/${job.job}/file`} download onClick={() => setJob(undefined)}><Text of={words.download} plain /></a> : null}
      </div>
      {job?.status.state === 'failed' ? <p class="problem" role="alert"><b><Text of={words.notMade} /></b></p> : null}
      {job && job.status.state !== 'done' && job.status.state !== 'failed' ? <Progress label={words.making} value={job.status.progress?.done ?? 0} max={job.status.progress?.of ?? 0} /> : null}
    </section>
  );
}
