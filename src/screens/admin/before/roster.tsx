// The wizard's second step: a roster is checked as a whole, every fault is shown with the file's own row number, and the good rows go in:
// at once where the round is open, else when it is opened.

import { useEffect, useState } from 'preact/hooks';
import type { CellName } from '../../../domain/requests.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import { Button, FileDrop } from '../../parts/controls.js';
import { ProblemNote, Progress } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { Arrive, Said, useWork } from '../arrive.js';
import { go, opened } from '../here.js';
import { draft, plan, type ReadingChoice } from './draft.js';
import { Found } from './rosterFound.js';
import { ByHand } from './rosterByHand.js';
import { type Checked, ended, importRoster, type Imported, type Outcome, type Progress as Going, type Report, reportOf, sendRoster } from './rosterJob.js';
import { fieldWords, rosterWords as words, setupWords } from './words.js';

const fieldWord = (field: string) => fieldWords[field as keyof typeof fieldWords] ?? { zh: field, en: field };

interface Seen {
  upload: string;
  choice: ReadingChoice;
  outcome: Outcome;
  report: Report | undefined;
}

export function RosterStep({ cell }: { cell: CellName }) {
  const [file, setFile] = useState<File | undefined>(undefined);
  const [needsFile, setNeedsFile] = useState(false);
  const [going, setGoing] = useState<Going | 'waiting' | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | 'failed' | undefined>(undefined);
  const [checked, setChecked] = useState<Seen | undefined>(undefined);
  const [imported, setImported] = useState<{ outcome: Outcome; report: Report | undefined } | undefined>(undefined);
  const [byHand, setByHand] = useState(false);
  const [residents, setResidents] = useState(0);
  const { run } = useWork();
  const isOpen = opened.value !== undefined;
  useEffect(() => { if (isOpen) void get<{ residents: number }>(cellPath(cell)).then((reply) => { if (reply.ok) setResidents(reply.value.residents); }); }, [isOpen, imported]);

  const check = (choice: ReadingChoice): void => {
    setNeedsFile(!file);
    if (!file) {
      document.querySelector<HTMLInputElement>('.filedrop input')?.focus();
      return;
    }
    run(async () => {
      setProblem(undefined);
      setImported(undefined);
      setGoing('waiting');
      const sent = await sendRoster(cell, file, choice);
      const done = sent.ok ? await ended(cell, sent.value.job, (progress) => setGoing(progress ?? 'waiting')) : sent;
      setGoing(undefined);
      if (!sent.ok || !done.ok) return setProblem(sent.ok ? (done as { problem: Problem | 'failed' }).problem : sent.problem);
      const report = done.value.ok ? await reportOf(cell, sent.value.upload) : undefined;
      setChecked({ upload: sent.value.upload, choice, outcome: done.value, report: report?.ok ? report.value : undefined });
      setByHand(!done.value.ok && ['headings_missing', 'heading_needed', 'heading_doubled', 'mapping_wrong', 'sheet_choose', 'sheet_unknown'].includes(done.value.problem));
    });
  };

  const bring = (): void => run(async () => {
    if (!checked) return;
    setProblem(undefined);
    setGoing('waiting');
    const asked = await importRoster(cell, checked.upload, checked.choice);
    const done = asked.ok ? await ended(cell, asked.value.job, (progress) => setGoing(progress ?? 'waiting')) : asked;
    setGoing(undefined);
    if (!done.ok) return setProblem(done.problem);
    const report = await reportOf(cell, checked.upload);
    setImported({ outcome: done.value as Outcome, report: report.ok ? report.value : undefined });
  });

  const keep = (): void => {
    if (!checked?.report || !checked.outcome.ok) return;
    const { good, bad } = checked.outcome.rows;
    const known = new Map(draft.value.villages.map((village) => [village.village, village]));
    // The villages are those of the file; what was already said of one stays.
    const villages = checked.report.villages.map(({ village, good: residents }) => ({ zone: '', team: '', site: '', ...known.get(village), village, residents }));
    plan({ roster: { upload: checked.upload, choice: checked.choice, file: file?.name ?? '', good, bad }, villages: [...villages, ...draft.value.villages.filter(({ village }) => !villages.some((one) => one.village === village)).map((village) => ({ ...village, residents: 0 }))] });
    go({ step: 'places' });
  };

  const kept = isOpen ? undefined : draft.value.roster;
  return (
    <>
      <Arrive words={setupWords.roster} />
      <p><Text of={words.intro} /></p>
      {isOpen && residents > 0 ? <p><b><Text of={words.readonly} values={{ n: residents }} /></b></p> : null}
      {kept ? <Said><span class="name">{say(words.kept, { file: kept.file, n: kept.good })}</span></Said> : null}
      {problem === 'failed' ? <p class="problem" role="alert"><b><Text of={words.failed} /></b></p> : problem ? <ProblemNote problem={problem} /> : null}
      <FileDrop label={words.file} accept=".xlsx,.csv,.txt,.tsv" file={file} onFile={(chosen) => { setFile(chosen); setChecked(undefined); setImported(undefined); setByHand(false); setNeedsFile(false); }} />
      {needsFile ? <p class="problem" role="alert"><b><Text of={words.needFile} /></b></p> : null}
      <div class="row gap">
        <Button words={words.check} tone={checked ? 'plain' : 'info'} onPress={() => check({})} id="roster-check" />
        {isOpen || checked ? null : <Button words={kept ? words.toPlaces : words.skip} onPress={() => go({ step: 'places' })} id="roster-skip" />}
      </div>
      {going ? <Working going={going} /> : null}
      {checked ? <Result checked={checked} imported={imported} isOpen={isOpen} cell={cell} onImport={bring} onKeep={keep} onByHand={() => setByHand(true)} byHand={byHand} /> : null}
      {byHand ? <ByHand first={checked?.choice ?? {}} sheets={checked && !checked.outcome.ok ? (checked.outcome.detail?.sheets ?? []) : []} onCheck={check} /> : null}
    </>
  );
}

