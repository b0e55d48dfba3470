// What a table never loses: the tube when its page is closed, the swab when the browser is killed after the beep, the truth when the disk
// takes nothing more, the names of records when the storage was cleared, and one record when two pages or two tables are at it.

import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { openBetween } from '../between.js';
import { openBrowser, openScreen, openTablet, picture, scan, withBrowser } from '../browser.js';
import { openService } from '../service.js';
import { answerOf, flick, heard, kept, membersOf, openStation, pairStation, scanned, swabsOnRecord } from '../tablets.js';
import { ownFolder } from '../../folder.js';

t.setTimeout(900_000);
const lineFaults = /WebSocket|net::ERR|Failed to fetch/;
/** A busy machine is given time; what is waited for is always a sign on the page. */
const patient = { timeout: 90_000 };
const sent = (page: Page): Promise<void> => page.locator('.waiting', { hasText: '已全部上传' }).waitFor(patient);
/** Everything that was set off has been drawn. */
const drawn = (page: Page): Promise<void> => page.evaluate(() => new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))));

t.test('the browser is killed after the beep: the swab is there', withBrowser, async (t) => {
  const service = await openService(t, { people: 12 });
  const folder = join(ownFolder(t), 'profile');
  // Paired and installed some time ago: a browser takes up to half a minute to write cookies and kept pages down, and does so when it is closed.
  const before = await openTablet(t, folder, service.base);
  const { code } = await pairStation(service, before.context);
  let page = before.context.pages()[0] ?? (await before.context.newPage());
  await openStation({ page });
  await kept(page);
  await before.close();
  const first = await openTablet(t, folder, service.base);
  page = first.context.pages()[0] ?? (await first.context.newPage());
  await openStation({ page });
  const tube = service.tube();
  await scanned(page, tube, 'opened');
  await service.stop();
  await flick(page, code(1));
  // The answer is the beep: nothing is waited for after it.
  t.equal(await flick(page, code(2)), 'counted');
  await first.kill();

  const second = await openTablet(t, folder, service.base);
  page = second.context.pages()[0] ?? (await second.context.newPage());
  await page.goto('/station');
  await page.locator('.answer').waitFor();
  t.equal(await page.locator('.count b').innerText(), '2 / 10', 'the same tube on reopening');
  await service.start();
  await sent(page);
  t.same(await membersOf(service, tube), [1, 2]);
});

t.test('a page closed in the middle of a tube, a second page, and which of them sends', withBrowser, async (t) => {
  const service = await openService(t, { people: 12 });
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: service.base });
  const { context } = screen;
  const { code } = await pairStation(service, context);
  await openStation(screen);
  const tube = service.tube();
  await scanned(screen.page, tube, 'opened');
  await scanned(screen.page, code(1), 'counted');
  const other = await context.newPage();
  await other.goto('/station');
  await other.locator('.banner', { hasText: '本机另有一个页面开着' }).waitFor(patient);
  await other.locator('.count b').waitFor(patient);
  await picture(other, 'station-second-page');
  t.equal(await other.locator('.count b').innerText(), '1 / 10', 'it knows the tube');
  await screen.page.close();
  // What says that it is the second goes when it has taken over.
  await other.locator('.banner', { hasText: '本机另有一个页面开着' }).waitFor({ state: 'detached', ...patient });
  await other.locator('.chip.ok').waitFor(patient);
  t.equal(await flick(other, code(2)), 'counted');
  await sent(other);
  t.same(await membersOf(service, tube), [1, 2]);
});

