// What a tablet lets hear: one set of sounds for its pages, and a few recorded sentences. Browsers play nothing before the first touch or
// key; until then a bar says so (frame.tsx), since nobody should rely on a sound that does not come.

import { signal } from '@preact/signals';
import { type Calls, openCalls } from '../sounds/calls.js';
import { loadClip } from '../sounds/clips.js';
import type { SoundId } from '../sounds/patterns.js';
import { openSounds, type Sounds } from '../sounds/sounds.js';

let opened: { sounds: Sounds; calls: Calls } | undefined;

/** False until a touch or a key: nothing is heard. */
export const audible = signal(true);

function voice(): { sounds: Sounds; calls: Calls } {
  if (!opened) {
    const sounds = openSounds();
    opened = { sounds, calls: openCalls({ sounds, load: loadClip }) };
    sounds.subscribe((ready) => { audible.value = ready; });
  }
  return opened;
}

/** Opens it before the first sound is wanted. */
export const openVoice = (): Sounds => voice().sounds;

export const play = (id: SoundId): void => voice().sounds.play(id);

/** Recorded sentences (sounds/clips): take a new tube, close the tube, offline. */
export const speak = (clip: 'huanxinguan' | 'qingfengguan' | 'lixian'): void => voice().calls.say(clip);

/** The alarm of a device that cannot save, until somebody has heard it. */
export function siren(on: boolean): void {
  if (on) voice().sounds.play('siren');
  else voice().sounds.silence();
}
