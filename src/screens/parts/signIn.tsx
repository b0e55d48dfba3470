// Signing in, for screens of people: the command post, the laboratory's reviewer.

import { useState } from 'preact/hooks';
import type { Problem } from '../door/http.js';
import { signIn } from '../door/session.js';
import { common } from '../words/everywhere.js';
import { Button, Field, Form } from './controls.js';
import { Page, ProblemNote } from './showing.js';

export function SignIn() {
  const [account, setAccount] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const reply = await signIn(account.trim().toLowerCase(), password);
    setBusy(false);
    setProblem(reply.ok ? undefined : reply.problem);
  };
  return (
    <Page title={common.signIn}>
      <div class="narrow">
        {problem ? <ProblemNote problem={problem} /> : null}
        <Form onSend={() => void send()}>
          <Field label={common.account} value={account} onInput={setAccount} autocomplete="username" autofocus id="account" />
          <Field label={common.password} value={password} onInput={setPassword} type="password" autocomplete="current-password" id="password" />
          <Button words={common.signIn} tone="info" submit disabled={busy} onPress={() => undefined} />
        </Form>
      </div>
    </Page>
  );
}
