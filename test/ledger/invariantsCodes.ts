// The invariants of printed numbers. See invariants.ts.
//
//   ranges set apart do not overlap, and are those the stream tells of
//   what has been printed are stretches that neither overlap nor touch, and are those the stream tells of
//   nothing is printed again without a reason

import type { Redis } from 'ioredis';
import type { LedgerEvent } from '../../src/domain/events.js';
import type { CellName } from '../../src/domain/requests.js';
import { keyOf } from '../../src/ledger/keys.js';

interface Stretch { first: number; last: number }

/** What the stream tells of printed numbers. */
export class CodesFold {
  readonly #reserved: string[] = [];
  readonly #printed = new Map<string, Stretch[]>();
  readonly #problems: string[] = [];
  #runs = 0;

  take(event: LedgerEvent): void {
    if (event.event === 'codes.reserved') this.#reserved.push(['reserved', event.what, event.first, event.last, event.holder, event.at].join(':'));
    if (event.event !== 'codes.printed') return;
    this.#runs++;
    const before = this.#printed.get(event.what) ?? [];
    const again = before.reduce((sum, { first, last }) => sum + Math.max(0, Math.min(last, event.last) - Math.max(first, event.first) + 1), 0);
    if (again !== event.again) this.#problems.push(`event ${event.id} prints ${event.again} numbers again, the stream counts ${again}`);
    if (again > 0 && event.reason === '') this.#problems.push(`event ${event.id} prints again and gives no reason`);
    const all = [...before, { first: event.first, last: event.last }].sort((a, b) => a.first - b.first);
    const joined: Stretch[] = [];
    for (const one of all) {
      const end = joined.at(-1);
      if (end && one.first <= end.last + 1) end.last = Math.max(end.last, one.last);
      else joined.push({ ...one });
    }
    this.#printed.set(event.what, joined);
  }

  *against(members: readonly string[]): Generator<string> {
    yield* this.#problems;
    const printed = [...this.#printed].flatMap(([what, list]) => list.map(({ first, last }) => `printed:${what}:${first}:${last}`));
    const [told, kept] = [[...this.#reserved, ...printed].sort(), members.filter((one) => !one.startsWith('run:')).sort()];
    for (const one of told) if (!kept.includes(one)) yield `the stream tells of ${one} and the record does not`;
    for (const one of kept) if (!told.includes(one)) yield `the record has ${one} and the stream does not`;
    const runs = members.filter((one) => one.startsWith('run:')).length;
    if (runs !== this.#runs) yield `the stream tells of ${this.#runs} print runs, the record has ${runs}`;
    const ranges = this.#reserved.map((one) => one.split(':')).map(([, kind, first, last]) => ({ kind, first: Number(first), last: Number(last) }));
    for (const a of ranges) for (const b of ranges) if (a !== b && a.kind === b.kind && a.first <= b.last && b.first <= a.last) yield `ranges ${a.first} and ${b.first} of ${a.kind} overlap`;
  }
}

export const readCodes = async (redis: Redis, cell: CellName): Promise<string[]> => redis.zrange(keyOf(cell, 'codes'), '0', '-1');
