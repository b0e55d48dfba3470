// Pages for residents, made here as plain HTML: they work on an old telephone, on a thin line and without scripts.

import type { Said } from './words.js';
import { words } from './words.js';

export type Language = 'zh' | 'en';
export const languageOf = (asked: unknown): Language => (asked === 'en' ? 'en' : 'zh');

/** Text as it may stand between tags and inside of quoted attributes. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export type Values = Readonly<Record<string, string | number>>;
const filled = (text: string, values: Values): string => escaped(text).replace(/\{(\w+)\}/g, (_, name: string) => {
  const value = values[name];
  // What people have named keeps its own language, whatever the page speaks.
  return typeof value === 'string' && /\p{Script=Han}/u.test(value) ? `<span class="name" lang="zh-CN">${escaped(value)}</span>` : escaped(String(value ?? ''));
});

/** A sentence: Chinese with the English below it, or English alone. */
export const text = (language: Language, said: Said, values: Values = {}): string =>
  language === 'en' ? filled(said.en, values) : `${filled(said.zh, values)}<small lang="en">${filled(said.en, values)}</small>`;

/** The same in one language, for titles. */
export const plain = (language: Language, said: Said): string => escaped(said[language]);

export interface PageParts {
  language: Language;
  title: Said;
  /** The same page in the other language, where it can be asked for by an address. */
  other?: string;
  rehearsal?: boolean;
  body: string;
}

export function pageOf({ language, title, other, rehearsal = false, body }: PageParts): string {
  const switchTo = language === 'zh' ? 'en' : 'zh-CN';
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${plain(language, title)} · Swabline</title><link rel="stylesheet" href="/me/page.css"></head>
<body${rehearsal ? ' class="rehearsal"' : ''}>
<header><h1>${text(language, title)}</h1>${rehearsal ? `<b class="mark">${plain(language, words.rehearsal)}</b>` : ''}<span class="tools"><button type="button" id="voice" hidden>${plain(language, words.voice)}</button>${other === undefined ? '' : `<a class="button" lang="${switchTo}" href="${escaped(other)}">${plain(language, words.language)}</a>`}</span></header>
<main>${body}</main>
<script src="/me/page.js" defer></script>
</body></html>
`;
}

export interface FieldParts {
  name: string;
  label: Said;
  numeric?: boolean;
  max: number;
}

/** A form is sent by POST, so that nothing typed stands in an address or a log. */
export function form(language: Language, { fields, hidden, button }: { fields: readonly FieldParts[]; hidden: Readonly<Record<string, string | undefined>>; button: Said }): string {
  const kept = Object.entries<string | undefined>({ ...hidden, lang: language }).filter(([, value]) => value !== undefined && value !== '');
  return `<form method="post" action="/me" autocomplete="off">${kept.map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value as string)}">`).join('')}
${fields.map(({ name, label, numeric, max }) => `<label for="${name}">${text(language, label)}</label><input id="${name}" name="${name}" required maxlength="${max}"${numeric ? ' inputmode="numeric"' : ''} spellcheck="false" autocapitalize="characters">`).join('\n')}
<button type="submit">${text(language, button)}</button></form>`;
}

/** One answer: a name and a value in large letters. */
export const fact = (name: string, value: string, tone = ''): string => `<div class="fact${tone ? ` ${tone}` : ''}"><dt>${name}</dt><dd>${value}</dd></div>`;
export const note = (sentence: string): string => `<p class="note" role="alert">${sentence}</p>`;
