// A real Chromium for the tests of the screens, and what every screen is held to: no fault in the console, axe without findings, targets and
// letters large enough, nothing clipped, no Chinese on an English page. Where no browser could be installed those tests say so and are skipped.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

type Test = { teardown(end: () => unknown): void };

/** Compiled, this file stands in build/test/screens. */
const note = '.cache/browser.json';
const path = existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as { path: string | null }).path : null;

/** Options for a test that needs a browser. */
export const withBrowser: { timeout: number; skip?: string } = path === null ? { timeout: 180_000, skip: 'there is no Chromium on this machine' } : { timeout: 180_000 };

/** Chromium speaks to nobody but the page's own service: without these flags it looks for updates of its own. */
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--autoplay-policy=user-gesture-required'];

let shared: Promise<Browser> | undefined;
const browsers = new Set<Browser>();

/** The browser of this test file, closed with the test that `t` is. */
export function openBrowser(t: Test, more: readonly string[] = []): Promise<Browser> {
  const start = async (): Promise<Browser> => {
    const browser = await chromium.launch({ executablePath: path as string, headless: true, args: [...flags, ...more] });
    browsers.add(browser);
    t.teardown(async () => {
      if (more.length === 0) shared = undefined;
      browsers.delete(browser);
      await browser.close();
    });
    return browser;
  };
  if (more.length > 0) return start();
  shared ??= start();
  return shared;
}

export interface Screen {
  page: Page;
  context: BrowserContext;
  /** What the console and the page itself complained of; a test may look and empty it. */
  complaints: string[];
}

export interface ScreenOptions {
  browser: Browser;
  base: string;
  size?: { width: number; height: number };
  language?: 'zh' | 'en';
  theme?: 'light' | 'dark';
  /** Complaints that belong to what the test does: a service that is killed. */
  expected?: RegExp;
}

/** A browser with a profile on disk, as on a tablet: `kill` ends it as a battery does, and opening it again finds what was on the disk. */
export async function openTablet(t: Test, folder: string, base: string, more: readonly string[] = []): Promise<{ context: BrowserContext; close(): Promise<void>; kill(): Promise<void> }> {
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: path as string, headless: true, baseURL: base, args: [...flags, ...more], locale: 'zh-CN', viewport: { width: 1280, height: 800 }, permissions: more.length > 0 ? ['camera'] : [],
  });
  let gone = false;
  t.teardown(async () => { if (!gone) await context.close(); });
  return {
    context,
    async close() {
      gone = true;
      await context.close();
    },
    async kill() {
      const session = await (context.browser() as Browser).newBrowserCDPSession();
      const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as { processInfo: { type: string; id: number }[] };
      const closed = new Promise<void>((resolve) => context.once('close', () => resolve()));
      gone = true;
      for (const { type, id } of processInfo) if (type === 'browser') process.kill(id, 'SIGKILL');
      await closed;
    },
  };
}

/** A window of its own, with storage of its own: one tablet. */
export async function openScreen(t: Test, { browser, base, size = { width: 1280, height: 800 }, language = 'zh', theme = 'light', expected }: ScreenOptions): Promise<Screen> {
  const context = await browser.newContext({ baseURL: base, viewport: size, locale: language === 'zh' ? 'zh-CN' : 'en-GB', serviceWorkers: 'allow' });
  await context.addInitScript(([language, theme]) => {
    if (localStorage.getItem('swabline.language') === null) localStorage.setItem('swabline.language', language as string);
    if (localStorage.getItem('swabline.theme') === null) localStorage.setItem('swabline.theme', theme as string);
  }, [language, theme]);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (fault) => complaints.push(`page: ${fault.message}`));
  // A refused request is an answer, and the browser writes it into the console all the same.
  page.on('console', (message) => { if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(`console: ${message.text()}`); });
  t.teardown(async () => {
    await context.close();
    // A test has ended when its teardown runs, and takes no assertion any more; a throw still fails it.
    const unexpected = complaints.filter((complaint) => !expected?.test(complaint));
    if (unexpected.length > 0) throw new Error(`the page or its console complains: ${unexpected.join('\n')}`);
  });
  return { page, context, complaints };
}

