// The answer to the last scan: most of the screen, in colour, symbol and words, read aloud by assistive technology as it changes.

import { Button } from '../parts/controls.js';
import { Text } from '../parts/text.js';
import { language } from '../words/language.js';
import { clock } from '../words/time.js';
import { answers, type Row } from './answers.js';
import type { Person } from './decide.js';
import { hintOf, phraseOf } from './phrase.js';
import type { Shown } from './work.js';
import { words } from './words.js';

/** Masked name and village, as they are on the list. */
export function Who({ person }: { person: Person }) {
  const known = [person.name, person.village].filter(Boolean).join(' · ');
  return known ? <span class="name" lang="zh-CN">{known}</span> : <span><Text of={words.unlistedPerson} plain /> {person.resident.startsWith('#') ? '' : person.resident}</span>;
}

const afterPerson = new Set(['counted', 'single', 'again', 'unlisted', 'otherVillage', 'excused', 'full']);

export function AnswerPanel({ shown, onNotThem, onOpenStation }: { shown: Shown; onNotThem: () => void; onOpenStation: () => void }) {
  const row: Row = answers[shown.row];
  const { person, taken, values } = shown;
  const place = taken && [taken.at > 0 ? clock(taken.at) : '', taken.station ?? '', taken.tube ? `...${taken.tube.slice(-4)}` : ''].filter(Boolean).join(' · ');
  const hint = hintOf(shown);
  const title = phraseOf(shown);
  const closed = shown.row === 'refused' && (values?.['word'] === 'station_not_open' || values?.['word'] === 'station_unknown');
  const pressed = afterPerson.has(shown.row) || closed;
  return (
    <section class={`panel answer ${row.tone}${row.edge ? ` edge-${row.edge}` : ''}${pressed ? ' pressed' : ''}`} data-answer={shown.row} data-turn={shown.turn}>
      {/* What is read aloud is replaced as a whole, so that the same answer twice is heard twice. */}
      <div class="said" role="status" aria-live="assertive" aria-atomic="true" key={shown.turn}>
        {shown.row === 'start' ? <Drawing /> : <div class="symbol" aria-hidden="true">{row.symbol}</div>}
        <div class={`title${title[language.value].length > 22 ? ' long' : ''}`}><Text of={title} /></div>
        {person ? <div class="about">{shown.row === 'full' ? `${values?.['n'] ?? ''} · ` : ''}<Who person={person} />{place ? ` · ${place}` : ''}</div> : place ? <div class="about">{place}</div> : null}
        {hint ? <div class="detail"><Text of={hint} /></div> : null}
      </div>
      {afterPerson.has(shown.row) ? <Button words={words.notThem} glove hotkey="F7" symbol="≠" onPress={onNotThem} /> : null}
      {closed ? <Button words={words.stationNotOpen} glove tone="info" onPress={onOpenStation} /> : null}
    </section>
  );
}

/** A tube under a scanner's light. */
function Drawing() {
  return (
    <svg class="drawing" viewBox="0 0 160 120" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="6" stroke-linecap="round" stroke-linejoin="round">
      <path d="M64 14h32M68 14v76a12 12 0 0 0 24 0V14" />
      <path d="M68 62h24" />
      <path d="M14 42v36M26 42v36M134 42v36M146 42v36M40 42v36M120 42v36" />
      <path d="M4 60h152" stroke="#c8102e" stroke-width="4" />
    </svg>
  );
}
