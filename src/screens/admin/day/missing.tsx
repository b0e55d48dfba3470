// Who is expected and has not been sampled: by village, then door by door with masked names; provisional while devices are silent.

import { useState } from 'preact/hooks';
import { cellPath } from '../../door/http.js';
import { Button } from '../../parts/controls.js';
import { Chip, ProblemNote, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { common } from '../../words/everywhere.js';
import { say } from '../../words/language.js';
import { Arrive } from '../arrive.js';
import { mayStep } from '../here.js';
import type { RoomProps } from '../rooms.js';
import { Excusing } from './acts.js';
import { useReading } from './reading.js';
import { words } from './words.js';

interface Sums { villages: { village: number; name: string; missing: number }[]; total: number; provisional: { devices: number; records: number; silent: number } | null }
interface Page extends Sums { households: { household: number; residents: { resident: number; person?: { name: string; phone?: string } }[] }[]; next: number | null }

export function Missing({ cell }: RoomProps) {
  const path = cellPath(cell);
  const [village, setVillage] = useState<number | undefined>(undefined);
  const [from, setFrom] = useState(1);
  const [excusing, setExcusing] = useState<number | undefined>(undefined);
  const sums = useReading<Sums>(`${path}/missing`);
  const page = useReading<Page>(village === undefined ? undefined : `${path}/missing?village=${village}&from=${from}&many=200`, 15_000);
  const value = sums.value;
  return (
    <>
      <Arrive words={words.missingTitle} quietly>{value ? ` ${value.total.toLocaleString('en')}` : ''}</Arrive>
      {sums.problem ? <ProblemNote problem={sums.problem} /> : null}
      {value?.provisional ? <p><Chip tone="caution">{say(words.provisional, { silent: value.provisional.silent + value.provisional.devices, records: value.provisional.records })}</Chip></p> : null}
      <div class="columns">
        <Table caption={words.village} empty={value ? words.allThere : common.loading} rows={[...(value?.villages ?? [])].filter(({ missing }) => missing > 0).sort((a, b) => b.missing - a.missing)} rowKey={(row) => row.village} columns={[
          { head: words.village, cell: (row) => <span class="name" lang="zh-CN">{row.name}</span> },
          { head: words.count, number: true, cell: (row) => row.missing },
          { head: words.look, cell: (row) => <Button words={words.look} pressed={row.village === village} onPress={() => { setVillage(row.village); setFrom(1); }} /> },
        ]} />
        {page.value ? (
          <section>
            <Table caption={words.people} rows={page.value.households.map((one, i) => ({ ...one, door: i + 1 }))} rowKey={({ household, residents }) => `${household} ${residents[0]?.resident ?? 0}`} columns={[
              // The record knows a door by a number that stands on no door; those of one door stand together.
              { head: words.household, number: true, cell: (row) => (row.household ? row.door : '–') },
              { head: words.people, cell: (row) => <>{row.residents.map(({ resident, person }) => (
                <div key={resident} class="row spaced">
                  <span><span class="name" lang="zh-CN">{person?.name ?? ''} {person?.phone ?? ''}</span> <small class="quiet">{resident}</small></span>
                  {mayStep('excuseResident', cell) ? <Button words={words.excuseOne} values={{ n: resident }} onPress={() => setExcusing(resident)} /> : null}
                </div>
              ))}</> },
            ]} />
            {page.value.next === null ? null : <Button words={words.more} onPress={() => setFrom(page.value?.next ?? 1)} />}
          </section>
        ) : null}
        {page.problem ? <ProblemNote problem={page.problem} /> : null}
      </div>
      {excusing === undefined ? null : <Excusing cell={cell} resident={excusing} onClose={() => setExcusing(undefined)} onDone={() => { void sums.again(); void page.again(); }} />}
    </>
  );
}
