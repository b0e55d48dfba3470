// Ranges of printed numbers: reserved by a step, shown with what of them is used, unused and printed.

import { useEffect, useState } from 'preact/hooks';
import { codeKinds, type reprintReasons } from '../../../domain/reasons.js';
import type { CellName } from '../../../domain/requests.js';
import type { RoundRules } from '../../../domain/roundRules.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import { Button, Field, Form, Select } from '../../parts/controls.js';
import { ProblemNote, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { dayAndClock } from '../../words/time.js';
import { useWork } from '../arrive.js';
import { mayStep, stepsOf } from '../here.js';
import { rangeWords as words, words as print } from './words.js';

export type Kind = (typeof codeKinds)[number];
export interface Range {
  kind: Kind;
  first: number;
  last: number;
  count: number;
  firstCode: string;
  lastCode: string;
  holder: string;
  used: number | null;
  unused: number | null;
  printed: number;
}
interface Sum { kind: Kind; numbers: number; labels: number; reprints: number }
interface Run { run: number; kind: Kind; first: number; last: number; copies: number; again: number; reason?: (typeof reprintReasons)[number]; at: number; by: string }

export async function loadRanges(cell: CellName): Promise<{ ranges: Range[]; printing: Sum[]; problem?: Problem }> {
  const reply = await get<{ ranges: Range[]; printing: Sum[] }>(`${cellPath(cell)}/codes/ranges`);
  return reply.ok ? reply.value : { ranges: [], printing: [], problem: reply.problem };
}

export function Ranges({ cell }: { cell: CellName }) {
  const [{ ranges, printing, problem }, setAll] = useState<Awaited<ReturnType<typeof loadRanges>>>({ ranges: [], printing: [] });
  const [runs, setRuns] = useState<Run[]>([]);
  const [need, setNeed] = useState<{ people: number; size: number } | undefined>(undefined);
  const [kind, setKind] = useState<Kind>('tube');
  const [count, setCount] = useState('');
  const [holder, setHolder] = useState('');
  const [wrong, setWrong] = useState(false);
  const [refused, setRefused] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const load = async (): Promise<void> => {
    setAll(await loadRanges(cell));
    const printed: Run[] = [];
    for (;;) {
      const reply = await get<{ prints: Run[] }>(`${cellPath(cell)}/codes/prints?from=${printed.length + 1}&count=500`);
      if (!reply.ok) break;
      printed.push(...reply.value.prints);
      if (reply.value.prints.length < 500) break;
    }
    setRuns(printed.slice(-200).reverse());
  };
  useEffect(() => {
    void load();
    void get<{ residents: number; rules: RoundRules }>(cellPath(cell)).then((reply) => { if (reply.ok) setNeed({ people: reply.value.residents, size: reply.value.rules.poolSizes?.normal ?? 10 }); });
  }, [cell.round, cell.area]);
  const tubes = need ? Math.ceil(need.people / need.size) : 0;
  const all = Math.ceil(tubes * 1.1);
  const send = (): void => {
    const n = Number(count);
    const bad = !Number.isInteger(n) || n < 1 || n > 1_000_000;
    setWrong(bad);
    if (bad) return;
    run(async () => {
      const reply = await stepsOf(cell).ask('reserveCodes', { kind, count: n, ...(holder.trim() ? { holder: holder.trim() } : {}) });
      setRefused(reply.ok ? undefined : reply.problem);
      if (reply.ok) setCount('');
      await load();
    });
  };
  return (
    <>
      {problem ? <ProblemNote problem={problem} /> : null}
      {refused ? <ProblemNote problem={refused} /> : null}
      {mayStep('reserveCodes') ? (
        <section class="card">
          <h3><Text of={words.reserve} /></h3>
          {need && need.people > 0 ? <p><Text of={words.needed} values={{ ...need, tubes, all }} plain /></p> : null}
          <Form onSend={send}>
            <div class="columns tight">
              <Select label={words.kind} value={kind} onChoose={setKind} choices={(['tube', 'box'] as const).map((one) => ({ value: one as Kind, words: words[one] }))} id="reserve-kind" />
              <Field label={words.count} value={count} onInput={setCount} inputMode="numeric" error={wrong ? say(words.countForm) : undefined} id="reserve-count" />
              <Field label={words.holder} value={holder} onInput={setHolder} maxLength={32} id="reserve-holder" />
            </div>
            <Button words={words.reserve} tone="info" submit onPress={() => undefined} id="reserve-go" />
          </Form>
        </section>
      ) : null}
      <Table caption={words.list} rows={ranges} rowKey={({ kind: of, first }) => `${of} ${first}`} columns={[
        { head: words.kind, cell: ({ kind: of }) => <Text of={words[of]} plain /> },
        { head: words.numbers, cell: ({ first, last }) => `${first} – ${last}` },
        { head: words.codes, cell: ({ firstCode, lastCode }) => `${firstCode} – ${lastCode}` },
        { head: words.forWhom, cell: ({ holder: whom }) => whom },
        { head: words.used, number: true, cell: ({ used }) => used ?? '–' },
        { head: words.unused, number: true, cell: ({ unused }) => unused ?? '–' },
        { head: words.printed, number: true, cell: ({ printed }) => printed },
      ]} />
      <p class="quiet"><Text of={words.counts} plain /></p>
      <p>{say(words.all)}: {printing.filter(({ labels }) => labels > 0).map(({ kind: of, labels, reprints }) => `${say(words[of])} ${labels}${reprints ? ` (${say(words.againCount)} ${reprints})` : ''}`).join(' · ') || '0'}</p>
      <Table caption={words.prints} rows={runs} rowKey={({ run: n }) => n} columns={[
        { head: words.kind, cell: ({ kind: of }) => <Text of={words[of]} plain /> },
        { head: words.numbers, cell: ({ first, last }) => (first === last ? first : `${first} – ${last}`) },
        { head: words.copies, number: true, cell: ({ copies }) => copies },
        { head: words.againCount, cell: ({ again, reason }) => (again > 0 ? `${again}${reason ? ` · ${say(print[reason])}` : ''}` : '') },
        { head: words.by, cell: ({ by }) => by },
        { head: words.at, cell: ({ at }) => dayAndClock(at) },
      ]} />
    </>
  );
}
