// The rarer hours of a table: a tube that is open for too long, a tablet that is revoked in the middle of one, a camera in place of a scanner.

import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { ownFolder } from '../../folder.js';
import { openBetween } from '../between.js';
import { axe, chineseLeft, measured, openBrowser, openScreen, openTablet, picture, scan, withBrowser } from '../browser.js';
import { openService } from '../service.js';
import { flick, heard, kept, membersOf, openStation, pairStation, swabsOnRecord } from '../tablets.js';
import { film, filmed } from '../video.js';

t.setTimeout(1_200_000);
/** A busy machine is given time; what is waited for is always a sign on the page. */
const patient = { timeout: 90_000 };
const lineFaults = /WebSocket|net::ERR|Failed to fetch/;
const onServer = (page: Page): Promise<void> => page.locator('.tubebox .receipt:not([data-level="0"])').waitFor(patient);

t.test('a tube open for 45 minutes is warned of once, after 60 the tablet closes it, also without a network', { ...withBrowser, timeout: 400_000 }, async (t) => {
  const service = await openService(t, { people: 12 });
  const between = await openBetween(t, () => service.base);
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: between.base, expected: lineFaults });
  const { page } = screen;
  const { code } = await pairStation({ ...service, base: between.base }, screen.context);
  await page.clock.install({ time: Date.now() });
  await openStation(screen);
  // Its voice is kept with the pages.
  await kept(page);
  const [first, second] = [service.tube(), service.tube()];
  // The page's clock is set on and the service's is not, so nobody may answer what the time is from here on.
  between.down = true;
  await flick(page, first);
  // The time begins with the first swab, not with the vial.
  await page.clock.runFor(20 * 60_000);
  await flick(page, code(1));
  const pass = async (minutes: number): Promise<void> => { await page.clock.runFor(minutes * 60_000); };
  await pass(44);
  t.equal(await page.locator('.tubebox.late').count(), 0);
  await pass(1);
  await page.locator('.toolong').waitFor(patient);
  t.match(await page.locator('.toolong').innerText(), /本管已 4\d 分钟，请尽快封管[\s\S]*Tube open 4\d min/);
  await picture(page, 'station-tube-45');
  t.same(await axe(page), []);
  t.equal(await flick(page, code(2)), 'counted', 'it still takes people');
  await pass(10);
  const warned = (await heard(page)).filter((name) => name === 'clip:qingfengguan');
  t.equal(warned.length, 1, 'spoken once');
  await pass(6);
  await page.locator('.answer[data-answer=timeUp]').waitFor(patient);
  t.match(await page.locator('.answer').innerText(), /本管已 6\d 分钟，请封管[\s\S]*Tube open 6\d min\. Close it/);
  t.match(await page.locator('.answer').getAttribute('class'), /edge-caution/);
  t.equal((await heard(page)).filter((name) => name === 'clip:qingfengguan').length, 2);
  await picture(page, 'station-tube-60');
  t.equal(await flick(page, code(3)), 'noTube', 'nobody goes into a closed tube');
  t.equal(await flick(page, first), 'tubeUsed');
  t.equal(await flick(page, second), 'opened');
  t.equal(await flick(page, code(3)), 'counted');
  between.down = false;
  for (let i = 0; i < 600 && !/已全部上传/.test(await page.locator('.top').innerText()); i++) await page.clock.runFor(500);
  t.same(await membersOf(service, first), [1, 2]);
  t.match(await service.call('GET', service.at(`/tubes/${first}`)), { state: 'sealed', reason: 'timer' });
  t.same(await membersOf(service, second), [3]);
});

