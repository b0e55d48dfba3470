// Unsent records from one tablet to another: as pictures that a camera reads, picture by picture with a hand scanner, and as a file. Both
// tablets send in the end, and the record holds each swab once.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { ownFolder } from '../../folder.js';
import { openBetween } from '../between.js';
import { axe, chineseLeft, measured, openBrowser, openScreen, openTablet, picture, withBrowser } from '../browser.js';
import { openService, type Service } from '../service.js';
import { flick, openStation, pairStation, swabsOnRecord } from '../tablets.js';
import { film, filmed } from '../video.js';

t.setTimeout(1_200_000);
/** A busy machine is given time. */
const patient = { timeout: 90_000 };
const lineFaults = /WebSocket|net::ERR|Failed to fetch/;
prepareZXingModule({ overrides: { wasmBinary: readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')).buffer as ArrayBuffer } });

/** What a camera would read on the other tablet's screen, picture by picture. */
async function shownPictures(page: Page): Promise<{ text: string; png: Buffer }[]> {
  const qr = page.locator('.shownqr');
  const total = Number(await qr.getAttribute('data-of'));
  const found: { text: string; png: Buffer }[] = [];
  if (total > 1) await page.locator('.copy button', { hasText: 'Hold' }).click();
  for (let i = 0; i < total; i++) {
    const png = await qr.screenshot();
    const [code] = await readBarcodes(new Uint8Array(png), { formats: ['QRCode'] });
    if (!code) throw new Error(`picture ${i + 1} of ${total} cannot be read`);
    found.push({ text: code.text, png });
    if (total === 1) break;
    const before = await qr.getAttribute('data-frame');
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction((before) => document.querySelector('.shownqr')?.getAttribute('data-frame') !== before, before);
  }
  return found;
}

/** The keys of a hand scanner that has read a picture, all in one turn of the page. */
function typed(page: Page, text: string): Promise<void> {
  return page.evaluate((text) => {
    const press = (key: string): void => { document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, composed: true })); };
    for (const key of text) press(key);
    press('Enter');
  }, text);
}

async function openCopy(page: Page, which: 'give' | 'take'): Promise<void> {
  await page.keyboard.press('F8');
  await page.locator(`#${which}-copy`).click();
  await page.locator('.dialog .copy').waitFor();
}

/** Waits until the tablet has the key for its copy: it is fetched when it has been online in its place. */
async function canPack(page: Page): Promise<void> {
  await page.waitForFunction(() => new Promise((resolve) => {
    const opening = indexedDB.open('swabline');
    opening.onsuccess = () => {
      const asking = opening.result.transaction('identity').objectStore('identity').getAllKeys();
      asking.onsuccess = () => { opening.result.close(); resolve(asking.result.some((key) => String(key).startsWith('carry:'))); };
    };
  }));
}

/** The receipts of tubes stand beside the panel: none of them says less than that the service has it. */
async function receivedEverywhere(page: Page): Promise<boolean> {
  await page.locator('.receipt').first().waitFor();
  return page.evaluate(() => [...document.querySelectorAll<HTMLElement>('.receipt')].every((one) => Number(one.dataset['level']) >= 1));
}

/** The open tube's receipt says that the service has all of it; while one swab is under way it does not. */
const heardOfAll = (page: Page): Promise<void> => page.locator('.tubebox .receipt:not([data-level="0"])').waitFor(patient);
const sent = (page: Page): Promise<void> => page.locator('.waiting', { hasText: '已全部上传' }).waitFor(patient);
const onRecord = async (service: Service): Promise<number[]> => (await swabsOnRecord(service)).map(({ resident }) => resident);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

