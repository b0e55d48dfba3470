// A list that was copied from a spreadsheet, or a text file: read line by line, put in only as a whole, with every fault named by its line.

import { useState } from 'preact/hooks';
import { Button, Field, FileDrop, Form } from '../../parts/controls.js';
import { Dialog } from '../../parts/showing.js';
import { common } from '../../words/everywhere.js';
import { say } from '../../words/language.js';
import { draft, plan } from './draft.js';
import { placeWords as words } from './placeWords.js';
import { type PasteFault, readSites, readVillages } from './plan.js';

export function Pasting({ what, onClose }: { what: 'sites' | 'villages'; onClose: () => void }) {
  const [text, setText] = useState('');
  const [faults, setFaults] = useState<PasteFault[]>([]);
  const send = (): void => {
    const { sites, villages } = draft.value;
    const read = what === 'sites' ? readSites(text) : readVillages(text, villages, sites);
    setFaults(read.faults);
    if (read.faults.length > 0) return;
    if ('sites' in read) plan({ sites: [...sites.filter(({ site }) => !read.sites.some((one) => one.site === site)), ...read.sites] });
    else plan({ villages: read.villages });
    onClose();
  };
  return (
    <Dialog title={what === 'sites' ? words.pasteSites : words.pasteVillages} onClose={onClose} actions={null}>
      {faults.length > 0 ? <div class="errors" role="alert"><ul>{faults.slice(0, 50).map(({ line, why, value }) => <li key={line}>{say(words.line, { line })}: {say(words[why])}{value ? <> · <span class="name">{value}</span></> : null}</li>)}</ul></div> : null}
      <Form onSend={send}>
        <Field label={words.lines} hint={what === 'sites' ? words.sitesForm : words.villagesForm} value={text} onInput={setText} rows={10} id="pasted" autofocus />
        <FileDrop label={words.fromFile} accept=".csv,.txt,.tsv" onFile={(file) => void file.text().then(setText)} />
        <div class="row gap">
          <Button words={words.take} tone="info" submit onPress={() => undefined} id="paste-take" />
          <Button words={common.no} onPress={onClose} />
        </div>
      </Form>
    </Dialog>
  );
}
