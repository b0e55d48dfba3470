// Every answer of the table as people see and hear it, and what hands do besides scanning: undo, not this person, close, no code, the list,
// cards instead of keys, the lock, and the records that are to be put right.

import t from 'tap';
import { makeCode } from '../../../src/domain/codes.js';
import { commandCode } from '../../../src/domain/commands.js';
import { axe, chineseLeft, measured, openBrowser, openScreen, picture, scan, withBrowser } from '../browser.js';
import { openService, rosterRow } from '../service.js';
import { answerOf, flick, heard, membersOf, openStation, pairStation, scanned } from '../tablets.js';

t.setTimeout(400_000);
const [alice, bob] = [makeCode('staff', 1), makeCode('staff', 2)];
/** A number with right check digits that nobody has: its area code was never given out. */
const strangersDocument = rosterRow(19_999)[1] as string;

t.test('each answer: colour, words in both languages, sound', withBrowser, async (t) => {
  const service = await openService(t, { people: 40 });
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: service.base });
  const { page } = screen;
  const { code } = await pairStation(service, screen.context);
  // One who must be alone, one who is excused, and one sampled at another table.
  await service.step('excuseResident', { resident: '31', reason: 'medical' });
  await service.step('openTube', { tube: makeCode('tube', 77), station: 't2' });
  await service.step('takeSwab', { resident: '32', tube: makeCode('tube', 77) });
  await openStation(screen);

  const check = async (what: string, row: string, look: { tone: string; zh: RegExp; en: RegExp; sound?: string; edge?: string }): Promise<void> => {
    const before = (await heard(page)).length;
    await flick(page, what);
    // The service's answer may take the place of the tablet's.
    await page.locator(`.answer[data-answer="${row}"]`).waitFor({ timeout: 30_000 });
    const panel = page.locator('.answer');
    t.match(await panel.getAttribute('class'), new RegExp(`\\b${look.tone}\\b`), `${row} is ${look.tone}`);
    if (look.edge) t.match(await panel.getAttribute('class'), new RegExp(`edge-${look.edge}`));
    const text = await panel.innerText();
    t.match(text, look.zh);
    t.match(text, look.en);
    t.equal(await panel.locator('[role=status][aria-live=assertive]').count(), 1);
    if (look.sound) t.equal((await heard(page))[before], look.sound, `${row} sounds ${look.sound}`);
    await picture(page, `answer-${row}`);
  };
  const tube = service.tube();
  await check(code(1), 'noTube', { tone: 'caution', zh: /先扫试管/, en: /Scan a tube first/ });
  await check(alice, 'staff', { tone: 'info', zh: /工作牌/, en: /Staff card/, sound: 'opened' });
  await check(tube, 'opened', { tone: 'info', zh: new RegExp(`新管 \\.\\.\\.${tube.slice(-4)}，请扫居民码`), en: /New tube\. Scan a resident\./, sound: 'opened' });
  await check(code(1), 'counted', { tone: 'ok', zh: /第 1 人/, en: /No\. 1 of 10/, sound: 'ok' });
  const turn = await page.locator('.answer').getAttribute('data-turn');
  await scan(page, code(1));
  await page.waitForFunction(() => ((window as unknown as { __sounds: string[] }).__sounds).at(-1) === 'tick');
  t.equal(await page.locator('.answer').getAttribute('data-turn'), turn, 'the same again at once changes nothing');
  await check(code(31), 'excused', { tone: 'ok', edge: 'info', zh: /第 2 人/, en: /Counted/, sound: 'ok' });
  await check(code(32), 'already', { tone: 'caution', zh: /已采过 不要再采/, en: /Already sampled\. Do not swab\./, sound: 'caution' });
  await page.locator('.about', { hasText: 't2' }).waitFor();
  t.match(await page.locator('.about').innerText(), /\d\d:\d\d · t2/, 'where and when');
  await check(makeCode('box', 5), 'wrongKind', { tone: 'stop', zh: /这是箱码，请扫居民码/, en: /Box code\. Scan a resident/, sound: 'wrong' });
  await check('180000000', 'unreadable', { tone: 'stop', zh: /条码不完整 再扫一次[\s\S]*读到 9 位，应 12 位/, en: /Incomplete\. Scan again\./, sound: 'unreadable' });
  await check(makeCode('tube', 77), 'tubeUsed', { tone: 'stop', zh: /此管已用过，换一支/, en: /Tube already used\. Take another\./, sound: 'opened' });
  t.same((await heard(page)).slice(-2), ['opened', 'wrong'], "this tablet did not know it, and the service's no is louder");
  await check(makeCode('tube', 900_000_005), 'wrongFence', { tone: 'stop', zh: /演练码与正式码不能混用/, en: /do not mix/, sound: 'wrong' });
  await check(strangersDocument, 'unlisted', { tone: 'ok', edge: 'caution', zh: /第 3 人[\s\S]*名册外，已登记，请补信息/, en: /Not on the list\. Recorded; add details later\./, sound: 'noted' });
  await check(rosterRow(4)[1] as string, 'counted', { tone: 'ok', zh: /第 4 人/, en: /No\. 4 of 10/, sound: 'ok' });
  await check(commandCode('callNext'), 'unknownCommand', { tone: 'stop', zh: /没有这个指令/, en: /no such command/ });
  for (let n = 11; n <= 15; n++) await flick(page, code(n));
  await check(code(16), 'full', { tone: 'info', zh: /满 10 人 换新管/, en: /Full\. Scan a new tube\./, sound: 'full' });
  t.same(await membersOf(service, tube), [1, 31, 41, 5, 11, 12, 13, 14, 15, 16]);
  const text = await page.evaluate(() => document.body.innerText);
  t.notMatch(text, /测试/, 'no full name');
  t.notMatch(text, /\d{17}[\dX]/, 'no document number');
});

