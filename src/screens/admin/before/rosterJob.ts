// The roster's way through the service: sent, checked, imported, each a job that is asked how it goes.

import type { CellName } from '../../../domain/requests.js';
import { cellPath, get, post, type Problem } from '../../door/http.js';
import type { ReadingChoice } from './draft.js';

export interface Progress {
  phase: 'reading' | 'enrolling';
  done: number;
  of: number | null;
  share: number;
}
interface Refused { ok: false; problem: string; zh: string; en: string; detail?: { sheets?: string[]; missing?: string[]; field?: string; column?: string; columns?: string[] } }
export interface Checked {
  ok: true;
  task: 'check';
  rows: { in: number; good: number; bad: number };
  counts: { problems: Record<string, number>; notes: Record<string, number> };
  duplicates: number;
  villages: number;
  households: number;
}
export interface Imported {
  ok: true;
  task: 'import';
  rows: { in: number; good: number; bad: number };
  enrolled: number;
  already: number;
  differences: number;
  nothingNew: boolean;
}
export type Outcome = Refused | Checked | Imported;

export interface Fault {
  row: number;
  column: string;
  heading: string;
  value: string;
  problem: string;
  other?: number;
}
export interface Report {
  sheet: string;
  headingRow: number;
  columns: { column: string; heading: string; field: string | null }[];
  faults: Fault[];
  problems: unknown[];
  sentences: Record<string, { zh: string; en: string; nextZh: string; nextEn: string }>;
  duplicates: { rows: [number, number]; problem: string }[];
  villages: { village: string; good: number }[];
  differences?: { row: number; differs: ('village' | 'household' | 'data')[] }[];
}

export type Answer<Value> = { ok: true; value: Value } | { ok: false; problem: Problem | 'failed' };

/** Sends a file and asks for its dry run. */
export async function sendRoster(cell: CellName, file: File, { sheet, village, mapping }: ReadingChoice): Promise<Answer<{ upload: string; job: string }>> {
  const form = new FormData();
  // The choices stand before the file: they are read as they come.
  if (sheet) form.append('sheet', sheet);
  if (village) form.append('village', village);
  if (mapping) form.append('mapping', JSON.stringify(mapping));
  form.append('file', file);
  return post(`${cellPath(cell)}/roster?task=check`, form, { patience: 120_000 });
}

export const importRoster = (cell: CellName, upload: string, choice: ReadingChoice): Promise<Answer<{ job: string }>> => post(`${cellPath(cell)}/roster/${upload}/import`, choice);

/** Waits until a job has ended; `told` hears how it goes. A service that is silent for a moment is asked again. */
export async function ended(cell: CellName, job: string, told: (progress: Progress | undefined) => void): Promise<Answer<Outcome>> {
  for (let silent = 0; ; ) {
    const reply = await get<{ state: string; progress: Progress | null; outcome: Outcome | null }>(`${cellPath(cell)}/roster/${job}`);
    if (!reply.ok && (reply.problem.status === 0 || reply.problem.status >= 500) && silent++ < 20) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      continue;
    }
    if (!reply.ok) return reply;
    silent = 0;
    if (reply.value.state === 'done' && reply.value.outcome) return { ok: true, value: reply.value.outcome };
    if (reply.value.state === 'failed') return { ok: false, problem: 'failed' };
    told(reply.value.progress ?? undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

export const reportOf = (cell: CellName, upload: string): Promise<Answer<Report>> => get(`${cellPath(cell)}/roster/${upload}/report`);
export const errorsOf = (cell: CellName, upload: string, format: 'xlsx' | 'csv'): string => `${cellPath(cell)}/roster/${upload}/errors.${format}`;
