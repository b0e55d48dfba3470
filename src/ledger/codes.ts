// Printed numbers as the record knows them: which ranges were set apart for whom, how many of their numbers are used, what has been
// printed and how often. Counted from the record each time; a range says nothing of itself.

import type { Redis } from 'ioredis';
import { parseCode } from '../domain/codes.js';
import { codeKinds, type reprintReasons } from '../domain/reasons.js';
import type { CellName } from '../domain/requests.js';
import { keyOf } from './keys.js';

export type CodeKind = (typeof codeKinds)[number];

export interface CodeRange {
  kind: CodeKind;
  first: number;
  last: number;
  /** For whom, '' for nobody in particular. */
  holder: string;
  reservedAt: number;
  /** Of its numbers: those whose tube or box this cell has on record, and the rest. */
  used: number;
  unused: number;
  /** How many have left the printer at least once. */
  printed: number;
}

export interface PrintRun {
  run: number;
  kind: CodeKind;
  first: number;
  last: number;
  copies: number;
  reason?: (typeof reprintReasons)[number];
  /** How many of its numbers had been printed before. */
  again: number;
  at: number;
  by: string;
}

/** Mirrors codes.lua: each kind of entry has a band of scores of its own. */
const band = 10_000_000_000;
const bands = { reserved: 0, printed: 10, run: 20 } as const;

/** Entries of bands from `of` up to `to`, from the `from`-th on. */
async function members(redis: Redis, cell: CellName, of: number, to: number, from = 0, count = -1): Promise<string[][]> {
  const found = await redis.zrangebyscore(keyOf(cell, 'codes'), String(of * band), `(${to * band}`, 'LIMIT', from, count);
  return (found as string[]).map((member) => member.split(':'));
}

/** Stretches of numbers of one kind, in order. */
class Stretches {
  readonly #list: { first: number; last: number }[];
  constructor(list: { first: number; last: number }[]) {
    this.#list = list.sort((a, b) => a.first - b.first);
  }
  /** How many of the numbers from `first` to `last` lie in a stretch. */
  within(first: number, last: number): number {
    return this.#list.reduce((sum, one) => sum + Math.max(0, Math.min(last, one.last) - Math.max(first, one.first) + 1), 0);
  }
}

/** How many of these numbers, in order, lie from `first` to `last`. */
function countWithin(sorted: readonly number[], first: number, last: number): number {
  const below = (limit: number): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < limit) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return below(last + 1) - below(first);
}

/** Serials of our own labels that this cell has on record, by kind, in order. */
async function usedSerials(redis: Redis, cell: CellName): Promise<Record<'tube' | 'box', number[]>> {
  const used = { tube: new Set<number>(), box: new Set<number>() };
  for (const [key, kind] of [['tubes', 'tube'], ['boxes', 'box']] as const) {
    let cursor = '0';
    do {
      const [next, flat] = (await redis.hscan(keyOf(cell, key), cursor, 'COUNT', 1000)) as [string, string[]];
      for (let i = 0; i < flat.length; i += 2) {
        const code = parseCode((flat[i] as string).replace(/^@/, ''));
        if (code?.type === kind) used[kind].add(code.serial);
      }
      cursor = next;
    } while (cursor !== '0');
  }
  const inOrder = (of: Set<number>) => [...of].sort((a, b) => a - b);
  return { tube: inOrder(used.tube), box: inOrder(used.box) };
}

/**
 * All ranges set apart in this cell, by kind and number; a cell has some hundreds. `usedResidents` counts the resident cards of a range
 * whose resident is on the roster: only the door can, since those serials are mixed with a key of the vault.
 */
export async function codeRanges(redis: Redis, cell: CellName, usedResidents: (first: number, last: number) => number = () => 0): Promise<CodeRange[]> {
  const [reserved, printed, used] = await Promise.all([
    members(redis, cell, bands.reserved, bands.printed), members(redis, cell, bands.printed, bands.run), usedSerials(redis, cell),
  ]);
  const stretches = new Map(codeKinds.map((kind) => [kind, new Stretches(printed.filter((one) => one[1] === kind).map(([, , first, last]) => ({ first: Number(first), last: Number(last) })))]));
  return reserved.map(([, word, from, to, holder = '', at]) => {
    const [kind, first, last] = [word as CodeKind, Number(from), Number(to)];
    const taken = kind === 'resident' ? usedResidents(first, last) : countWithin(used[kind], first, last);
    // Resident cards are printed by the residents' numbers, which say nothing of a range of serials.
    return { kind, first, last, holder, reservedAt: Number(at), used: taken, unused: last - first + 1 - taken, printed: kind === 'resident' ? 0 : (stretches.get(kind)?.within(first, last) ?? 0) };
  });
}

/** Up to `count` print runs from number `from` (1) on, oldest first. */
export async function printRuns(redis: Redis, cell: CellName, from = 1, count = 200): Promise<PrintRun[]> {
  const found = await members(redis, cell, bands.run, bands.run + 1, from - 1, count);
  return found.map(([, kind, first, last, copies, reason, again, at, by = '', n]) => ({
    run: Number(n), kind: kind as CodeKind, first: Number(first), last: Number(last), copies: Number(copies),
    ...(reason ? { reason: reason as (typeof reprintReasons)[number] } : {}), again: Number(again), at: Number(at), by,
  }));
}

export interface PrintSum {
  kind: CodeKind;
  /** Numbers that have left the printer. */
  numbers: number;
  /** Labels or cards in all. */
  labels: number;
  /** Runs in which something was printed again. */
  reprints: number;
}

/** What has been printed in all, by kind. */
export async function printSums(redis: Redis, cell: CellName): Promise<PrintSum[]> {
  const [printed, runs] = await Promise.all([members(redis, cell, bands.printed, bands.run), printRuns(redis, cell, 1, -1)]);
  return codeKinds.map((kind) => {
    const own = runs.filter((run) => run.kind === kind);
    return {
      kind, numbers: printed.filter((one) => one[1] === kind).reduce((sum, [, , first, last]) => sum + Number(last) - Number(first) + 1, 0),
      labels: own.reduce((sum, { first, last, copies }) => sum + (last - first + 1) * copies, 0), reprints: own.filter(({ again }) => again > 0).length,
    };
  });
}
