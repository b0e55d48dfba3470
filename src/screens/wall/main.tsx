// The wall: a whole drive on one screen that nobody touches for days. It shows counts only, keeps its numbers when the line is cut and says
// how old they are, and opens itself anew at three at night or when another version is served.

import './night.js';
import { effect, useSignal } from '@preact/signals';
import { type ComponentChildren, render } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { type Watched, watchCounts } from '../door/counts.js';
import { tellWhileShown } from '../door/condition.js';
import { cellPath, get } from '../door/http.js';
import { badges, type Place, whoAmI } from '../door/session.js';
import { LanguageSwitch, ThemeSwitch } from '../parts/controls.js';
import { SignIn } from '../parts/signIn.js';
import { Text } from '../parts/text.js';
import { common } from '../words/everywhere.js';
import { say } from '../words/language.js';
import { clock, clockWithSeconds, zone } from '../words/time.js';
import { alarmFor, AlarmSwitch } from './alarmSwitch.js';
import { Figures } from './figures.js';
import { Alarms, Stations, Villages } from './lists.js';
import { freshnessOf, type History, nextTime, untilThree, type WallCounts } from './reckoning.js';
import './wall.css';
import { words } from './words.js';

interface Cell { round: string; area: string }
interface CellLine extends Cell { name: string; state: string; laboratory?: boolean; rehearsal: boolean }

const asked = new URLSearchParams(location.search);
const historyEveryMs = 5000;
const turnEveryMs = 12_000;
const versionEveryMs = 60_000;
/** The hour by which nobody is to be left, where this wall was told another than the round's. */
const untilKept = 'swabline.wall.until';
if (asked.get('until') !== null) localStorage.setItem(untilKept, asked.get('until') ?? '');

const named = (text: string | null): Cell | undefined => {
  const [round, area, more] = (text ?? '').split(':');
  return round && area && more === undefined ? { round, area } : undefined;
};

/** The cell of the address, else of the badge's place, else the one that is open; several: somebody has to choose. */
function cellOf(lines: readonly CellLine[]): Cell | undefined {
  const held = (badges.value ?? []).flatMap((badge): Place[] => (badge.kind === 'device' ? [badge] : badge.grants));
  const placed = held.find((place): place is Place & Cell => place.round !== undefined && place.area !== undefined);
  const open = lines.filter(({ state, laboratory }) => state === 'open' && !laboratory);
  return named(asked.get('cell')) ?? placed ?? (open.length === 1 ? open[0] : undefined);
}

function Start() {
  const lines = useSignal<CellLine[] | undefined>(undefined);
  const silent = useSignal(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      const who = await whoAmI();
      const found = badges.value?.length ? await get<{ cells: CellLine[] }>('/api/counts') : undefined;
      silent.value = !who.ok && (who.problem.status === 0 || who.problem.status >= 500);
      if (found?.ok) lines.value = found.value.cells;
      if (silent.value || (found?.ok && cellOf(found.value.cells) === undefined)) timer = setTimeout(() => void look(), 5000);
    };
    void look();
    return () => clearTimeout(timer);
  }, [badges.value?.length]);

  if (silent.value) return <Notice><h1><Text of={common.noAnswer} /></h1></Notice>;
  if (badges.value === undefined) return <Notice><h1><Text of={words.connecting} /></h1></Notice>;
  if (badges.value.length === 0) return <><p class="pairing"><Text of={words.pairOrSignIn} /> <a href="/pair"><Text of={words.pairHere} plain /></a></p><SignIn /></>;
  if (lines.value === undefined) return <Notice><h1><Text of={words.connecting} /></h1></Notice>;
  const cell = cellOf(lines.value);
  if (cell) return <Wall cell={cell} />;
  return (
    <Notice>
      <h1><Text of={lines.value.length > 0 ? words.chooseCell : words.noCell} /></h1>
      <ul>{lines.value.map(({ round, area, name }) => <li key={`${round}:${area}`}><a href={`/wall?cell=${round}:${area}`}><span class="name" lang="zh-CN">{name}</span> {round}:{area}</a></li>)}</ul>
    </Notice>
  );
}

const Notice = ({ children }: { children: ComponentChildren }) => <main class="notice">{children}</main>;

