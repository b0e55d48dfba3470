// A tablet as the tests have one: it keeps what it is told of everybody, as the station's screen does, and says what it knows.

import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { WebSocket } from 'ws';
import type { CellName } from '../../src/domain/requests.js';
import { residents, stations } from '../../src/ledger/reads.js';
import type { Served } from './screen.js';

export interface Message {
  kind: 'snapshot' | 'change' | 'waiting';
  position: string;
  dataEpoch?: string;
  total?: number;
  bits?: string;
  single?: string;
  recalled?: string;
  excused?: string;
  deceased?: string;
  on?: number[];
  off?: number[];
  alone?: number[];
  marks?: [number, number][];
  registered?: (string | number)[][];
  counts?: Record<string, number>;
  queue?: [number, number, number][];
}

/** What a tablet knows of people by number: [has a swab, marks of the roster]. */
export type Known = [swabbed: boolean, marks: number][];

/** The same, from the record. */
export async function knownOfRecord(redis: Redis, cell: CellName): Promise<{ people: Known; queue: [number, number, number][] }> {
  const people: Known = [];
  for (let from = 1; ; from += 1000) {
    const page = await residents(redis, cell, from, 1000);
    for (const { swabs, single, deceased, state, recalled } of page) {
      people.push([swabs > 0, (single ? 1 : 0) + (deceased ? 2 : 0) + (state === 'excused' ? 4 : 0) + (recalled === 'to come' ? 8 : 0)]);
    }
    if (page.length < 1000) break;
  }
  return { people, queue: (await stations(redis, cell)).map(({ ordinal, waiting, called }) => [ordinal, waiting, called]) };
}

export class Tablet {
  readonly messages: Message[] = [];
  readonly texts: string[] = [];
  total = 0;
  position = '';
  dataEpoch = '';
  readonly queue = new Map<number, [number, number]>();
  readonly #swabbed = new Map<number, boolean>();
  readonly #marks = new Map<number, number>();
  readonly #heard: (() => void)[] = [];

  static async open(t: { teardown(end: () => unknown): void }, { address }: Served, { round, area }: CellName, query = ''): Promise<Tablet> {
    const socket = new WebSocket(`${address}/api/cells/${round}/${area}/tablet/live${query}`);
    const tablet = new Tablet();
    socket.on('message', (data) => {
      tablet.texts.push(String(data));
      tablet.take(JSON.parse(String(data)) as Message);
    });
    t.teardown(() => socket.terminate());
    await once(socket, 'open');
    return tablet;
  }

  take(message: Message): void {
    this.messages.push(message);
    if (message.kind === 'snapshot') {
      [this.total, this.dataEpoch] = [message.total ?? 0, message.dataEpoch ?? ''];
      const has = (map: string | undefined, n: number) => (((Buffer.from(map ?? '', 'base64')[(n - 1) >> 3] ?? 0) >> ((n - 1) & 7)) & 1) === 1;
      for (let n = 1; n <= this.total; n++) {
        this.#swabbed.set(n, has(message.bits, n));
        this.#marks.set(n, (has(message.single, n) ? 1 : 0) + (has(message.deceased, n) ? 2 : 0) + (has(message.excused, n) ? 4 : 0) + (has(message.recalled, n) ? 8 : 0));
      }
    } else {
      this.total = message.total ?? this.total;
      for (const n of message.on ?? []) this.#swabbed.set(n, true);
      for (const n of message.off ?? []) this.#swabbed.set(n, false);
      for (const [n, marks] of message.marks ?? []) this.#marks.set(n, marks);
    }
    for (const [station, waiting, called] of message.queue ?? []) this.queue.set(station, [waiting, called]);
    if (message.kind !== 'waiting') this.position = message.position;
    for (const heard of this.#heard.splice(0)) heard();
  }

  get known(): { people: Known; queue: [number, number, number][] } {
    return {
      people: Array.from({ length: this.total }, (_, i): Known[number] => [this.#swabbed.get(i + 1) ?? false, this.#marks.get(i + 1) ?? 0]),
      queue: [...this.queue].map(([station, [waiting, called]]): [number, number, number] => [station, waiting, called]).sort(([a], [b]) => a - b),
    };
  }

  async until(asked: (tablet: Tablet) => boolean): Promise<void> {
    while (!asked(this)) await new Promise<void>((resolve) => this.#heard.push(resolve));
  }
}
