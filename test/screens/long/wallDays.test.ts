// The wall stands for days: its memory does not grow.

import t from 'tap';
import { openBrowser, openScreen, withBrowser } from '../browser.js';
import { openService } from '../service.js';
import { eleven, figure, townshipCounts, townshipHistory } from '../wallCounts.js';

t.test('two thousand messages leave the memory of a wall where it was, and the last number is right', withBrowser, async (t) => {
  const service = await openService(t, { people: 0, stations: 1 });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base, size: { width: 960, height: 540 }, theme: 'dark' });
  await service.pair(context, { role: 'wall' });
  // The line is the page's own: a message costs what it costs a wall, and nothing of the test keeps what was sent.
  await page.addInitScript(() => {
    class Line {
      onmessage: ((message: { data: string }) => void) | null = null;
      onclose: (() => void) | null = null;
      constructor() { (window as unknown as { line: Line }).line = this; }
      close(): void { this.onclose?.(); }
    }
    (window as unknown as { WebSocket: unknown }).WebSocket = Line;
  });
  await page.route(/\/history$/, (route) => route.fulfill({ json: townshipHistory() }));
  await page.goto('/wall');
  await page.waitForFunction(() => 'line' in window);
  const header = { position: '1-0', at: eleven, age: 0 };
  const tell = (message: object) => page.evaluate((data) => (window as unknown as { line: { onmessage(message: { data: string }): void } }).line.onmessage({ data }), JSON.stringify({ ...header, ...message }));
  await tell({ kind: 'snapshot', dataEpoch: 'e', counts: townshipCounts() });
  await page.locator('canvas[aria-label*="92.4"]').waitFor();

  const debug = await context.newCDPSession(page);
  await debug.send('HeapProfiler.enable');
  let sampled = 12_345;
  const update = async (many: number): Promise<number> => {
    await page.evaluate(async ({ many, from, header }) => {
      const { line } = window as unknown as { line: { onmessage(message: { data: string }): void } };
      for (let i = 1; i <= many; i++) {
        const patch = {
          total: { sampled: from + i, open: 28_000 - from - i, perMinute15: 80 + (i % 300) / 10 }, places: { sealed: i % 100 },
          stations: { [1 + (i % 60)]: { perMinute15: (i % 40) / 10, waiting: i % 9 } }, villages: { [1 + (i % 35)]: { sampled: 300 + (i % 90) } },
        };
        line.onmessage({ data: JSON.stringify({ kind: 'change', ...header, patch }) });
        // Each message changes the page before the next one comes; some of them are painted as well.
        for (let turn = 0; turn < 3; turn++) await Promise.resolve();
        if (i % 50 === 0) await new Promise((resolve) => { requestAnimationFrame(resolve); });
      }
    }, { many, from: sampled, header });
    sampled += many;
    await page.locator(`[data-figure=sampled]:text-is("${sampled.toLocaleString('en')}")`).waitFor();
    await debug.send('HeapProfiler.collectGarbage');
    return (await debug.send('Runtime.getHeapUsage')).usedSize;
  };
  // The first thousand teach the engine the page, which takes room of its own.
  await update(1200);
  const before = await update(100);
  const after = await update(2000);
  t.comment(`heap ${(before / 1e6).toFixed(2)} MB, after 2,000 messages ${(after / 1e6).toFixed(2)} MB`);
  t.ok(after < before * 1.1, `the heap grew by ${(((after - before) / before) * 100).toFixed(1)} %`);
  t.equal(await figure(page, 'toBox').textContent(), '0');
});
