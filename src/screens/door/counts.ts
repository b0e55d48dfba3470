// The live counts of a cell: a snapshot, then changes as JSON merge patches (RFC 7396), resumed by position after a cut. What is shown stays
// and gets older when the line is gone; it never becomes wrong.

import { signal, type Signal } from '@preact/signals';
import { cellPath } from './http.js';

/** Counts as `src/live/counts.ts` describes them; screens read what they show. */
export type CountsTree = Record<string, unknown>;

interface Message {
  kind: 'snapshot' | 'change' | 'waiting';
  position?: string;
  dataEpoch?: string;
  at?: number;
  age?: number;
  counts?: CountsTree;
  patch?: CountsTree;
}

export interface Watched<Counts> {
  counts: Signal<Counts | undefined>;
  /** When the counts were last known to be complete, by this screen's clock (ms); 0: never. */
  freshAt: Signal<number>;
  /** The cell's clock when the last message was made. */
  at: Signal<number>;
  stop(): void;
}

export function merged(into: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = typeof into === 'object' && into !== null && !Array.isArray(into) ? { ...(into as object) } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

/** The service says something every second: a line that is silent for so long is dead, though nobody has closed it. */
const silentMs = 6000;
const retryMs = [500, 1000, 2000, 4000, 8000] as const;

export function watchCounts<Counts>(cell: { round: string; area: string }): Watched<Counts> {
  const counts = signal<Counts | undefined>(undefined);
  const freshAt = signal(0);
  const at = signal(0);
  let position: string | undefined;
  let epoch: string | undefined;
  let socket: WebSocket | undefined;
  let failures = 0;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    const asked = position !== undefined && epoch !== undefined ? `?after=${encodeURIComponent(position)}&epoch=${encodeURIComponent(epoch)}` : '';
    const line = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${cellPath(cell)}/live${asked}`);
    socket = line;
    let watch = setTimeout(over, silentMs * 2);
    line.onmessage = ({ data }) => {
      clearTimeout(watch);
      watch = setTimeout(over, silentMs);
      const message = JSON.parse(String(data)) as Message;
      failures = 0;
      if (message.kind === 'waiting') return;
      if (message.kind === 'snapshot') {
        counts.value = message.counts as Counts;
        epoch = message.dataEpoch;
      } else if (message.patch) {
        counts.value = merged(counts.value, message.patch) as Counts;
      }
      position = message.position ?? position;
      at.value = message.at ?? at.value;
      freshAt.value = Date.now() - (message.age ?? 0);
    };
    line.onclose = over;
    function over(): void {
      clearTimeout(watch);
      [line.onmessage, line.onclose] = [null, null];
      line.close();
      if (stopped) return;
      timer = setTimeout(open, (retryMs[Math.min(failures++, retryMs.length - 1)] ?? 8000) * (0.75 + Math.random() / 2));
    }
  }
  open();
  return {
    counts, freshAt, at,
    stop() {
      stopped = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
