// Light for the sun, dark for the night: chosen by hand or by a command card, never by itself in the middle of a tube.

import { effect, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';
const kept = 'swabline.theme';

const first = (): Theme => ((new URLSearchParams(location.search).get('theme') ?? localStorage.getItem(kept)) === 'dark' ? 'dark' : 'light');
export const theme = signal<Theme>(first());
effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
  localStorage.setItem(kept, theme.value);
});
export const switchTheme = (): void => { theme.value = theme.value === 'light' ? 'dark' : 'light'; };
