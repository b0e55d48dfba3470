// Saying by hand which column of a roster holds what, in the letters the spreadsheet program shows.

import { useState } from 'preact/hooks';
import { Button, Field, Form, Select } from '../../parts/controls.js';
import { Text } from '../../parts/text.js';
import type { ReadingChoice } from './draft.js';
import { fieldWords, rosterWords as words } from './words.js';

const fields = Object.keys(fieldWords) as (keyof typeof fieldWords)[];

export function ByHand({ first, sheets, onCheck }: { first: ReadingChoice; sheets: readonly string[]; onCheck: (choice: ReadingChoice) => void }) {
  const [columns, setColumns] = useState<Record<string, string>>({ ...first.mapping?.columns });
  const [headingRow, setHeadingRow] = useState(String(first.mapping?.headingRow ?? 1));
  const [village, setVillage] = useState(first.village ?? '');
  const [sheet, setSheet] = useState(first.sheet ?? sheets[0] ?? '');
  const send = (): void => {
    const given = Object.fromEntries(Object.entries(columns).map(([field, letters]) => [field, letters.trim().toUpperCase()] as const).filter(([, letters]) => letters !== ''));
    onCheck({
      ...(sheet ? { sheet } : {}), ...(village.trim() ? { village: village.trim() } : {}),
      ...(Object.keys(given).length > 0 ? { mapping: { headingRow: Number.isInteger(Number(headingRow)) ? Math.max(0, Number(headingRow)) : 1, columns: given } } : {}),
    });
  };
  return (
    <section class="card" id="byhand">
      <h3><Text of={words.mapTitle} /></h3>
      <p class="quiet"><Text of={words.mapHint} plain /></p>
      <Form onSend={send}>
        <div class="columns tight">
          {sheets.length > 1 ? <Select label={words.sheet} value={sheet} choices={sheets.map((name) => ({ value: name, words: { zh: name, en: name }, name: true }))} onChoose={setSheet} id="byhand-sheet" /> : null}
          <Field label={words.headingRow} value={headingRow} onInput={setHeadingRow} inputMode="numeric" id="byhand-row" />
          {fields.map((field) => <Field key={field} label={fieldWords[field]} value={columns[field] ?? ''} onInput={(letters) => setColumns({ ...columns, [field]: letters })} maxLength={3} id={`byhand-${field}`} />)}
          <Field label={words.oneVillage} value={village} onInput={setVillage} maxLength={60} id="byhand-only-village" />
        </div>
        <Button words={words.checkAgain} tone="info" submit onPress={() => undefined} />
      </Form>
    </section>
  );
}
