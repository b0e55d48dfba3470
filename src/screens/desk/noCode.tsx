// Somebody at the desk without a code: found by document or by name among those on this tablet.

import { useEffect, useState } from 'preact/hooks';
import { documentProblems, judgeDocument } from '../../domain/documents.js';
import { Button, Field, Form } from '../parts/controls.js';
import { Dialog } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import type { Found, People } from '../station/people.js';
import { words as station } from '../station/words.js';
import { say } from '../words/language.js';
import type { Desk } from './work.js';
import { words } from './words.js';

export function NoCodeSearch({ desk, people, onClose }: { desk: Desk; people: People; onClose: () => void }) {
  const [number, setNumber] = useState('');
  const [name, setName] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const [found, setFound] = useState<Found | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    if (name.trim() === '') setFound(undefined);
    else void people.byName(name, '').then((is) => { if (!gone) setFound(is); });
    return () => { gone = true; };
  }, [name]);
  const send = async (): Promise<void> => {
    const judged = judgeDocument({ number });
    setError(judged.ok ? undefined : say(documentProblems[judged.problem]));
    if (!judged.ok) return;
    const person = await people.byDocument(number);
    onClose();
    if (person) void desk.guest(person);
    else desk.tell({ row: 'notListed' });
  };
  return (
    <Dialog title={words.noCode} onClose={onClose}>
      <div class="gloved">
        <Form onSend={() => void send()}>
          <Field label={station.documentNumber} value={number} onInput={setNumber} error={error} autofocus id="document" maxLength={40} />
          <Button words={station.find} tone="info" glove submit onPress={() => undefined} />
        </Form>
        <Field label={station.name} hint={station.nameHint} value={name} onInput={setName} id="name" maxLength={40} />
        <ul class="found">
          {found?.people.map(({ person }) => (
            <li key={person.resident}><button type="button" class="button glove" onClick={() => { onClose(); void desk.guest(person); }}><span class="name" lang="zh-CN">{person.name}</span> · <span lang="zh-CN">{person.village}</span></button></li>
          ))}
        </ul>
        {found && found.people.length === 0 ? <p role="status"><Text of={station.nobodyFound} /></p> : null}
      </div>
    </Dialog>
  );
}