t.test('a disk that takes nothing more: all red, never green, no sound of success', withBrowser, async (t) => {
  const service = await openService(t, { people: 12 });
  const browser = await openBrowser(t);
  for (const [fault, person] of [['UnknownError', 3], ['QuotaExceededError', 4]] as const) {
    await t.test(fault, async (t) => {
      const screen = await openScreen(t, { browser, base: service.base });
      const { page } = screen;
      const { code } = await pairStation(service, screen.context, { station: fault === 'UnknownError' ? 't1' : 't2' });
      await openStation(screen);
      const tube = service.tube();
      await scanned(page, tube, 'opened');
      const before = (await heard(page)).length;
      await page.evaluate((fault) => {
        const broken = { add: IDBObjectStore.prototype.add };
        (window as unknown as { mend: () => void }).mend = () => { IDBObjectStore.prototype.add = broken.add; };
        IDBObjectStore.prototype.add = () => { throw new DOMException('the disk is full of sand', fault); };
        const seen: string[] = [];
        (window as unknown as { seen: string[] }).seen = seen;
        new MutationObserver(() => { for (const panel of document.querySelectorAll('.answer.ok')) seen.push(panel.className); }).observe(document.body, { subtree: true, childList: true, attributes: true });
      }, fault);
      await scan(page, code(1));
      await page.locator('.cannotsave').waitFor(patient);
      t.match(await page.locator('.cannotsave').innerText(), /无法保存！停止采样，换设备[\s\S]*Cannot save\. Stop\. Change device\./);
      if (fault === 'QuotaExceededError') t.match(await page.locator('.cannotsave').innerText(), /本机存储已满/);
      await picture(page, `station-cannot-save-${fault}`);
      const turn = await page.locator('.answer').getAttribute('data-turn');
      // The red has the focus on its button, so these are keys like any other; what is read of them is read at once.
      await page.evaluate((code) => {
        for (const key of [...code, 'Enter']) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
      }, code(2));
      await drawn(page);
      t.equal(await page.locator('.answer').getAttribute('data-turn'), turn, 'nothing is heard any more');
      t.same(await page.evaluate(() => (window as unknown as { seen: string[] }).seen), [], 'the panel was never green');
      t.same((await heard(page)).slice(before).filter((name) => name !== 'siren'), []);
      t.ok((await heard(page)).includes('siren'));
      await page.evaluate(() => (window as unknown as { mend: () => void }).mend());
      await page.locator('.cannotsave button', { hasText: 'Try to save' }).click();
      await page.locator('.cannotsave').waitFor({ state: 'detached', ...patient });
      await scanned(page, code(person), 'counted');
      await sent(page);
      t.same(await membersOf(service, tube), [person]);
    });
  }
});

t.test('cleared storage is a new storage: its first record is no repeat, and the tube on the table is still open', withBrowser, async (t) => {
  const service = await openService(t, { people: 12 });
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: service.base });
  const { page } = screen;
  const { code } = await pairStation(service, screen.context);
  await openStation(screen);
  const tube = service.tube();
  await scanned(page, tube, 'opened');
  await scanned(page, code(1), 'counted');
  await sent(page);
  // The page that holds the database goes first.
  await page.goto('/');
  await page.evaluate(() => new Promise<void>((resolve, reject) => {
    const gone = indexedDB.deleteDatabase('swabline');
    gone.onsuccess = () => resolve();
    gone.onerror = () => reject(gone.error);
  }));
  await openStation(screen);
  await page.locator('.count b', { hasText: '1 / 10' }).waitFor();
  await scanned(page, code(2), 'counted');
  await sent(page);
  t.same(await membersOf(service, tube), [1, 2]);
  const swabs = await swabsOnRecord(service);
  t.same(swabs.map(({ number }) => number), [2, 1], 'numbers begin again');
  t.equal(await page.locator('.chip.stop').count(), 0);
});

