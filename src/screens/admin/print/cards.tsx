// Residents' cards, a village at a time: the code, a name masked or in full, where they live. Full names are a look at personal data like
// any other: with a reason, on record before anything is shown, by the way of the export.

import { useEffect, useState } from 'preact/hooks';
import { spacedCode } from '../../../domain/codes.js';
import type { CellName } from '../../../domain/requests.js';
import { cellPath, get, post, type Problem } from '../../door/http.js';
import { Button, Checkbox, Form, Select } from '../../parts/controls.js';
import { ProblemNote, Progress } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { Said, useWork } from '../arrive.js';
import { mayLook, opened } from '../here.js';
import { Paper, Preview, printPaper } from './paper.js';
import { QrCode } from '../../parts/qr.js';
import { useRecording } from './recorded.js';
import { runsOf } from './runs.js';
import { cardWords as words, words as print } from './words.js';

/** The household's number on the record is no door that anybody knows; the door as it is written comes with the full names only. */
type Row = [resident: number, code: string, name: string, village: string, household: number, door?: string];
const reasons = ['identity_check', 'contact', 'other'] as const;
const perPage = 24;

/** The cells of a line of the export (CSV). */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain ?? '').replace(/^'/, ''));
}

/** Full names and doors as they are written, by resident, from the export; its first two lines say who asked and name the columns. */
export function namesIn(csv: string): Map<number, { name: string; door: string }> {
  const names = new Map<number, { name: string; door: string }>();
  for (const line of csv.split(/\r?\n/)) {
    const [number = '', name = '', , , , door = ''] = cellsOf(line);
    if (/^\d+$/.test(number)) names.set(Number(number), { name, door });
  }
  return names;
}

export function Cards({ cell }: { cell: CellName }) {
  const [villages, setVillages] = useState<{ village: string; ordinal: number }[]>([]);
  const [total, setTotal] = useState(0);
  const [village, setVillage] = useState('');
  const [full, setFull] = useState(false);
  const [reason, setReason] = useState<(typeof reasons)[number]>('identity_check');
  const [rows, setRows] = useState<Row[] | undefined>(undefined);
  const [going, setGoing] = useState<{ done: number; of: number } | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [done, setDone] = useState(false);
  const recording = useRecording(cell);
  const { run } = useWork();
  useEffect(() => {
    void get<{ residents: number; villages: { village: string; ordinal: number }[] }>(cellPath(cell)).then((reply) => {
      if (!reply.ok) return setProblem(reply.problem);
      setVillages(reply.value.villages);
      setTotal(reply.value.residents);
      setVillage(reply.value.villages[0]?.village ?? '');
    });
  }, [cell.round, cell.area]);

  const load = (): void => run(async () => {
    setDone(false);
    setProblem(undefined);
    const list: Row[] = [];
    for (let from = 1; from > 0; ) {
      setGoing({ done: from - 1, of: total });
      const reply = await post<{ total: number; next: number; codes: Row[] }>(`${cellPath(cell)}/residents/codes`, { from, count: 2000 }, { patience: 60_000 });
      if (!reply.ok) {
        setGoing(undefined);
        return setProblem(reply.problem);
      }
      list.push(...reply.value.codes.filter((row) => village === '' || row[3] === village));
      from = reply.value.next;
    }
    const names = full ? await fullNames() : undefined;
    setGoing(undefined);
    if (full && !names) return;
    setRows((names ? list.map(([resident, code, name, village, household]): Row => [resident, code, names.get(resident)?.name ?? name, village, household, names.get(resident)?.door ?? '']) : list).sort((a, b) => a[4] - b[4] || a[0] - b[0]));
  });

  async function fullNames(): Promise<ReturnType<typeof namesIn> | undefined> {
    const response = await fetch(`${cellPath(cell)}/residents/export`, { method: 'POST', headers: { 'x-swabline': '1', 'content-type': 'application/json' }, body: JSON.stringify({ who: 'all', format: 'csv', reason }), cache: 'no-store' }).catch(() => undefined);
    if (response?.ok) return namesIn(await response.text());
    const value: unknown = await response?.json().catch(() => undefined);
    if (typeof value === 'object' && value !== null && 'word' in value) setProblem(value as Problem);
    return undefined;
  }

  const pages = rows ? Array.from({ length: Math.ceil(rows.length / perPage) }, (_, i) => rows.slice(i * perPage, (i + 1) * perPage)) : [];
  return (
    <>
      {problem ? <ProblemNote problem={problem} /> : null}
      {recording.problem ? <ProblemNote problem={recording.problem} /> : null}
      {done ? <Said><Text of={print.ready} plain /></Said> : null}
      <Form onSend={load}>
        <div class="columns">
          <Select label={words.village} value={village} onChoose={(one) => { setVillage(one); setRows(undefined); }} id="card-village" choices={[
            ...villages.map((one) => ({ value: one.village, words: { zh: one.village, en: one.village }, name: true })),
            ...(total > 0 && total <= 2000 ? [{ value: '', words: { zh: words.all.zh.replace('{n}', String(total)), en: words.all.en.replace('{n}', String(total)) } }] : []),
          ]} />
          {mayLook('export') ? <Checkbox label={words.full} hint={words.fullHint} checked={full} onCheck={(checked) => { setFull(checked); setRows(undefined); }} /> : null}
          {full ? <Select label={words.fullReason} value={reason} onChoose={setReason} choices={reasons.map((one) => ({ value: one, words: words[one] }))} id="card-reason" /> : null}
        </div>
        <Button words={words.load} tone={rows ? 'plain' : 'info'} submit onPress={() => undefined} id="card-load" />
      </Form>
      {going ? <Progress label={words.loading} value={going.done} max={going.of} /> : null}
      {rows && rows.length === 0 ? <p role="status"><Text of={words.none} /></p> : null}
      {rows && rows.length > 0 ? (
        <>
          <p role="status"><b><Text of={words.pages} values={{ n: rows.length, pages: pages.length }} plain /></b></p>
          <div class="row gap"><Button words={print.print} values={{ n: rows.length }} tone="info" id="card-print" onPress={() => run(() => recording.record(runsOf(rows.map(([resident]) => resident)).map((stretch) => ({ kind: 'resident' as const, ...stretch })), () => { setDone(true); printPaper(); }))} /></div>
          <h3><Text of={print.preview} /></h3>
          <Preview name={say(print.preview)}>{rows.slice(0, 6).map((row) => <Card key={row[0]} row={row} />)}</Preview>
          <Paper kind="a4">{pages.map((page) => <div key={page[0]?.[0]} class="cardpage">{page.map((row) => <Card key={row[0]} row={row} />)}</div>)}</Paper>
        </>
      ) : null}
      {recording.dialog}
    </>
  );
}

function Card({ row: [, code, name, village, , door] }: { row: Row }) {
  return (
    <div class="card62">
      <QrCode text={code} />
      <div class="who">{name}</div>
      <div class="where">{village}{door ? ` · ${door}` : ''}</div>
      <div class="digits">{spacedCode(code)}</div>
      {opened.value?.rehearsal ? <div class="drill">{print.rehearsal.zh}</div> : null}
    </div>
  );
}
