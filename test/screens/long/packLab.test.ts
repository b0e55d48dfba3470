// From the packer's bench to the laboratory's, in a browser: a box is packed, counted, sealed, handed over, received and compared. Everything is
// scanned; nothing is touched.

import type { Page } from 'playwright-core';
import t from 'tap';
import { makeCode } from '../../../src/domain/codes.js';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, scan, type Screen, withBrowser } from '../browser.js';
import { openService, type Service } from '../service.js';

const [packer, courier, technician] = [makeCode('staff', 11), makeCode('staff', 12), makeCode('staff', 13)];
const [box, stray] = [makeCode('box', 501), makeCode('box', 502)];

/** Tubes with one swab each, sealed at a table. */
async function sealedTubes(service: Service, n: number, from = 1): Promise<string[]> {
  const tubes: string[] = [];
  for (let i = 0; i < n; i++) {
    const tube = service.tube();
    await service.step('openTube', { tube, station: 't1' });
    await service.step('takeSwab', { resident: String(from + i), tube });
    await service.step('sealTube', { tube });
    tubes.push(tube);
  }
  return tubes;
}

const panel = (page: Page) => page.locator('.panel');
/** Scans, and waits for the answer that says so. */
async function says(page: Page, code: string, words: RegExp): Promise<void> {
  await scan(page, code);
  await panel(page).filter({ hasText: words }).waitFor();
}

async function lookedAt({ page }: Screen, name: string): Promise<string[]> {
  const found: string[] = [];
  for (const theme of ['light', 'dark']) {
    await page.evaluate((chosen) => { document.documentElement.dataset['theme'] = chosen; }, theme);
    found.push(...(await axe(page)), ...(await measured(page, { noScroll: true })));
    await picture(page, `${name}-${theme}`);
  }
  await page.evaluate(() => { document.documentElement.dataset['theme'] = 'light'; });
  return found;
}

