// An hour without a network: the service killed, the page reloaded from what the tablet keeps, 240 swabs, two answers lost after they were
// written. In the end the record is the tablet, in order, each once.

import t from 'tap';
import { openBetween } from '../between.js';
import { openBrowser, openScreen, picture, withBrowser } from '../browser.js';
import { openService } from '../service.js';
import { flick, kept, openStation, pairStation, swabsOnRecord } from '../tablets.js';

// A busy machine needs longer than a test file is given.
t.setTimeout(400_000);

t.test('an hour offline, and nothing is lost or doubled', { ...withBrowser, timeout: 400_000 }, async (t) => {
  const service = await openService(t, { people: 250 });
  const between = await openBetween(t, () => service.base);
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: between.base, expected: /WebSocket|net::ERR|Failed to fetch/ });
  const { page, context } = screen;
  const { code } = await pairStation({ ...service, base: between.base }, context);
  await page.clock.install({ time: Date.now() });
  await page.goto('/station');
  const tick = async (ms: number): Promise<void> => { await page.clock.runFor(ms); };
  const wait = async (shown: () => Promise<boolean>): Promise<void> => {
    for (let i = 0; i < 600 && !(await shown()); i++) await tick(100);
  };
  await wait(async () => (await page.locator('.answer').count()) > 0 && (await page.locator('.chip.ok').count()) > 0 && (await page.locator('.downloading').count()) === 0);
  await kept(page);

  // A little while the service answers, then nobody does.
  const tubes = Array.from({ length: 25 }, () => service.tube());
  t.equal(await flick(page, tubes[0] as string), 'opened');
  for (let n = 1; n <= 3; n++) t.equal(await flick(page, code(n)), 'counted');
  await tick(2000);
  between.down = true;
  await service.stop();
  await tick(3000);

  const swab = async (n: number): Promise<void> => {
    if (n % 10 === 1) t.equal(await flick(page, tubes[(n - 1) / 10] as string), 'opened');
    t.equal(await flick(page, code(n)), n % 10 === 0 ? 'full' : 'counted', `swab ${n}`);
    await tick(15_000);
  };
  for (let n = 4; n <= 125; n++) await swab(n);
  await page.reload();
  await wait(async () => (await page.locator('.answer').count()) > 0);
  t.equal(await page.locator('.count b').innerText(), '5 / 10', 'the same tube, with its people');
  for (let n = 126; n <= 243; n++) await swab(n);
  await wait(async () => /Offline|离线/.test(await page.locator('.top').innerText()));
  t.match(await page.locator('.top').innerText(), /离线 6\d 分钟/, 'it says for how long');
  t.match(await page.locator('.top').innerText(), /待上传 2\d\d · 已存本机/);
  t.equal(await page.locator('.banner.caution').count(), 1, 'after an hour it says whom to tell');
  await picture(page, 'station-offline-hour');

  between.dropAnswers = 2;
  await service.start();
  between.down = false;
  await wait(async () => /已全部上传/.test(await page.locator('.top').innerText()));
  t.equal(between.dropped, 2, 'two answers were lost on the way');
  const swabs = await swabsOnRecord(service);
  t.same(swabs.map(({ resident }) => resident), Array.from({ length: 243 }, (_, i) => i + 1), 'each once, in order');
  t.same(swabs.map(({ tube }) => tube), Array.from({ length: 243 }, (_, i) => tubes[Math.floor(i / 10)]));
  const numbers = swabs.map(({ number }) => number);
  t.ok(numbers.every((number, i) => i === 0 || number > (numbers[i - 1] as number)), 'as the tablet numbered them');
  t.same((await service.call<{ discrepancies: unknown[] }>('GET', service.at('/discrepancies'))).discrepancies, []);
  t.equal(await page.locator('.chip.stop').count(), 0, 'nothing is to be put right');
  await picture(page, 'station-back-online');
});
