// The language of a screen, and words in both: Chinese first, English second. A phrase without one of the two does not compile.

import { effect, signal } from '@preact/signals';

export type Language = 'zh' | 'en';

/** A sentence in both languages; `{name}` stands for a value. */
export interface Phrase {
  readonly zh: string;
  readonly en: string;
}

const kept = 'swabline.language';

function first(): Language {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(kept);
  return asked === 'en' ? 'en' : 'zh';
}

export const language = signal<Language>(typeof document === 'undefined' ? 'zh' : first());

if (typeof document !== 'undefined') {
  effect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
    localStorage.setItem(kept, language.value);
  });
}

export const switchLanguage = (): void => { language.value = language.value === 'zh' ? 'en' : 'zh'; };

type Values = Readonly<Record<string, string | number>>;

const filled = (text: string, values: Values | undefined): string => (values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text);

/** A phrase in the language of the screen. */
export const say = (phrase: Phrase, values?: Values): string => filled(phrase[language.value], values);

/** A phrase in both languages, filled in: for what is heard, recorded or shown twice. */
export const inBoth = (phrase: Phrase, values?: Values): Phrase => ({ zh: filled(phrase.zh, values), en: filled(phrase.en, values) });

/** The words of a screen: `const words = dictionary({ next: { zh: '下一位', en: 'Next' } })`, then `words.next` is a Phrase. */
export const dictionary = <const Words extends Readonly<Record<string, Phrase>>>(words: Words): Words => words;