t.test('undo, not this person, close early, and again on purpose', withBrowser, async (t) => {
  const service = await openService(t, { people: 20 });
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: service.base });
  const { page } = screen;
  const { code } = await pairStation(service, screen.context);
  await openStation(screen);
  const [first, second] = [service.tube(), service.tube()];
  await flick(page, alice);
  await flick(page, first);
  await flick(page, code(1));
  await page.keyboard.press('F2');
  await page.locator('.answer[data-answer=undone]').waitFor();
  t.equal(await flick(page, code(1)), 'counted', 'and counted after all');
  t.equal(await flick(page, code(2)), 'counted');
  t.equal(await flick(page, commandCode('undo')), 'undone', 'the card is the key');
  t.equal(await flick(page, code(2)), 'counted');
  await page.keyboard.press('F7');
  await page.locator('.answer[data-answer=notThem]').waitFor();
  t.equal(await flick(page, code(3)), 'counted');

  // From the list, later: two touches.
  await page.keyboard.press('F9');
  await page.locator('dialog').waitFor();
  await picture(page, 'station-list');
  t.same(await axe(page), []);
  t.same(await measured(page, { target: 96 }), []);
  await page.locator('dialog li:not(.gone)').first().locator('button', { hasText: 'Not swabbed' }).click();
  await page.locator('.answer[data-answer=undone]').waitFor();
  t.equal(await page.evaluate(() => document.activeElement === document.body), true);

  // Closed with another count than on record: said, and closed when it stays so.
  await page.keyboard.press('F4');
  await page.locator('#counted').fill('3');
  await page.keyboard.press('Enter');
  await page.locator('dialog .problem').waitFor();
  await picture(page, 'station-close-differs');
  t.same(await axe(page), []);
  await page.keyboard.press('Escape');
  await page.keyboard.press('F4');
  await page.keyboard.press('Enter');
  await page.locator('.answer[data-answer=closed]').waitFor();
  await page.locator('.waiting', { hasText: '已全部上传' }).waitFor();
  t.same(await membersOf(service, first), [3]);
  t.match(await service.call('GET', service.at(`/tubes/${first}`)), { state: 'sealed', counted: 1, reason: 'early' });

  await flick(page, second);
  t.equal(await flick(page, code(3)), 'already');
  t.equal(await flick(page, bob), 'again', 'with the card of somebody else');
  await picture(page, 'station-again');
  await page.locator('.waiting', { hasText: '已全部上传' }).waitFor();
  t.same(await membersOf(service, second), [3]);
  await page.locator('.chip.stop', { hasText: '1' }).waitFor();

  // What is to be put right, with keys alone.
  await page.keyboard.press('F8');
  await page.locator('.tofix li').waitFor();
  await picture(page, 'station-to-fix');
  t.same(await axe(page), []);
  t.match(await page.locator('.tofix li').innerText(), /此人本轮已采样/);
  t.equal(await page.locator('.tofix li button').count(), 2, 'two choices');
  for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement?.closest('.tofix') !== null)); i++) await page.keyboard.press('Tab');
  t.equal(await page.evaluate(() => document.activeElement?.closest('.tofix') !== null), true, 'the list is reached by Tab');
  await page.keyboard.press('Enter');
  await page.locator('.tofix li').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.locator('.chip.stop').waitFor({ state: 'detached' });
});

