// What is pressed and typed into: buttons for gloves, fields whose label says what to enter, and whose error stands beside them.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { Phrase } from '../words/language.js';
import { language, say } from '../words/language.js';
import { common } from '../words/everywhere.js';
import { switchLanguage } from '../words/language.js';
import { useKeys } from './keys.js';
import { Text } from './text.js';
import { switchTheme, theme } from './theme.js';

export type Tone = 'ok' | 'info' | 'caution' | 'stop' | 'plain';

interface ButtonProps {
  words: Phrase;
  values?: Readonly<Record<string, string | number>>;
  onPress: () => void;
  /** `F2`, `r`: also heard on the window, and shown on the button. */
  hotkey?: string;
  tone?: Tone;
  /** 96 px for gloves, where somebody swabs; else 64. */
  glove?: boolean;
  disabled?: boolean;
  symbol?: string;
  /** The button that Enter means in a form. */
  submit?: boolean;
  pressed?: boolean;
  id?: string;
}

const keyNames: Readonly<Record<string, string>> = { Escape: 'Esc', ' ': 'Space', ArrowLeft: '←', ArrowRight: '→' };
const shownKey = (key: string): string => keyNames[key] ?? (key.length === 1 ? key.toUpperCase() : key);

/** A button for gloves gives the focus back at once: what a scanner types next must not press it again. */
export function Button({ words, values, onPress, hotkey, tone = 'plain', glove = false, disabled = false, symbol, submit = false, pressed, id }: ButtonProps) {
  useKeys(hotkey === undefined || disabled ? {} : { [hotkey]: onPress });
  const text = language.value;
  return (
    <button id={id} type={submit ? 'submit' : 'button'} class={`button ${tone}${glove ? ' glove' : ''}`} disabled={disabled} aria-pressed={pressed}
      onClick={(event) => { if (submit) return; if (glove) event.currentTarget.blur(); onPress(); }}>
      <span class="line">{symbol ? <span aria-hidden="true">{symbol} </span> : null}{say(words, values)}</span>
      {text === 'zh' || hotkey ? <small class="second" lang="en">{text === 'zh' ? <Second of={words} values={values} /> : null}{hotkey ? <kbd>{shownKey(hotkey)}</kbd> : null}</small> : null}
    </button>
  );
}

function Second({ of, values }: { of: Phrase; values: Readonly<Record<string, string | number>> | undefined }) {
  return <>{values ? of.en.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : of.en} </>;
}

interface FieldProps {
  label: Phrase;
  value: string;
  onInput: (value: string) => void;
  hint?: Phrase;
  /** Already a sentence in the language of the screen, beside the field and in the summary above. */
  error?: string | undefined;
  type?: 'text' | 'password' | 'number' | 'date' | 'time' | 'datetime-local' | 'search';
  autocomplete?: string;
  inputMode?: 'numeric' | 'text' | 'none';
  required?: boolean;
  rows?: number;
  maxLength?: number;
  autofocus?: boolean;
  /** Id of a datalist: what may be meant. */
  list?: string;
  id?: string;
}

export function Field({ label, value, onInput, hint, error, type = 'text', autocomplete = 'off', inputMode, required, rows, maxLength, autofocus, list, id: given }: FieldProps) {
  const made = useId();
  const id = given ?? made;
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ') || undefined;
  const shared = {
    id, value, autocomplete, inputMode, required, maxLength, autofocus, 'aria-describedby': described, 'aria-invalid': error ? true : undefined,
    onInput: (event: JSX.TargetedEvent<HTMLInputElement | HTMLTextAreaElement>) => onInput(event.currentTarget.value),
  } as const;
  return (
    <div class={`field${error ? ' wrong' : ''}`}>
      <label for={id}><Text of={label} /></label>
      {hint ? <div class="hint" id={`${id}-hint`}><Text of={hint} plain /></div> : null}
      {error ? <div class="error" id={`${id}-error`}>{error}</div> : null}
      {rows ? <textarea {...shared} rows={rows} /> : <input {...shared} type={type} list={list} />}
    </div>
  );
}

