// The frame of every page of a table: where it stands and who works here, how safe the records are, what has happened to the device; the
// lock before all of it, and the full red of a device that cannot save before everything.

import { useComputed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { newerVersion } from '../offline/register.js';
import { NotPaired, type Status } from '../outbox/outbox.js';
import { Button } from '../parts/controls.js';
import { Chip } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { type Phrase, say } from '../words/language.js';
import { clock as clockText } from '../words/time.js';
import { roles } from '../../domain/roles.js';
import { isRevoked, offlineMinutes, started, type Tablet } from './device.js';
import { GiveCopy } from './giveCopy.js';
import { Lock } from './lock.js';
import { pageOf } from './pages.js';
import { Revoked } from './revoked.js';
import './tablet.css';
import { TakeCopy } from './takeCopy.js';
import { audible, openVoice, siren, speak } from './voice.js';
import { words } from './words.js';

/** Chosen for the page by what has become of the start; `roles`: what a device may be paired as to work here. */
export function Tablets({ title, may, children }: { title: Phrase; may: readonly string[]; children: (tablet: Tablet) => ComponentChildren }) {
  const start = started.value;
  useEffect(() => { document.title = `${say(title)} · Swabline`; });
  if (start.state === 'cannotSave') return <CannotSave full={start.fault.full} onTry={() => location.reload()} />;
  if (start.state === 'ready') {
    const { role } = start.tablet.place.value;
    if (may.includes(role)) return <>{children(start.tablet)}</>;
    const name: Phrase = Object.hasOwn(roles, role) ? roles[role as keyof typeof roles] : { zh: role, en: role };
    return <Notice of={words.otherRole} values={{ role: say(name) }} to={pageOf(role)} link={words.toItsPage} />;
  }
  if (start.state === 'unpaired') return <Notice of={words.notPaired} next={words.notPairedNext} to="/pair" link={words.toPair} />;
  return <main class="notice"><h1><Text of={words.starting} /></h1></main>;
}

function Notice({ of, values, next, to, link }: { of: Phrase; values?: Readonly<Record<string, string>>; next?: Phrase; to: string; link: Phrase }) {
  return (
    <main class="notice">
      <h1><Text of={of} {...(values ? { values } : {})} /></h1>
      {next ? <p><Text of={next} /></p> : null}
      <p><a class="button info glove" href={to}><Text of={link} /></a></p>
    </main>
  );
}

interface FrameProps {
  tablet: Tablet;
  title: Phrase;
  /** The table, as people call it. */
  place: string;
  rehearsal?: boolean;
  children: ComponentChildren;
  footer?: ComponentChildren;
  /** Beside the chip. */
  state?: ComponentChildren;
}

export function TabletFrame({ tablet, title, place, rehearsal = false, children, footer, state }: FrameProps) {
  const { status, clock, staff, locked } = tablet;
  useEffect(() => { document.title = `${say(title)} · Swabline`; });
  useEffect(() => { openVoice(); }, []);
  const { state: how, fault, toFix } = status.value;
  const revoked = isRevoked(tablet);
  const card = staff.value;
  return (
    <>
      <div class={`page full tablet${rehearsal ? ' rehearsal' : ''}`} inert={how === 'saveFailed' || locked.value !== undefined || revoked}>
        <header class="top">
          <h1>{say(title)}</h1>
          <span class="place" lang="zh-CN">{place}</span>
          <span class={card ? 'who' : 'who quiet'}>{card ? say(words.staff, { tail: card.slice(-4) }) : say(words.noStaff)}</span>
          {rehearsal ? <Chip tone="caution">{say(words.rehearsal)}</Chip> : null}
          <span class="spread" />
          {state}
          {toFix > 0 ? <Chip tone="stop">{say(words.toFix, { n: toFix })}</Chip> : null}
          <StatusChip tablet={tablet} />
          <b class="clock">{clockText(clock.value)}</b>
        </header>
        <Banner tablet={tablet} />
        {audible.value ? null : <button type="button" class="banner info sound" onClick={(event) => event.currentTarget.blur()}><Text of={words.tapForSound} /></button>}
        {/* Names stand on it, and on a tablet that may be in other hands nobody is to read them, nor to press a key of the page. */}
        <main>{revoked ? null : children}</main>
        {footer && !revoked ? <footer class="actions">{footer}</footer> : null}
      </div>
      {revoked ? <Revoked tablet={tablet} /> : null}
      {locked.value === undefined ? <CopyView tablet={tablet} /> : null}
      {locked.value ? <Lock tablet={tablet} /> : null}
      {how === 'saveFailed' ? <CannotSave full={fault?.full ?? false} onTry={() => void tryToSave(tablet)} /> : null}
    </>
  );
}

/** Records on their way to another tablet, or from one: over whatever page it is. */
function CopyView({ tablet }: { tablet: Tablet }) {
  const { view } = tablet.takeOver;
  const close = (): void => { view.value = undefined; };
  if (view.value === 'give') return <GiveCopy tablet={tablet} onClose={close} />;
  return view.value === 'take' ? <TakeCopy tablet={tablet} onClose={close} /> : null;
}

/** Writes something that changes nothing; if the disk takes it, the red goes by itself. */
async function tryToSave({ outbox }: Tablet): Promise<void> {
  const { place } = outbox;
  if (!place) throw new NotPaired('no place');
  await outbox.pair(place).catch(() => undefined);
}

/** Green while the service answers; how long it has not, and how much waits, otherwise. Never an error word: offline is a way to work. */
export function StatusChip({ tablet: { status, clock } }: { tablet: Tablet }) {
  const { state, waiting, copies } = status.value;
  const minutes = offlineMinutes(status.value, clock.value);
  const shown = { n: minutes ?? 0 };
  const late = (minutes ?? 0) >= 10 || waiting >= 100;
  useSpokenOnce(late && state === 'offline');
  if (state === 'online') {
    return (
      <>
        <Chip tone="ok">{say(words.online)}</Chip>
        <span class="waiting">{waiting > 0 ? say(words.waiting, { n: waiting }) : say(words.allSent)}{copies === 1 ? <small class="quiet"> · {say(words.oneCopy)}</small> : null}</span>
      </>
    );
  }
  return (
    <>
      <Chip tone={late ? 'caution' : 'offline'}>{say(words.offlineFor, shown)}</Chip>
      <span class="waiting">{say(words.waiting, { n: waiting })} · {say(words.savedHere)}</span>
    </>
  );
}

function useSpokenOnce(now: boolean): void {
  const before = useRef(false);
  useEffect(() => {
    if (now && !before.current) speak('lixian');
    before.current = now;
  }, [now]);
}

const bannerOf = (status: Status, minutes: number | undefined): Phrase | undefined => {
  if (status.state === 'pairAgain') return words.pairAgain;
  if (status.state === 'secondTab') return words.secondTab;
  return (minutes ?? 0) >= 60 ? words.longOffline : undefined;
};

function Banner({ tablet: { status, clock } }: { tablet: Tablet }) {
  const says = useComputed(() => bannerOf(status.value, offlineMinutes(status.value, clock.value))).value;
  if (!says) return newerVersion.value ? <div class="banner" role="status"><Text of={words.newerVersion} plain /></div> : null;
  const pair = says === words.pairAgain;
  return <div class="banner caution" role="status">⚠ <Text of={says} />{pair ? <a class="button" href="/pair"><Text of={words.toPair} plain /></a> : null}</div>;
}

/** Nothing may look done on a device that cannot save: all red, and an alarm until somebody has heard it. */
function CannotSave({ full, onTry }: { full: boolean; onTry: () => void }) {
  const button = useRef<HTMLDivElement>(null);
  useEffect(() => {
    siren(true);
    button.current?.querySelector('button')?.focus();
    return () => siren(false);
  }, []);
  return (
    <div class="cannotsave" role="alertdialog" aria-modal="true" aria-label={say(words.cannotSave)}>
      <div class="symbol" aria-hidden="true">✕</div>
      <h2><Text of={words.cannotSave} /></h2>
      <p>{full ? <><Text of={words.cannotSaveFull} plain />. </> : null}<Text of={words.cannotSaveWhy} /></p>
      <div class="row" ref={button}>
        <Button words={words.silence} glove hotkey="Escape" onPress={() => siren(false)} />
        <Button words={words.trySave} glove onPress={onTry} />
      </div>
    </div>
  );
}

