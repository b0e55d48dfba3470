// What there are many of: stations in their place, villages worst first, and what is late or silent, oldest first.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Text } from '../parts/text.js';
import { type Phrase, say } from '../words/language.js';
import { gridFor, inPlace, middlePace, pageOf, shareOf, type StationWord, stationWords, type WallCounts, wordOf, worstFirst } from './reckoning.js';
import { places, words } from './words.js';

const wordsOf: Record<StationWord, Phrase> = {
  working: words.working, slow: words.slow, stalled: words.stalled, silent: words.silent, draining: words.draining, paused: words.paused, closed: words.closedStation,
};

/** The size of an element, kept while the wall is moved to another screen. */
function useSize(): { box: preact.RefObject<HTMLDivElement>; size: { width: number; height: number } } {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 1, height: 1 });
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const look = (): void => setSize({ width: element.clientWidth, height: element.clientHeight });
    look();
    const watch = new ResizeObserver(look);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return { box, size };
}

const letter = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);

export function Stations({ stations, turn }: { stations: WallCounts['stations']; turn: number }) {
  const { box, size } = useSize();
  const all = inPlace(stations);
  const middle = middlePace(all);
  const [em, gap] = [letter(), letter() / 4];
  const longest = Math.max(4, ...all.map(({ code }) => code.length));
  const { columns, rows } = gridFor(all.length, { width: size.width + gap, height: size.height + gap }, { width: (longest * 0.62 + 0.6) * em + gap, height: em * 2.45 + gap });
  const shown = pageOf(all, columns * rows, turn);
  const tally = new Map<StationWord, number>();
  for (const station of all) tally.set(wordOf(station, middle), (tally.get(wordOf(station, middle)) ?? 0) + 1);
  return (
    <section class="part stations">
      <h2>
        <Text of={words.stations} values={{ n: all.length }} plain />
        {stationWords.filter((word) => tally.get(word)).map((word) => <span key={word} class={`tag ${word}`} data-state={word}><Text of={wordsOf[word]} plain /> {tally.get(word)}</span>)}
        {shown.pages > 1 ? <span class="quiet">{say(words.page, { a: shown.page + 1, b: shown.pages })}</span> : null}
      </h2>
      <div class="tiles" ref={box} style={{ gridTemplateColumns: `repeat(${columns}, 1fr)`, gridTemplateRows: `repeat(${rows}, 1fr)` }}>
        {shown.rows.map((station) => {
          const word = wordOf(station, middle);
          const moving = word === 'working' || word === 'slow' || word === 'draining';
          return (
            <div key={station.code} class={`tile ${word}`} data-station={station.code} aria-label={`${station.code} ${say(wordsOf[word])} ${station.perMinute15}`} role="img">
              <b>{station.code}</b>
              <span>{word === 'working' ? '' : say(wordsOf[word])}{moving ? ` ${station.perMinute15.toFixed(1)}` : ''}</span>
            </div>
          );
        })}
      </div>
    </section>
  );
}

const villagesAtOnce = 12;

export function Villages({ villages, turn }: { villages: WallCounts['villages']; turn: number }) {
  const shown = pageOf(worstFirst(villages), villagesAtOnce, turn);
  return (
    <section class="part villages">
      <h2><Text of={words.villages} />{shown.pages > 1 ? <span class="quiet"> {say(words.page, { a: shown.page + 1, b: shown.pages })}</span> : null}</h2>
      <ol>
        {shown.rows.map((village) => {
          const share = shareOf(village);
          return (
            <li key={village.name} data-village={village.name}>
              <span class="name" lang="zh-CN">{village.name}</span>
              <span class="bar"><i style={{ width: `${share * 100}%` }} /></span>
              <b>{Math.floor(share * 100)}%</b>
              <span class="quiet">{village.open.toLocaleString('en')}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Hours and minutes: 4:31. */
const span = (ms: number): string => `${Math.floor(ms / 3_600_000)}:${String(Math.floor(ms / 60_000) % 60).padStart(2, '0')}`;
const latesShown = 4;
const silentShown = 2;

export function Alarms({ counts, at }: { counts: WallCounts; at: number }) {
  const { road, stations, devices, discrepancies, recalls, results, round } = counts;
  return (
    <section class="part alarms">
      <h2><Text of={words.late} />{road.amber + road.red > 0 ? <><span class="tag red" data-figure="red">{road.red}</span><span class="tag amber" data-figure="amber">{road.amber}</span></> : null}</h2>
      <ol class="late">
        {road.oldest.slice(0, latesShown).map(({ tube, station, firstSwabAt, where }) => {
          const age = at - firstSwabAt;
          return (
            <li key={tube} class={age >= round.roadRedMinutes * 60_000 ? 'red' : 'amber'}>
              <span>…{tube.slice(-4)} {stations[station]?.code ?? ''}</span><span>{say(places[where as keyof typeof places] ?? places.sealed)}</span><b>{span(age)}</b>
            </li>
          );
        })}
        {road.oldest.length === 0 ? <li class="none"><span>{say(words.noneLate)}</span></li> : null}
      </ol>
      <dl>
        <div class={devices.silent.length > 0 ? 'amber' : ''}><dt><Text of={words.silentDevices} /></dt><dd data-figure="silent">{devices.silent.length}</dd></div>
      </dl>
      <ol class="silent">
        {devices.silent.slice(0, silentShown).map(({ device, seenAt, missing }) => (
          <li key={device}><span class="device">{device}</span><span>{missing > 0 ? say(words.owes, { n: missing }) : ''}</span><b>{say(words.silentFor, { n: Math.max(0, Math.floor((at - seenAt) / 60_000)) })}</b></li>
        ))}
      </ol>
      <dl class="foot">
        <div class={discrepancies.open > 0 ? 'amber' : ''}><dt><Text of={words.discrepancies} /></dt><dd data-figure="discrepancies">{discrepancies.open}</dd></div>
        <div><dt><Text of={words.recalls} /></dt><dd data-figure="recalls">{recalls.open > 0 ? say(words.ofPeople, { a: recalls.found, b: recalls.people }) : 0}</dd></div>
        <div><dt><Text of={words.positives} /></dt><dd data-figure="positives">{results.positive ?? say(words.fewerThanFive)}</dd></div>
      </dl>
    </section>
  );
}
