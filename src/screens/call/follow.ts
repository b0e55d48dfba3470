// The board of a site, followed: a snapshot, then what has changed. What is shown stays when the line is gone, and gets old.

import { signal, type Signal } from '@preact/signals';
import { cellPath } from '../door/http.js';

export interface Call {
  number: string;
  station: string;
  at: number;
  again: boolean;
}

export interface Board {
  name: string;
  state: string;
  /** Newest first. */
  calls: Call[];
  waiting: number;
  minutes: number | null;
}

interface Message extends Partial<Board> {
  kind: 'snapshot' | 'change' | 'waiting';
  position?: string;
  dataEpoch?: string;
}

export interface Followed {
  board: Signal<Board | undefined>;
  /** When the service was last heard, by this screen's clock; 0: never. */
  heardAt: Signal<number>;
}

const retryMs = [500, 1000, 2000, 4000] as const;

/** `called` hears every call that was not on the board before, oldest first; those that stand there at the start were made already. */
export function followBoard(cell: { round: string; area: string }, site: string | undefined, called: (call: Call) => void): Followed {
  const board = signal<Board | undefined>(undefined);
  const heardAt = signal(0);
  let failures = 0;
  const key = ({ number, station, at }: Call): string => `${number} ${station} ${at}`;

  function take(message: Message): void {
    heardAt.value = Date.now();
    if (message.kind === 'waiting') return;
    const before = board.value;
    const { name, state, calls, waiting, minutes } = message;
    const changed = { ...(name === undefined ? {} : { name }), ...(state === undefined ? {} : { state }), ...(calls === undefined ? {} : { calls }), ...(waiting === undefined ? {} : { waiting }), ...(minutes === undefined ? {} : { minutes }) };
    const now = { name: '', state: 'closed', calls: [], waiting: 0, minutes: null, ...before, ...changed };
    board.value = now;
    if (!before || !calls) return;
    const known = new Set(before.calls.map(key));
    for (const call of [...calls].reverse()) if (!known.has(key(call))) called(call);
  }

  function open(): void {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${cellPath(cell)}/board/live${site === undefined ? '' : `?site=${encodeURIComponent(site)}`}`);
    socket.onmessage = ({ data }) => {
      failures = 0;
      take(JSON.parse(String(data)) as Message);
    };
    socket.onclose = () => setTimeout(open, (retryMs[Math.min(failures++, retryMs.length - 1)] ?? 4000) * (0.75 + Math.random() / 2));
  }
  open();
  return { board, heardAt };
}
