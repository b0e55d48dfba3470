// The wall: what it works out, and what it shows, in both languages, by day and by night.

import type { Page } from 'playwright-core';
import t from 'tap';
import { finishOf, freshnessOf, gridFor, inPlace, middlePace, neededRate, nextTime, pageOf, runningTotal, type StationCounts, trailingMean, untilThree, wordOf, worstFirst } from '../../src/screens/wall/reckoning.js';
import { openAlarm } from '../../src/screens/wall/alarm.js';
import { axe, chineseLeft, measured, openBrowser, picture, withBrowser } from './browser.js';
import { openService } from './service.js';
import { eleven, figure, madeUp, townshipCounts } from './wallCounts.js';

const held = { letters: 24, target: 64, noScroll: true } as const;

t.test('what the wall works out', async (t) => {
  const zone = 'Asia/Shanghai';
  const at = Date.UTC(2022, 10, 23, 2, 0); // ten in the morning there
  t.equal(nextTime('12:00', at, zone), at + 120 * 60_000);
  t.equal(nextTime('09:00', at, zone), at + 23 * 60 * 60_000, 'an hour that has passed is tomorrow\'s');
  t.equal(nextTime('noon', at, zone), undefined);
  t.equal(untilThree(at, zone), 17 * 60 * 60_000);
  t.equal(neededRate(1200, at, at + 120 * 60_000), 10);
  t.equal(neededRate(1200, at, at - 1), 'passed');
  t.equal(neededRate(1200, at, undefined), undefined);
  t.equal(neededRate(0, at, at - 1), 0, 'nobody is left');

  const counts = townshipCounts();
  t.match(finishOf(counts, eleven, 100), { at: eleven + 169 * 60_000 });
  t.equal(finishOf(counts, eleven, 1000), 'unknown', 'a tenth of the needed rate says nothing');
  const { finish: _, ...total } = counts.total;
  t.equal(finishOf({ ...counts, total }, eleven, undefined), 'unknown');
  t.equal(finishOf({ ...counts, total: { ...total, open: 0 } }, eleven, undefined), 'done');
  t.equal(finishOf({ ...counts, total: { ...counts.total, finish: { at: eleven + 99 * 3_600_000, earliest: eleven } } }, eleven, undefined), 'overADay');

  t.strictSame([0, 5000, 5001, 15_000, 15_001].map(freshnessOf), ['fresh', 'fresh', 'amber', 'amber', 'lost']);
  const village = (residents: number, excused: number, sampled: number, name: string) => ({ residents, excused, sampled, open: residents - excused - sampled, name });
  t.strictSame(worstFirst({ 1: village(100, 0, 90, 'a'), 2: village(100, 50, 10, 'b'), 3: village(10, 10, 0, 'c'), 4: village(200, 0, 40, 'd'), 5: village(0, 0, 0, 'e') }).map(({ name }) => name), ['d', 'b', 'a', 'c']);

  const station: StationCounts = { code: 'A', state: 'open', silent: false, stalled: false, waiting: 3, called: 0, perMinute15: 2 };
  const table: [Partial<StationCounts>, string][] = [
    [{}, 'working'], [{ perMinute15: 0.9 }, 'slow'], [{ perMinute15: 0.9, waiting: 0 }, 'working'], [{ stalled: true }, 'stalled'], [{ stalled: true, silent: true }, 'silent'],
    [{ state: 'draining' }, 'draining'], [{ state: 'paused', silent: true }, 'paused'], [{ state: 'closed' }, 'closed'],
  ];
  for (const [differs, word] of table) t.equal(wordOf({ ...station, ...differs }, 2), word, JSON.stringify(differs));
  t.equal(middlePace([station, { ...station, perMinute15: 1 }, { ...station, perMinute15: 9 }, { ...station, state: 'paused' }]), 2);
  t.strictSame(inPlace({ 1: { ...station, code: 'B2' }, 2: { ...station, code: 'A10' }, 3: { ...station, code: 'A9' } }).map(({ code }) => code), ['A9', 'A10', 'B2'], 'by code, so that none moves');

  const box = { width: 1000, height: 420 };
  for (const n of [1, 7, 30, 54]) {
    const { columns, rows } = gridFor(n, box, { width: 110, height: 70 });
    t.ok(columns * rows >= n && columns * 110 <= 1000 && rows * 70 <= 420, `${n} tiles in ${columns} x ${rows}`);
  }
  t.strictSame(gridFor(200, box, { width: 110, height: 70 }), { columns: 9, rows: 6 }, 'more have further pages');
  t.strictSame([0, 1, 2, 3].map((turn) => pageOf([1, 2, 3, 4, 5], 2, turn).rows), [[1, 2], [3, 4], [5], [1, 2]]);
  t.strictSame(trailingMean([2, 4, 6, 8, 1], 2), [2, 3, 5, 7], 'without the minute that has only begun');
  t.strictSame(runningTotal([1, 0, 2]), [1, 1, 3]);
});

