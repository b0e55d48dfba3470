// What a laboratory sees at the door, in its own cell.

import t from 'tap';
import { bench } from '../ledger/bench.js';
import { packing } from '../ledger/packing.js';
import { guarded, wordIn } from './guarded.js';
import { doorOf } from './support.js';

t.test('a delivery is compared with its manifest while it is scanned', async (t) => {
  const { rig, scanner, expect } = await bench(t);
  const door = await doorOf(t, rig);
  const first = await expect(3);
  const second = await expect(1);
  const [a = '', b = '', c = ''] = first.tubes;
  await scanner.done('receiveBox', { box: first.box });
  await scanner.done('receiveTube', { tube: a, box: first.box });
  await scanner.done('receiveTube', { tube: second.tubes[0] as string, box: first.box });
  await scanner.done('rejectTube', { tube: b, reason: 'RB', box: first.box });
  t.match((await door.get(`/deliveries/${first.box}`)).json(), {
    box: first.box, state: 'received', home: 'north', expected: 3, there: [a, b], missing: [c], extra: [{ tube: second.tubes[0], from: second.box }], rejected: [{ tube: b, reason: 'RB' }],
  });
  t.match((await door.get('/deliveries')).json(), { deliveries: [{ delivery: 1, box: first.box, state: 'received' }, { delivery: 2, box: second.box, state: 'expected' }] });
  t.match((await door.get('/deliveries?from=2&count=1')).json<{ deliveries: object[] }>(), { deliveries: [{ box: second.box }] });
  t.match((await door.get(`/intakes/${b}`)).json(), { tube: b, state: 'rejected', reason: 'RB' });
  const page = (await door.get('/intakes')).json<{ cursor: string; intakes: { tube: string }[] }>();
  t.equal(page.cursor, '0');
  t.same(page.intakes.map(({ tube }) => tube).sort(), [...first.tubes, ...second.tubes].sort());
});

t.test('results of a tube, those that wait, and the sums', async (t) => {
  const { rig, scanner, received, finding } = await bench(t);
  const door = await doorOf(t, rig);
  const { tubes: [negative = '', positive = ''] } = await received(2);
  await scanner.done('recordResult', finding(negative));
  await scanner.done('recordResult', finding(positive, 'positive'));
  const unknown = rig.tube();
  await scanner.done('receiveTube', { tube: unknown });
  await scanner.done('recordResult', finding(unknown));
  t.match((await door.get(`/intakes/${positive}/results`)).json(), { results: [{ tube: positive, result: 'positive', state: 'held', why: 'second_person', run: 'R1' }] });
  t.same((await door.get(`/intakes/${negative}/results`)).json<{ results: { state: string }[] }>().results.map(({ state }) => state), ['released']);
  const waits = (await door.get('/results/waiting')).json<{ cursor: string; results: { tube: string; state: string }[]; unregistered: string[] }>();
  t.same(waits.results.map(({ tube, state }) => `${tube} ${state}`).sort(), [`${positive} held`, `${unknown} parked`].sort());
  t.same(waits.unregistered, [unknown]);
  t.match((await door.get('/laboratory/reconciliation')).json(), { areas: [{ home: '', parked: 1 }, { home: 'north', received: 2, released: 1, held: 1, toRelease: 1 }] });
});

t.test('an area is no laboratory, and says so', async (t) => {
  const { rig, sealed, sealedBox } = await packing(t);
  const door = await doorOf(t, rig);
  const tube = await sealed(1);
  const box = await sealedBox(tube);
  for (const path of ['/deliveries', `/deliveries/${box}`, '/intakes', `/intakes/${tube}`, `/intakes/${tube}/results`, '/results/waiting', '/laboratory/reconciliation']) {
    t.equal(wordIn(await door.get(path)), '404 wrong_cell', path);
    t.equal(wordIn(await door.app.inject(`/api/cells/${rig.cell.round}/elsewhere${path}`)), '404 cell_unknown', path);
  }
});

t.test('what the laboratory has not heard of is not there', async (t) => {
  const { rig, newBox } = await bench(t);
  const door = await doorOf(t, rig);
  for (const path of [`/deliveries/${newBox()}`, `/intakes/${rig.tube()}`, `/intakes/${rig.tube()}/results`, '/intakes/no']) t.equal(wordIn(await door.get(path)), '404 nothing_there', path);
  for (const path of ['/deliveries?from=0', '/intakes?cursor=x', '/results/waiting?count=1001']) t.equal(wordIn(await door.get(path)), '422 content_invalid', path);
  t.same((await door.get('/results/waiting')).json(), { cursor: '0', results: [], unregistered: [] });
});

t.test('the laboratory sees its own cell and not the people of an area', async (t) => {
  const { door, send, pair } = await guarded(t, { round: { laboratory: true, sites: [], villages: [] } });
  const lab = await pair('lab');
  for (const path of ['/deliveries', '/intakes', '/results/waiting', '/laboratory/reconciliation']) t.equal((await send(lab.headers, 'GET', door.at(path))).statusCode, 200, path);
  const packer = await pair('packer');
  t.equal(wordIn(await send(packer.headers, 'GET', door.at('/deliveries'))), '403 not_allowed');
  t.equal(wordIn(await send(lab.headers, 'GET', door.at('/missing'))), '403 not_allowed');
});
