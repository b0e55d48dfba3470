// Who has been sampled, and who must have a tube alone, as the service has last told: two bytes a person in memory, kept on the disk for the
// next time the page is opened. A tablet that drops out of the network still knows everybody sampled up to that moment.

import type { Signal } from '@preact/signals';
import { cellPath } from '../door/http.js';
import type { Outbox } from '../outbox/outbox.js';

export interface Live {
  counts: { residents: number; sampled: number; excused: number; waiting: number; called: number };
  /** By a station's ordinal: waiting, called. */
  queue: ReadonlyMap<number, readonly [waiting: number, called: number]>;
  /** The cell's clock when it was told. */
  at: number;
}

export interface SampledMap {
  /** Residents are numbered from 1 to this. */
  readonly total: number;
  sampled(resident: number): boolean;
  /** Undefined: nobody has told yet. */
  marks(resident: number): number | undefined;
  note(resident: number, is: boolean): void;
  /** It was of another roster. */
  forget(): void;
  stop(): void;
}

interface Message {
  kind: 'snapshot' | 'change' | 'waiting';
  position?: string;
  dataEpoch?: string;
  at?: number;
  total?: number;
  bits?: string;
  single?: string;
  deceased?: string;
  excused?: string;
  recalled?: string;
  on?: number[];
  off?: number[];
  marks?: [number, number][];
  counts?: Live['counts'];
  queue?: [number, number, number][];
}

interface Kept {
  of: string;
  position: string;
  dataEpoch: string;
  total: number;
  swabbed: Uint8Array;
  marks: Uint8Array;
}

const retryMs = [1000, 2000, 4000, 8000, 15_000, 30_000] as const;
/** A change waits so long for the disk: what is lost by it is told again. */
const keepMs = 5000;
const bytesOf = (text: string | undefined): Uint8Array => Uint8Array.from(atob(text ?? ''), (character) => character.charCodeAt(0));
const has = (bits: Uint8Array, resident: number): boolean => (((bits[(resident - 1) >> 3] ?? 0) >> ((resident - 1) & 7)) & 1) === 1;

export async function followSampled(outbox: Outbox, place: { round: string; area: string }, { live, grown }: { live: Signal<Live | undefined>; grown: (total: number) => void }): Promise<SampledMap> {
  const of = `${place.round} ${place.area}`;
  const before = (await outbox.db.get('roster', 'sampled')) as Kept | undefined;
  let kept: Kept | undefined = before?.of === of ? before : undefined;
  let socket: WebSocket | undefined;
  let failures = 0;
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let keeping: ReturnType<typeof setTimeout> | undefined;

  function keep(): void {
    keeping ??= setTimeout(() => {
      keeping = undefined;
      // A disk that does not take it will say so for the records, which matter more.
      if (kept) void outbox.db.put('roster', kept, 'sampled').catch(() => undefined);
    }, keepMs);
  }

  function room(total: number): Kept {
    const now = kept ?? { of, position: '', dataEpoch: '', total: 0, swabbed: new Uint8Array(total + 1), marks: new Uint8Array(total + 1) };
    if (now.swabbed.length <= total) {
      const size = Math.ceil((total + 1) * 1.1);
      const [swabbed, marks] = [new Uint8Array(size), new Uint8Array(size)];
      swabbed.set(now.swabbed);
      marks.set(now.marks);
      Object.assign(now, { swabbed, marks });
    }
    now.total = Math.max(now.total, total);
    kept = now;
    return now;
  }

  function take(message: Message): void {
    if (message.kind === 'waiting') return;
    const total = message.total ?? kept?.total ?? 0;
    const more = total > (kept?.total ?? 0);
    if (message.kind === 'snapshot') kept = undefined;
    const now = room(total);
    if (message.kind === 'snapshot') {
      const [bits, single, deceased, excused, recalled] = [message.bits, message.single, message.deceased, message.excused, message.recalled].map(bytesOf) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      for (let n = 1; n <= total; n++) {
        now.swabbed[n] = has(bits, n) ? 1 : 0;
        now.marks[n] = (has(single, n) ? 1 : 0) + (has(deceased, n) ? 2 : 0) + (has(excused, n) ? 4 : 0) + (has(recalled, n) ? 8 : 0);
      }
      now.dataEpoch = message.dataEpoch ?? '';
    }
    for (const n of message.on ?? []) room(n).swabbed[n] = 1;
    for (const n of message.off ?? []) room(n).swabbed[n] = 0;
    for (const [n, marks] of message.marks ?? []) room(n).marks[n] = marks;
    now.position = message.position ?? now.position;
    if (message.counts || message.queue) {
      const queue = new Map(message.kind === 'snapshot' ? [] : live.value?.queue);
      for (const [station, waiting, called] of message.queue ?? []) queue.set(station, [waiting, called]);
      const counts = message.counts ?? live.value?.counts;
      if (counts) live.value = { counts, queue, at: message.at ?? 0 };
    }
    keep();
    if (more) grown(total);
  }

  function open(): void {
    const asked = kept?.position ? `?after=${encodeURIComponent(kept.position)}&epoch=${encodeURIComponent(kept.dataEpoch)}` : '';
    socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${cellPath(place)}/tablet/live${asked}`);
    socket.onmessage = ({ data }) => {
      failures = 0;
      take(JSON.parse(String(data)) as Message);
    };
    socket.onclose = () => {
      if (!stopped) timer = setTimeout(open, (retryMs[Math.min(failures++, retryMs.length - 1)] ?? 30_000) * (0.75 + Math.random() / 2));
    };
  }
  open();

  return {
    get total() { return kept?.total ?? 0; },
    sampled: (resident) => kept?.swabbed[resident] === 1,
    marks: (resident) => (kept && resident <= kept.total ? kept.marks[resident] : undefined),
    note(resident, is) { room(resident).swabbed[resident] = is ? 1 : 0; },
    forget() { kept = undefined; },
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(keeping);
      socket?.close();
    },
  };
}
