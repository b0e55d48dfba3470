// Plays the answers' sounds and shakes the tablet.
//
//   const sounds = openSounds();
//   sounds.subscribe((ready) => show or hide the bar "tap for sound");    browsers play nothing before a key or a touch; a scan is a key
//   sounds.play('ok');   sounds.play('siren');   sounds.silence();
//
// `window.__sounds` holds the names of what was played, in order, for tests. What could not be heard is not in it.

import { type Pattern, patterns, type SoundId } from './patterns.js';

export interface Sounds {
  /** Can it be heard now? */
  readonly ready: boolean;
  play(id: SoundId): void;
  /** Ends the siren. */
  silence(): void;
  /** 0 to 1. */
  volume(level: number): void;
  subscribe(hear: (ready: boolean) => void): () => void;
  /** What clips are played through. */
  readonly context: AudioContext | undefined;
  readonly output: AudioNode | undefined;
  /** Writes a name into the list that tests read. */
  note(name: string): void;
  close(): void;
}

export interface SoundOptions {
  /** Makes what plays; undefined where the browser has none. */
  context?: () => AudioContext | undefined;
  vibrate?: (pattern: number[]) => unknown;
  /** Where gestures are heard. */
  target?: EventTarget;
}

/** A sound that comes later than this after its reason says nothing any more. */
const lateMs = 400;
const gestures = ['keydown', 'pointerdown', 'touchend'] as const;

export function openSounds({
  context: make = () => (typeof AudioContext === 'undefined' ? undefined : new AudioContext({ latencyHint: 'interactive' })),
  vibrate = (pattern) => globalThis.navigator?.vibrate?.(pattern), target = globalThis.window,
}: SoundOptions = {}): Sounds {
  const context = make();
  const output = context?.createGain();
  const listeners = new Set<(ready: boolean) => void>();
  const played: string[] = [];
  (globalThis as { __sounds?: string[] }).__sounds = played;
  let siren: ReturnType<typeof setInterval> | undefined;
  /** What is to be heard as soon as the browser allows it. */
  let wanted: { id: SoundId; at: number } | undefined;
  if (context && output) output.connect(context.destination);

  const ready = (): boolean => context?.state === 'running';

  function unlock(): void {
    if (context && !ready()) void context.resume().catch(() => undefined);
  }
  function stateChanged(): void {
    for (const hear of listeners) hear(ready());
    if (ready() && wanted && performance.now() - wanted.at < lateMs) sound(wanted.id);
    if (ready()) wanted = undefined;
  }

  function sound(id: SoundId): void {
    if (!context || !output) return;
    const { tones }: Pattern = patterns[id];
    const begin = context.currentTime + 0.005;
    for (const { at, ms, hz, wave } of tones) {
      const [from, to] = [begin + at / 1000, begin + (at + ms) / 1000];
      const [tone, level] = [context.createOscillator(), context.createGain()];
      tone.type = wave;
      tone.frequency.value = hz;
      // A square wave is as loud as four sines; edges without a slope click.
      const loud = wave === 'square' ? 0.25 : 0.9;
      level.gain.setValueAtTime(0, from);
      level.gain.linearRampToValueAtTime(loud, from + 0.005);
      level.gain.setValueAtTime(loud, Math.max(from + 0.005, to - 0.01));
      level.gain.linearRampToValueAtTime(0, to);
      tone.connect(level).connect(output);
      tone.start(from);
      tone.stop(to + 0.02);
    }
    played.push(id);
  }

  function once(id: SoundId): void {
    const { vibrate: shake }: Pattern = patterns[id];
    if (shake.length > 0) vibrate([...shake]);
    if (ready()) sound(id);
    else {
      // The key that asks for it is often the first one, and allows it a moment later.
      wanted = { id, at: performance.now() };
      unlock();
    }
  }

  for (const gesture of gestures) target?.addEventListener(gesture, unlock, { capture: true });
  context?.addEventListener('statechange', stateChanged);
  // Kiosks are allowed to play at once, but begin suspended all the same.
  unlock();

  return {
    get ready() { return ready(); },
    context, output,
    play(id) {
      const { everyMs }: Pattern = patterns[id];
      once(id);
      if (everyMs === undefined) return;
      clearInterval(siren);
      siren = setInterval(() => once(id), everyMs);
    },
    silence() {
      clearInterval(siren);
      siren = undefined;
      vibrate([]);
    },
    volume(level) {
      if (output) output.gain.value = Math.min(1, Math.max(0, level));
    },
    subscribe(hear) {
      listeners.add(hear);
      hear(ready());
      return () => listeners.delete(hear);
    },
    note: (name) => { played.push(name); },
    close() {
      clearInterval(siren);
      for (const gesture of gestures) target?.removeEventListener(gesture, unlock, { capture: true });
      context?.removeEventListener('statechange', stateChanged);
      void context?.close().catch(() => undefined);
    },
  };
}