t.test('a camera reads the other screen; then the first tablet comes back and sends too', withBrowser, async (t) => {
  const service = await openService(t, { people: 120 });
  const between = await openBetween(t, () => service.base);
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: between.base, expected: lineFaults });
  const { page } = screen;
  const first = await pairStation({ ...service, base: between.base }, screen.context, { station: 't1' });
  await openStation(screen);
  await canPack(page);
  const swab = async (n: number): Promise<void> => {
    if (n % 10 === 1) t.equal(await flick(page, service.tube()), 'opened');
    t.equal(await flick(page, first.code(n)), n % 10 === 0 ? 'full' : 'counted');
  };
  for (const n of [1, 2]) await swab(n);
  await heardOfAll(page);
  between.down = true;
  await page.locator('.chip.offline').waitFor(patient);
  for (let n = 3; n <= 85; n++) await swab(n);

  await openCopy(page, 'give');
  await page.locator('.shownqr').waitFor();
  t.equal(await page.locator('.copy').getAttribute('data-packed'), '91', '83 swabs and 8 tubes');
  const pictures = await shownPictures(page);
  t.ok(pictures.length > 1, `${pictures.length} pictures`);
  t.notOk(pictures.some(({ text }) => /takeSwab|resident/.test(text)));
  // Goes round by itself.
  await page.locator('.copy button', { hasText: 'Go on' }).click();
  const at = await page.locator('.shownqr').getAttribute('data-frame');
  await page.waitForFunction((at) => document.querySelector('.shownqr')?.getAttribute('data-frame') !== at, at);

  const folder = ownFolder(t);
  await film(page, join(folder, 'screen.y4m'), pictures.map(({ png }) => png));
  const tablet = await openTablet(t, join(folder, 'profile'), service.base, filmed(join(folder, 'screen.y4m')));
  await pairStation(service, tablet.context, { station: 't2' });
  const other = tablet.context.pages()[0] ?? (await tablet.context.newPage());
  await openStation({ page: other });
  await openCopy(other, 'take');
  await other.locator('.copy button', { hasText: 'Read with the camera' }).click();
  await other.locator('.copy [data-have]').waitFor(patient);
  await picture(other, 'copy-take-camera');
  await other.locator('.copy .done.ok').waitFor(patient);
  await picture(other, 'copy-taken');
  t.equal(await other.locator('.done.ok').getAttribute('data-records'), '91');
  t.equal(await other.locator('.done.ok').getAttribute('data-known'), '0');
  t.equal(await other.locator('.copy .camera').count(), 0, 'the camera has closed by itself');
  await other.locator('.carried [data-state=received]').waitFor(patient);
  t.same(await onRecord(service), upTo(85), 'all on record, brought by the neighbour');
  t.equal(await other.locator('.count b').count(), 0, 'nothing of it stands on the neighbour\'s own table');

  // The first goes on, comes back, and sends everything itself as well.
  await page.keyboard.press('Escape');
  for (const n of [86, 87]) await swab(n);
  between.down = false;
  await sent(page);
  t.same(await onRecord(service), upTo(87), 'each once, in order');
  const swabs = await swabsOnRecord(service);
  t.ok(swabs.every(({ number }, i) => i === 0 || number > (swabs[i - 1]?.number ?? 0)), 'under the numbers of the tablet that took them');
  t.same((await service.call<{ discrepancies: unknown[] }>('GET', service.at('/discrepancies'))).discrepancies, []);
  t.equal(await page.locator('.chip.stop').count(), 0, 'nothing is to be put right');
  t.ok(await receivedEverywhere(page));
  await openCopy(page, 'give');
  await page.locator('.copy[data-packed=nothing]').waitFor();
  await picture(page, 'copy-nothing');
});

