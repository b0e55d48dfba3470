// What an answer of the service makes of a record on the device. Pure: row and answer in, row out.

import { isRefusalWord, refusals } from '../../domain/refusals.js';
import { facts } from '../../domain/steps.js';
import type { FixReason, Row } from './store.js';
import type { Answer, Mode, Sentences, StepName, WireRecord } from './wire.js';

/** Refusals that say "not now": the number has not been used, and the same record is sent again. */
const passing: ReadonlySet<string> = new Set(['number_too_far', 'cell_halted', 'layout_differs', 'cell_unknown']);

/** Is this step's report a fact, or a decision that is better not taken than taken late? */
export const isFact = (row: Pick<Row, 'step'>): boolean => facts.includes(row.step);

/** Does this answer leave the record where it was? */
export const isPassing = (answer: Answer): boolean => answer.outcome === 'fault' || (answer.outcome === 'refused' && passing.has(answer.word));

const contradicts = (answer: Answer): boolean => answer.outcome === 'applied' && answer.events.some(({ event }) => event === 'discrepancy.opened');

/**
 * The row after its answer. `sentAs` is the mode it went out in: while it was under way the person may have gone ahead, and then a "no" to
 * the question is not the answer to the report.
 */
export function judged(row: Row, sentAs: Mode, answer: Answer, at: number): Row {
  if (isPassing(answer)) return row;
  const { pending: _pending, why: _why, ...rest } = row;
  const done = (state: Row['state'], more: Partial<Row> = {}): Row => ({ ...rest, state, answer, answeredAt: at, ...more });
  // What a person has decided stays decided when the service hears the record again.
  const decided = row.state === 'settled' || row.settled !== undefined;

  switch (answer.outcome) {
    case 'applied':
      if (row.settled?.how === 'lapsed') return done('settled');
      if ((row.state === 'refused' || row.settled?.how === 'dropped') && !answer.again) return done('toFix', { why: 'takenAfterAll' });
      return contradicts(answer) && !decided ? done('toFix', { why: 'contradicted' }) : done(row.state === 'settled' ? 'settled' : 'applied', { mode: row.mode });
    case 'refused':
      if (row.mode === 'report' && sentAs === 'ask') return row;
      if (decided) return done('settled');
      return row.mode === 'report' ? done('toFix', { why: 'refused' }) : done('refused');
    case 'quarantined':
      return done(decided ? 'settled' : 'quarantined');
    case 'unreadable':
      return decided ? done('settled') : done('toFix', { why: 'refused' });
    case 'fault':
      return row;
  }
}

/**
 * Takes the place of a record whose number is given back before the service ever had it. Numbers have no holes, and what is due is due
 * whoever says so: this changes nothing.
 */
const nothing = { step: 'runDue', mode: 'ask', body: { limit: 1 } } as const;

/** A row as it goes out. */
export function onWire({ number, step, mode, by, body, settled }: Row, claimedAt: number): WireRecord {
  const signed = by === undefined ? {} : { by };
  return settled?.how === 'lapsed' ? { number, claimedAt, ...nothing, ...signed } : { number, step, mode, claimedAt, ...signed, body };
}

/** The tubes a record speaks of. */
export function tubesOf(step: Row['step'], body: Record<string, unknown>): string[] {
  const fields = step === 'moveSwab' ? ['from', 'to'] : ['tube'];
  return [...new Set(fields.map((field) => body[field]).filter((code): code is string => typeof code === 'string'))];
}

/** What a person must decide, with the reason in words. */
export interface FixRow extends Sentences {
  epoch: string;
  number: number;
  step: StepName;
  by: string | undefined;
  body: Record<string, unknown>;
  tubes: string[];
  /** When it was done, by the service's time. */
  at: number;
  why: FixReason;
  word: string;
  detail: Record<string, unknown>;
  /** What may be decided; `drop` is always among them. */
  decisions: readonly ('drop' | 'report' | 'retry')[];
}

const takenAfterAll: Sentences = {
  zh: '先前被拒绝、没有执行的操作，现在已被登记', en: 'This was refused and not done, and has now been put on record',
  nextZh: '请负责人核对并撤销', nextEn: 'Have the supervisor check it and take it off the record',
};
const unexplained: Sentences = { zh: '服务没有接受这条记录', en: 'The service did not take this record', nextZh: '请找负责人', nextEn: 'Call the supervisor' };

export function toFixRow({ epoch, number, step, by, body, tubes, why = 'refused', answer }: Row, at: number): FixRow {
  const head = { epoch, number, step, by, body, tubes, at, why };
  if (why === 'takenAfterAll') return { ...head, ...takenAfterAll, word: 'taken_after_all', detail: {}, decisions: ['drop'] };
  if (answer?.outcome === 'applied') {
    const opened = answer.events.find(({ event }) => event === 'discrepancy.opened');
    const word = String(opened?.['what'] ?? '');
    const { zh, en, nextZh, nextEn } = isRefusalWord(word) ? refusals[word] : unexplained;
    return { ...head, zh, en, nextZh, nextEn, word, detail: (opened?.['detail'] as Record<string, unknown> | undefined) ?? {}, decisions: ['drop'] };
  }
  if (answer?.outcome === 'refused' || answer?.outcome === 'unreadable') {
    const { word, zh, en, nextZh, nextEn, detail = {} } = answer;
    // Its number stands for something else at the service: the same again hears the same.
    return { ...head, zh, en, nextZh, nextEn, word, detail, decisions: word === 'id_reused' ? ['drop', 'report'] : ['drop', 'retry'] };
  }
  return { ...head, ...unexplained, word: '', detail: {}, decisions: ['drop', 'retry'] };
}
