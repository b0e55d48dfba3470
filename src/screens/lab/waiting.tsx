// What waits: results that two people have to look at, and how much work there is against what the laboratory can do.

import { useEffect, useState } from 'preact/hooks';
import type { TestResult } from '../../domain/reasons.js';
import { askSecond } from '../admin/second.js';
import { cellPath, get, type Problem } from '../door/http.js';
import { Button, Field } from '../parts/controls.js';
import { ProblemNote, Table, Tile } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { common } from '../words/everywhere.js';
import { say } from '../words/language.js';
import { dayAndClock } from '../words/time.js';
import type { Recorder } from './recorder.js';
import { resultWords, waitWords, words } from './words.js';

interface Cell { round: string; area: string }
interface Waiting { tube: string; accession: string; run: string; state: string; result: TestResult; why?: keyof typeof waitWords; testedAt: number; by: string }

/** A page of what waits; with more than this the laboratory has another problem. */
const pageMax = 500;

export function Held({ cell, recorder }: { cell: Cell; recorder: Recorder | undefined }) {
  const [rows, setRows] = useState<Waiting[] | undefined>(undefined);
  const [unregistered, setUnregistered] = useState(0);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);

  const load = async (): Promise<void> => {
    const found: Waiting[] = [];
    let nobodys = 0;
    let cursor = '0';
    do {
      const reply = await get<{ results: Waiting[]; unregistered: string[]; cursor: string }>(`${cellPath(cell)}/results/waiting?cursor=${cursor}&count=${pageMax}`);
      if (!reply.ok) return setProblem(reply.problem);
      found.push(...reply.value.results);
      nobodys += reply.value.unregistered.length;
      ({ cursor } = reply.value);
    } while (cursor !== '0' && found.length < pageMax);
    setProblem(undefined);
    setRows(found.sort((a, b) => a.testedAt - b.testedAt));
    setUnregistered(nobodys);
  };
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), 10_000);
    return () => clearInterval(timer);
  }, []);

  const release = async ({ tube, accession, run }: Waiting): Promise<void> => {
    if (!recorder) return;
    const which = { tube, accession, run };
    let reply = await recorder.take('releaseResult', which);
    // What contradicts another result needs two who look.
    if (!reply.ok && reply.problem.word === 'second_person_needed') {
      const second = await askSecond(words.release);
      if (!second) return;
      reply = await recorder.take('releaseResult', { ...which, secondBy: second.account }, second);
    }
    if (!reply.ok) return setProblem(reply.problem);
    await load();
  };

  return (
    <>
      {problem ? <ProblemNote problem={problem} /> : null}
      {unregistered > 0 ? <p>{say(words.unregistered, { n: unregistered })}</p> : null}
      <p class="quiet">{recorder ? say(words.signedIn, { account: recorder.by() ?? '' }) : <a href="/lab?office"><Text of={words.reviewerOnly} plain /></a>}</p>
      <Table caption={words.heldTitle} empty={rows ? common.nothingHere : common.loading} rows={rows ?? []} rowKey={({ tube, accession, run }) => `${tube} ${accession} ${run}`} columns={[
        { head: words.tube, cell: (row) => <>{row.tube}<br /><small class="quiet">{row.accession} · {row.run}</small></> },
        { head: words.result, cell: (row) => <b>{say(resultWords[row.result])}</b> },
        { head: words.why, cell: (row) => (row.why ? say(waitWords[row.why]) : '') },
        { head: words.by, cell: (row) => row.by },
        { head: words.testedAt, cell: (row) => dayAndClock(row.testedAt) },
        { head: words.release, cell: (row) => (recorder && row.state === 'held' ? <Button words={words.release} tone="stop" onPress={() => void release(row)} /> : null) },
      ]} />
    </>
  );
}

/** One area's side of the ledger; `home` is '' for tubes no area has told of. */
interface AreaLine { home: string; toReceive: number; toTest: number; toRelease: number }
const rateKept = 'swabline.labRate';

export function Backlog({ cell }: { cell: Cell }) {
  const [areas, setAreas] = useState<AreaLine[] | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [rate, setRate] = useState(localStorage.getItem(rateKept) ?? '');
  useEffect(() => {
    const load = async (): Promise<void> => {
      const reply = await get<{ areas: AreaLine[] }>(`${cellPath(cell)}/laboratory/reconciliation`);
      setProblem(reply.ok ? undefined : reply.problem);
      if (reply.ok) setAreas(reply.value.areas);
    };
    void load();
    const timer = setInterval(() => void load(), 10_000);
    return () => clearInterval(timer);
  }, []);
  const sum = (field: 'toReceive' | 'toTest' | 'toRelease'): number => (areas ?? []).reduce((total, area) => total + area[field], 0);
  const perHour = Number(rate);
  return (
    <>
      {problem ? <ProblemNote problem={problem} /> : null}
      <div class="columns">
        <Tile name={words.toReceive} figure={areas ? sum('toReceive') : '–'} />
        <Tile name={words.toTest} figure={areas ? sum('toTest') : '–'} note={perHour > 0 ? say(words.clearBy, { n: Math.ceil((sum('toTest') / perHour) * 10) / 10 }) : undefined} />
        <Tile name={words.toRelease} figure={areas ? sum('toRelease') : '–'} />
      </div>
      <div class="narrow"><Field label={words.capacity} type="number" inputMode="numeric" value={rate} onInput={(text) => { setRate(text); localStorage.setItem(rateKept, text); }} id="rate" /></div>
      <Table caption={words.backlog} empty={areas ? common.nothingHere : common.loading} rows={areas ?? []} rowKey={({ home }) => home} columns={[
        { head: words.area, cell: (row) => row.home || '–' },
        { head: words.toReceive, number: true, cell: (row) => row.toReceive },
        { head: words.toTest, number: true, cell: (row) => row.toTest },
        { head: words.toRelease, number: true, cell: (row) => row.toRelease },
      ]} />
    </>
  );
}
