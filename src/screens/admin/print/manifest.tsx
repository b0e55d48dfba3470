// The manifest of a box on paper: what travels with it, for two signatures and a tick beside each tube.

import { useEffect, useState } from 'preact/hooks';
import { spacedCode } from '../../../domain/codes.js';
import type { CellName } from '../../../domain/requests.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import { Button, Form, Select } from '../../parts/controls.js';
import { ProblemNote } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { clock, dayAndClock } from '../../words/time.js';
import { useWork } from '../arrive.js';
import { opened } from '../here.js';
import { Bars } from './bars.js';
import { Paper, Preview, printPaper } from './paper.js';
import { QrCode } from '../../parts/qr.js';
import { manifestWords as words, words as print } from './words.js';

interface BoxLine { box: string; trip: number; state: string; sealedAt: number; tubes?: unknown }
interface Manifest { box: string; trip: number; sealedAt: number; laboratory: string; tubes: number; hash: string; recorded: string; agrees: boolean; text: string }
interface Contents { contents: { tube: string; swabs: number; firstSwabAt: number }[] }
type Full = Manifest & Contents;

/** Rows of a first page, with the box's head and signatures, and of those that follow. */
const firstPage = 22;
const nextPages = 34;

export function Manifests({ cell }: { cell: CellName }) {
  const [boxes, setBoxes] = useState<BoxLine[] | undefined>(undefined);
  const [box, setBox] = useState('');
  const [full, setFull] = useState<Full | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  useEffect(() => {
    void (async () => {
      const found: BoxLine[] = [];
      for (;;) {
        const reply = await get<{ boxes: BoxLine[] }>(`${cellPath(cell)}/boxes?from=${found.length + 1}&count=500`);
        if (!reply.ok) return setProblem(reply.problem);
        found.push(...reply.value.boxes);
        if (reply.value.boxes.length < 500) break;
      }
      // A box that went out twice: the latest trip is the one on its label.
      const latest = new Map(found.filter(({ sealedAt }) => sealedAt > 0).map((one) => [one.box, one]));
      const list = [...latest.values()].sort((a, b) => b.sealedAt - a.sealedAt);
      setBoxes(list);
      setBox(list[0]?.box ?? '');
    })();
  }, [cell.round, cell.area]);
  const load = (): void => run(async () => {
    const [manifest, contents] = await Promise.all([get<Manifest>(`${cellPath(cell)}/boxes/${box}/manifest`), get<Contents>(`${cellPath(cell)}/boxes/${box}`)]);
    if (!manifest.ok) return setProblem(manifest.problem);
    if (!contents.ok) return setProblem(contents.problem);
    setProblem(undefined);
    setFull({ ...manifest.value, contents: [...contents.value.contents].sort((a, b) => a.tube.localeCompare(b.tube)) });
  });
  return (
    <>
      {problem ? <ProblemNote problem={problem} /> : null}
      {boxes && boxes.length === 0 ? <p role="status"><Text of={words.none} /></p> : null}
      {boxes && boxes.length > 0 ? (
        <Form onSend={load}>
          <Select label={words.box} value={box} onChoose={(one) => { setBox(one); setFull(undefined); }} choices={boxes.map((one) => ({ value: one.box, words: { zh: `${one.box} · ${clock(one.sealedAt)}`, en: `${one.box} · ${clock(one.sealedAt)}` } }))} id="manifest-box" />
          <Button words={words.choose} tone={full ? 'plain' : 'info'} submit onPress={() => undefined} id="manifest-show" />
        </Form>
      ) : null}
      {full ? (
        <>
          {full.agrees ? null : <p class="problem" role="alert"><b><Text of={words.differs} /></b></p>}
          <div class="row gap"><Button words={print.print} values={{ n: pagesOf(full).length }} tone="info" onPress={printPaper} id="manifest-print" /></div>
          <Preview name={say(print.preview)}><Pages full={full} only={1} /></Preview>
          <Paper kind="a4"><Pages full={full} /></Paper>
        </>
      ) : null}
    </>
  );
}

function pagesOf({ contents }: Full): Contents['contents'][] {
  const pages = [contents.slice(0, firstPage)];
  for (let at = firstPage; at < contents.length; at += nextPages) pages.push(contents.slice(at, at + nextPages));
  return pages;
}

const both = ({ zh, en }: { zh: string; en: string }, values: Record<string, string | number> = {}): string => `${zh} ${en}`.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

function Pages({ full, only }: { full: Full; only?: number }) {
  const pages = pagesOf(full);
  return (
    <>
      {pages.slice(0, only).map((rows, page) => (
        <div key={rows[0]?.tube ?? page} class="sheet">
          {opened.value?.rehearsal ? <div class="watermark">演练</div> : null}
          <div class="head">
            <div>
              <h1>{both(words.title)}</h1>
              <p class="big">{/^\d{12}$/.test(full.box) ? spacedCode(full.box) : full.box}</p>
              <p><b>{both(words.tubes, { n: full.tubes })}</b> · {both(words.trip, { n: full.trip })}</p>
              {page === 0 ? (
                <>
                  <p>{both(words.sealed)} {dayAndClock(full.sealedAt)} · {both(words.to)} {full.laboratory || '–'}</p>
                  <p>{both(words.hash)} {full.hash}</p>
                  {/^\d{12}$/.test(full.box) ? <div class="codes"><Bars digits={full.box} /></div> : null}
                </>
              ) : null}
            </div>
            {page === 0 ? <QrCode text={full.text} /> : null}
          </div>
          <table>
            <thead><tr><th>#</th><th>{both(words.tube)}</th><th>{both(words.swabs)}</th><th class="tick">{words.tick.zh}</th></tr></thead>
            <tbody>{rows.map(({ tube, swabs }, i) => <tr key={tube}><td>{(page === 0 ? 0 : firstPage + (page - 1) * nextPages) + i + 1}</td><td>{/^\d{12}$/.test(tube) ? spacedCode(tube) : tube}</td><td>{swabs}</td><td /></tr>)}</tbody>
          </table>
          {page === pages.length - 1 ? <div class="signs">{[words.sender, words.courier, words.receiver].map((one) => <div key={one.en}>{both(one)}</div>)}</div> : null}
          <div class="pageno">{both(words.page, { n: page + 1, of: pages.length })}</div>
        </div>
      ))}
    </>
  );
}
