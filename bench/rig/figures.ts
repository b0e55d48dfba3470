// Medians, spreads and tables. A comparison is made of paired rounds: each contender runs once a round, in shuffled order, and a ratio
// is taken inside a round, so that a slow minute of the machine slows both sides of it.

import { cpus, totalmem } from 'node:os';
import { spawnSync } from 'node:child_process';

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

export const quantile = (sorted: readonly number[], q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;

/** One run of one contender. Times in milliseconds, CPU in microseconds per swab. */
export interface Run {
  perSecond: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
  serviceCpu: number;
  redisCpu: number;
}

export type Rounds = Map<string, Run[]>;

/** Median over rounds and half the range in percent of it. */
export function spread(values: readonly number[]): string {
  const middle = median(values);
  // Nothing was measured, such as the age of what no screen shows.
  if (!Number.isFinite(middle)) return '-';
  const half = (Math.max(...values) - Math.min(...values)) / 2;
  const digits = middle >= 100 ? 0 : middle >= 10 ? 1 : 2;
  return `${middle.toFixed(digits)} ±${middle === 0 ? 0 : Math.round((half / middle) * 100)}%`;
}

/** Median, least and most of a/b over paired rounds. */
export function ratio(rounds: Rounds, a: string, b: string, of: keyof Run): { median: number; min: number; max: number } {
  const [left, right] = [rounds.get(a), rounds.get(b)];
  if (!left || !right) throw new Error(`no runs of ${left ? b : a}`);
  const ratios = left.map((run, i) => run[of] / (right[i] as Run)[of]);
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}

export function shuffled<T>(list: readonly T[], random: () => number = Math.random): T[] {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}

/** The machine and the versions, for the head of a table. */
export function machine(): Record<string, string> {
  const redis = spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout ?? '';
  return {
    cpu: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    redis: /v=([\d.]+)/.exec(redis)?.[1] ?? 'unknown',
  };
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
