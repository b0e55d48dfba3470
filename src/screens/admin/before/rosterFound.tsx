// What the dry run found: faults by row, duplicates as pairs, what is worth a look, and the way to the file of errors.

import type { CellName } from '../../../domain/requests.js';
import { Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { say } from '../../words/language.js';
import { type Checked, errorsOf, type Report } from './rosterJob.js';
import { fieldWords, noteWords, rosterWords as words } from './words.js';

interface FoundProps {
  report: Report;
  outcome: Checked;
  cell: CellName;
  upload: string;
}

export function Found({ report, outcome, cell, upload }: FoundProps) {
  const { faults, sentences, duplicates, columns } = report;
  const notes = Object.entries(outcome.counts.notes);
  return (
    <>
      {outcome.rows.bad > 0 ? (
        <>
          <div class="row gap">
            {(['xlsx', 'csv'] as const).map((format) => <a key={format} class="button plain link" href={errorsOf(cell, upload, format)} download><Text of={format === 'xlsx' ? words.errorsXlsx : words.errorsCsv} /></a>)}
          </div>
          <div id="roster-faults">
            <Table caption={words.faults} rows={faults} rowKey={({ row, column, problem }) => `${row} ${column} ${problem}`} columns={[
              { head: words.row, number: true, cell: ({ row }) => <b>{row}</b> },
              { head: words.column, cell: ({ column, heading }) => <span>{column}{heading ? <> <span class="name">{heading}</span></> : null}</span> },
              { head: words.value, cell: ({ value }) => <span class="name">{value}</span> },
              { head: words.wrong, cell: ({ problem, other }) => <><Text of={sentences[problem] ?? { zh: problem, en: problem }} plain />{other ? ` → ${other}` : ''}</> },
              { head: words.todo, cell: ({ problem }) => { const said = sentences[problem]; return said ? <Text of={{ zh: said.nextZh, en: said.nextEn }} plain /> : null; } },
            ]} />
          </div>
          {faults.length < report.problems.length ? <p><Text of={words.more} values={{ n: faults.length }} /></p> : null}
        </>
      ) : null}
      {duplicates.length > 0 ? (
        <div id="roster-pairs">
          <Table caption={words.pairs} rows={duplicates.slice(0, 500)} rowKey={({ rows }) => rows.join(' ')} columns={[
            { head: words.rows, cell: ({ rows: [a, b] }) => <b>{say(words.pair, { a, b })}</b> },
            { head: words.wrong, cell: ({ problem }) => <Text of={sentences[problem] ?? { zh: problem, en: problem }} plain /> },
          ]} />
        </div>
      ) : null}
      {notes.length > 0 ? (
        <Table caption={words.notes} rows={notes} rowKey={([note]) => note} columns={[
          { head: words.wrong, cell: ([note]) => <Text of={noteWords[note as keyof typeof noteWords] ?? { zh: note, en: note }} plain /> },
          { head: words.count, number: true, cell: ([, n]) => n },
        ]} />
      ) : null}
      <details>
        <summary><Text of={words.columns} /></summary>
        <Table caption={words.columns} rows={columns} rowKey={({ column }) => column} columns={[
          { head: words.column, cell: ({ column }) => <b>{column}</b> },
          { head: words.heading, cell: ({ heading }) => <span class="name">{heading}</span> },
          { head: words.meaning, cell: ({ field }) => { const known = field === null ? words.unused : fieldWords[field as keyof typeof fieldWords]; return known ? <Text of={known} plain /> : field; } },
        ]} />
      </details>
    </>
  );
}
