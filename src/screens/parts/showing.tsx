// What is looked at: the page's frame, the answer panel, tables, tiles, slots, chips, progress, dialogs, tabs, steps of a wizard.

import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Problem } from '../door/http.js';
import { common } from '../words/everywhere.js';
import { type Phrase, say } from '../words/language.js';
import { Button, LanguageSwitch, ThemeSwitch, type Tone } from './controls.js';
import { Text } from './text.js';

interface PageProps {
  title: Phrase;
  /** Beside the title: the station, who works here. */
  place?: ComponentChildren;
  /** At the right, before the switches: chips. */
  state?: ComponentChildren;
  rehearsal?: boolean;
  children: ComponentChildren;
  footer?: ComponentChildren;
  /** A scanning page fills the window and never scrolls. */
  full?: boolean;
}

export function Page({ title, place, state, rehearsal = false, children, footer, full = false }: PageProps) {
  useEffect(() => { document.title = `${say(title)} · Swabline`; });
  return (
    <div class={`page${full ? ' full' : ''}${rehearsal ? ' rehearsal' : ''}`}>
      <header class="top">
        <h1>{say(title)}</h1>
        {place ? <span class="place">{place}</span> : null}
        {rehearsal ? <span class="chip caution">{say(common.rehearsal)}</span> : null}
        <span class="spread" />
        {state}
        <ThemeSwitch />
        <LanguageSwitch />
      </header>
      <main>{children}</main>
      {footer ? <footer class="actions">{footer}</footer> : null}
    </div>
  );
}

const symbols: Record<Tone, string> = { ok: '✓', info: '⟳', caution: '!', stop: '✕', plain: '' };

interface PanelProps {
  tone: Tone;
  /** 72 px: what the answer is. */
  title: Phrase;
  values?: Readonly<Record<string, string | number>>;
  /** 48 px: whom it is about. */
  about?: string | undefined;
  detail?: string | undefined;
  symbol?: string;
}

/** The answer to a scan: colour, symbol and words at once, read aloud by assistive technology. */
export function Panel({ tone, title, values, about, detail, symbol = symbols[tone] }: PanelProps) {
  return (
    <section class={`panel ${tone}`} role="status" aria-live="assertive">
      <div class="symbol" aria-hidden="true">{symbol}</div>
      <div class="title"><Text of={title} {...(values ? { values } : {})} /></div>
      {about ? <div class="about">{about}</div> : null}
      {detail ? <div class="detail">{detail}</div> : null}
    </section>
  );
}

export function Chip({ tone = 'plain', children }: { tone?: Tone | 'offline'; children: ComponentChildren }) {
  return <span class={`chip ${tone}`}>{children}</span>;
}

/** Places of a tube, filled and empty. */
export function Slots({ size, filled }: { size: number; filled: number }) {
  return <div class="slots" role="img" aria-label={`${filled} / ${size}`}>{Array.from({ length: size }, (_, i) => <i key={i} class={i < filled ? 'filled' : ''} />)}</div>;
}

export function Progress({ label, value, max }: { label: Phrase; value: number; max: number }) {
  const text = max > 0 ? `${value.toLocaleString()} / ${max.toLocaleString()}` : '';
  return <div class="progress"><span>{say(label)} {text}</span><progress aria-label={say(label)} value={value} max={Math.max(1, max)} /></div>;
}

/** One figure with its name. */
export function Tile({ name, figure, note, tone = 'plain' }: { name: Phrase; figure: string | number; note?: ComponentChildren; tone?: Tone }) {
  return <div class={`tile ${tone}`}><div class="name"><Text of={name} /></div><div class="figure">{figure}</div>{note ? <div class="note">{note}</div> : null}</div>;
}

interface TableProps<Row> {
  caption: Phrase;
  columns: readonly { head: Phrase; cell: (row: Row) => ComponentChildren; number?: boolean }[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
  empty?: Phrase;
}

export function Table<Row>({ caption, columns, rows, rowKey, empty = common.nothingHere }: TableProps<Row>) {
  return (
    <div class="tablebox" tabIndex={0} role="region" aria-label={say(caption)}>
      <table>
        <caption><Text of={caption} /></caption>
        <thead><tr>{columns.map(({ head, number }) => <th key={head.en} scope="col" class={number ? 'number' : ''}><Text of={head} /></th>)}</tr></thead>
        <tbody>
          {rows.length === 0 ? <tr><td colSpan={columns.length}>{say(empty)}</td></tr> : rows.map((row) => (
            <tr key={rowKey(row)}>{columns.map(({ head, cell, number }) => <td key={head.en} class={number ? 'number' : ''}>{cell(row)}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface DialogProps {
  title: Phrase;
  onClose: () => void;
  children: ComponentChildren;
  /** Buttons at the foot; without any there is one that closes. */
  actions?: ComponentChildren;
  /** As wide as the window allows: for something to be looked at. */
  wide?: boolean;
}

/** A native dialog: it keeps the focus inside, Escape closes it, and it gives the focus back. */
export function Dialog({ title, onClose, children, actions, wide = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before it is painted: a hand that presses F4 and Enter in one go means this dialog with the Enter.
  useLayoutEffect(() => {
    const before = document.activeElement;
    if (!dialog.current?.open) dialog.current?.showModal();
    // A dialog that is taken away instead of closed gives nothing back by itself. Who has put the focus elsewhere meanwhile keeps it there.
    return () => { setTimeout(() => { if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus(); }); };
  }, []);
  return (
    <dialog ref={dialog} class={wide ? 'dialog wide' : 'dialog'} aria-label={say(title)} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <h2><Text of={title} plain /></h2>
      <div class="body">{children}</div>
      <div class="row">{actions ?? <Button words={common.close} onPress={onClose} />}</div>
    </dialog>
  );
}

export function Tabs<Name extends string>({ tabs, chosen, onChoose }: { tabs: readonly { name: Name; words: Phrase; note?: string | number }[]; chosen: Name; onChoose: (name: Name) => void }) {
  return (
    <nav class="tabs">
      {tabs.map(({ name, words, note }) => (
        <button key={name} type="button" class="tab" aria-current={name === chosen ? 'page' : undefined} onClick={() => onChoose(name)}><Text of={words} />{note === undefined ? null : <b> {note}</b>}</button>
      ))}
    </nav>
  );
}

/** The steps of a wizard: done, here, to come. A step that was reached can be gone to; `done`: how many have been done, where that is less. */
export function Stepper<Name extends string>({ steps, here, reached, done = reached, onGo }: { steps: readonly { name: Name; words: Phrase }[]; here: Name; reached: number; done?: number; onGo: (name: Name) => void }) {
  return (
    <ol class="stepper">
      {steps.map(({ name, words }, i) => (
        <li key={name} class={name === here ? 'here' : i < done ? 'done' : ''} aria-current={name === here ? 'step' : undefined}>
          <button type="button" disabled={i > reached} onClick={() => onGo(name)}><span class="count">{i + 1}</span> <Text of={words} /></button>
        </li>
      ))}
    </ol>
  );
}

/** A problem of the service in words, with what to do next. */
export function ProblemNote({ problem }: { problem: Problem }) {
  return (
    <div class="problem" role="alert">
      <b><Text of={problem} /></b>
      <div><Text of={{ zh: problem.nextZh, en: problem.nextEn }} plain /></div>
    </div>
  );
}
