// Sounds: told apart by count and rhythm, never lost in silence, and calls one after the other.

import t from 'tap';
import { clipsOf, openCalls } from '../../src/screens/sounds/calls.js';
import { type Pattern, patterns, type SoundId } from '../../src/screens/sounds/patterns.js';
import { openSounds } from '../../src/screens/sounds/sounds.js';

interface Heard { what: string; at: number; ms: number }

/** What a browser's audio is made of, silent: it writes down what would be heard, and when. */
function silentContext(state: 'running' | 'suspended' = 'running') {
  const heard: Heard[] = [];
  const node = { connect: (next: unknown) => next, gain: { value: 1, setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined } };
  const context = Object.assign(new EventTarget(), {
    state, destination: node,
    createGain: () => node,
    createOscillator() {
      let from = 0;
      const tone = { ...node, type: 'sine', frequency: { value: 0 }, start: (at: number) => { from = at; }, stop: (at: number) => heard.push({ what: `${tone.frequency.value} ${tone.type}`, at: from * 1000, ms: Math.round((at - from) * 1000 - 20) }) };
      return tone;
    },
    createBufferSource: () => {
      const source = { ...node, buffer: undefined as { duration: number; name: string } | undefined, start: (at: number) => heard.push({ what: source.buffer?.name ?? '', at: at * 1000, ms: (source.buffer?.duration ?? 0) * 1000 }) };
      return source;
    },
    decodeAudioData: async (bytes: ArrayBuffer) => ({ name: new TextDecoder().decode(bytes), duration: 0.01 }),
    async resume() { context.state = 'running'; context.dispatchEvent(new Event('statechange')); },
    async close() { context.state = 'suspended'; },
  });
  Object.defineProperty(context, 'currentTime', { get: () => performance.now() / 1000 });
  return { context: context as unknown as AudioContext & { state: string }, heard };
}

const list = (): string[] => (globalThis as unknown as { __sounds: string[] }).__sounds;

t.test('each answer has a rhythm of its own', (t) => {
  const rhythm = (id: SoundId): string => patterns[id].tones.map(({ at, ms, hz }) => `${at}+${ms}${hz < 500 ? ' low' : ''}`).join(' ');
  const all = Object.keys(patterns) as SoundId[];
  t.equal(new Set(all.map(rhythm)).size, all.length, 'no two are alike, even to who hears no pitch but high and low');
  for (const id of all) {
    const { tones }: Pattern = patterns[id];
    for (const [i, tone] of tones.entries()) t.ok(i === 0 || tone.at >= (tones[i - 1]?.at ?? 0) + (tones[i - 1]?.ms ?? 0), `${id}: one tone after the other`);
  }
  t.same([patterns.ok.vibrate, patterns.opened.vibrate, patterns.caution.vibrate], [[40], [40, 60, 40], [200, 100, 200]]);
  t.end();
});

t.test('a sound is heard and felt, and noted', (t) => {
  const { context, heard } = silentContext();
  const felt: number[][] = [];
  const sounds = openSounds({ context: () => context, vibrate: (pattern) => felt.push(pattern), target: new EventTarget() });
  t.teardown(() => sounds.close());
  sounds.play('caution');
  sounds.play('tick');
  t.same(heard.map(({ what, ms }) => [what, ms]), [['440 triangle', 160], ['440 triangle', 160], ['1200 sine', 30]]);
  t.same(felt, [[200, 100, 200]]);
  t.same(list(), ['caution', 'tick']);
  t.end();
});

t.test('before a key or a touch nothing sounds, the page knows it, and the first scan is heard all the same', async (t) => {
  const { context, heard } = silentContext('suspended');
  const { resume } = context;
  // As browsers do: without a gesture it stays as it is.
  context.resume = () => new Promise(() => undefined);
  const target = new EventTarget();
  const sounds = openSounds({ context: () => context, vibrate: () => undefined, target });
  t.teardown(() => sounds.close());
  const told: boolean[] = [];
  sounds.subscribe((ready) => told.push(ready));
  sounds.play('siren');
  sounds.silence();
  t.same([told, list(), heard], [[false], [], []]);
  context.resume = resume;
  sounds.play('ok');
  target.dispatchEvent(new Event('keydown'));
  await new Promise(setImmediate);
  t.same(told.at(-1), true);
  t.same(list(), ['ok']);
});

t.test('the siren goes on until somebody has seen it', async (t) => {
  const { context } = silentContext();
  const sounds = openSounds({ context: () => context, vibrate: () => undefined, target: new EventTarget() });
  t.teardown(() => sounds.close());
  sounds.play('siren');
  while (list().length < 2) await new Promise((resolve) => setTimeout(resolve, 50));
  sounds.silence();
  t.same([...new Set(list())], ['siren']);
});

t.test('the words of a call', (t) => {
  t.same(clipsOf('A012', '3'), ['ding', 'qing', 'A', '0', '1', '2', 'hao', 'dao', '3', 'haotai']);
  t.same(clipsOf('b7', 'east-12'), ['ding', 'qing', 'B', '7', 'hao', 'dao', 'E', 'A', 'S', 'T', '1', '2', 'haotai']);
  t.end();
});

t.test('two calls at once are both heard to the end, each twice, one after the other', async (t) => {
  const { context, heard } = silentContext();
  const sounds = openSounds({ context: () => context, vibrate: () => undefined, target: new EventTarget() });
  t.teardown(() => sounds.close());
  const calls = openCalls({ sounds, gapMs: 1, restMs: 5, load: async (clip) => (clip === 'Z' ? undefined : new TextEncoder().encode(clip).buffer as ArrayBuffer) });
  t.teardown(() => calls.close());
  const seen: (string | undefined)[] = [];
  const done = new Promise<void>((resolve) => calls.subscribe(() => {
    if (seen.at(-1) !== calls.now?.ticket) seen.push(calls.now?.ticket);
    if (!calls.speaking && calls.waiting === 0) resolve();
  }));
  calls.call('A1', '3');
  calls.call('Z2', '4');
  calls.say('lixian');
  t.equal(calls.waiting, 2);
  await done;
  const [first, second] = [['ding', 'qing', 'A', '1', 'hao', 'dao', '3', 'haotai'], ['ding', 'qing', '2', 'hao', 'dao', '4', 'haotai']];
  t.same(heard.map(({ what }) => what), [...first, ...first, ...second, ...second, 'lixian'], 'a letter without a recording is passed over');
  t.same(seen.slice(0, 2), ['A1', 'Z2']);
  for (const [i, { at }] of heard.entries()) t.ok(i === 0 || at >= (heard[i - 1]?.at ?? 0) + (heard[i - 1]?.ms ?? 0), `never two at once: ${JSON.stringify([heard[i - 1], heard[i]])}`);
  t.same(list().length, heard.length);
});

t.test('calls wait for the sound to be allowed', async (t) => {
  const { context, heard } = silentContext('suspended');
  const { resume } = context;
  context.resume = () => new Promise(() => undefined);
  const target = new EventTarget();
  const sounds = openSounds({ context: () => context, vibrate: () => undefined, target });
  t.teardown(() => sounds.close());
  const calls = openCalls({ sounds, gapMs: 1, restMs: 1, load: async (clip) => new TextEncoder().encode(clip).buffer as ArrayBuffer });
  t.teardown(() => calls.close());
  calls.call('A1', '3');
  t.equal(calls.waiting, 1);
  context.resume = resume;
  target.dispatchEvent(new Event('pointerdown'));
  await new Promise<void>((resolve) => calls.subscribe(() => { if (!calls.speaking) resolve(); }));
  t.equal(heard.length, 16);
});