t.test('by file, and by hand scanner; both without a network, and both send in the end', withBrowser, async (t) => {
  const service = await openService(t, { people: 40 });
  const browser = await openBrowser(t);
  const open = async (station: string) => {
    const between = await openBetween(t, () => service.base);
    const screen = await openScreen(t, { browser, base: between.base, expected: lineFaults });
    const { code } = await pairStation({ ...service, base: between.base }, screen.context, { station });
    await openStation(screen);
    return { between, code, page: screen.page };
  };
  const [one, two] = [await open('t1'), await open('t2')];
  await canPack(one.page);
  const tubes = [service.tube(), service.tube()] as const;
  await flick(one.page, tubes[0]);
  await flick(one.page, one.code(1));
  await heardOfAll(one.page);
  for (const { between, page } of [one, two]) {
    between.down = true;
    await page.locator('.chip.offline').waitFor(patient);
  }
  for (let n = 2; n <= 6; n++) await flick(one.page, one.code(n));

  await openCopy(one.page, 'give');
  const [download] = await Promise.all([one.page.waitForEvent('download'), one.page.locator('#copy-file').click()]);
  t.match(download.suggestedFilename(), /^swabline-[\w.-]+-\d{8}-\d{4}\.swc$/);
  const file = join(ownFolder(t), 'copy.swc');
  await download.saveAs(file);
  t.notMatch(readFileSync(file, 'latin1'), /takeSwab|resident/, 'whoever finds the file reads nothing');
  await openCopy(two.page, 'take');
  await two.page.locator('.copy input[type=file]').setInputFiles(file);
  await two.page.locator('.copy .done.ok[data-records="5"][data-known="0"]').waitFor();
  t.equal(await two.page.locator('.carried [data-state=waiting]').count(), 1, 'and says that it waits here');
  await two.page.locator('.copy button', { hasText: 'Take over another' }).click();
  await two.page.locator('.copy input[type=file]').setInputFiles({ name: 'holiday.swc', mimeType: 'application/octet-stream', buffer: Buffer.from('a photograph') });
  await two.page.locator('.copy .done.stop[data-refused=unreadable]').waitFor();
  await picture(two.page, 'copy-unreadable');
  await two.page.keyboard.press('Escape');

  // Work goes on behind it: a code that is scanned puts the screen away and counts.
  await flick(one.page, one.code(7));
  t.equal(await one.page.locator('.dialog').count(), 0);
  await openCopy(one.page, 'give');
  await one.page.locator('.shownqr').waitFor();
  t.equal(await one.page.locator('.copy').getAttribute('data-packed'), '6');
  const pictures = await shownPictures(one.page);
  // On the other tablet nothing is open: the picture opens it. One of them comes garbled at first.
  const [last] = pictures.slice(-1);
  await typed(two.page, `${(last as { text: string }).text.slice(0, -1)}?`);
  await two.page.locator('.copy .problem').waitFor();
  for (const { text } of [...pictures].reverse()) await typed(two.page, text);
  await two.page.locator('.copy .done.ok[data-records="6"][data-known="5"]').waitFor();
  await picture(two.page, 'copy-taken-known');
  await typed(two.page, pictures[0]?.text ?? '');
  await two.page.keyboard.press('Escape');
  // A tablet is not to carry what is its own.
  await one.page.keyboard.press('Escape');
  await openCopy(one.page, 'take');
  await one.page.locator('.copy input[type=file]').setInputFiles(file);
  await one.page.locator('.copy .done.stop[data-refused=own]').waitFor();
  await one.page.keyboard.press('Escape');

  t.same(await onRecord(service), [1]);
  two.between.down = false;
  await sent(two.page);
  t.same(await onRecord(service), upTo(7), 'brought twice, and there once');
  one.between.down = false;
  await sent(one.page);
  t.equal(await flick(one.page, one.code(8)), 'counted');
  await sent(one.page);
  t.same(await onRecord(service), upTo(8));
  t.same((await service.call<{ discrepancies: unknown[] }>('GET', service.at('/discrepancies'))).discrepancies, []);
  for (const { page } of [one, two]) t.equal(await page.locator('.chip.stop').count(), 0);
  t.ok(await receivedEverywhere(one.page));
});

t.test('both screens in both languages, by day and by night, lying and upright', { ...withBrowser, timeout: 600_000 }, async (t) => {
  const service = await openService(t, { people: 260 });
  const browser = await openBrowser(t);
  let n = 0;
  for (const [language, theme, size] of [['zh', 'light', [1280, 800]], ['en', 'light', [1280, 800]], ['zh', 'dark', [1280, 800]], ['en', 'dark', [800, 1280]], ['zh', 'light', [800, 1280]]] as const) {
    await t.test(`${language}, ${theme}, ${size.join(' x ')}`, { timeout: 300_000 }, async (t) => {
      const between = await openBetween(t, () => service.base);
      const screen = await openScreen(t, { browser, base: between.base, language, theme, size: { width: size[0], height: size[1] }, expected: lineFaults });
      const { page } = screen;
      const { code } = await pairStation({ ...service, base: between.base }, screen.context);
      await openStation(screen);
      await canPack(page);
      between.down = true;
      await page.locator('.chip.offline').waitFor(patient);
      for (let i = 0; i < 50; i++) {
        if (i % 10 === 0) await flick(page, service.tube());
        await flick(page, code(++n));
      }
      const look = async (name: string): Promise<void> => {
        await picture(page, `${name}-${language}-${theme}-${size[0]}`);
        t.same(await axe(page), [], name);
        t.same(await measured(page, { target: 96, noScroll: true }), [], name);
        t.equal(await page.evaluate(() => { const { scrollHeight, clientHeight } = document.querySelector('dialog') as HTMLElement; return scrollHeight - clientHeight < 2; }), true, `${name} needs no scrolling`);
        if (language === 'en') t.same(await chineseLeft(page), [], name);
      };
      await openCopy(page, 'give');
      await page.locator('.shownqr').waitFor();
      await look('copy-give');
      const pictures = await shownPictures(page);
      await page.keyboard.press('Escape');
      await openCopy(page, 'take');
      await look('copy-take');
      // A row of its own is read like any other until it is complete.
      if (pictures.length > 1) {
        await typed(page, pictures[0]?.text ?? '');
        await page.locator('.copy [data-have="1"]').waitFor();
        await look('copy-take-some');
        for (const { text } of pictures) await typed(page, text);
        await page.locator('.copy .done.stop[data-refused=own]').waitFor(patient);
        await look('copy-own');
      }
      await page.keyboard.press('Escape');
    });
  }
});
