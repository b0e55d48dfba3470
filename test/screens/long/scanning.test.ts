// Scanners and the camera in a real browser, on a page built and guarded as the product's pages are.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import t from 'tap';
import type { CDPSession, Page } from 'playwright-core';
import { build } from 'vite';
import { makeCode } from '../../../src/domain/codes.js';
import { ownFolder } from '../../folder.js';
import { openBrowser, openScreen, withBrowser } from '../browser.js';
import { filmCodes } from '../heldCodes.js';
import { filmed } from '../video.js';

type Test = { teardown(end: () => unknown): void };

/** As the product's pages are guarded (api/edge.ts). */
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; media-src 'self' blob:; worker-src 'self'";
const kinds: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css' };

interface Heard { values: string[]; rejected: string[]; endings: string[]; keys: string[]; frames: number; fault?: string }

/** A page with the reader and a field, and the camera behind a button. Built once for all tests of this file. */
let built: Promise<string> | undefined;
function builtPage(): Promise<string> {
  built ??= (async () => {
    // Beside the build and not in a test's own folder: the other tests use it too.
    const folder = resolve('build/test/screens/scanningPage');
    const from = resolve('src/screens/scanning');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'index.html'), '<!doctype html><html lang="en"><title>scans</title><video id="video"></video><input id="field"><button id="button">b</button><script type="module" src="./main.ts"></script></html>');
    writeFileSync(join(folder, 'main.ts'), `
      import { listenHiddenField, listenWedge } from '${from}/wedge.ts';
      import { startCamera } from '${from}/camera.ts';
      const heard = { values: [], rejected: [], endings: [], keys: [], frames: 0 };
      const hearing = {
        onScan: ({ scan, ending }) => { heard.values.push(scan.value); heard.endings.push(ending); },
        onReject: ({ why, text }) => heard.rejected.push(why + ' ' + text),
      };
      const wedge = listenWedge({ ...hearing, onKey: (key) => heard.keys.push(key) });
      Object.assign(window, { heard, wedge, hidden: () => listenHiddenField(hearing), camera: async () => {
        window.open = await startCamera({ video: document.getElementById('video'), onScan: hearing.onScan, onFault: (fault) => { heard.fault = fault; }, onFrame: () => { heard.frames++; } });
      } });
    `);
    await build({ configFile: false, root: folder, base: '/', logLevel: 'error', publicDir: false, envDir: false, worker: { format: 'es' }, build: { outDir: join(folder, 'dist'), emptyOutDir: true, target: ['chrome100'], modulePreload: { polyfill: false }, assetsInlineLimit: 0 } });
    return join(folder, 'dist');
  })();
  return built;
}

