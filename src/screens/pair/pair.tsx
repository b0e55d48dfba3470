// Pairing: one scan and three taps. The code, the place to confirm, the scanner, the sound, and what is needed to go on without a network.

import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { roles } from '../../domain/roles.js';
import type { Problem } from '../door/http.js';
import { deviceBadge, whoAmI } from '../door/session.js';
import type { Outbox, Place } from '../outbox/outbox.js';
import { Button, Field, Form } from '../parts/controls.js';
import { Page, ProblemNote } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { pageOf } from '../tablet/pages.js';
import { openRoster, type Roster } from '../tablet/roster.js';
import { say } from '../words/language.js';
import { Ready } from './ready.js';
import { codeIn, redeem } from './redeem.js';
import { ScannerStep } from './scannerStep.js';
import { SoundStep } from './soundStep.js';
import { words } from './words.js';

type Step = 'code' | 'place' | 'wrongPlace' | 'scanner' | 'sound' | 'ready';

/** Whether a role works with the list of people. */
const wantsRoster = (role: string): boolean => role === 'station' || role === 'desk' || role === 'supervisor';

const roster = signal<Roster | undefined>(undefined);

export function Pair({ outbox, given }: { outbox: Outbox; given: string | undefined }) {
  const [step, go] = useState<Step>(outbox.place ? 'place' : 'code');
  const [place, setPlace] = useState<Place | undefined>(outbox.place);
  const [fresh, setFresh] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [busy, setBusy] = useState(given !== undefined);
  const [left, setLeft] = useState<{ device: string; n: number } | undefined>(undefined);

  const load = (at: Place): void => {
    if (!wantsRoster(at.role)) return;
    void openRoster(outbox).then((opened) => {
      roster.value?.stop();
      roster.value = opened;
      void opened.fetch().catch(() => undefined);
    });
  };
  const send = async (code: string): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    const before = { device: outbox.place?.device ?? '', n: outbox.status.waiting };
    const reply = await redeem(outbox, code);
    setBusy(false);
    if (!reply.ok) {
      setProblem(reply.problem);
      go('code');
      return;
    }
    if (!reply.place) return location.assign(pageOf(reply.offer.role, reply.offer.site));
    if (before.n > 0 && before.device !== reply.place.device) setLeft(before);
    setPlace(reply.place);
    setFresh(true);
    go('place');
    load(reply.place);
  };

  useEffect(() => {
    if (given !== undefined) void send(given);
    else if (outbox.place) load(outbox.place);
  }, []);

  return (
    <Page title={words.title}>
      <div class="pairing gloved">
        {busy ? <p class="big" role="status"><Text of={words.working} /></p> : null}
        {problem ? <ProblemNote problem={problem} /> : null}
        {left ? <div class="problem" role="status"><Text of={words.otherDevice} values={left} /></div> : null}
        {!busy && (step === 'code' || step === 'wrongPlace') ? <CodeStep outbox={outbox} wrongPlace={step === 'wrongPlace'} onSend={(code) => void send(code)} /> : null}
        {!busy && step === 'place' && place ? (
          <section class="card stack">
            <h2><Text of={fresh ? words.here : words.already} /></h2>
            <PlaceName place={place} />
            <div class="row">
              <Button words={fresh ? words.right : words.again} tone={fresh ? 'ok' : 'plain'} glove onPress={() => { void navigator.storage?.persist?.(); go('scanner'); }} id="right" />
              {fresh ? null : <Button words={words.goOn} tone="ok" glove onPress={() => location.assign(pageOf(place.role))} />}
              <Button words={words.wrong} glove onPress={() => go('wrongPlace')} />
            </div>
          </section>
        ) : null}
        {step === 'scanner' ? <ScannerStep onDone={() => go('sound')} /> : null}
        {step === 'sound' ? <SoundStep onDone={() => go('ready')} /> : null}
        {step === 'ready' && place ? <Ready roster={wantsRoster(place.role) ? roster : undefined} onStart={() => location.assign(pageOf(place.role))} /> : null}
      </div>
    </Page>
  );
}

function PlaceName({ place }: { place: Place }) {
  const role = roles[place.role as keyof typeof roles];
  const site = roster.value?.siteName(place.site) ?? place.site;
  // The names of sites come with the first page of the list.
  void roster.value?.progress.value;
  return (
    <p class="where">
      <b class="name" lang="zh-CN">{[site, place.station].filter(Boolean).join(' · ')}</b>
      <span>{role ? <Text of={role} /> : place.role}</span>
      <small class="quiet">{place.device} · {place.round}/{place.area}</small>
    </p>
  );
}

function CodeStep({ outbox, wrongPlace, onSend }: { outbox: Outbox; wrongPlace: boolean; onSend: (code: string) => void }) {
  const [code, setCode] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  const n = outbox.status.waiting;
  const send = (): void => {
    const plain = codeIn(code);
    if (plain.length < 12) return setError(say(words.codeNeeded));
    setError(undefined);
    onSend(code);
  };
  return (
    <section class="card stack">
      <h2><Text of={wrongPlace ? words.wrongPlace : words.scanCode} /></h2>
      <p><Text of={words.scanHow} /></p>
      {n > 0 ? <p class="quiet"><Text of={words.unsent} values={{ n }} plain /></p> : null}
      <Form onSend={send}>
        <Field label={words.code} value={code} onInput={setCode} error={error} autofocus inputMode="numeric" maxLength={200} id="code" />
        <Button words={words.pair} tone="info" glove submit onPress={() => undefined} />
      </Form>
    </section>
  );
}

/** A device whose storage was cleared is still known by its key. */
export async function adopt(outbox: Outbox): Promise<void> {
  if (outbox.place) return;
  await whoAmI();
  const badge = deviceBadge();
  if (badge?.round && badge.area && badge.role !== 'wall') await outbox.pair({ device: badge.device, role: badge.role, round: badge.round, area: badge.area, site: badge.site, station: badge.station });
}
