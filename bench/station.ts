// How heavy is the station's page, and how soon does it answer a scan on a weak tablet?
//
//   npm run bench -- station [--json] [--residents 28000] [--scans 300] [--throttle 4]
//
// A real Chromium whose processor is slowed down four times, a tablet paired as people pair it, with a roster of 28,000 on it. First load:
// bytes on the line until the page says that it is ready, compressed as the service sends them, without the roster; what the service worker
// fetches afterwards for work without a network stands apart. Then scans as a hand scanner sends them, tubes and people, four a second where
// a table has one in ten seconds, with the network and without: the time from Enter until the frame in which the answer stands on the screen
// has been drawn. Each person's swab is looked for on the record at the end.

import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { makeCode, serialKey, serialOf } from '../src/domain/codes.js';
import type { CellName } from '../src/domain/requests.js';
import { type Service, startService } from '../src/tools/drill/service.js';
import { buildTownship, rosterOf } from '../src/tools/drill/township.js';
import { machine, quantile, table } from './rig/figures.js';
import { HttpLine } from './rig/lines.js';
import { sendRoster } from './rig/roster.js';

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false }, residents: { type: 'string', default: '28000' }, scans: { type: 'string', default: '300' }, throttle: { type: 'string', default: '4' } } });
const [people, scans, throttle] = [Number(options.residents), Number(options.scans), Number(options.throttle)];
const say = (sentence: string): boolean => process.stderr.write(`${sentence}\n`);
const note = '.cache/browser.json';
const path = existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as { path: string | null }).path : null;
const cell: CellName = { round: 'bench', area: 'north' };
const at = `/api/cells/${cell.round}/${cell.area}`;

/** In the page: types a code as a scanner does and gives the milliseconds until its answer was drawn, and which answer. Text, since it runs elsewhere. */
const scanning = `window.scan = async (code) => {
  const panel = () => document.querySelector('.answer');
  const before = panel().dataset.turn;
  const press = (key) => window.dispatchEvent(new KeyboardEvent('keydown', { key, code: /[0-9]/.test(key) ? 'Digit' + key : key, bubbles: true, cancelable: true }));
  for (const digit of code) press(digit);
  const began = performance.now();
  press('Enter');
  await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('no answer to ' + code)), 20000);
    const look = () => {
      if (panel().dataset.turn === before) return;
      watch.disconnect();
      clearTimeout(late);
      // The frame that follows the change is the one people see; a message after it is sent when it has been drawn.
      requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port1.onmessage = resolve; port2.postMessage(0); });
    };
    const watch = new MutationObserver(look);
    watch.observe(document.body, { subtree: true, childList: true, attributes: true });
    look();
  });
  return [performance.now() - began, panel().dataset.answer];
};`;

