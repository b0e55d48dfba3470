// What does a wall cost that is watched for a whole day, and how old is what it shows?
//
//   npm run bench -- wall [--json] [--residents 2000] [--speed 60]
//
// A drill's day runs through the real doors of a service while one wall stands open in a real Chromium, as it hangs in a command post: 1080p, the
// live line, the history. Looked at from outside: the heap after a collection, every ten seconds; how late the page's own timer comes; and
// for every event of the record, how long it took until the wall had drawn a state that holds it. At the end the wall is held against the record.

import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright-core';
import type { CellName } from '../src/domain/requests.js';
import { connect } from '../src/ledger/redis.js';
import { allEvents } from '../src/ledger/stream.js';
import { runDrill } from '../src/tools/drill/drill.js';
import { startService } from '../src/tools/drill/service.js';
import { machine, quantile, table } from './rig/figures.js';

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false }, residents: { type: 'string', default: '2000' }, speed: { type: 'string', default: '60' } } });
const say = (sentence: string): boolean => process.stderr.write(`${sentence}\n`);
const note = '.cache/browser.json';
const path = existsSync(note) ? (JSON.parse(readFileSync(note, 'utf8')) as { path: string | null }).path : null;

/** In the page: when each position was drawn, and how late a timer of 100 ms comes. Text, since it runs elsewhere. */
const watching = `(() => {
  const seen = window.drawn = [];
  window.late = [];
  let due = performance.now() + 100;
  setInterval(() => { const now = performance.now(); window.late.push(Math.max(0, now - due)); due = now + 100; }, 100);
  const Own = WebSocket;
  window.WebSocket = class extends Own {
    constructor(...given) {
      super(...given);
      // The page's own listener is told next; the frame after it is what people see.
      this.addEventListener('message', ({ data }) => {
        const { position } = JSON.parse(data);
        if (position) requestAnimationFrame(() => setTimeout(() => seen.push([position, Date.now()])));
      });
    }
  };
})()`;

async function main(): Promise<void> {
  if (path === null) throw new Error('There is no Chromium on this machine: `npm test` says how to get one.');
  const service = await startService();
  const browser = await chromium.launch({ executablePath: path, headless: true, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'] });
  try {
    const page = await openWall(browser, service.address, service.key);
    const debug = await page.context().newCDPSession(page);
    await debug.send('HeapProfiler.enable');
    const heaps: { at: number; mb: number }[] = [];
    const began = Date.now();
    const timer = setInterval(() => void heapOf(debug).then((mb) => heaps.push({ at: (Date.now() - began) / 1000, mb }), () => undefined), 10_000);
    let shown: { wall: string; record: string } | undefined;
    let messages = 0;
    const waits: number[] = [];
    const { report } = await runDrill({
      url: service.address, key: service.key, seed: 'wall', residents: Number(options.residents), speed: options.speed === 'max' ? Number.POSITIVE_INFINITY : Number(options.speed),
      async onDayOver(cell) {
        shown = await figures(page, service.address, service.key, cell);
        const drawn = (await page.evaluate('window.drawn')) as [string, number][];
        messages = drawn.length;
        await waitsOf(service.redisUrl, cell, drawn, waits);
      },
    });
    clearInterval(timer);
    if (!shown || shown.wall !== shown.record) throw new Error(`the wall shows ${shown?.wall}, the record says ${shown?.record}`);
    const late = ((await page.evaluate('window.late')) as number[]).sort((a, b) => a - b);
    waits.sort((a, b) => a - b);
    const third = Math.max(1, Math.floor(heaps.length / 3));
    const mean = (list: typeof heaps): number => list.reduce((sum, { mb }) => sum + mb, 0) / Math.max(1, list.length);
    const result = {
      minutes: Number(((Date.now() - began) / 60_000).toFixed(1)), events: waits.length, messages, eventToWallP50: quantile(waits, 0.5), eventToWallP99: quantile(waits, 0.99), eventToWallMax: waits.at(-1) ?? Number.NaN,
      timerLateP99: Math.round(quantile(late, 0.99)), heapMbMiddle: Number(mean(heaps.slice(third, 2 * third)).toFixed(2)), heapMbEnd: Number(mean(heaps.slice(-third)).toFixed(2)), sampledOnWall: shown.wall, drillOk: report.ok,
    };
    say(JSON.stringify(machine()));
    say(heaps.filter((_, i) => i % Math.ceil(heaps.length / 12) === 0).map(({ at, mb }) => `${Math.round(at)} s: ${mb.toFixed(2)} MB`).join(', '));
    console.log(options.json ? JSON.stringify(result) : table(['figure', 'value'], Object.entries(result).map(([name, value]) => [name, String(value)])));
  } finally {
    await browser.close();
    await service.stop();
  }
}

/** Somebody signs in on the wall's screen; it waits until a round is opened. */
async function openWall(browser: Browser, base: string, key: string): Promise<Page> {
  const made = await fetch(`${base}/api/accounts/walls`, { method: 'PUT', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: JSON.stringify({ grants: [{ role: 'wall' }] }) });
  const { link } = (await made.json()) as { link?: string };
  const context = await browser.newContext({ baseURL: base, viewport: { width: 1920, height: 1080 } });
  const entered = await context.request.post(`${base}/api/enter`, { data: { link: link?.split('#')[1], password: 'long and dull words' }, headers: { 'x-swabline': '1', origin: base } });
  if (!entered.ok()) throw new Error(`nobody could sign in on the wall: ${await entered.text()}`);
  const page = await context.newPage();
  await page.addInitScript(watching);
  await page.goto('/wall');
  return page;
}

async function heapOf(debug: CDPSession): Promise<number> {
  await debug.send('HeapProfiler.collectGarbage');
  return (await debug.send('Runtime.getHeapUsage')).usedSize / 1e6;
}

/** What the record says, and what stands on the wall once it has had time to draw it. */
async function figures(page: Page, base: string, key: string, { round, area }: CellName): Promise<{ wall: string; record: string }> {
  const reply = await fetch(`${base}/api/cells/${round}/${area}/counts?fresh=1`, { headers: { authorization: `Bearer ${key}` } });
  const { counts } = (await reply.json()) as { counts: { total: { sampled: number } } };
  const record = counts.total.sampled.toLocaleString('en');
  await page.locator(`[data-figure=sampled]:text-is("${record}")`).waitFor({ timeout: 30_000 }).catch(() => undefined);
  return { wall: (await page.locator('[data-figure=sampled]').textContent({ timeout: 5000 })) ?? '', record };
}

/** For each event the first state drawn that holds it; those from before the wall had its first are left out. */
async function waitsOf(redisUrl: string, cell: CellName, drawn: readonly [string, number][], waits: number[]): Promise<void> {
  const redis = connect(redisUrl);
  const placed = drawn.map(([position, at]) => ({ ms: Number(position.split('-')[0]), place: Number(position.split('-')[1]), at }));
  const [first] = placed;
  try {
    let next = 0;
    for await (const { id } of allEvents(redis, cell)) {
      const [ms = 0, place = 0] = id.split('-').map(Number);
      if (!first || ms < first.ms || (ms === first.ms && place <= first.place)) continue;
      const holds = (one: (typeof placed)[number]): boolean => one.ms > ms || (one.ms === ms && one.place >= place);
      while (next < placed.length && !holds(placed[next] as (typeof placed)[number])) next++;
      const found = placed[next];
      if (found) waits.push(found.at - ms);
    }
  } finally {
    redis.disconnect();
  }
}

await main();
