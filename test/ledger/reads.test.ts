// What the record says now: bounded, paged, and in the words of the field.

import t from 'tap';
import * as reads from '../../src/ledger/reads.js';
import { build, freshCell, minute, morning } from '../support.js';
import { station } from './station.js';

t.test('opened cells are found, unopened ones are not', async (t) => {
  const { redis, cell } = await build(t);
  t.ok((await reads.openedCells(redis)).some(({ round, area }) => round === cell.round && area === cell.area));
  t.equal(await reads.cellState(redis, freshCell()), undefined);
});

t.test('residents come in pages, in their order, with what is known of each', async (t) => {
  const { redis, cell } = await build(t, { residents: 25 });
  t.same((await reads.residents(redis, cell, 11, 10)).map(({ resident }) => resident), [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  t.same((await reads.residents(redis, cell, 24, 10)).map(({ resident }) => resident), [24, 25]);
  t.same(await reads.residents(redis, cell, 26, 10), []);
  t.equal(await reads.resident(redis, cell, 99), undefined);
  t.equal(await reads.residentByIndex(redis, cell, 'e'.repeat(32)), undefined);
});

t.test('tubes come in pages, each once', async (t) => {
  const { rig, tablet } = await station(t);
  const codes = Array.from({ length: 600 }, () => rig.tube());
  for (let from = 0; from < codes.length; from += 50) await tablet.send(codes.slice(from, from + 50).map((tube) => ({ step: 'openTube', body: { tube, station: 'a1', size: 1 } }) as const));
  const seen: string[] = [];
  let cursor = '0';
  do {
    const page = await reads.tubes(rig.redis, rig.cell, cursor, 100);
    seen.push(...page.tubes.map(({ tube }) => tube));
    cursor = page.cursor;
  } while (cursor !== '0');
  t.same([...new Set(seen)].sort(), [...codes].sort());
});

t.test('what keeps the round open is named oldest first, with its time', async (t) => {
  const { rig, tablet, open } = await station(t);
  const first = await open();
  await rig.advance(minute);
  await tablet.report('sealTube', { tube: 'AB12345678901' });
  await rig.advance(minute);
  const third = await open(rig.device('other'));
  const all = await reads.unfinished(rig.redis, rig.cell);
  t.same(all, [{ what: `tube:${first}`, since: morning }, { what: 'discrepancy:1', since: morning + minute }, { what: `tube:${third}`, since: morning + 2 * minute }]);
  t.same(await reads.unfinished(rig.redis, rig.cell, 1, 1), all.slice(1, 2));
});

t.test('a story goes back from the last event, as far as asked', async (t) => {
  const { rig, tablet, open, fill } = await station(t);
  const tube = await fill(await open(), 1, 2);
  await tablet.done('voidSwab', { resident: '1', tube, reason: 'other' });
  const names = async (of: Parameters<typeof reads.story>[2], count?: number) => (await reads.story(rig.redis, rig.cell, of, count)).map(({ event }) => event);
  t.same(await names({ tube }), ['swab.voided', 'swab.taken', 'swab.taken', 'tube.opened']);
  t.same(await names({ tube }, 2), ['swab.voided', 'swab.taken']);
  t.same(await names({ resident: 1 }), ['swab.voided', 'swab.taken']);
  t.same(await names({ resident: 99 }), []);
});

t.test('stations tell their people, their tubes and their pace', async (t) => {
  const { rig, tablet, open, fill, station: at } = await station(t, { stations: ['a1', ['b1', 's2']] });
  for (const n of [6, 7]) await rig.device('desk').report('issueTicket', { site: 's1', station: 'a1', party: [{ resident: String(n), number: `A${n}` }] });
  await tablet.done('callNext', { station: 'a1' });
  const tube = await open();
  for (const n of [1, 2, 3, 4]) {
    await fill(tube, n);
    await rig.advance(30_000);
  }
  t.match(await at(), { station: 'a1', site: 1, state: 'open', waiting: 1, called: 1, tubes: [tube] });
  t.equal((await at())?.secondsPerPerson, undefined, 'not measured before a tube is closed');
  await fill(tube, 5);
  t.equal((await at())?.secondsPerPerson, 30);
  t.match(await at('b1'), { site: 2, waiting: 0, tubes: [] });
});

t.test('the numbers of a device add up', async (t) => {
  const { rig, tablet, open } = await station(t);
  const tube = await open();
  await tablet.ask('takeSwab', { resident: '99', tube });
  await tablet.send([{ number: 3, step: 'quarantine', ciphertext: 'AAAA', problem: 'unreadable', fingerprint: 1 }]);
  tablet.draft({ step: 'callNext', body: { station: 'a1' } });
  await tablet.ask('callNext', { station: 'a1' });
  const all = await reads.devices(rig.redis, rig.cell);
  t.match(all.find(({ device }) => device === 'tablet'), { assigned: 5, applied: 1, refused: 2, quarantined: 1, lost: 0, missing: 1 });
  for (const one of all) t.equal(one.assigned, one.applied + one.refused + one.quarantined + one.lost + one.missing, one.device);
});