t.test('revoked in the middle of a tube: locked, emptied of people, and what it had not sent is carried by another tablet', { ...withBrowser, timeout: 400_000 }, async (t) => {
  const service = await openService(t, { people: 20 });
  const between = await openBetween(t, () => service.base);
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: between.base, expected: lineFaults });
  const { page } = screen;
  const { code, device } = await pairStation({ ...service, base: between.base }, screen.context, { station: 't1' });
  await openStation(screen);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const tube = service.tube();
  await flick(page, tube);
  await flick(page, code(1));
  await onServer(page);
  between.down = true;
  await page.locator('.chip.offline').waitFor(patient);
  for (const n of [2, 3]) t.equal(await flick(page, code(n)), 'counted');
  await service.call('POST', `/api/devices/${device}/revoke`, { reason: 'lost' });
  between.down = false;
  await page.locator('.revoked').waitFor(patient);
  t.equal(await page.locator('.revoked').getAttribute('data-waiting'), '2');
  await picture(page, 'station-revoked');
  t.same(await axe(page), []);
  t.same(await measured(page, { target: 96 }), []);
  t.equal(await page.locator('.answer, .members').count(), 0, 'nobody is shown any more');
  t.notMatch(await page.evaluate(() => document.body.innerText), /\*/, 'no masked name either');
  const stored = (): Promise<{ people: number; roster: number; records: number }> => page.evaluate(() => new Promise((resolve) => {
    const opening = indexedDB.open('swabline');
    opening.onsuccess = async () => {
      const tx = opening.result.transaction(['people', 'roster', 'records']);
      const count = (store: string): Promise<number> => new Promise((told) => { const asked = tx.objectStore(store).count(); asked.onsuccess = () => told(asked.result); });
      const [people, roster, records] = [await count('people'), await count('roster'), await count('records')] as [number, number, number];
      opening.result.close();
      resolve({ people, roster, records });
    };
  }));
  t.match(await stored(), { people: 0, records: 4 }, 'the list is gone, the records are kept');
  // Nothing is scanned on it any more, and switching it off and on, without a network, opens nothing.
  await scan(page, code(4));
  between.down = true;
  await page.reload();
  await page.locator('.revoked').waitFor(patient);
  await scan(page, code(4));
  t.equal((await stored()).records, 4);

  await page.locator('#revoked-give').click();
  await page.locator('.shownqr').waitFor(patient);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#copy-file').click()]);
  const file = join(ownFolder(t), 'copy.swc');
  await download.saveAs(file);
  const other = await openScreen(t, { browser, base: service.base });
  await pairStation(service, other.context, { station: 't2' });
  await openStation(other);
  await other.page.keyboard.press('F8');
  await other.page.locator('#take-copy').click();
  await other.page.locator('.copy input[type=file]').setInputFiles(file);
  await other.page.locator('.copy .done.ok[data-records="2"]').waitFor(patient);
  await other.page.locator('.carried [data-state=received]').waitFor(patient);
  t.same(await membersOf(service, tube), [1, 2, 3], 'what it did before it was revoked counts');

  // Found again and paired anew: it brings its own past, and nothing is there twice.
  await page.keyboard.press('Escape');
  between.down = false;
  const { qr } = await service.call<{ qr: string }>('POST', '/api/pairing', { ...service.cell, role: 'station', site: 's1', station: 't1' });
  await page.goto(`/pair#${qr.split('#')[1]}`);
  await page.locator('.where b', { hasText: 't1' }).waitFor(patient);
  await openStation({ page });
  t.equal(await page.locator('.revoked').count(), 0);
  await page.locator('.waiting', { hasText: '已全部上传' }).waitFor(patient);
  t.same((await swabsOnRecord(service)).map(({ resident }) => resident), [1, 2, 3]);
  t.same((await service.call<{ discrepancies: unknown[] }>('GET', service.at('/discrepancies'))).discrepancies, []);
});

t.test('a revoked tablet in English, at night, upright', withBrowser, async (t) => {
  const service = await openService(t, { people: 5 });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base, language: 'en', theme: 'dark', size: { width: 800, height: 1280 }, expected: lineFaults });
  const { device } = await pairStation(service, context);
  await openStation({ page });
  await service.call('POST', `/api/devices/${device}/revoke`, { reason: 'lost' });
  await page.locator('.revoked').waitFor(patient);
  await picture(page, 'station-revoked-en-dark-800');
  t.same(await axe(page), []);
  t.same(await measured(page, { target: 96 }), []);
  t.same(await chineseLeft(page), []);
});

t.test('a camera in place of a scanner: a tube and two people, once each, though they stay in the picture', { ...withBrowser, timeout: 400_000 }, async (t) => {
  const service = await openService(t, { people: 12 });
  const browser = await openBrowser(t);
  const painter = await browser.newPage();
  // The codes are the cell's, so a tablet that is never opened can tell them.
  const teller = await browser.newContext({ baseURL: service.base });
  const { code } = await pairStation(service, teller, { station: 't2' });
  const tube = service.tube();
  const folder = ownFolder(t);
  const { encode } = await import('uqr');
  const pictures: Buffer[] = [];
  for (const text of [tube, code(5), code(6)]) {
    const { data } = encode(text, { ecc: 'M', border: 4 });
    await painter.setContent(`<div id="code" style="display:grid;width:480px;height:480px;grid-template-columns:repeat(${data.length},1fr);background:#fff">${data.flat().map((dark) => `<i style="background:${dark ? '#000' : '#fff'}"></i>`).join('')}</div>`);
    pictures.push(await painter.locator('#code').screenshot());
  }
  await film(painter, join(folder, 'table.y4m'), pictures, { side: 240, frames: 12 });
  await painter.close();
  const tablet = await openTablet(t, join(folder, 'profile'), service.base, filmed(join(folder, 'table.y4m')));
  await pairStation(service, tablet.context, { station: 't1' });
  const page = tablet.context.pages()[0] ?? (await tablet.context.newPage());
  await openStation({ page });
  await page.keyboard.press('F6');
  await page.locator('.camera[data-camera=on]').waitFor(patient);
  await page.locator('.count b', { hasText: '2 / 10' }).waitFor(patient);
  await picture(page, 'station-camera');
  t.equal(await page.evaluate(() => document.activeElement === document.body), true);
  await onServer(page);
  t.same(await membersOf(service, tube), [5, 6]);
  t.equal((await swabsOnRecord(service)).length, 2, 'each stood before the lens for a dozen pictures');
});

t.test('tubes of other makers: at the table only those the round names, and what looks like a shop\'s label among them', withBrowser, async (t) => {
  const [named, other] = ['6901234567892', 'AB12345678901'];
  const service = await openService(t, { people: 12, rules: { foreignTubes: [{ name: '690/13', prefix: '690', lengthMin: 13, lengthMax: 13, letters: false }] } });
  const browser = await openBrowser(t);
  const { page, context } = await openScreen(t, { browser, base: service.base });
  const { code } = await pairStation(service, context);
  await openStation({ page });
  t.equal(await flick(page, other), 'unreadable', 'no tube of this round');
  t.equal(await flick(page, '4006381333931'), 'wrongKind', 'a shop\'s');
  t.equal(await flick(page, named), 'opened');
  t.equal(await flick(page, code(1)), 'counted');
  await onServer(page);
  t.same(await membersOf(service, named), [1]);
});
