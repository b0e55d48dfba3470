// What a table never loses: the tube when its page is closed, the swab when the browser is killed after the beep, the truth when the disk
// takes nothing more, the names of records when the storage was cleared, and one record when two pages or two tables are at it.

import { join } from 'node:path';
import t from 'tap';
import { openBetween } from '../between.js';
import { openBrowser, openScreen, openTablet, picture, withBrowser } from '../browser.js';
import { openService } from '../service.js';
import { answerOf, flick, heard, kept, membersOf, openStation, pairStation, scanned, swabsOnRecord } from '../tablets.js';
import { ownFolder } from '../../folder.js';

t.setTimeout(400_000);
const lineFaults = /WebSocket|net::ERR|Failed to fetch/;

t.test('the browser is killed after the beep: the swab is there', withBrowser, async (t) => {
  const service = await openService(t, { people: 12 });
  const folder = join(ownFolder(t), 'profile');
  // Paired some time ago: browsers write a new cookie down within half a minute.
  const before = await openTablet(t, folder, service.base);
  const { code } = await pairStation(service, before.context);
  await before.close();
  const first = await openTablet(t, folder, service.base);
  let page = first.context.pages()[0] ?? (await first.context.newPage());
  await openStation({ page });
  await kept(page);
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
  await page.locator('.waiting', { hasText: '已全部上传' }).waitFor({ timeout: 60_000 });
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
  await other.locator('.banner', { hasText: '本机另有一个页面开着' }).waitFor();
  await picture(other, 'station-second-page');
  t.equal(await other.locator('.count b').innerText(), '1 / 10', 'it knows the tube');
  await screen.page.close();
  await other.locator('.chip.ok').waitFor({ timeout: 30_000 });
  t.equal(await other.locator('.banner').count(), 0, 'it has taken over');
  t.equal(await flick(other, code(2)), 'counted');
  await other.locator('.waiting', { hasText: '已全部上传' }).waitFor();
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
      const type = async (text: string): Promise<void> => { await page.keyboard.type(text, { delay: 1 }); await page.keyboard.press('Enter'); };
      await type(code(1));
      await page.locator('.cannotsave').waitFor();
      t.match(await page.locator('.cannotsave').innerText(), /无法保存！停止采样，换设备[\s\S]*Cannot save\. Stop\. Change device\./);
      if (fault === 'QuotaExceededError') t.match(await page.locator('.cannotsave').innerText(), /本机存储已满/);
      await picture(page, `station-cannot-save-${fault}`);
      await type(code(2));
      await page.waitForTimeout(300);
      t.same(await page.evaluate(() => (window as unknown as { seen: string[] }).seen), [], 'the panel was never green');
      t.same((await heard(page)).slice(before).filter((name) => name !== 'siren'), []);
      t.ok((await heard(page)).includes('siren'));
      await page.evaluate(() => (window as unknown as { mend: () => void }).mend());
      await page.locator('.cannotsave button', { hasText: 'Try to save' }).click();
      await page.locator('.cannotsave').waitFor({ state: 'detached' });
      await scanned(page, code(person), 'counted');
      await page.locator('.waiting', { hasText: '已全部上传' }).waitFor();
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
  await page.locator('.waiting', { hasText: '已全部上传' }).waitFor();
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
  await page.locator('.waiting', { hasText: '已全部上传' }).waitFor();
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
    await openStation(screen);
    await scanned(screen.page, service.tube(), 'opened');
    return { ...screen, code };
  }));
  await Promise.all(screens.map(({ page, code }) => flick(page, code(1))));
  await Promise.race(screens.map(({ page }) => page.locator('.answer[data-answer=already]').waitFor()));
  const shown = await Promise.all(screens.map(({ page }) => answerOf(page)));
  t.same([...shown].sort(), ['already', 'counted']);
  const late = screens[shown.indexOf('already')];
  if (!late) return;
  t.match(await late.page.locator('.about').innerText(), new RegExp(`· t${shown.indexOf('already') === 0 ? 2 : 1}`), 'and which table it was');
  await picture(late.page, 'station-already-elsewhere');
  t.same((await swabsOnRecord(service)).map(({ resident }) => resident), [1]);
  t.same((await heard(late.page)).slice(-2), ['ok', 'caution'], 'louder than the success before it');
  // Sampled elsewhere is known without asking, a moment later.
  const [first] = screens;
  if (!first) return;
  await flick(first.page, first.code(2));
  const other = screens[1];
  await other?.page.waitForTimeout(2500);
  t.equal(await flick(other?.page as typeof first.page, first.code(2)), 'already');
});

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
  await page.locator('.banner', { hasText: '新版本已备好' }).waitFor({ timeout: 30_000 });
  await page.waitForTimeout(6000);
  t.equal(await page.evaluate(() => (window as unknown as { old?: boolean }).old), true, 'the page is still the old one');
  await page.keyboard.press('F4');
  await page.locator('#close-right').click();
  await page.waitForFunction(() => (window as unknown as { old?: boolean }).old === undefined, undefined, { timeout: 30_000 });
  await page.locator('.answer').waitFor();
  t.same(await page.evaluate(() => caches.keys()), ['swabline-aaaaaaaaaaaa']);
});
