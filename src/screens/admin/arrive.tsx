// What a keyboard needs that a mouse does not: where a part of the page is changed for another, its heading takes the focus, and work that
// is under way is not begun twice though its button stays (a button that is taken away takes the focus with it).

import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Phrase } from '../words/language.js';
import { Text } from '../parts/text.js';

/** A heading that has the focus when it is first shown, so that the keyboard goes on from here. `quietly`: only where nothing else has it. */
export function Arrive({ words, values, children, quietly = false }: { words: Phrase; values?: Readonly<Record<string, string | number>>; children?: ComponentChildren; quietly?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const has = document.activeElement;
    if (!quietly || !has || has === document.body) heading.current?.focus();
  }, [words.en]);
  return <h2 ref={heading} tabIndex={-1} class="arrive"><Text of={words} {...(values ? { values } : {})} />{children}</h2>;
}

/** Runs one piece of work at a time; `busy` says that it is under way. */
export function useWork(): { busy: boolean; run: (work: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const under = useRef(false);
  const shown = useRef(true);
  useEffect(() => () => { shown.current = false; }, []);
  return {
    busy,
    run(work) {
      if (under.current) return;
      under.current = true;
      setBusy(true);
      void work().finally(() => {
        under.current = false;
        if (shown.current) setBusy(false);
      });
    },
  };
}

/** Says, once and to assistive technology too, that something is done. */
export function Said({ children }: { children: ComponentChildren }) {
  return <p class="said" role="status">{children}</p>;
}
