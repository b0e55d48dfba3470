// A phrase on the screen: in Chinese with the English below it, or in English alone.

import { inBoth, language, type Phrase } from '../words/language.js';

interface TextProps {
  of: Phrase;
  values?: Readonly<Record<string, string | number>>;
  /** One line: the language of the screen alone. */
  plain?: boolean;
}

export function Text({ of, values, plain = false }: TextProps) {
  const { zh, en } = inBoth(of, values);
  if (language.value === 'en') return <>{en}</>;
  return plain ? <>{zh}</> : <>{zh}<small class="second" lang="en">{en}</small></>;
}
