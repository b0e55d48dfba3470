// The paper form for when nothing else works: a place for the tube's label, and a line for each person.

import { useEffect, useState } from 'preact/hooks';
import type { CellName } from '../../../domain/requests.js';
import type { RoundRules } from '../../../domain/roundRules.js';
import { cellPath, get } from '../../door/http.js';
import { Button, Field, Form } from '../../parts/controls.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { opened } from '../here.js';
import { Paper, Preview, printPaper } from './paper.js';
import { formWords as words, words as print } from './words.js';

const both = ({ zh, en }: { zh: string; en: string }, values: Record<string, string | number> = {}): string => `${zh} ${en}`.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

export function Forms({ cell }: { cell: CellName }) {
  const [count, setCount] = useState('10');
  const [size, setSize] = useState(10);
  const [wrong, setWrong] = useState(false);
  useEffect(() => { void get<{ rules: RoundRules }>(cellPath(cell)).then((reply) => { if (reply.ok) setSize(reply.value.rules.poolSizes?.normal ?? 10); }); }, [cell.round, cell.area]);
  const n = Number(count);
  const good = Number.isInteger(n) && n >= 1 && n <= 200;
  return (
    <>
      <Form onSend={() => { setWrong(!good); if (good) printPaper(); }}>
        <Field label={words.count} value={count} onInput={setCount} inputMode="numeric" error={wrong && !good ? say(words.countForm) : undefined} id="form-count" />
        <Button words={print.print} values={{ n: good ? n : 0 }} tone="info" submit onPress={() => undefined} id="form-print" />
      </Form>
      <h3><Text of={print.preview} /></h3>
      <Preview name={say(print.preview)}><OneForm cell={cell} size={size} /></Preview>
      {good ? <Paper kind="a4">{Array.from({ length: n }, (_, i) => <OneForm key={i} cell={cell} size={size} />)}</Paper> : null}
    </>
  );
}

/** Twenty in a tube need two forms' worth of lines: then they are lower, so that one tube stays one form. */
function OneForm({ cell, size }: { cell: CellName; size: number }) {
  return (
    <div class={`sheet paperform${size > 10 ? ' dense' : ''}`}>
      {opened.value?.rehearsal ? <div class="watermark">演练</div> : null}
      <div class="head">
        <div>
          <h1>{both(words.title)}</h1>
          <p>{cell.round} / {cell.area} · {opened.value?.name}</p>
          <p>{both(words.rule, { n: size })}</p>
        </div>
        <div class="sticker">{both(words.label)}</div>
      </div>
      <div class="signs">{[words.station, words.time, words.sampler].map((one) => <div key={one.en}>{both(one)}</div>)}</div>
      <table>
        <thead><tr><th>{both(words.no)}</th><th>{both(words.document)}</th><th>{both(words.name)}</th></tr></thead>
        <tbody>{Array.from({ length: size }, (_, i) => <tr key={i}><td>{i + 1}</td><td>{Array.from({ length: 18 }, (_, j) => <i key={j} class="box" />)}</td><td /></tr>)}</tbody>
      </table>
    </div>
  );
}
