// Accounts of people: roles at their places, staff cards, one-time links for passwords. For administrators.

import { useEffect, useState } from 'preact/hooks';
import { makeCode, parseCode, rehearsalSerials, spacedCode } from '../../domain/codes.js';
import { accountRoles, type Held, type Role, roles } from '../../domain/roles.js';
import { ask, get, post, type Problem } from '../door/http.js';
import { Button, Checkbox, ErrorSummary, Field, Form, Select } from '../parts/controls.js';
import { Chip, Dialog, ProblemNote, Table } from '../parts/showing.js';
import { common } from '../words/everywhere.js';
import { say } from '../words/language.js';
import { Text } from '../parts/text.js';
import { words } from './accountsWords.js';
import { Arrive, Said, useWork } from './arrive.js';
import { mayLook } from './here.js';
import { Paper, printPaper } from './print/paper.js';
import { QrCode } from '../parts/qr.js';
import type { Room } from './rooms.js';
import { words as shared } from './words.js';

interface Account {
  account: string;
  state: 'active' | 'locked';
  grants: Held[];
  card: string;
  hasPassword: boolean;
  hasPin: boolean;
}

const nameForm = /^[a-z0-9][a-z0-9._-]{1,22}$/;
const placeForm = /^([A-Za-z0-9][A-Za-z0-9._-]{0,31})?$/;
const nobody: Account = { account: '', state: 'active', grants: [{ role: 'supervisor' }], card: '', hasPassword: false, hasPin: false };

async function everybody(): Promise<{ accounts: Account[]; problem?: Problem }> {
  const accounts: Account[] = [];
  let cursor = '0';
  do {
    const reply = await get<{ cursor: string; accounts: Account[] }>(`/api/accounts?cursor=${cursor}`);
    if (!reply.ok) return { accounts, problem: reply.problem };
    accounts.push(...reply.value.accounts);
    ({ cursor } = reply.value);
  } while (cursor !== '0');
  return { accounts: accounts.sort((a, b) => a.account.localeCompare(b.account)) };
}

