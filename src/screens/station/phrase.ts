// The words of an answer, filled in, in both languages.

import type { Phrase } from '../words/language.js';
import { answers, type Row, things } from './answers.js';
import type { Said } from './decide.js';

const filled = (text: string, values: Said['values']): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values?.[name] ?? whole));

export function phraseOf({ row, values = {} }: Pick<Said, 'row' | 'values'>): Phrase {
  const { title } = answers[row] as Row;
  if (row === 'wrongKind') {
    const what = things[values['what'] as keyof typeof things] ?? things.box;
    const want = values['want'] === 'tube' ? things.aTube : things.aResident;
    return { zh: title.zh.replace('{what}', what.zh).replace('{want}', want.zh), en: title.en.replace('{whatEn}', what.en).replace('{wantEn}', want.en) };
  }
  return { zh: filled(title.zh, values), en: filled(title.en, values) };
}

/** What to do, below it. */
export function hintOf({ row, hint, values }: Said): Phrase | undefined {
  const own = hint ?? (answers[row] as Row).hint;
  return own && { zh: filled(own.zh, values), en: filled(own.en, values) };
}