t.test('what the wall calls out for', async (t) => {
  const counts = townshipCounts();
  const rung: string[] = [];
  const alarm = openAlarm((what) => rung.push(what));
  alarm(counts, 0);
  t.same(rung, [], 'what stands there when the wall is opened is no news');
  const late = { ...counts, road: { ...counts.road, amber: counts.road.amber + 1 } };
  alarm(late, 1000);
  alarm(late, 2000);
  t.same(rung, ['late'], 'a late tube, once');
  const [key, one] = Object.entries(counts.stations).find(([, { stalled, state }]) => !stalled && state === 'open') as [string, StationCounts];
  const stopped = { ...late, stations: { ...counts.stations, [key]: { ...one, stalled: true } } };
  alarm(stopped, 3000);
  t.same(rung, ['late'], 'not twice within the quiet time');
  alarm(stopped, 20_000);
  t.same(rung, ['late', 'stopped'], 'and not forgotten by it');
  alarm(late, 40_000);
  alarm({ ...late, road: { ...late.road, amber: late.road.amber - 1, red: late.road.red + 1 } }, 60_000);
  t.same(rung, ['late', 'stopped', 'late'], 'a tube that is later still');
});

/** What is drawn outside of the part of the wall it belongs to. */
const spilled = (page: Page): Promise<string[]> => page.evaluate(() =>
  [...document.querySelectorAll('.part, .wall > header')].flatMap((part) => {
    const outer = part.getBoundingClientRect();
    return [...part.querySelectorAll('*')].filter((inner) => {
      const box = inner.getBoundingClientRect();
      return box.width > 0 && (box.right > outer.right + 1 || box.bottom > outer.bottom + 1 || box.left < outer.left - 1 || box.top < outer.top - 1);
    }).map((inner) => `${part.className}: ${inner.className} "${(inner.textContent ?? '').slice(0, 40)}"`);
  }));

t.test('the wall', withBrowser, async (t) => {
  const service = await openService(t);
  const browser = await openBrowser(t);

  for (const [language, theme] of [['zh', 'dark'], ['zh', 'light'], ['en', 'dark'], ['en', 'light']] as const) {
    await t.test(`a township at eleven, ${language}, ${theme}`, withBrowser, async (t) => {
      const { page, tell } = await madeUp(t, service, { browser, language, theme });
      await page.goto('/wall');
      await page.locator('canvas[aria-label*="92.4"]').waitFor();
      t.equal(await figure(page, 'sampled').textContent(), '12,345');
      t.equal(await figure(page, 'finish').textContent(), '13:49');
      t.match(await figure(page, 'needed').textContent(), /104/, '15,655 people in 150 minutes');
      t.match(await figure(page, 'provisional').textContent(), /41/);
      t.match(await figure(page, 'positives').textContent(), language === 'zh' ? /少于 5/ : /under 5/, 'fewer than five positive pools are not told');
      t.match(await page.locator('.alarms .late li.red').first().textContent(), /0881.*4:31/, 'the oldest first');
      t.ok([11, 12].includes(await page.locator('.villages li').count()), 'twelve villages at once, of 35');
      t.strictSame(await page.locator('.tile.stalled').allTextContents(), language === 'zh' ? ['S16-1停', 'S26-2停'] : ['S16-1stop', 'S26-2stop'], 'a state is a word and not a colour');
      t.match(await page.locator('canvas').nth(1).getAttribute('aria-label'), /\d/, 'a line says its figure');
      t.same(await axe(page), []);
      t.same(await measured(page, held), []);
      t.same(await spilled(page), []);
      if (language === 'en') t.same(await chineseLeft(page), []);
      await picture(page, `wall-${language}-${theme}`);
      if (theme === 'light') return;
      // The alarm is off until somebody wants it; a late tube is then heard.
      const heard = () => page.evaluate(() => (window as unknown as { __sounds?: string[] }).__sounds ?? []);
      t.same(await heard(), []);
      await page.locator('[data-alarm=off]').click();
      await page.locator('[data-alarm=on]').waitFor();
      tell({ patch: { road: { red: 3 } } });
      await page.waitForFunction(() => (window as unknown as { __sounds: string[] }).__sounds.includes('caution'));
      t.same(await heard(), ['ok', 'caution']);
    });
  }

});
