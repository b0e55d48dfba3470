// Somebody without a code: by the card reader or the number on their document, by name, or new. Text is typed here and nowhere else, so that
// no input method comes between a scanner and the table.

import { useEffect, useState } from 'preact/hooks';
import { documentProblems, judgeDocument } from '../../domain/documents.js';
import { maskName } from '../../domain/masking.js';
import { Button, ErrorSummary, Field, Form } from '../parts/controls.js';
import { Dialog } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { say } from '../words/language.js';
import { type Person, register } from './decide.js';
import type { Found, People } from './people.js';
import { Who } from './panel.js';
import type { Work } from './work.js';
import { words } from './words.js';

type Way = 'document' | 'name' | 'new';
const ways = [{ way: 'document', words: words.byDocument }, { way: 'name', words: words.byName }, { way: 'new', words: words.newPerson }] as const;

interface NoCodeProps {
  work: Work;
  people: People;
  onClose: () => void;
}

export function NoCode({ work, people, onClose }: NoCodeProps) {
  const [way, go] = useState<Way>('document');
  const [number, setNumber] = useState('');
  const swab = (person: Person): void => {
    onClose();
    void work.scanned(() => ({ kind: 'person', person }), person.resident);
  };
  return (
    <Dialog title={words.noCodeTitle} onClose={onClose}>
      <div class="gloved stack">
        <div class="row">{ways.map((one) => <Button key={one.way} words={one.words} glove pressed={one.way === way} onPress={() => go(one.way)} />)}</div>
        {way === 'document' ? <ByDocument people={people} number={number} setNumber={setNumber} onFound={swab} onNew={() => go('new')} /> : null}
        {way === 'name' ? <ByName people={people} onFound={swab} /> : null}
        {way === 'new' ? <NewPerson work={work} people={people} number={number} onClose={onClose} /> : null}
      </div>
    </Dialog>
  );
}

const wrongDocument = (number: string): string | undefined => {
  const judged = judgeDocument({ number });
  return judged.ok ? undefined : say(documentProblems[judged.problem]);
};

function ByDocument({ people, number, setNumber, onFound, onNew }: { people: People; number: string; setNumber: (number: string) => void; onFound: (person: Person) => void; onNew: () => void }) {
  const [error, setError] = useState<string | undefined>(undefined);
  const [unknown, setUnknown] = useState(false);
  const send = async (): Promise<void> => {
    setUnknown(false);
    const wrong = wrongDocument(number);
    setError(wrong);
    if (wrong) return;
    const found = await people.byDocument(number);
    if (found) onFound(found);
    else setUnknown(true);
  };
  return (
    <Form onSend={() => void send()}>
      <Field label={words.documentNumber} value={number} onInput={setNumber} error={error} autofocus id="document" maxLength={40} />
      {unknown ? <p class="problem" role="alert"><Text of={words.documentUnknown} /></p> : null}
      <div class="row">
        <Button words={words.find} tone="info" glove submit onPress={() => undefined} />
        {unknown ? <Button words={words.registerThem} glove onPress={onNew} /> : null}
      </div>
    </Form>
  );
}

function ByName({ people, onFound }: { people: People; onFound: (person: Person) => void }) {
  const [name, setName] = useState('');
  const [village, setVillage] = useState('');
  const [found, setFound] = useState<Found | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    if (name.trim() === '') setFound(undefined);
    else void people.byName(name, village).then((is) => { if (!gone) setFound(is); });
    return () => { gone = true; };
  }, [name, village]);
  return (
    <>
      <div class="columns">
        <Field label={words.name} hint={words.nameHint} value={name} onInput={setName} autofocus id="name" maxLength={40} />
        <Field label={words.village} value={village} onInput={setVillage} id="village" maxLength={40} />
      </div>
      {found && found.people.length === 0 ? <p role="status"><Text of={words.nobodyFound} /></p> : null}
      <ul class="found">
        {found?.people.map(({ person, document }) => (
          <li key={person.resident}>
            <button type="button" class="button glove" onClick={() => onFound(person)}>
              <Who person={person} /> {document ? <span class="name">{document}</span> : null}{person.sampled ? <b> · <Text of={words.alreadySampled} plain /></b> : null}
            </button>
          </li>
        ))}
      </ul>
      {found && found.more > 0 ? <p class="quiet"><Text of={words.tooMany} values={{ n: found.more }} plain /></p> : null}
    </>
  );
}

function NewPerson({ work, people, number: given, onClose }: { work: Work; people: People; number: string; onClose: () => void }) {
  const [name, setName] = useState('');
  const [village, setVillage] = useState('');
  const [number, setNumber] = useState(given);
  const [phone, setPhone] = useState('');
  const [errors, setErrors] = useState<{ field: string; text: string }[]>([]);
  const errorOf = (field: string): string | undefined => errors.find((one) => one.field === field)?.text;
  const send = (): void => {
    const wrong = number.trim() === '' ? undefined : wrongDocument(number);
    const found = [
      ...(name.trim() === '' ? [{ field: 'new-name', text: say(words.nameNeeded) }] : []),
      ...(village.trim() === '' ? [{ field: 'new-village', text: say(words.villageNeeded) }] : []),
      ...(wrong ? [{ field: 'new-document', text: wrong }] : []),
    ];
    setErrors(found);
    if (found.length > 0) return;
    onClose();
    const entry = {
      name: name.trim(), village: village.trim(),
      ...(number.trim() === '' ? {} : { document: { number: number.trim() } }), ...(phone.trim() === '' ? {} : { phone: phone.trim() }),
    };
    void work.does((at) => register(entry, maskName(entry.name), at));
  };
  return (
    <Form onSend={send}>
      <ErrorSummary errors={errors} />
      <Field label={words.name} value={name} onInput={setName} error={errorOf('new-name')} id="new-name" autofocus maxLength={60} />
      <Field label={words.village} value={village} onInput={setVillage} error={errorOf('new-village')} id="new-village" maxLength={60} list="villages" />
      <datalist id="villages">{people.villages().map((one) => <option key={one} value={one} />)}</datalist>
      <Field label={words.documentNumber} value={number} onInput={setNumber} error={errorOf('new-document')} id="new-document" maxLength={40} />
      <Field label={words.phone} value={phone} onInput={setPhone} id="new-phone" inputMode="numeric" maxLength={20} />
      <Button words={words.registerThem} tone="info" glove submit onPress={() => undefined} />
    </Form>
  );
}
