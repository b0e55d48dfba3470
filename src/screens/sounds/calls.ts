// Calling people by recorded clips: one after the other and never two at once, each call twice. Two calls made together are both heard to
// the end. Until the browser allows sound nothing is lost: the calls wait, the newest first to be dropped when they are too old.
//
//   const calls = openCalls({ sounds, load: loadClip });          clips.ts
//   calls.call('A012', '3');                                       请 A 0 1 2 号 到 3 号台

import type { Sounds } from './sounds.js';

export interface Calls {
  /** Puts a call behind those that wait. */
  call(ticket: string, station: string): void;
  /** Plays clips once, behind those that wait: `say('huanxinguan')`. */
  say(...clips: string[]): void;
  /** The ticket that is being called. */
  readonly now: { ticket: string; station: string } | undefined;
  /** Is anything being said? */
  readonly speaking: boolean;
  readonly waiting: number;
  subscribe(hear: () => void): () => void;
  close(): void;
}

interface Saying {
  clips: readonly string[];
  times: number;
  of?: { ticket: string; station: string };
  at: number;
}

export interface CallOptions {
  sounds: Sounds;
  /** The recording of a clip; undefined where there is none. */
  load(clip: string): Promise<ArrayBuffer | undefined>;
  /** Silence between two clips, and between two sayings (ms). */
  gapMs?: number;
  restMs?: number;
}

/** A call that could not be made for so long is not made any more: the screen shows it, and the desk repeats it. */
const staleMs = 60_000;

/** The clips of a call. What has no sound of its own (a dash in a station's name) is passed over. */
export function clipsOf(ticket: string, station: string): string[] {
  const spelt = (text: string): string[] => [...text.normalize('NFKC').toUpperCase()].filter((letter) => /[0-9A-Z]/.test(letter));
  return ['ding', 'qing', ...spelt(ticket), 'hao', 'dao', ...spelt(station), 'haotai'];
}

export function openCalls({ sounds, load, gapMs = 30, restMs = 500 }: CallOptions): Calls {
  const { context, output } = sounds;
  const recordings = new Map<string, Promise<AudioBuffer | undefined>>();
  const listeners = new Set<() => void>();
  let queue: Saying[] = [];
  let now: Saying | undefined;
  let closed = false;
  /** When what is being said ends. */
  let free = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const told = (): void => { for (const hear of listeners) hear(); };

  function recording(clip: string): Promise<AudioBuffer | undefined> {
    let found = recordings.get(clip);
    if (!found) {
      found = load(clip).then((bytes) => (bytes && context ? context.decodeAudioData(bytes) : undefined)).catch(() => undefined);
      recordings.set(clip, found);
      // What could not be fetched now may be there later.
      void found.then((buffer) => { if (!buffer) recordings.delete(clip); });
    }
    return found;
  }

  async function next(): Promise<void> {
    if (closed || now || !sounds.ready) return;
    queue = queue.filter(({ at }) => performance.now() - at < staleMs);
    now = queue.shift();
    told();
    if (!now) return;
    const buffers = await Promise.all(now.clips.map(recording));
    if (closed || !context || !output) return;
    // By the clock of the sound; the page's own may run ahead of it.
    const begin = Math.max(context.currentTime + 0.02, free);
    let at = begin;
    for (let time = 0; time < now.times; time++) {
      for (const [i, buffer] of buffers.entries()) {
        if (!buffer) continue;
        const source = context.createBufferSource();
        source.buffer = buffer;
        source.connect(output);
        source.start(at);
        sounds.note(`clip:${now.clips[i]}`);
        at += buffer.duration + gapMs / 1000;
      }
      at += restMs / 1000;
    }
    free = at;
    timer = setTimeout(() => {
      now = undefined;
      void next();
    }, (at - context.currentTime) * 1000);
  }

  function add(saying: Saying): void {
    queue.push(saying);
    told();
    void next();
  }

  const stop = sounds.subscribe((ready) => { if (ready) void next(); });
  return {
    call: (ticket, station) => add({ clips: clipsOf(ticket, station), times: 2, of: { ticket, station }, at: performance.now() }),
    say: (...clips) => add({ clips, times: 1, at: performance.now() }),
    get now() { return now?.of; },
    get speaking() { return now !== undefined; },
    get waiting() { return queue.length; },
    subscribe(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    close() {
      closed = true;
      clearTimeout(timer);
      stop();
    },
  };
}