t.test('a box goes from the bench to the laboratory, by scans alone', { ...withBrowser, timeout: 300_000 }, async (t) => {
  const service = await openService(t, { people: 40, laboratory: true });
  const browser = await openBrowser(t);
  const tubes = await sealedTubes(service, 5);
  const lab = { round: service.cell.round, area: 'lab' };

  const packing = await openScreen(t, { browser, base: service.base });
  await service.pair(packing.context, { role: 'packer', site: 's1' });
  let { page } = packing;
  await page.addInitScript(() => { (window as unknown as { touched: number }).touched = 0; window.addEventListener('pointerdown', () => { (window as unknown as { touched: number }).touched++; }); });
  await page.goto('/pack');
  await panel(page).waitFor();
  t.same(await lookedAt(packing, 'pack-start'), []);
  await says(page, box, /先扫工作牌/);
  await says(page, packer, /工作牌/);
  await says(page, tubes[0] as string, /先扫箱码/);
  await says(page, box, /请扫试管/);
  for (const [i, tube] of tubes.slice(0, 4).entries()) await says(page, tube, new RegExp(`第 ${i + 1} 支`));
  await says(page, stray, /先封箱/);
  t.same(await lookedAt(packing, 'pack-refused'), []);
  // The service knows of a fifth tube that lies on the bench still.
  await page.locator('aside .total', { hasText: '系统应有 5 支' }).waitFor();
  await says(page, box, /4 \/ 系统应有 5/);
  await says(page, tubes[4] as string, /第 5 支/);
  await page.locator('aside .total', { hasText: '系统应有 5 支' }).waitFor();
  await page.reload();
  await panel(page).filter({ hasText: /接着扫试管/ }).waitFor();
  t.equal(await page.locator('aside .total').innerText().then((text) => /箱内 5 支/.test(text)), true, 'a page that is opened anew finds its box');
  await says(page, box, /已封箱 5 支/);
  t.same(await lookedAt(packing, 'pack-sealed'), []);
  await says(page, courier, /交给/);
  t.equal(await page.evaluate(() => document.activeElement === document.body), true, 'no field has the focus');
  t.equal(await page.evaluate(() => (window as unknown as { touched: number }).touched), 0, 'no glass was touched');
  await page.keyboard.press('F7');
  await page.locator('.manifest svg').waitFor();
  t.same(await axe(page), []);
  await picture(page, 'pack-manifest');
  await page.keyboard.press('Escape');

  const carrying = await openScreen(t, { browser, base: service.base, language: 'en' });
  await service.pair(carrying.context, { role: 'courier' });
  ({ page } = carrying);
  await page.goto('/pack');
  await panel(page).waitFor();
  await says(page, courier, /Staff card/);
  await says(page, box, /is yours/);
  t.same(await chineseLeft(page), []);
  t.same(await lookedAt(carrying, 'courier-en'), []);
  await carrying.page.waitForFunction(async (path) => ((await (await fetch(path, { headers: { 'x-swabline': '1' } })).json()) as { state: string; unconfirmed: number }).state === 'handed over', service.at(`/boxes/${box}`));
  t.match(await service.call('GET', service.at(`/boxes/${box}`)), { state: 'handed over', holder: courier, unconfirmed: 0, counted: 5, handOvers: 1 }, 'both sides have said so');

  const bench = await openScreen(t, { browser, base: service.base });
  await service.pair(bench.context, { role: 'lab', cell: lab });
  ({ page } = bench);
  await page.goto('/lab');
  await panel(page).waitFor();
  t.same(await lookedAt(bench, 'lab-start'), []);
  await says(page, technician, /工作牌/);
  await says(page, box, /请扫试管/);
  await page.locator('aside .total', { hasText: '0/5' }).waitFor({ timeout: 30_000 });
  // One is missing, one lies in the box that nobody has told of, one is scanned three times.
  const unknown = service.tube();
  for (const tube of tubes.slice(0, 4)) await scan(page, tube);
  await page.locator('aside .total', { hasText: '4/5' }).waitFor();
  await says(page, unknown, /多出/);
  await says(page, tubes[0] as string, /已接收过/);
  await scan(page, tubes[0] as string);
  t.same(await page.locator('aside .codes').allInnerTexts(), [`...${(tubes[4] as string).slice(-4)}`, `...${unknown.slice(-4)}`], 'missing and unexpected, and scanning on clears neither');
  t.same(await lookedAt(bench, 'lab-extra'), []);
  await says(page, box, /还差 1 支/);
  t.same(await lookedAt(bench, 'lab-missing'), []);
  await says(page, box, /核对完毕，缺 1 支/);
  const sounds = await page.evaluate(() => (window as unknown as { __sounds: string[] }).__sounds);
  t.same([sounds.filter((id) => id === 'ok').length, sounds.filter((id) => id === 'caution').length, sounds.filter((id) => id === 'tick').length], [4, 2, 2], 'four good ones, one unexpected and one missing, two ticks');
  await page.waitForFunction(async (path) => ((await (await fetch(path, { headers: { 'x-swabline': '1' } })).json()) as { state: string }).state === 'reconciled', `/api/cells/${lab.round}/${lab.area}/deliveries/${box}`);
  t.match(await service.call('GET', `/api/cells/${lab.round}/${lab.area}/deliveries/${box}`), { missing: [tubes[4]], extra: [{ tube: unknown }], there: { length: 4 } });

  // A result by hand, with the keyboard.
  await page.getByRole('button', { name: /登记结果/ }).first().press('Enter');
  await page.getByLabel(/检测批次/).fill('PCR-1');
  await page.locator('h1').click();
  await scan(page, tubes[0] as string);
  await page.locator('#tube').evaluate((field, code) => new Promise<void>((resolve) => { const look = () => ((field as HTMLInputElement).value === code ? resolve() : requestAnimationFrame(look)); look(); }), tubes[0] as string);
  await page.keyboard.press('F9');
  await page.getByRole('cell', { name: /已登记：未检出/ }).waitFor();
  t.same(await axe(page), []);
  await picture(page, 'lab-results');
  await scan(page, tubes[1] as string);
  await page.locator('#tube').evaluate((field, code) => new Promise<void>((resolve) => { const look = () => ((field as HTMLInputElement).value === code ? resolve() : requestAnimationFrame(look)); look(); }), tubes[1] as string);
  await page.keyboard.press('F10');
  await page.getByRole('cell', { name: /等第二人复核/ }).waitFor();

  // The reviewer, at a desk.
  const office = await openScreen(t, { browser, base: service.base });
  await service.signIn(office.context, 'reviewer', [{ role: 'lab_reviewer', ...lab }]);
  ({ page } = office);
  await page.goto('/lab?office');
  await page.getByRole('cell', { name: tubes[1] as string }).waitFor();
  t.same(await axe(page), []);
  await picture(page, 'lab-held');
  await page.getByRole('button', { name: /放行/ }).click();
  await page.getByRole('cell', { name: tubes[1] as string }).waitFor({ state: 'detached' });
  t.match(await service.call('GET', `/api/cells/${lab.round}/${lab.area}/intakes/${tubes[1] as string}`), { state: 'resulted', result: 'positive' });
});