t.test('two tables swab the same person within a second: one is green, the other says where', withBrowser, async (t) => {
  const service = await openService(t, { people: 12 });
  const browser = await openBrowser(t);
  const screens = await Promise.all(['t1', 't2'].map(async (station) => {
    const screen = await openScreen(t, { browser, base: service.base });
    const { code } = await pairStation(service, screen.context, { station });
    const told = sampledTold(screen.page);
    await openStation(screen);
    await scanned(screen.page, service.tube(), 'opened');
    return { ...screen, code, told };
  }));
  await Promise.all(screens.map(({ page, code }) => flick(page, code(1))));
  await Promise.race(screens.map(({ page }) => page.locator('.answer[data-answer=already]').waitFor(patient)));
  const shown = await Promise.all(screens.map(({ page }) => answerOf(page)));
  t.same([...shown].sort(), ['already', 'counted']);
  const late = screens[shown.indexOf('already')];
  if (!late) return;
  t.match(await late.page.locator('.about').innerText(), new RegExp(`· t${shown.indexOf('already') === 0 ? 2 : 1}`), 'and which table it was');
  await picture(late.page, 'station-already-elsewhere');
  t.same((await swabsOnRecord(service)).map(({ resident }) => resident), [1]);
  t.same((await heard(late.page)).slice(-2), ['ok', 'caution'], 'louder than the success before it');
  // Sampled elsewhere is known without asking, a moment later.
  const [first, other] = screens;
  if (!first || !other) return;
  await flick(first.page, first.code(2));
  await other.told(2);
  const asked = (await swabsOnRecord(service)).length;
  t.equal(await flick(other.page, first.code(2)), 'already');
  t.equal((await swabsOnRecord(service)).length, asked);
});

/** Resolves when the service has told this tablet that somebody was sampled, and the page has taken it in. Called before the page is opened. */
function sampledTold(page: Page): (resident: number) => Promise<void> {
  const known = new Set<number>();
  let wanted: (() => void) | undefined;
  page.on('websocket', (socket) => {
    if (!socket.url().includes('/tablet/live')) return;
    socket.on('framereceived', ({ payload }) => {
      const { on = [] } = JSON.parse(payload.toString()) as { on?: number[] };
      for (const resident of on) known.add(resident);
      wanted?.();
    });
  });
  return async (resident) => {
    while (!known.has(resident)) await new Promise<void>((resolve) => { wanted = resolve; });
    await drawn(page);
  };
}

t.test('a newer version waits while a tube is open, and takes over when nothing is under way', withBrowser, async (t) => {
  const service = await openService(t, { people: 12 });
  const between = await openBetween(t, () => service.base);
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: between.base, expected: lineFaults });
  const { page } = screen;
  const { code } = await pairStation({ ...service, base: between.base }, screen.context);
  await openStation(screen);
  await kept(page);
  await page.reload();
  await openStation(screen);
  await scanned(page, service.tube(), 'opened');
  await scanned(page, code(1), 'counted');
  between.worker = (script) => script.replace(/(["'`])[0-9a-f]{12}\1/, '"aaaaaaaaaaaa"');
  await page.evaluate(async () => { (window as unknown as { old: boolean }).old = true; await (await navigator.serviceWorker.ready).update(); });
  await page.locator('.banner', { hasText: '新版本已备好' }).waitFor(patient);
  // It looks every five seconds whether it may: twice it has, and has not taken over.
  await page.evaluate(() => new Promise<void>((resolve) => { setTimeout(resolve, 11_000); }));
  t.equal(await page.locator('.banner', { hasText: '新版本已备好' }).count(), 1, 'it still waits');
  t.equal(await page.evaluate(() => (window as unknown as { old?: boolean }).old), true, 'the page is still the old one');
  // Opened anew in between it is the old one still, with the files it was built with, which the service has no more.
  between.newFilesOnly = true;
  await page.reload();
  await page.locator('.count b', { hasText: '1 / 10' }).waitFor(patient);
  await page.locator('.banner', { hasText: '新版本已备好' }).waitFor(patient);
  await page.evaluate(() => { (window as unknown as { old: boolean }).old = true; });
  between.newFilesOnly = false;
  await page.locator('.chip.ok').waitFor(patient);
  await page.keyboard.press('F4');
  await page.locator('#close-right').click(patient);
  await page.waitForFunction(() => (window as unknown as { old?: boolean }).old === undefined, undefined, patient);
  await page.locator('.answer').waitFor(patient);
  t.same(await page.evaluate(() => caches.keys()), ['swabline-aaaaaaaaaaaa']);
});
