// The screen for a break. What is under way stays as it is behind it: the open tube, the records, the sending. It opens to a staff card with
// its PIN; while nobody answers, to the card that was in use when it was locked.

import { useState } from 'preact/hooks';
import { parseCode } from '../../domain/codes.js';
import { post, type Problem } from '../door/http.js';
import { Button, Field, Form } from '../parts/controls.js';
import { ProblemNote } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { say } from '../words/language.js';
import type { Tablet } from './device.js';
import { words } from './words.js';

export function Lock({ tablet: { locked, staff, status } }: { tablet: Tablet }) {
  const [who, setWho] = useState('');
  const [pin, setPin] = useState('');
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [wrongCard, setWrongCard] = useState(false);
  const [busy, setBusy] = useState(false);
  const offline = status.value.state !== 'online';
  const by = locked.value?.by;

  const open = (): void => {
    if (parseCode(who.trim())?.type === 'staff') staff.value = who.trim();
    locked.value = undefined;
  };
  const send = async (): Promise<void> => {
    setProblem(undefined);
    setWrongCard(false);
    if (offline) {
      if (by === undefined || who.trim() === by) open();
      else setWrongCard(true);
      return;
    }
    setBusy(true);
    const reply = await post('/api/pin', { who: who.trim(), pin }, { patience: 8000 });
    setBusy(false);
    if (reply.ok) open();
    else setProblem(reply.problem);
  };

  return (
    <div class="lock" role="dialog" aria-modal="true" aria-label={say(words.locked)}>
      <h2><Text of={words.locked} /></h2>
      <p><Text of={offline ? words.lockedOffline : words.lockedHint} /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      {wrongCard ? <p class="problem" role="alert"><Text of={words.unlockOther} /></p> : null}
      <Form onSend={() => void send()}>
        {/* As a password field it keeps input methods away from what a scanner types. */}
        <Field label={words.who} value={who} onInput={setWho} type="password" autocomplete="off" inputMode="text" autofocus id="lock-who" />
        {offline ? null : <Field label={words.pin} value={pin} onInput={setPin} type="password" inputMode="numeric" autocomplete="off" maxLength={6} id="lock-pin" />}
        <Button words={words.unlock} tone="info" glove submit disabled={busy} onPress={() => undefined} />
      </Form>
    </div>
  );
}
