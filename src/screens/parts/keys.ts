// Keys of a screen: every action has one, so that a keyboard is enough. They are heard on the window, as scans are, with no field focused.

import { useLayoutEffect, useRef } from 'preact/hooks';

export type Keys = Readonly<Record<string, (() => void) | undefined>>;

/** Is this element one that text is typed into? Its keys are its own. */
export const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && !['button', 'checkbox', 'radio', 'file'].includes(target.type)));

/** Hears keys by `KeyboardEvent.key` (F2, Escape, r) while the part is shown. Letters are left alone while somebody types. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  // Before it is painted: what can be seen can be pressed.
  useLayoutEffect(() => {
    const heard = (event: KeyboardEvent): void => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const action = current.current[event.key] ?? (event.key.length === 1 ? current.current[event.key.toLowerCase()] : undefined);
      if (!action || (event.key.length === 1 && takesText(event.target))) return;
      if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.closest('button, a, input, select, textarea')) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', heard);
    return () => window.removeEventListener('keydown', heard);
  }, []);
}
