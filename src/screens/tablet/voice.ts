// What a tablet lets hear besides its answers: a sentence now and then, and the alarm of a device that cannot save.

import { language, type Phrase } from '../words/language.js';

let alarm: { stop(): void } | undefined;

/** A rising and falling alarm until it is silenced. A browser that has not been touched yet stays silent; the red does not. */
export function siren(on: boolean): void {
  alarm?.stop();
  alarm = undefined;
  if (!on || typeof AudioContext === 'undefined') return;
  const audio = new AudioContext();
  const [tone, sweep, depth] = [audio.createOscillator(), audio.createOscillator(), audio.createGain()];
  tone.type = 'square';
  tone.frequency.value = 700;
  sweep.frequency.value = 2;
  depth.gain.value = 300;
  sweep.connect(depth).connect(tone.frequency);
  const volume = audio.createGain();
  volume.gain.value = 0.5;
  tone.connect(volume).connect(audio.destination);
  tone.start();
  sweep.start();
  alarm = { stop: () => void audio.close() };
}

/** Says a sentence where the device has a voice for it. */
export function speak(phrase: Phrase): void {
  const synthesis = globalThis.speechSynthesis as SpeechSynthesis | undefined;
  if (!synthesis) return;
  const said = new SpeechSynthesisUtterance(phrase[language.value]);
  said.lang = language.value === 'zh' ? 'zh-CN' : 'en-GB';
  synthesis.speak(said);
}