/**
 * Types as a hand scanner does: every key at once, and Enter at the end. The keys are sent from within the page where no field has the focus:
 * one by one from outside, a busy machine makes a slow typist of the scanner, and those are refused. Enter is a real key, which lets sounds be heard.
 */
export async function scan(page: Page, code: string, { suffix = 'Enter', delay }: { suffix?: 'Enter' | 'Tab' | ''; delay?: number } = {}): Promise<void> {
  const sent = delay === undefined && /^[0-9A-Za-z]*$/.test(code) && (await page.evaluate((text) => {
    if (document.activeElement && document.activeElement !== document.body) return false;
    for (const key of text) {
      const code = /\d/.test(key) ? `Digit${key}` : `Key${key.toUpperCase()}`;
      const init = { key, code, keyCode: key.toUpperCase().charCodeAt(0), shiftKey: /[A-Z]/.test(key), bubbles: true, cancelable: true, composed: true };
      document.body.dispatchEvent(new KeyboardEvent('keydown', init));
      document.body.dispatchEvent(new KeyboardEvent('keyup', init));
    }
    return true;
  }, code));
  if (!sent) await page.keyboard.type(code, { delay: delay ?? 1 });
  if (suffix) await page.keyboard.press(suffix);
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds against WCAG 2.2 AA, a line each. Evaluated instead of loaded, so that the page's own policy stays in force. */
export async function axe(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const run = (window as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } }).axe;
    const { violations } = await run.run({ runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] } });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary?.split('\n')[1]?.trim() ?? ''}`));
  });
}

export interface Measures {
  /** Smallest target, px. */
  target?: number;
  /** Smallest letters, px. */
  letters?: number;
  /** Must the page fit its window? */
  noScroll?: boolean;
}

/** What axe does not see: small targets, small letters, clipped boxes, a page that scrolls. One line for each finding. */
export function measured(page: Page, { target = 64, letters = 18, noScroll = false }: Measures = {}): Promise<string[]> {
  return page.evaluate(({ target, letters, noScroll }) => {
    const found: string[] = [];
    const name = (element: Element): string => `${element.tagName.toLowerCase()}.${element.className} "${(element.textContent ?? '').trim().slice(0, 40)}"`;
    const shown = (element: Element): boolean => {
      const box = element.getBoundingClientRect();
      const style = getComputedStyle(element);
      return box.width > 0 && box.height > 0 && style.visibility !== 'hidden';
    };
    for (const element of document.querySelectorAll('button, select, input:not([type=checkbox]):not([type=radio]):not([type=hidden]), summary')) {
      const { width, height } = element.getBoundingClientRect();
      if (shown(element) && (height < target - 0.5 || width < target - 0.5)) found.push(`small target ${Math.round(width)} x ${Math.round(height)}: ${name(element)}`);
    }
    for (const element of document.querySelectorAll('body *')) {
      if (!shown(element) || element.closest('svg, canvas, [aria-hidden=true]')) continue;
      const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? '').trim() !== '');
      if (text && parseFloat(getComputedStyle(element).fontSize) < letters - 0.1) found.push(`small letters ${getComputedStyle(element).fontSize}: ${name(element)}`);
      const overflow = getComputedStyle(element).overflow;
      if (/hidden|clip/.test(overflow) && (element.scrollHeight > element.clientHeight + 2 || element.scrollWidth > element.clientWidth + 2) && text) found.push(`clipped: ${name(element)}`);
    }
    const root = document.documentElement;
    if (noScroll && (root.scrollHeight > root.clientHeight || root.scrollWidth > root.clientWidth)) found.push(`the page scrolls: ${root.scrollWidth} x ${root.scrollHeight} in ${root.clientWidth} x ${root.clientHeight}`);
    return found;
  }, { target, letters, noScroll });
}

/** Chinese characters that an English page shows, but for names (`[lang=zh-CN]`, `.name`) and the switch. */
export function chineseLeft(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const left: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement;
      if (parent?.closest('[lang=zh-CN], .name, script, style')) continue;
      if (/\p{Script=Han}/u.test(node.textContent ?? '')) left.push((node.textContent ?? '').trim().slice(0, 60));
    }
    return left;
  });
}

/** Keeps a picture for looking at, in test-output/screens (not in the repository). */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = 'test-output/screens';
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
