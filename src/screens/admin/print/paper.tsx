// What goes to the printer: it stands beside the page, not in it, is seen by nobody at the screen, and is the only thing that is printed.

import type { ComponentChildren } from 'preact';
import { createPortal } from 'preact/compat';
import './print.css';

/** `label`: pages of 50 x 20 mm; `a4`: sheets. Paper says everything in both languages, whatever the screen speaks. */
export function Paper({ kind, children }: { kind: 'label' | 'a4'; children: ComponentChildren }) {
  return createPortal(<div class={`paper of-${kind}`} lang="zh-CN">{children}</div>, document.body);
}

/** The same at true size on the screen, for looking at. */
export function Preview({ name, children }: { name: string; children: ComponentChildren }) {
  return <div class="preview" role="region" tabIndex={0} aria-label={name} lang="zh-CN"><div aria-hidden="true">{children}</div></div>;
}

/** Prints what stands on paper once it has been drawn. */
export function printPaper(): void {
  requestAnimationFrame(() => setTimeout(() => window.print(), 0));
}

/** Gives a text as a file. */
export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