async function main(): Promise<void> {
  if (path === null) throw new Error('There is no Chromium on this machine: `npm test` says how to get one.');
  const service = await startService();
  const browser = await chromium.launch({ executablePath: path, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'] });
  try {
    const line = new HttpLine(Number(new URL(service.address).port), service.key);
    const { people: enrolled } = await sendRoster(line, cell, rosterOf(buildTownship('station', people, 2025)), 'roster.csv');
    await post(service, `${at}/steps/openStation`, { device: 'post', epoch: 'e1', number: 2, claimedAt: Date.now(), body: { station: 't1', site: 's1' } });
    line.close();
    say(`${enrolled} people are on the roster`);

    const weight = await firstLoad(browser, service);
    const context = await pairedContext(browser, service);
    const page = await context.newPage();
    await page.addInitScript(scanning);
    const debug = await context.newCDPSession(page);
    await debug.send('Emulation.setCPUThrottlingRate', { rate: throttle });
    let began = performance.now();
    await page.goto('/station');
    await page.locator('.chip.ok').waitFor({ timeout: 180_000 });
    await page.locator('.downloading').waitFor({ state: 'detached', timeout: 180_000 });
    const rosterSeconds = (performance.now() - began) / 1000;
    say(`the roster is on the tablet after ${rosterSeconds.toFixed(1)} s`);
    began = performance.now();
    await page.reload();
    await page.locator('.answer').waitFor({ timeout: 60_000 });
    await page.locator('.downloading').waitFor({ state: 'detached', timeout: 60_000 });
    const startSeconds = (performance.now() - began) / 1000;

    const codes = await codesOf(context);
    let [resident, tube, taken] = [0, 0, 0];
    let full = true;
    /** Tubes, and people into them until they are full; some are sent to a tube of their own. The first ten scans warm the page up and are not counted. */
    const run = async (): Promise<number[]> => {
      const took: number[] = [];
      let refused = 0;
      for (let i = 0; i < scans; i++) {
        const code = full ? makeCode('tube', 5000 + ++tube) : codes(++resident);
        await page.waitForTimeout(250);
        const [ms, answer] = (await page.evaluate(`window.scan('${code}')`)) as [number, string];
        if (full && answer !== 'opened') throw new Error(`a new tube was answered "${answer}"`);
        if (!full && ['counted', 'full'].includes(answer)) taken++;
        else if (!full) refused++;
        full = answer === 'full';
        if (i >= 10) took.push(ms);
      }
      if (refused > scans / 5) throw new Error(`${refused} of ${scans} scans were refused`);
      return took.sort((a, b) => a - b);
    };
    const online = await run();
    await context.setOffline(true);
    const offline = await run();
    await context.setOffline(false);
    await page.locator('.waiting', { hasText: '已全部上传' }).waitFor({ timeout: 120_000 });
    const { counts } = (await get(service, `${at}/counts?fresh=1`)) as { counts: { total: { sampled: number } } };
    if (counts.total.sampled !== taken) throw new Error(`${taken} people were counted on the tablet, the record says ${counts.total.sampled}`);

    const ms = (list: number[], q: number): number => Number(quantile(list, q).toFixed(1));
    const result = {
      throttle, residents: enrolled, pageKb: weight.page, offlineKb: weight.later, rosterSeconds: Number(rosterSeconds.toFixed(1)), startSeconds: Number(startSeconds.toFixed(1)),
      onlineP50: ms(online, 0.5), onlineP95: ms(online, 0.95), onlineMax: ms(online, 1), offlineP50: ms(offline, 0.5), offlineP95: ms(offline, 0.95), offlineMax: ms(offline, 1), swabsOnRecord: counts.total.sampled,
    };
    say(JSON.stringify(machine()));
    console.log(options.json ? JSON.stringify(result) : table(['figure', 'value'], Object.entries(result).map(([name, value]) => [name, String(value)])));
  } finally {
    await browser.close();
    await service.stop();
  }
}

async function post(service: Service, address: string, body: object): Promise<unknown> {
  const reply = await fetch(`${service.address}${address}`, { method: 'POST', headers: { authorization: `Bearer ${service.key}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!reply.ok) throw new Error(`${address}: ${await reply.text()}`);
  return reply.json();
}

async function get(service: Service, address: string): Promise<unknown> {
  const reply = await fetch(`${service.address}${address}`, { headers: { authorization: `Bearer ${service.key}` } });
  if (!reply.ok) throw new Error(`${address}: ${await reply.text()}`);
  return reply.json();
}

async function pairedContext(browser: Browser, service: Service): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: service.address, viewport: { width: 1280, height: 800 }, locale: 'zh-CN' });
  const { qr } = (await post(service, '/api/pairing', { ...cell, role: 'station', site: 's1', station: 't1' })) as { qr: string };
  const redeemed = await context.request.post(`${service.address}/api/pairing/redeem`, { data: { code: qr.split('#')[1], keep: 'cookie' }, headers: { 'x-swabline': '1', origin: service.address } });
  if (!redeemed.ok()) throw new Error(`the tablet was not paired: ${await redeemed.text()}`);
  return context;
}

/** The printed codes of the people on the roster. */
async function codesOf(context: BrowserContext): Promise<(resident: number) => string> {
  const { seed } = (await (await context.request.get(`${at}/tablet/key`)).json()) as { seed: string };
  const key = serialKey(seed);
  return (resident) => makeCode('resident', serialOf(key, resident - 1, false));
}

/** Kilobytes on the line for the page itself, and for what is kept afterwards for work without a network; the roster is in neither. */
async function firstLoad(browser: Browser, service: Service): Promise<{ page: number; later: number }> {
  const context = await pairedContext(browser, service);
  const page = await context.newPage();
  const bytes = { page: 0, later: 0 };
  const debug = await context.newCDPSession(page);
  await debug.send('Network.enable');
  const addresses = new Map<string, string>();
  debug.on('Network.responseReceived', ({ requestId, response }) => addresses.set(requestId, response.url));
  debug.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const url = addresses.get(requestId) ?? '';
    if (!url.includes('/api/') && !url.startsWith('blob:')) bytes.page += encodedDataLength;
  });
  // The worker's own requests are not the page's.
  context.on('response', (response) => {
    if (response.request().serviceWorker()) void response.request().sizes().then(({ responseBodySize, responseHeadersSize }) => { bytes.later += responseBodySize + responseHeadersSize; }, () => undefined);
  });
  await loaded(page);
  await context.close();
  const kb = (n: number): number => Number((n / 1000).toFixed(1));
  return { page: kb(bytes.page), later: kb(bytes.later) };
}

async function loaded(page: Page): Promise<void> {
  await page.goto('/station');
  await page.locator('.chip.ok').waitFor({ timeout: 180_000 });
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
}

await main();
