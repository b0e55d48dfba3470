// A laboratory's file of results: looked at first, every row judged; recorded when a person has seen what the look has found.

import { useRef, useState } from 'preact/hooks';
import { ask, cellPath, get, post, type Problem } from '../door/http.js';
import { Button, Field, FileDrop } from '../parts/controls.js';
import { ProblemNote, Progress, Table, Tile } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { type Phrase, say } from '../words/language.js';
import { words } from './words.js';

interface Cell { round: string; area: string }
type Outcome = 'accepted' | 'held' | 'parked' | 'known' | 'refused' | 'faulty';
interface Rows extends Partial<Record<Outcome, number>> { in: number; sum: number; equal: boolean }
interface Status {
  state: 'waiting' | 'running' | 'done' | 'failed';
  progress: { done: number; of: number | null } | null;
  outcome: ({ ok: boolean; rows?: Rows; nothingNew?: boolean; problem?: string; zh?: string; en?: string }) | null;
}
interface Report {
  rows: Rows;
  problems: { row: number; problem: string; column?: string; suggestion?: string }[];
  refused: { row: number; word: string }[];
  sentences: Record<string, Phrase>;
}

const outcomes: readonly Outcome[] = ['accepted', 'held', 'parked', 'known', 'refused', 'faulty'];
const askEveryMs = 400;

export function ResultFile({ cell, by }: { cell: Cell; by: string | undefined }) {
  const [file, setFile] = useState<File | undefined>(undefined);
  const [runName, setRunName] = useState('');
  const [upload, setUpload] = useState('');
  const [task, setTask] = useState<'check' | 'import'>('check');
  const [status, setStatus] = useState<Status | undefined>(undefined);
  const [report, setReport] = useState<Report | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const turn = useRef(0);
  const path = `${cellPath(cell)}/results`;

  /** Follows a job to its end; another file begun meanwhile ends the following. */
  const follow = async (job: string, of: string): Promise<void> => {
    const mine = ++turn.current;
    for (;;) {
      const reply = await get<Status>(`${path}/${job}`);
      if (mine !== turn.current) return;
      if (!reply.ok) return setProblem(reply.problem);
      setStatus(reply.value);
      if (reply.value.state === 'done' || reply.value.state === 'failed') break;
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
    const told = await get<Report>(`${path}/${of}/report`);
    if (mine === turn.current && told.ok) setReport(told.value);
  };

  const check = async (): Promise<void> => {
    if (!file) return;
    const form = new FormData();
    if (runName.trim()) form.append('run', runName.trim());
    if (by) form.append('by', by);
    form.append('file', file, file.name);
    setReport(undefined);
    setTask('check');
    const reply = await ask<{ upload: string; job: string }>(`${path}?task=check`, { body: form, patience: 120_000 });
    setProblem(reply.ok ? undefined : reply.problem);
    if (!reply.ok) return;
    setUpload(reply.value.upload);
    await follow(reply.value.job, reply.value.upload);
  };
  const record = async (): Promise<void> => {
    setTask('import');
    const reply = await post<{ job: string }>(`${path}/${upload}/import`, { ...(runName.trim() ? { run: runName.trim() } : {}), ...(by ? { by } : {}) });
    setProblem(reply.ok ? undefined : reply.problem);
    if (reply.ok) await follow(reply.value.job, upload);
  };

  const rows = status?.outcome?.rows;
  const busy = status?.state === 'waiting' || status?.state === 'running';
  const faults = [...(report?.problems ?? []).map(({ row, problem: word, suggestion }) => ({ row, word, suggestion })), ...(report?.refused ?? []).map(({ row, word }) => ({ row, word, suggestion: undefined }))].sort((a, b) => a.row - b.row);
  const sentence = (word: string): string => { const phrase = report?.sentences[word]; return phrase ? say(phrase) : word; };
  return (
    <div class="stack">
      {problem ? <ProblemNote problem={problem} /> : null}
      <FileDrop label={words.fileTitle} accept=".xlsx,.csv" onFile={(chosen) => { setFile(chosen); setStatus(undefined); setReport(undefined); }} file={file} />
      <div class="narrow"><Field label={words.run} hint={words.runHint} value={runName} onInput={setRunName} id="file-run" maxLength={40} /></div>
      <div class="row">
        <Button words={words.check} tone="info" disabled={!file || busy} onPress={() => void check()} />
        <Button words={words.import} tone="ok" disabled={!rows || busy || task === 'import' || status?.outcome?.ok === false} onPress={() => void record()} />
        {faults.length > 0 ? <a class="button" href={`${path}/${upload}/errors.xlsx`} download><Text of={words.errorFile} /></a> : null}
      </div>
      {busy ? <Progress label={task === 'check' ? words.checking : words.importing} value={status.progress?.done ?? 0} max={status.progress?.of ?? 0} /> : null}
      {status?.outcome && !status.outcome.ok ? <div class="problem" role="alert"><b><Text of={{ zh: status.outcome.zh ?? '', en: status.outcome.en ?? '' }} /></b></div> : null}
      {rows ? (
        <section aria-live="polite">
          <h2>{say(words.rowsIn, { n: rows.in })}</h2>
          {status?.outcome?.nothingNew ? <p><b><Text of={words.nothingNew} /></b></p> : null}
          <div class="tiles">{outcomes.map((outcome) => <Tile key={outcome} name={words[outcome]} figure={rows[outcome] ?? 0} />)}</div>
          <p>{say(words.sumsUp, { sum: rows.sum })} {rows.equal ? '✓' : '✕'}</p>
        </section>
      ) : null}
      {faults.length > 0 ? (
        <Table caption={words.problem} rows={faults.slice(0, 200)} rowKey={({ row, word }) => `${row} ${word}`} columns={[
          { head: words.row, number: true, cell: (fault) => fault.row },
          { head: words.problem, cell: (fault) => sentence(fault.word) },
          { head: words.suggestion, cell: (fault) => fault.suggestion ?? '' },
        ]} />
      ) : null}
    </div>
  );
}