interface Shown {
  counts: WallCounts;
  history: History | undefined;
  /** The cell's clock now. */
  at: number;
  age: number;
  turn: number;
}

function Wall({ cell }: { cell: Cell }) {
  const watched = useMemo(() => watchCounts<WallCounts>(cell), [cell.round, cell.area]);
  const history = useSignal<History | undefined>(undefined);
  const now = useSignal(Date.now());
  useEffect(() => {
    const look = async (): Promise<void> => {
      const reply = await get<History>(`${cellPath(cell)}/history`);
      if (reply.ok) history.value = reply.value;
    };
    void look();
    const timers = [setInterval(() => { now.value = Date.now(); }, 1000), setInterval(() => void look(), historyEveryMs)];
    return () => {
      for (const timer of timers) clearInterval(timer);
      watched.stop();
    };
  }, [watched]);

  const counts = watched.counts.value;
  if (!counts) return <Notice><h1><Text of={words.connecting} /></h1></Notice>;
  const age = Math.max(0, now.value - watched.freshAt.value);
  const at = counts.round.rehearsal ? watched.at.value : watched.at.value + age;
  return <Board cell={cell} watched={watched} shown={{ counts, history: history.value, at, age, turn: Math.floor(now.value / turnEveryMs) }} />;
}

function Board({ cell, watched, shown }: { cell: Cell; watched: Watched<WallCounts>; shown: Shown }) {
  const { counts, history, at, age, turn } = shown;
  const { round } = counts;
  const freshness = freshnessOf(age);
  const seconds = Math.floor(age / 1000);
  const until = localStorage.getItem(untilKept) || round.finishBy;
  const target = until ? nextTime(until, round.openedAt, zone.value) : undefined;
  useEffect(() => { alarmFor(counts); }, [counts]);
  useEffect(() => { document.title = `${counts.total.sampled.toLocaleString('en')} · ${round.name}`; }, [counts.total.sampled, round.name]);
  return (
    <div class={`wall ${freshness}${round.rehearsal ? ' rehearsal' : ''}`}>
      <header>
        <h1><span class="name" lang="zh-CN">{round.name}</span> <span class="quiet">{cell.area}</span></h1>
        {round.rehearsal ? <span class="tag amber">{say(common.rehearsal)}</span> : null}
        {round.state === 'closed' ? <span class="tag">{say(words.closed)}</span> : null}
        <span class="spread" />
        <span class={`age ${freshness}`} data-figure="age">
          {freshness === 'lost' ? `${say(words.stale, { time: clock(watched.freshAt.value) })} · ` : ''}{seconds < 120 ? say(words.ageSeconds, { n: seconds }) : say(words.ageMinutes, { n: Math.floor(seconds / 60) })}
        </span>
        <span class="clock">{clockWithSeconds(at)}</span>
        <AlarmSwitch />
        <ThemeSwitch />
        <LanguageSwitch />
      </header>
      <main>
        <Figures counts={counts} history={history} at={at} target={target} />
        <div class="lists">
          <Stations stations={counts.stations} turn={turn} />
          <Villages villages={counts.villages} turn={turn} />
          <Alarms counts={counts} at={at} />
        </div>
      </main>
    </div>
  );
}

/** Opens the page anew when it is no longer the one that is served, and once a night. */
function renewItself(): void {
  let first: string | undefined;
  const look = async (): Promise<void> => {
    try {
      const response = await fetch('/wall', { cache: 'no-store' });
      if (!response.ok) return;
      const served = await response.text();
      first ??= served;
      if (served !== first) location.reload();
    } catch {
      // The service is away; the numbers stay.
    }
  };
  void look();
  setInterval(() => void look(), versionEveryMs);
  // Where the drive is; the service may say so only after the page has begun.
  let night: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    clearTimeout(night);
    night = setTimeout(() => location.reload(), untilThree(Date.now(), zone.value));
  });
}

/** A screen that goes dark shows nothing; where the browser can, it is asked not to. */
async function stayAwake(): Promise<void> {
  try {
    await navigator.wakeLock?.request('screen');
  } catch {
    // Not allowed here: whoever hangs the screen sets it up so.
  }
}

renewItself();
void stayAwake();
tellWhileShown();
document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') void stayAwake(); });
render(<Start />, document.getElementById('screen') as HTMLElement);
