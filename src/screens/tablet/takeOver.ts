// Unsent records on their way from one tablet to another, as the two of them see it: which of the two screens is open, and what has been
// read so far. A picture of a second copy may come by camera or hand scanner and on any page; it opens the screen by itself.

import { type Signal, signal } from '@preact/signals';
import type { Carried, SecondCopy, TakenIn } from '../outbox/copy.js';
import { collectFrames } from '../outbox/frames.js';
import { SaveFailed } from '../outbox/outbox.js';
import { play } from './voice.js';

export type Reading =
  | { state: 'none' }
  /** `damaged`: the last one was misread. */
  | { state: 'frames'; have: number; total: number; missing: readonly number[]; damaged: boolean }
  | { state: 'taking' }
  | { state: 'done'; taken: TakenIn };

export interface TakeOver {
  /** Which screen is open. */
  readonly view: Signal<'give' | 'take' | undefined>;
  readonly reading: Signal<Reading>;
  readonly carried: Signal<readonly Carried[]>;
  /** A text that a camera or a scanner has read; false: it is no picture of a copy. */
  text(text: string): boolean;
  file(bytes: Uint8Array): Promise<void>;
  /** Reads what is on the disk, for the list of what was carried. */
  look(): Promise<void>;
  /** Begins anew. */
  clear(): void;
}

export function openTakeOver(copy: SecondCopy): TakeOver {
  const view = signal<'give' | 'take' | undefined>(undefined);
  const reading = signal<Reading>({ state: 'none' });
  const carried = signal<readonly Carried[]>([]);
  let collector = collectFrames();

  async function look(): Promise<void> {
    carried.value = await copy.carried();
  }

  async function takeIn(bytes: Uint8Array, live: boolean): Promise<void> {
    reading.value = { state: 'taking' };
    try {
      const taken = await copy.takeIn(bytes, { live });
      reading.value = { state: 'done', taken };
      play(taken.records > 0 ? 'full' : 'wrong');
    } catch (fault) {
      // The frame is red already, and nothing was taken in.
      reading.value = { state: 'none' };
      if (!(fault instanceof SaveFailed)) throw fault;
    }
    await look();
  }

  return {
    view, reading, carried, look,
    text(text) {
      const now = collector.add(text);
      if (now.state === 'other') return false;
      view.value = 'take';
      const before = reading.value;
      if (now.state === 'done') {
        collector = collectFrames();
        void takeIn(now.bytes, true);
      } else if (now.state === 'more') {
        // The other tablet's row goes round; what was read comes again.
        if (before.state !== 'frames' || before.have !== now.have || before.damaged) reading.value = { ...now, state: 'frames', damaged: false };
        play(before.state === 'frames' && before.have === now.have ? 'tick' : 'opened');
      } else {
        const frames = before.state === 'frames' ? before : { have: 0, total: 0, missing: [] };
        reading.value = { ...frames, state: 'frames', damaged: true };
        play('unreadable');
      }
      return true;
    },
    file: (bytes) => takeIn(bytes, false),
    clear() {
      collector = collectFrames();
      reading.value = { state: 'none' };
    },
  };
}
