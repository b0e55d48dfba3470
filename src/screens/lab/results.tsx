// Results by hand: scan or type a tube, choose what was found. A clean negative leaves at once; anything else needs two people.

import { useEffect, useState } from 'preact/hooks';
import type { TestResult } from '../../domain/reasons.js';
import { testResults } from '../../domain/reasons.js';
import { cellPath, get, type Problem } from '../door/http.js';
import { Button, Field } from '../parts/controls.js';
import { ProblemNote, Table } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { inBoth, say, type Phrase } from '../words/language.js';
import { clock } from '../words/time.js';
import type { Recorder } from './recorder.js';
import { resultWords, words } from './words.js';

interface Cell { round: string; area: string }
interface IntakeTold { tube: string; state: string; accession: string; swabs: number; result?: TestResult }
interface Done { tube: string; result: TestResult; at: number; became: Phrase }

const runKept = 'swabline.labRun';

/** What has become of a result, by the events that followed. */
function becameOf(events: readonly { event: string }[], result: TestResult): Phrase {
  if (events.some(({ event }) => event === 'result.released')) return inBoth(words.recorded, { result: say(resultWords[result]) });
  if (events.some(({ event }) => event === 'result.held')) return words.heldNow;
  return words.parkedNow;
}

export function Results({ cell, recorder, scanned }: { cell: Cell; recorder: Recorder; scanned: { code: string; turn: number } | undefined }) {
  const [tube, setTube] = useState('');
  const [told, setTold] = useState<IntakeTold | undefined>(undefined);
  const [accession, setAccession] = useState('');
  const [run, setRun] = useState(localStorage.getItem(runKept) ?? '');
  const [second, setSecond] = useState('');
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [missing, setMissing] = useState(false);
  const [done, setDone] = useState<Done[]>([]);

  useEffect(() => { if (scanned) setTube(scanned.code); }, [scanned?.turn]);
  useEffect(() => {
    setTold(undefined);
    setAccession('');
    if (!/^[0-9A-Z]{8,20}$/.test(tube)) return undefined;
    let gone = false;
    void get<IntakeTold>(`${cellPath(cell)}/intakes/${tube}`).then((reply) => {
      if (gone || !reply.ok) return;
      setTold(reply.value);
      setAccession(reply.value.accession);
    });
    return () => { gone = true; };
  }, [tube]);

  const record = async (result: TestResult): Promise<void> => {
    setMissing(run.trim() === '');
    if (run.trim() === '' || tube === '') return;
    localStorage.setItem(runKept, run.trim());
    const body = { tube, accession: accession.trim() || tube, run: run.trim(), result, testedAt: Date.now(), ...(second.trim() && result !== 'negative' ? { secondBy: second.trim() } : {}) };
    const reply = await recorder.take('recordResult', body);
    setProblem(reply.ok ? undefined : reply.problem);
    if (!reply.ok) return;
    setDone([{ tube, result, at: Date.now(), became: becameOf(reply.value.events, result) }, ...done].slice(0, 20));
    setTube('');
    setSecond('');
  };

  return (
    <div class="columns entry">
      <section>
        <p class="lead"><Text of={words.scanTube} /></p>
        {problem ? <ProblemNote problem={problem} /> : null}
        <div class="resultform">
          <Field label={words.run} hint={words.runHint} value={run} onInput={setRun} id="run" maxLength={40} error={missing ? say(words.runMissing) : undefined} />
          <Field label={words.tube} hint={told ? inBoth(words.swabs, { n: told.swabs }) : words.tubeHint} value={tube} onInput={(text) => setTube(text.toUpperCase().replace(/\s/g, ''))} id="tube" maxLength={20} />
          <Field label={words.accession} hint={words.accessionHint} value={accession} onInput={setAccession} id="accession" maxLength={40} />
          <Field label={words.second} hint={words.secondHint} value={second} onInput={setSecond} id="second" maxLength={32} />
        </div>
        {told?.result ? <p class="quiet">{say(words.hasResult, { result: say(resultWords[told.result]) })}</p> : null}
        <div class="row">
          {testResults.map((result, i) => (
            <Button key={result} words={resultWords[result]} glove tone={result === 'negative' ? 'ok' : result === 'positive' ? 'stop' : 'caution'} hotkey={`F${i + 9}`} disabled={tube === ''} onPress={() => void record(result)} />
          ))}
        </div>
      </section>
      <Table caption={words.recent} rows={done} rowKey={({ tube: code, at }) => `${code} ${at}`} columns={[
        { head: words.tube, cell: (row) => row.tube },
        { head: words.result, cell: (row) => say(resultWords[row.result]) },
        { head: words.why, cell: (row) => <>{say(row.became)} <small class="quiet">{clock(row.at)}</small></> },
      ]} />
    </div>
  );
}