/** A number for a new card: drawn, not counted, so that nobody knows another's from their own. The record refuses one that somebody has. */
const drawCard = (): string => makeCode('staff', (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % rehearsalSerials);

const placed = ({ round, area, site }: Held): string => [round, area, site].filter(Boolean).join(' / ');

export function Accounts() {
  const [accounts, setAccounts] = useState<readonly Account[] | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [edited, setEdited] = useState<Account | undefined>(undefined);
  const [link, setLink] = useState<{ account: string; link: string } | undefined>(undefined);
  const [saved, setSaved] = useState('');
  const [onPaper, setOnPaper] = useState<readonly Account[]>([]);
  const { run } = useWork();
  const load = async (): Promise<void> => {
    const found = await everybody();
    setProblem(found.problem);
    setAccounts(found.accounts);
  };
  useEffect(() => { void load(); }, []);
  const renew = (account: string): void => run(async () => {
    const reply = await post<{ link: string }>(`/api/accounts/${account}/link`, {});
    if (reply.ok) setLink({ account, link: reply.value.link });
    else setProblem(reply.problem);
  });

  const withCard = (accounts ?? []).filter(({ card, state }) => card !== '' && state === 'active');
  const print = (of: readonly Account[]): void => {
    setOnPaper(of);
    printPaper();
  };

  return (
    <>
      <Arrive words={words.title} />
      {problem ? <ProblemNote problem={problem} /> : null}
      {saved ? <Said><Text of={shared.saved} plain /> · <span class="name">{saved}</span></Said> : null}
      <div class="row">
        <Button words={words.create} tone="info" onPress={() => setEdited(nobody)} id="new-account" />
        {withCard.length > 0 ? <Button words={words.printCards} values={{ n: withCard.length }} onPress={() => print(withCard)} id="print-staff" /> : null}
      </div>
      {accounts === undefined ? <p role="status"><Text of={common.loading} /></p> : (
        <Table caption={words.list} rows={accounts} rowKey={({ account }) => account} columns={[
          { head: words.account, cell: ({ account }) => <b class="name">{account}</b> },
          { head: words.roles, cell: ({ grants }) => (grants.length === 0 ? say(words.noGrant) : <ul class="plainlist">{grants.map((held) => <li key={`${held.role}${placed(held)}`}>{say(roles[held.role])}{placed(held) ? ` · ${placed(held)}` : ''}</li>)}</ul>) },
          { head: words.state, cell: ({ state }) => <Chip tone={state === 'active' ? 'plain' : 'stop'}>{say(words[state])}</Chip> },
          { head: words.has, cell: ({ hasPassword, hasPin }) => `${hasPassword ? '✓' : '–'} / ${hasPin ? '✓' : '–'}` },
          { head: words.card, cell: ({ card }) => card },
          { head: words.edit, cell: (one) => (
            <div class="row">
              <Button words={words.editOne} values={{ account: one.account }} onPress={() => setEdited(one)} />
              <Button words={words.link} onPress={() => renew(one.account)} />
              {one.card ? <Button words={words.printCard} values={{ account: one.account }} onPress={() => print([one])} /> : null}
            </div>
          ) },
        ]} />
      )}
      {edited ? <Edit of={edited} onClose={() => setEdited(undefined)} onSaved={(account, made) => {
        setEdited(undefined);
        setSaved(account);
        if (made) setLink({ account, link: made });
        void load();
      }} /> : null}
      {onPaper.length > 0 ? (
        <Paper kind="a4">
          <div class="cardpage">{onPaper.map(({ account, card }) => (
            <div key={account} class="card62">
              <QrCode text={card} />
              <div class="who">{account}</div>
              <div class="where">{words.card.zh} {words.card.en}</div>
              <div class="digits">{spacedCode(card)}</div>
            </div>
          ))}</div>
        </Paper>
      ) : null}
      {link ? (
        <Dialog title={words.linkTitle} onClose={() => setLink(undefined)}>
          <p><b class="name">{link.account}</b></p>
          <p><Text of={words.linkFor} /></p>
          <p class="copied" id="link">{link.link}</p>
          <div class="qrbox"><QrCode text={link.link} name={say(words.qr)} /></div>
        </Dialog>
      ) : null}
    </>
  );
}

function Edit({ of, onClose, onSaved }: { of: Account; onClose: () => void; onSaved: (account: string, link: string | undefined) => void }) {
  const fresh = of.account === '';
  const [name, setName] = useState(of.account);
  const [grants, setGrants] = useState<Held[]>(of.grants);
  const [card, setCard] = useState(of.card);
  const [locked, setLocked] = useState(of.state === 'locked');
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [errors, setErrors] = useState<readonly { field: string; text: string }[]>([]);
  const { run } = useWork();
  const change = (i: number, part: Partial<Held>): void => setGrants(grants.map((held, j) => (j === i ? { ...held, ...part } : held)));
  const errorOf = (field: string): string | undefined => errors.find((error) => error.field === field)?.text;

  const send = (): void => {
    const found: { field: string; text: string }[] = [];
    if (!nameForm.test(name)) found.push({ field: 'account-name', text: say(words.nameForm) });
    if (card !== '' && parseCode(card)?.type !== 'staff') found.push({ field: 'account-card', text: say(words.cardForm) });
    grants.forEach((held, i) => { for (const part of ['round', 'area', 'site'] as const) if (!placeForm.test(held[part] ?? '')) found.push({ field: `grant-${part}-${i}`, text: say(words.placeForm) }); });
    setErrors(found);
    if (found.length > 0) return;
    run(async () => {
      const kept = grants.map(({ role, round, area, site }) => ({ role, ...(round ? { round } : {}), ...(area ? { area } : {}), ...(site ? { site } : {}) }));
      // A card that was not changed is not sent: sending it again would be another piece of news on the record.
      const reply = await ask<{ link?: string }>(`/api/accounts/${name}`, { method: 'PUT', body: { grants: kept, state: locked ? 'locked' : 'active', ...(card === of.card ? {} : { card }) } });
      if (reply.ok) onSaved(name, reply.value.link);
      else setProblem(reply.problem);
    });
  };

  return (
    <Dialog title={fresh ? words.create : words.edit} onClose={onClose} actions={null}>
      <ErrorSummary errors={errors} />
      {problem ? <ProblemNote problem={problem} /> : null}
      <Form onSend={send}>
        {fresh ? <Field label={words.name} value={name} onInput={(value) => setName(value.trim())} error={errorOf('account-name')} autofocus id="account-name" /> : <p><b class="name">{of.account}</b></p>}
        {grants.map((held, i) => (
          <fieldset key={`grant-${i}`} class="grant">
            <legend>{say(words.grant, { n: i + 1 })}</legend>
            <Select label={words.roles} value={held.role as string} choices={accountRoles.map((role) => ({ value: role as string, words: roles[role] }))} onChoose={(role) => change(i, { role: role as Role })} id={`grant-role-${i}`} />
            {(['round', 'area', 'site'] as const).map((part) => <Field key={part} label={words[part]} value={held[part] ?? ''} onInput={(value) => change(i, { [part]: value.trim() })} error={errorOf(`grant-${part}-${i}`)} id={`grant-${part}-${i}`} />)}
            <Button words={words.removeGrant} values={{ n: i + 1 }} onPress={() => {
              setGrants(grants.filter((_, j) => j !== i));
              document.getElementById('add-grant')?.focus();
            }} />
          </fieldset>
        ))}
        <div class="row"><Button words={words.addGrant} onPress={() => setGrants([...grants, { role: 'supervisor' }])} id="add-grant" /></div>
        <Field label={words.card} value={card} onInput={(value) => setCard(value.replace(/\s/g, ''))} hint={words.cardHint} error={errorOf('account-card')} id="account-card" />
        <div class="row gap"><Button words={words.newCard} onPress={() => { setCard(drawCard()); document.getElementById('account-card')?.focus(); }} id="new-card" /></div>
        {fresh ? null : <Checkbox label={words.lock} checked={locked} onCheck={setLocked} />}
        <div class="row">
          <Button words={words.save} tone="info" submit onPress={() => undefined} />
          <Button words={common.no} onPress={onClose} />
        </div>
      </Form>
    </Dialog>
  );
}

export const accountsRoom: Room = { name: 'accounts', words: words.title, needs: 'anywhere', may: () => mayLook('accounts', {}), Show: Accounts };
