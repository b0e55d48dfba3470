// A person without a mouse: goes from one thing to the next with Tab, and is never lost. Wherever the focus is, it is somewhere, and seen.

import type { Page } from 'playwright-core';

interface Focus { tag: string; id: string; seen: boolean; matches: boolean }

const focusOf = (page: Page, selector: string): Promise<Focus> => page.evaluate((selector) => {
  const active = document.activeElement as HTMLElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(active);
  return { tag: active.tagName, id: active.id, seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 3, matches: active.matches(selector) };
}, selector);

/** Presses Tab until the element has the focus; throws when the focus is lost, is not seen, or never comes there. */
export async function tabTo(page: Page, selector: string, { back = false, most = 400 }: { back?: boolean; most?: number } = {}): Promise<void> {
  for (let i = 0; i < most; i++) {
    const focus = await focusOf(page, selector);
    if (focus.matches) {
      if (!focus.seen) throw new Error(`${selector} has the focus and does not show it`);
      return;
    }
    if (i > 0 && focus.tag !== 'BODY' && !focus.seen) throw new Error(`the focus is not seen on ${focus.tag}#${focus.id} on the way to ${selector}`);
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
  }
  throw new Error(`Tab never came to ${selector}`);
}

/** Goes there and types; what stood there is replaced. */
export async function fillIn(page: Page, selector: string, text: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

/** Goes there and presses Enter. */
export async function enterOn(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.press('Enter');
}

/** Is the focus on something of the page? Nobody has to begin from its top again. */
export const focusKept = (page: Page): Promise<boolean> => page.evaluate(() => document.activeElement !== null && document.activeElement !== document.body);