function Working({ going }: { going: Going | 'waiting' }) {
  if (going === 'waiting') return <p role="status"><Text of={words.waiting} /></p>;
  if (going.phase === 'reading') return <Progress label={words.reading} value={Math.round(going.share * 100)} max={100} />;
  return <Progress label={words.enrolling} value={going.done} max={going.of ?? 1} />;
}

interface ResultProps {
  checked: Seen;
  imported: { outcome: Outcome; report: Report | undefined } | undefined;
  isOpen: boolean;
  cell: CellName;
  onImport: () => void;
  onKeep: () => void;
  onByHand: () => void;
  byHand: boolean;
}

function Result({ checked: { outcome, report, upload }, imported, isOpen, cell, onImport, onKeep, onByHand, byHand }: ResultProps) {
  if (!outcome.ok) {
    return (
      <section>
        <Arrive key={`${upload} refused`} words={words.refused} />
        <p class="problem" role="alert"><b><Text of={outcome} /></b>{outcome.detail?.missing ? <> {outcome.detail.missing.map((field) => say(fieldWord(field))).join(', ')}</> : null}</p>
      </section>
    );
  }
  const { rows, households, villages } = outcome as Checked;
  return (
    <section>
      <Arrive key={upload} words={words.checked} values={{ in: rows.in, good: rows.good, bad: rows.bad }} />
      <p><Text of={words.byVillage} values={{ villages, households }} /></p>
      {imported ? <After outcome={imported.outcome} report={imported.report} /> : null}
      {rows.good === 0 || imported ? null : (
        <div class="row gap">
          {isOpen
            ? <Button words={rows.bad > 0 ? words.importGood : words.importAll} values={{ n: rows.good }} tone="ok" onPress={onImport} id="roster-import" />
            : <Button words={words.keep} values={{ n: rows.good }} tone="ok" onPress={onKeep} id="roster-keep" />}
        </div>
      )}
      {report ? <Found report={report} outcome={outcome as Checked} cell={cell} upload={upload} /> : null}
      {byHand ? null : <div class="row gap"><Button words={words.mapOpen} onPress={onByHand} id="roster-byhand" /></div>}
    </section>
  );
}

function After({ outcome, report }: { outcome: Outcome; report: Report | undefined }) {
  if (!outcome.ok) return <p class="problem" role="alert"><b><Text of={outcome} /></b></p>;
  const { enrolled, already, differences, nothingNew } = outcome as Imported;
  return (
    <>
      <Said>
        <span id="roster-done"><Text of={nothingNew ? words.nothingNew : words.imported} values={{ enrolled, already }} /></span>
      </Said>
      {differences > 0 ? (
        <details open>
          <summary><Text of={words.differences} values={{ n: differences }} /></summary>
          <ul class="plainlist">{(report?.differences ?? []).slice(0, 200).map(({ row, differs }) => <li key={row}>{say(words.row)} {row}: {differs.map((one) => say(words[one])).join(', ')}</li>)}</ul>
        </details>
      ) : null}
    </>
  );
}
