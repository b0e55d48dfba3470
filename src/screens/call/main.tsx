// The calling screen: what those who wait see and hear. Each call is shown large and said twice; two at once are both seen for at least six
// seconds and both heard to the end. Numbers only, never a name.

import { computed, signal } from '@preact/signals';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { tellWhileShown } from '../door/condition.js';
import { badges, deviceBadge, personBadge, whoAmI } from '../door/session.js';
import { keepPages } from '../offline/register.js';
import { openCalls } from '../sounds/calls.js';
import { loadClip } from '../sounds/clips.js';
import { openSounds } from '../sounds/sounds.js';
import { LanguageSwitch, ThemeSwitch } from '../parts/controls.js';
import { Text } from '../parts/text.js';
import { say } from '../words/language.js';
import { clock } from '../words/time.js';
import './call.css';
import { type Call, followBoard, type Followed } from './follow.js';
import { words } from './words.js';

const asked = new URLSearchParams(location.search);
const sounds = openSounds();
const calls = openCalls({ sounds, load: loadClip });
const audible = signal(sounds.ready);
sounds.subscribe((ready) => { audible.value = ready; });
const followed = signal<Followed | undefined>(undefined);
const now = signal(Date.now());
setInterval(() => { now.value = Date.now(); }, 500);

/** Calls that stand large, the newest first, each at least for this long and until another takes its place. */
const shownMs = 6000;
const large = signal<(Call & { since: number })[]>([]);
const staleMs = 10_000;
const stale = computed(() => { const at = followed.value?.heardAt.value ?? 0; return at > 0 && now.value - at > staleMs; });

function called(call: Call): void {
  const since = Date.now();
  const still = large.value.filter((one) => since - one.since < shownMs && one.number !== call.number);
  large.value = [{ ...call, since }, ...still].slice(0, 2);
  calls.call(call.number, call.station);
}

/** Before the first call of this screen: the newest on the board, without a sound. */
const shown = computed(() => {
  if (large.value.length > 0) {
    const fresh = large.value.filter((one, i) => i === 0 || now.value - one.since < shownMs);
    return fresh;
  }
  const [newest] = followed.value?.board.value?.calls ?? [];
  return newest ? [{ ...newest, since: 0 }] : [];
});

function Calling({ board }: { board: NonNullable<Followed['board']['value']> }) {
  const big = shown.value;
  const before = board.calls.filter((call) => !big.some((one) => one.number === call.number && one.at === call.at)).slice(0, 5);
  return (
    <main class={`calling${stale.value ? ' stale' : ''}`}>
      <header><b lang="zh-CN" class="name">{board.name}</b><span class="spread" /><b>{clock(now.value)}</b><ThemeSwitch /><LanguageSwitch /></header>
      <section class={`big n${big.length}`} aria-live="assertive">
        {big.length === 0 ? <p class="none"><Text of={words.nobody} /></p> : big.map((call) => (
          <div key={`${call.number} ${call.at}`} class={call.since > 0 ? 'call flash' : 'call'}>
            <div class="number">{call.number}</div>
            <div class="to"><span class="arrow" aria-hidden="true">➜</span> <Text of={words.to} values={{ station: call.station }} /></div>
          </div>
        ))}
      </section>
      <aside>
        <h2><Text of={words.last} /></h2>
        <ol>{before.map((call) => <li key={`${call.number} ${call.at}`}><b>{call.number}</b><span>➜ {call.station}</span></li>)}</ol>
        <dl>
          <div><dt><Text of={words.waiting} /></dt><dd>{board.waiting}</dd></div>
          <div><dt><Text of={words.minutes} /></dt><dd>{board.minutes === null ? <Text of={words.closed} plain /> : say(words.minutesOf, { n: board.minutes })}</dd></div>
        </dl>
      </aside>
      {stale.value ? <p class="bar caution" role="alert"><Text of={words.stale} /></p> : null}
      {audible.value ? null : <button type="button" class="bar info" onClick={() => undefined}><Text of={words.tapForSound} /></button>}
    </main>
  );
}

function Shown() {
  useEffect(() => { document.title = `${say(words.title)} · Swabline`; });
  const board = followed.value?.board.value;
  if (board) return <Calling board={board} />;
  if (badges.value === undefined || followed.value) return null;
  return <main class="notice"><h1><Text of={deviceBadge() || personBadge() ? words.chooseSite : words.notPaired} /></h1><p><a class="button info" href="/pair"><Text of={words.toPair} plain /></a></p></main>;
}

async function begin(): Promise<void> {
  await whoAmI();
  const device = deviceBadge();
  const [round, area] = (asked.get('cell') ?? '').split(':');
  const cell = round && area ? { round, area } : device?.round && device.area ? { round: device.round, area: device.area } : undefined;
  if (cell) followed.value = followBoard(cell, asked.get('site') ?? device?.site, called);
  void keepPages(() => !calls.speaking);
  tellWhileShown();
}

render(<Shown />, document.getElementById('screen') as HTMLElement);
void begin();
