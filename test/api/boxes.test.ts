// What packers and couriers see at the door: boxes, what lies in them, what still waits for one.

import t from 'tap';
import { readManifest } from '../../src/domain/manifest.js';
import { bench } from '../ledger/bench.js';
import { packing } from '../ledger/packing.js';
import { minute } from '../support.js';
import { guarded, wordIn } from './guarded.js';
import { doorOf } from './support.js';

t.test('a box is shown with each tube in it, and where the tube is', async (t) => {
  const world = await packing(t);
  const { rig, packer, courier, sealed, openBox } = world;
  const door = await doorOf(t, rig);
  const [one, two] = [await sealed(1, 2), await sealed(3)];
  const box = await openBox();
  for (const tube of [one, two]) await packer.done('packTube', { tube, box });
  t.match((await door.get(`/boxes/${box}`)).json(), { box, trip: 1, state: 'packing', hash: '', contents: [{ tube: one, swabs: 2, status: 'boxed' }, { tube: two, swabs: 1, status: 'boxed' }] });
  const early = await door.get(`/boxes/${box}/manifest`);
  t.equal(wordIn(early), '409 box_not_sealed', 'there is no manifest of a box that is still open');
  t.match(early.json(), { nextEn: 'Seal the box first' });

  await packer.done('sealBox', { box });
  const manifest = (await door.get(`/boxes/${box}/manifest`)).json<{ text: string; hash: string }>();
  t.match(manifest, { box, trip: 1, tubes: 2, agrees: true });
  t.same(readManifest(manifest.text), { box, hash: manifest.hash, tubes: [one, two].sort() }, 'another screen reads the text');
  await packer.done('handOver', { box, from: 'pat', to: 'cora', hash: manifest.hash });
  await courier.ask('handOver', { box, from: 'pat', to: 'cora', hash: manifest.hash });

  const shown = (await door.get(`/boxes/${box}`)).json<{ contents: Record<string, unknown>[] }>();
  t.match(shown, { state: 'handed over', holder: 'cora', contents: [{ status: 'in transit', firstSwabAt: Number, sealedAt: Number }, {}] });
  t.match((await door.get('/boxes')).json(), { boxes: [{ box, trip: 1, tubes: [one, two] }] });
  t.same((await door.get('/boxes?from=2')).json(), { boxes: [] });
  const story = (await door.get(`/boxes/${box}/story`)).json<{ trip: number; events: { event: string }[] }>();
  t.equal(story.trip, 1);
  t.same(story.events.map(({ event }) => event), ['box.handedOver', 'box.sealed', 'tube.packed', 'tube.packed', 'box.opened']);
});

t.test('sealed tubes that wait for a box are shown oldest first, and of one site', async (t) => {
  const { rig, packer, sealed, open, fill, openBox } = await packing(t, { stations: ['a1', ['b1', 's2']] });
  const door = await doorOf(t, rig);
  const early = await sealed(1);
  await rig.advance(4 * minute);
  const late = await sealed(2, 3);
  const there = rig.tube();
  const other = rig.device('other');
  await other.done('openTube', { tube: there, station: 'b1' });
  await fill(there, 4);
  await other.done('sealTube', { tube: there });
  await open(rig.device('third'));
  const lost = await sealed(5);
  await packer.done('reportTube', { tube: lost, what: 'lost' });

  const found = (await door.get('/boxes/toPack')).json<{ at: number; total: number; whole: boolean; tubes: { tube: string; age: number }[] }>();
  t.match(found, { at: rig.now(), total: 3, whole: true });
  t.match(found.tubes[0], { tube: early, site: 's1', station: 'a1', swabs: 1, age: 4 * minute });
  t.same(found.tubes.slice(1).map(({ tube }) => tube).sort(), [late, there].sort());
  t.match((await door.get('/boxes/toPack?site=s2')).json(), { total: 1, tubes: [{ tube: there, station: 'b1' }] });
  t.match((await door.get('/boxes/toPack?count=1')).json<{ total: number; tubes: object[] }>(), { total: 3, tubes: { length: 1 } });
  t.same((await door.get('/boxes/toPack?site=nowhere')).json<{ tubes: object[] }>().tubes, []);

  const box = await openBox();
  await packer.done('packTube', { tube: early, box });
  t.notOk((await door.get('/boxes/toPack')).body.includes(early), 'in a box it waits no more');
  await packer.done('unpackTube', { tube: early, box });
  t.ok((await door.get('/boxes/toPack')).body.includes(early), 'taken out it waits again');
});

t.test('a laboratory has deliveries and no boxes of its own, and says so', async (t) => {
  const { rig, expect } = await bench(t);
  const door = await doorOf(t, rig);
  const { box } = await expect(2);
  for (const path of ['/boxes', '/boxes/toPack', `/boxes/${box}`, `/boxes/${box}/story`, `/boxes/${box}/manifest`]) {
    t.equal(wordIn(await door.get(path)), '404 wrong_cell', path);
  }
});

t.test('what is not there, and what is asked wrongly', async (t) => {
  const { rig, newBox } = await packing(t);
  const door = await doorOf(t, rig);
  for (const path of [`/boxes/${newBox()}`, `/boxes/${newBox()}/story`, `/boxes/${newBox()}/manifest`, '/boxes/no']) t.equal(wordIn(await door.get(path)), '404 nothing_there', path);
  for (const path of ['/boxes', '/boxes/toPack', `/boxes/${newBox()}`]) {
    t.equal(wordIn(await door.app.inject(`/api/cells/${rig.cell.round}/elsewhere${path}`)), '404 cell_unknown', path);
  }
  for (const path of ['/boxes?from=0', '/boxes?count=501', '/boxes/toPack?count=0', '/boxes/toPack?site=a%20b', '/boxes/toPack?box=1']) t.equal(wordIn(await door.get(path)), '422 content_invalid', path);
});

t.test('a courier and a packer see boxes and tube codes, and no resident', async (t) => {
  const { door, send, pair } = await guarded(t, { stations: ['3'], residents: 3 });
  for (const role of ['courier', 'packer'] as const) {
    const { headers } = await pair(role);
    for (const path of ['/boxes', '/boxes/toPack']) t.equal((await send(headers, 'GET', door.at(path))).statusCode, 200, `${role} ${path}`);
    for (const path of ['/residents/1', '/recalls', '/missing', '/gaps', '/residents/1/result', '/quarantine', '/deliveries']) {
      t.equal(wordIn(await send(headers, 'GET', door.at(path))), '403 not_allowed', `${role} ${path}`);
    }
  }
});
