// The second of two people: gives an account or a staff card and a PIN beside whoever is signed in, and by that lets one step happen.
//
//   const second = await askSecond(words.writeOff);            // undefined: they have gone away
//   if (second) await stepsOf(cell).ask('writeOffDevice', { ..., secondBy: second.account }, second);

import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { CellName, StepName } from '../../domain/requests.js';
import { post, type Problem, type Reply } from '../door/http.js';
import type { StepAnswer } from '../door/steps.js';
import { Button, Field, Form } from '../parts/controls.js';
import { Dialog, ProblemNote } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { common } from '../words/everywhere.js';
import type { Phrase } from '../words/language.js';
import { useWork } from './arrive.js';
import { stepsOf } from './here.js';
import { secondWords as words } from './words.js';

export interface Second {
  account: string;
  /** Goes along as the header x-swabline-second. */
  confirmation: string;
}

const asked = signal<{ about: Phrase; values?: Readonly<Record<string, string | number>> | undefined; answer: (second: Second | undefined) => void } | undefined>(undefined);

/** Asks for a second person; `about` is what they confirm, in words. Resolves with undefined when the dialog is closed. */
export function askSecond(about: Phrase, values?: Readonly<Record<string, string | number>>): Promise<Second | undefined> {
  asked.value?.answer(undefined);
  return new Promise((resolve) => {
    asked.value = { about, values, answer: (second) => { asked.value = undefined; resolve(second); } };
  });
}

/** Takes a step; where the record wants a second person, asks for one and takes it again. Undefined: nobody has confirmed. */
export async function takeWithSecond(cell: CellName, step: StepName, body: Readonly<Record<string, unknown>>, about: Phrase, values?: Readonly<Record<string, string | number>>): Promise<Reply<StepAnswer> | undefined> {
  const reply = await stepsOf(cell).ask(step, body);
  if (reply.ok || reply.problem.word !== 'second_person_needed') return reply;
  const second = await askSecond(about, values);
  return second && stepsOf(cell).ask(step, { ...body, secondBy: second.account }, second);
}

/** Stands once in the frame; shows the dialog when a part has asked. */
export function SecondPerson() {
  const { value } = asked;
  return value ? <Confirming key={value.about.en} about={value.about} values={value.values} answer={value.answer} /> : null;
}

function Confirming({ about, values, answer }: { about: Phrase; values: Readonly<Record<string, string | number>> | undefined; answer: (second: Second | undefined) => void }) {
  const [who, setWho] = useState('');
  const [pin, setPin] = useState('');
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const send = (): void => run(async () => {
    const reply = await post<Second>('/api/pin', { who: who.trim().toLowerCase(), pin });
    if (reply.ok) answer(reply.value);
    else {
      setProblem(reply.problem);
      setPin('');
    }
  });
  return (
    <Dialog title={words.title} onClose={() => answer(undefined)} actions={null}>
      <p><b><Text of={about} {...(values ? { values } : {})} /></b></p>
      <p class="quiet"><Text of={words.hint} plain /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Form onSend={send}>
        <Field label={words.who} value={who} onInput={setWho} id="second-who" autofocus />
        <Field label={words.pin} value={pin} onInput={setPin} type="password" inputMode="numeric" maxLength={6} id="second-pin" />
        <div class="row">
          <Button words={words.confirm} tone="info" submit onPress={() => undefined} />
          <Button words={common.no} onPress={() => answer(undefined)} />
        </div>
      </Form>
    </Dialog>
  );
}