interface SelectProps<Value extends string> {
  label: Phrase;
  value: Value;
  /** `name`: a name people gave, in whatever language. */
  choices: readonly { value: Value; words: Phrase; name?: boolean }[];
  onChoose: (value: Value) => void;
  hint?: Phrase;
  id?: string;
}

export function Select<Value extends string>({ label, value, choices, onChoose, hint, id: given }: SelectProps<Value>) {
  const made = useId();
  const id = given ?? made;
  return (
    <div class="field">
      <label for={id}><Text of={label} /></label>
      {hint ? <div class="hint" id={`${id}-hint`}><Text of={hint} plain /></div> : null}
      <select id={id} value={value} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(event) => onChoose(event.currentTarget.value as Value)}>
        {choices.map((choice) => <option key={choice.value} value={choice.value} class={choice.name ? 'name' : undefined}>{say(choice.words)}</option>)}
      </select>
    </div>
  );
}

export function Checkbox({ label, checked, onCheck, hint }: { label: Phrase; checked: boolean; onCheck: (checked: boolean) => void; hint?: Phrase }) {
  const id = useId();
  return (
    <div class="field check">
      <input id={id} type="checkbox" checked={checked} onChange={(event) => onCheck(event.currentTarget.checked)} aria-describedby={hint ? `${id}-hint` : undefined} />
      <label for={id}><Text of={label} /></label>
      {hint ? <div class="hint" id={`${id}-hint`}><Text of={hint} plain /></div> : null}
    </div>
  );
}

/** A place for one file: chosen, or dropped. */
export function FileDrop({ label, accept, onFile, file }: { label: Phrase; accept: string; onFile: (file: File) => void; file?: File | undefined }) {
  const id = useId();
  return (
    <div class="filedrop" onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => { event.preventDefault(); const dropped = event.dataTransfer?.files[0]; if (dropped) onFile(dropped); }}>
      <label for={id}><Text of={label} /></label>
      <div class="hint">{file ? `${file.name} · ${Math.ceil(file.size / 1024)} kB` : say(common.chooseFile)}</div>
      <input id={id} type="file" accept={accept} onChange={(event) => { const chosen = event.currentTarget.files?.[0]; if (chosen) onFile(chosen); }} />
    </div>
  );
}

/** Above a form that was sent with mistakes: says each, and leads to its field. Its heading gets the focus. */
export function ErrorSummary({ errors }: { errors: readonly { field: string; text: string }[] }) {
  const box = useRef<HTMLDivElement>(null);
  const said = errors.map(({ text }) => text).join('\n');
  // Once for each sending, not for each letter that is typed to mend it.
  useEffect(() => { box.current?.focus(); }, [said]);
  if (errors.length === 0) return null;
  return (
    <div class="errors" role="alert" tabIndex={-1} ref={box}>
      <h2><Text of={common.errorsTitle} plain /></h2>
      <ul>{errors.map(({ field, text }) => <li key={field}><a href={`#${field}`} onClick={(event) => { event.preventDefault(); document.getElementById(field)?.focus(); }}>{text}</a></li>)}</ul>
    </div>
  );
}

export function LanguageSwitch() {
  const other = language.value === 'zh' ? 'en' : 'zh-CN';
  return <button type="button" class="switch" lang={other} onClick={(event) => { switchLanguage(); event.currentTarget.blur(); }}>{say(common.otherLanguage)}</button>;
}

export function ThemeSwitch() {
  return <button type="button" class="switch" onClick={(event) => { switchTheme(); event.currentTarget.blur(); }}>{theme.value === 'light' ? `☾ ${say(common.dark)}` : `☀ ${say(common.light)}`}</button>;
}

/** Children of a form that Enter sends. */
export function Form({ onSend, children }: { onSend: () => void; children: ComponentChildren }) {
  return <form class="form" noValidate onSubmit={(event) => { event.preventDefault(); onSend(); }}>{children}</form>;
}
