// The wall's alarm: off unless somebody has switched it on at this screen. A browser that allows no sound before a touch is never taken for
// a quiet hour: the switch then says that it wants to be touched.

import { signal } from '@preact/signals';
import { openSounds, type Sounds } from '../sounds/sounds.js';
import { say } from '../words/language.js';
import { openAlarm } from './alarm.js';
import type { WallCounts } from './reckoning.js';
import { words } from './words.js';

const kept = 'swabline.wall.alarm';
const on = signal(localStorage.getItem(kept) === 'on');
const audible = signal(false);
let sounds: Sounds | undefined;

/** Made when it is first wanted, so that a silent wall holds nothing of it. */
function voice(): Sounds {
  if (!sounds) {
    sounds = openSounds();
    sounds.subscribe((ready) => { audible.value = ready; });
  }
  return sounds;
}
if (on.value) voice();

const heard = openAlarm((what) => { if (on.value) voice().play(what === 'stopped' ? 'wrong' : 'caution'); });
export const alarmFor = (counts: Pick<WallCounts, 'road' | 'stations'>): void => heard(counts, performance.now());

function press(): void {
  // A touch while nothing can be heard is what the browser waits for, and takes nothing away.
  if (on.value && !audible.value) return voice().play('ok');
  on.value = !on.value;
  localStorage.setItem(kept, on.value ? 'on' : 'off');
  if (on.value) voice().play('ok');
}

export function AlarmSwitch() {
  const state = !on.value ? 'off' : audible.value ? 'on' : 'touch';
  return (
    <button type="button" class={`switch alarm ${state}`} data-alarm={state} aria-pressed={on.value} onClick={(event) => { press(); event.currentTarget.blur(); }}>
      <span aria-hidden="true">♪ </span>{say(state === 'off' ? words.alarmOff : state === 'on' ? words.alarmOn : words.alarmTouch)}
    </button>
  );
}
