// Labels for tubes and boxes, 50 x 20 mm: from the browser, or as a file in a label printer's own language.

import { useEffect, useState } from 'preact/hooks';
import { makeCode, spacedCode } from '../../../domain/codes.js';
import type { CellName } from '../../../domain/requests.js';
import type { RoundRules } from '../../../domain/roundRules.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import { Button, Field, Form, Select } from '../../parts/controls.js';
import { ProblemNote } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { Said, useWork } from '../arrive.js';
import { opened } from '../here.js';
import { Bars } from './bars.js';
import { download, Paper, Preview, printPaper } from './paper.js';
import { type Label, tspl, zpl } from './printers.js';
import { loadRanges, type Range } from './ranges.js';
import { useRecording } from './recorded.js';
import { labelWords as words, rangeWords, words as print } from './words.js';

const atOnceMax = 1000;
const shownMax = 8;

export function Labels({ cell }: { cell: CellName }) {
  const [ranges, setRanges] = useState<Range[] | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [at, setAt] = useState(0);
  const [first, setFirst] = useState('');
  const [last, setLast] = useState('');
  const [copies, setCopies] = useState('1');
  const [size, setSize] = useState('10');
  const [wrong, setWrong] = useState(false);
  const [done, setDone] = useState(false);
  const recording = useRecording(cell);
  const { run } = useWork();
  useEffect(() => {
    void loadRanges(cell).then((found) => {
      setProblem(found.problem);
      const own = found.ranges.filter(({ kind }) => kind !== 'resident');
      setRanges(own);
      choose(own, Math.max(0, own.length - 1));
    });
    void get<{ rules: RoundRules }>(cellPath(cell)).then((reply) => { if (reply.ok) setSize(String(reply.value.rules.poolSizes?.normal ?? 10)); });
  }, [cell.round, cell.area]);

  function choose(list: readonly Range[], i: number): void {
    const range = list[i];
    setAt(i);
    if (!range) return;
    setFirst(String(range.first));
    setLast(String(Math.min(range.last, range.first + 99)));
  }

  const range = ranges?.[at];
  if (ranges && !range) return <p class="problem"><Text of={words.noRange} /></p>;
  if (!range) return problem ? <ProblemNote problem={problem} /> : null;
  const [from, to, times] = [Number(first), Number(last), Number(copies)];
  const good = Number.isInteger(from) && Number.isInteger(to) && from >= range.first && to <= range.last && from <= to && to - from < atOnceMax && Number.isInteger(times) && times >= 1 && times <= 100;
  const labels: Label[] = good ? Array.from({ length: to - from + 1 }, (_, i) => ({ code: makeCode(range.kind, from + i), mark: range.kind === 'box' ? 'BOX' : `x${size}` })) : [];
  const leave = (how: () => void): void => {
    setWrong(!good);
    setDone(false);
    if (!good) return;
    run(() => recording.record([{ kind: range.kind, first: from, last: to, copies: times }], () => { setDone(true); how(); }));
  };
  const name = `labels-${range.kind}-${first}-${last}`;
  return (
    <>
      {recording.problem ? <ProblemNote problem={recording.problem} /> : null}
      {done ? <Said><Text of={print.ready} plain /></Said> : null}
      <Form onSend={() => leave(printPaper)}>
        <div class="columns tight">
          <Select label={words.range} value={String(at)} onChoose={(i) => choose(ranges ?? [], Number(i))} id="label-range"
            choices={(ranges ?? []).map((one, i) => ({ value: String(i), words: { zh: `${rangeWords[one.kind].zh} ${one.first} – ${one.last} ${one.holder}`, en: `${rangeWords[one.kind].en} ${one.first} – ${one.last} ${one.holder}` } }))} />
          <Field label={words.first} value={first} onInput={setFirst} inputMode="numeric" id="label-first" error={wrong && !good ? say(words.notIn, { first: range.first, last: range.last }) : undefined} />
          <Field label={words.last} value={last} onInput={setLast} inputMode="numeric" id="label-last" />
          <Field label={words.copies} value={copies} onInput={setCopies} inputMode="numeric" id="label-copies" />
          {range.kind === 'tube' ? <Select label={words.size} value={size} onChoose={setSize} choices={['1', '5', '10', '20'].map((one) => ({ value: one, words: { zh: one, en: one } }))} id="label-size" /> : null}
        </div>
        <p class="quiet"><Text of={words.driver} plain /></p>
        <div class="row gap">
          <Button words={print.print} values={{ n: labels.length * (good ? times : 0) }} tone="info" submit onPress={() => undefined} id="label-print" />
          <Button words={words.zpl} onPress={() => leave(() => download(`${name}.zpl`, zpl(labels, times)))} id="label-zpl" />
          <Button words={words.tspl} onPress={() => leave(() => download(`${name}.tspl`, tspl(labels, times)))} id="label-tspl" />
        </div>
      </Form>
      {labels.length > 0 ? (
        <>
          <h3><Text of={print.preview} /></h3>
          <Preview name={say(print.preview)}>{labels.slice(0, shownMax).map((label) => <OneLabel key={label.code} {...label} />)}</Preview>
          <Paper kind="label">{labels.flatMap((label) => Array.from({ length: times }, (_, i) => <OneLabel key={`${label.code} ${i}`} {...label} />))}</Paper>
        </>
      ) : null}
      {recording.dialog}
    </>
  );
}

function OneLabel({ code, mark }: Label) {
  return (
    <div class="label">
      <Bars digits={code} />
      <span class="digits">{spacedCode(code)}</span>
      <span class="mark">{mark}</span>
      {opened.value?.rehearsal ? <span class="drill">{print.rehearsal.zh}</span> : null}
    </div>
  );
}
