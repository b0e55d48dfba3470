// One's own account: PIN, password, roles.

import { useState } from 'preact/hooks';
import { roles } from '../../domain/roles.js';
import { post, type Problem } from '../door/http.js';
import { personBadge } from '../door/session.js';
import { Button, Field, Form } from '../parts/controls.js';
import { ProblemNote, Table } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { common } from '../words/everywhere.js';
import { type Phrase, say } from '../words/language.js';
import { Arrive, Said, useWork } from './arrive.js';
import type { Room } from './rooms.js';
import { ownWords as words } from './words.js';

export function Own() {
  const grants = personBadge()?.grants ?? [];
  return (
    <>
      <Arrive words={words.title} />
      <div class="columns">
        <Secret title={words.pin} about={words.pinFor} path="/api/session/pin" first={['password', words.password]} next={['pin', words.newPin]} done={words.pinSaved} numeric
          wrong={(value) => (/^\d{6}$/.test(value) ? undefined : words.pinForm)} />
        <Secret title={words.change} path="/api/session/password" first={['old', words.old]} next={['password', words.next]} done={words.passwordSaved} wrong={() => undefined} />
      </div>
      <Table caption={words.roles} rows={grants} rowKey={({ role, round, area, site }) => `${role} ${round} ${area} ${site}`} columns={[
        { head: words.role, cell: ({ role }) => <Text of={roles[role]} plain /> },
        { head: words.place, cell: ({ round, area, site }) => [round, area, site].filter(Boolean).join(' / ') || say(words.everywhere) },
      ]} />
    </>
  );
}

interface SecretProps {
  title: Phrase;
  about?: Phrase;
  path: string;
  first: [name: string, label: Phrase];
  next: [name: string, label: Phrase];
  done: Phrase;
  numeric?: boolean;
  wrong: (value: string) => Phrase | undefined;
}

function Secret({ title, about, path, first, next, done, numeric = false, wrong }: SecretProps) {
  const [known, setKnown] = useState('');
  const [wanted, setWanted] = useState('');
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [error, setError] = useState<Phrase | undefined>(undefined);
  const [saved, setSaved] = useState(false);
  const { run } = useWork();
  const send = (): void => {
    const bad = wrong(wanted);
    setError(bad);
    setSaved(false);
    if (bad) return;
    run(async () => {
      const reply = await post(path, { [first[0]]: known, [next[0]]: wanted });
      setProblem(reply.ok ? undefined : reply.problem);
      setSaved(reply.ok);
      if (!reply.ok) return;
      setKnown('');
      setWanted('');
    });
  };
  return (
    <section class="card">
      <h3><Text of={title} /></h3>
      {about ? <p class="quiet"><Text of={about} plain /></p> : null}
      {problem ? <ProblemNote problem={problem} /> : null}
      {saved ? <Said><Text of={done} plain /></Said> : null}
      <Form onSend={send}>
        <Field label={first[1]} value={known} onInput={setKnown} type="password" autocomplete="current-password" id={`own-${first[0]}-${next[0]}`} />
        <Field label={next[1]} value={wanted} onInput={setWanted} type="password" autocomplete={numeric ? 'off' : 'new-password'} error={error && say(error)} id={`own-${next[0]}`} {...(numeric ? { inputMode: 'numeric' as const, maxLength: 6 } : {})} />
        <Button words={common.save} tone="info" submit onPress={() => undefined} />
      </Form>
    </section>
  );
}

export const ownRoom: Room = { name: 'own', words: words.title, needs: 'anywhere', may: () => true, Show: Own };