t.test('somebody without a code: by number, by name, new; and a single tube', withBrowser, async (t) => {
  const service = await openService(t, { people: 20, rules: { poolSizes: { normal: 10, key: 10, high: 1 } } });
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: service.base });
  const { page } = screen;
  await pairStation(service, screen.context);
  await openStation(screen);
  const [tube] = [service.tube()];
  await flick(page, tube);
  await page.keyboard.press('F3');
  await page.locator('#document').fill(rosterRow(6)[1] as string);
  await picture(page, 'station-no-code');
  t.same(await axe(page), []);
  t.same(await measured(page, { target: 96 }), []);
  await page.keyboard.press('Enter');
  await page.locator('.answer[data-answer=counted]').waitFor();
  t.equal(await page.evaluate(() => document.activeElement === document.body), true);

  await page.keyboard.press('F3');
  await page.locator('dialog button', { hasText: 'By name' }).click();
  await page.locator('#name').fill(rosterRow(8)[0] as string);
  await page.locator('.found li').first().waitFor();
  await picture(page, 'station-by-name');
  await page.locator('.found button').first().click();
  await page.locator('.answer[data-answer=counted]').waitFor();
  await page.locator('.count b', { hasText: '2 / 10' }).waitFor();

  await page.keyboard.press('F3');
  await page.locator('dialog button', { hasText: 'New person' }).click();
  await page.locator('dialog button', { hasText: 'Register and swab' }).click();
  await page.locator('.errors').waitFor();
  t.same(await axe(page), []);
  await page.locator('#new-name').fill('欧阳小娜');
  await page.locator('#new-village').fill('外村');
  await page.locator('#new-document').fill(strangersDocument);
  await picture(page, 'station-new-person');
  await page.keyboard.press('Enter');
  await page.locator('.answer[data-answer=unlisted]').waitFor();
  t.match(await page.locator('.about').innerText(), /欧\*\*娜 · 外村/);
  await page.locator('.waiting', { hasText: '已全部上传' }).waitFor();
  t.same(await membersOf(service, tube), [7, 9, 21]);
  t.match(await service.call('GET', service.at('/residents/21')), { swabs: 1 });
});

t.test('locked for a break, and opened again: the tube is still there', withBrowser, async (t) => {
  const service = await openService(t, { people: 12 });
  const browser = await openBrowser(t);
  const screen = await openScreen(t, { browser, base: service.base, expected: /WebSocket|net::ERR|Failed to fetch/ });
  const { page } = screen;
  const { code } = await pairStation(service, screen.context);
  const person = await browser.newContext({ baseURL: service.base });
  await service.signIn(person, 'wang', [{ role: 'supervisor', ...service.cell }]);
  await service.call('PUT', '/api/accounts/wang', { card: alice });
  const set = await person.request.post('/api/session/pin', { data: { password: 'long and dull words', pin: '402913' }, headers: { 'x-swabline': '1', origin: service.base } });
  t.ok(set.ok(), await set.text());
  await person.close();
  await openStation(screen);
  await flick(page, alice);
  await flick(page, service.tube());
  await flick(page, code(1));
  await scan(page, commandCode('lock'));
  await page.locator('.lock').waitFor();
  await picture(page, 'station-locked');
  t.same(await axe(page), []);
  await page.reload();
  await page.locator('.lock').waitFor();
  await page.locator('#lock-who').fill(alice);
  await page.locator('#lock-pin').fill('111222');
  await page.keyboard.press('Enter');
  await page.locator('.lock .problem').waitFor();
  await page.locator('#lock-pin').fill('402913');
  await page.keyboard.press('Enter');
  await page.locator('.lock').waitFor({ state: 'detached' });
  t.equal(await page.locator('.count b').innerText(), '1 / 10');
  t.equal(await answerOf(page), 'goOn');

  // Without a network: the card that was in use.
  await page.keyboard.press('F8');
  await page.locator('dialog button', { hasText: 'Lock' }).click();
  await service.stop();
  await page.locator('.lock', { hasText: '现在离线' }).waitFor({ timeout: 60_000 });
  await page.locator('#lock-who').fill(bob);
  await page.keyboard.press('Enter');
  await page.locator('.lock .problem').waitFor();
  await page.locator('#lock-who').fill(alice);
  await page.keyboard.press('Enter');
  await page.locator('.lock').waitFor({ state: 'detached' });
  t.equal(await flick(page, code(2)), 'counted');
  await service.start();
});

t.test('English pages hold no Chinese, dark pages can be read, and an upright tablet shows everything', withBrowser, async (t) => {
  const service = await openService(t, { people: 20 });
  const browser = await openBrowser(t);
  let n = 0;
  for (const [language, theme, size] of [['en', 'light', [1280, 800]], ['en', 'dark', [800, 1280]], ['zh', 'dark', [1280, 800]], ['zh', 'light', [800, 1280]]] as const) {
    await t.test(`${language}, ${theme}, ${size.join(' x ')}`, async (t) => {
      const screen = await openScreen(t, { browser, base: service.base, language, theme, size: { width: size[0], height: size[1] } });
      const { page } = screen;
      const { code } = await pairStation(service, screen.context);
      await openStation(screen);
      for (const [what, row] of [[service.tube(), 'opened'], [code(++n), 'counted'], [code(++n), 'counted'], [makeCode('box', 3), 'wrongKind'], ['180000000', 'unreadable']] as const) {
        t.equal(await flick(page, what), row);
        t.same(await axe(page), [], row);
        t.same(await measured(page, { target: 96, noScroll: true }), [], row);
        if (language === 'en') t.same(await chineseLeft(page), [], row);
      }
      await flick(page, code(++n));
      await picture(page, `station-${language}-${theme}-${size[0]}`);
      await page.keyboard.press('F8');
      await page.locator('dialog').waitFor();
      t.same(await axe(page), []);
      if (language === 'en') t.same(await chineseLeft(page), []);
      await picture(page, `station-menu-${language}-${theme}-${size[0]}`);
    });
  }
});