async function pageOf(t: Test, browserFlags: readonly string[] = [], permissions: string[] = []): Promise<{ page: Page; heard: () => Promise<Heard>; asked: string[] }> {
  const folder = await builtPage();
  const server = createServer((request, reply) => {
    const file = request.url === '/' ? 'index.html' : (request.url ?? '').slice(1);
    const path = join(folder, file);
    if (existsSync(path)) reply.writeHead(200, { 'content-type': kinds[extname(file)] ?? 'application/octet-stream', 'content-security-policy': policy }).end(readFileSync(path));
    else reply.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  t.teardown(() => { server.closeAllConnections(); server.close(); });
  const browser = await openBrowser(t, browserFlags);
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { page, context } = await openScreen(t, { browser, base });
  await context.grantPermissions(permissions);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto('/');
  await until(page, 'window.wedge !== undefined');
  return { page, asked, heard: () => page.evaluate('heard') as Promise<Heard> };
}

/** Waits for a condition in the page. The page's own policy forbids it to make code of text, so it is asked again and again from outside. */
async function until(page: Page, condition: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    if (await page.evaluate(condition)) return;
    await page.waitForTimeout(25);
  }
  throw new Error(`never came true: ${condition}; heard: ${JSON.stringify(await page.evaluate('heard'))}`);
}

/** Types as a scanner does, with real keys that bear the scanner's time: a busy machine brings them later, and they are as close as they were. */
async function type(devtools: CDPSession, code: string, { gap = 5, suffix }: { gap?: number; suffix?: 'Enter' | 'Tab' } = {}): Promise<void> {
  const began = Date.now() / 1000;
  const press = (key: string, code: string, keyCode: number, text: string, i: number): Promise<unknown>[] => (['keyDown', 'keyUp'] as const).map((type) =>
    devtools.send('Input.dispatchKeyEvent', { type, key, code, windowsVirtualKeyCode: keyCode, ...(type === 'keyDown' && text ? { text } : {}), timestamp: began + (i * gap) / 1000 }));
  const keys = [...code].flatMap((digit, i) => press(digit, `Digit${digit}`, digit.charCodeAt(0), digit, i));
  if (suffix) keys.push(...press(suffix, suffix, suffix === 'Tab' ? 9 : 13, suffix === 'Enter' ? '\r' : '', code.length));
  await Promise.all(keys);
}

t.test('150 scans while the page stalls again and again: 150 codes, and none in halves', withBrowser, async (t) => {
  const { page, heard } = await pageOf(t);
  // Every 400 ms the page is busy for 30 to 350 ms, as an old tablet is.
  await page.evaluate(`(() => { let n = 1; const stall = () => { n = (n * 48271) % 2147483647; for (const end = performance.now() + 30 + n % 320; performance.now() < end;); setTimeout(stall, 400); }; stall(); })()`);
  const codes = Array.from({ length: 150 }, (_, i) => makeCode(i % 11 === 0 ? 'tube' : 'resident', 5000 + i));
  const devtools = await page.context().newCDPSession(page);
  for (const [i, code] of codes.entries()) await type(devtools, code, { suffix: i % 5 === 0 ? 'Tab' : 'Enter' });
  await until(page, `heard.values.length + heard.rejected.length >= ${codes.length}`);
  t.same((await heard()).values, codes);
  t.same((await heard()).rejected, []);
  t.equal(await page.evaluate('document.activeElement.tagName'), 'BODY', 'neither Tab nor Enter has led anywhere');
});

t.test('without a suffix, with an input method in the way, pasted, and typed by hand', withBrowser, async (t) => {
  const { page, heard } = await pageOf(t);
  const [one, two, three] = [1, 2, 3].map((serial) => makeCode('resident', serial)) as [string, string, string];
  const devtools = await page.context().newCDPSession(page);
  await type(devtools, one);
  await until(page, 'heard.values.length === 1');
  const began = Date.now() / 1000;
  const taken = [...two].flatMap((digit, i) => (['rawKeyDown', 'keyUp'] as const).map((type) =>
    devtools.send('Input.dispatchKeyEvent', { type, key: 'Process', code: `Digit${digit}`, windowsVirtualKeyCode: 229, timestamp: began + i / 200 })));
  await Promise.all([...taken, page.keyboard.press('Enter')]);
  await until(page, 'heard.values.length === 2');
  await page.evaluate(`document.body.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: (() => { const data = new DataTransfer(); data.setData('text', '${three}\\n'); return data; })() }))`);
  t.match(await heard(), { values: [one, two, three], endings: ['pause', 'Enter', 'paste'], rejected: [] });
  await type(devtools, one, { gap: 110, suffix: 'Enter' });
  await until(page, 'heard.rejected.length === 1');
  t.match((await heard()).rejected, [`slow ${one}`]);
  await page.keyboard.press('r');
  await until(page, 'heard.keys.includes("r")');
});

t.test('a person in a field is left alone, and the hidden field takes what an input method of a scanner puts in', withBrowser, async (t) => {
  const { page, heard } = await pageOf(t);
  const code = makeCode('resident', 9);
  await page.locator('#field').focus();
  await page.keyboard.type(code, { delay: 2 });
  t.equal(await page.locator('#field').inputValue(), code);
  t.same((await heard()).values, []);
  await page.locator('#field').evaluate((field) => field.blur());
  await page.evaluate('hidden(), undefined');
  t.equal(await page.evaluate('document.activeElement.type'), 'password');
  await page.keyboard.insertText(code);
  await page.keyboard.press('Enter');
  await until(page, 'heard.values.length === 1');
  await page.keyboard.insertText(makeCode('tube', 4));
  await until(page, 'heard.values.length === 2');
  t.match((await heard()).endings, ['field', 'field']);
  await page.locator('#button').click();
  await until(page, 'document.activeElement.type === "password"');
});

t.test('the camera: a person and a tube, each once though they stay in the picture, from this service alone', withBrowser, async (t) => {
  const file = join(ownFolder(t), 'scan.y4m');
  const [person, tube] = [makeCode('resident', 77), makeCode('tube', 78)];
  filmCodes(file, [{ text: person, as: 'qr', turned: 8, frames: 20 }, { text: tube, as: 'bars', turned: 3, frames: 20 }]);
  const { page, heard, asked } = await pageOf(t, filmed(file), ['camera']);
  await page.evaluate('camera()');
  await until(page, 'heard.values.length >= 2');
  // The film begins anew after four seconds; until then each has been in some twenty pictures.
  const { values, endings, frames, fault } = await heard();
  t.same([...values.slice(0, 2)].sort(), [tube, person].sort());
  t.same(endings.slice(0, 2), ['camera', 'camera']);
  t.ok(frames > 2);
  t.equal(fault, undefined);
  t.ok(asked.some((url) => url.endsWith('.wasm')));
  t.ok(asked.every((url) => url.startsWith('http://127.0.0.1:')), 'no address but this service\'s');
  await page.evaluate('window.open.stop()');
  const before = (await heard()).frames;
  await page.waitForTimeout(300);
  t.equal((await heard()).frames, before, 'stopped is stopped');
});

t.test('no camera, or nobody allowed it: said in a word', withBrowser, async (t) => {
  const { page } = await pageOf(t);
  t.match(await page.evaluate('camera().then(() => "picture", (refused) => refused.name + " " + refused.fault)'), /^CameraRefused (none|denied)$/);
});
