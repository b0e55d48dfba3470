// What the command post sees at the door after the swab: recalls, sums and gaps, who is missing, results, and records nobody could read.

import t from 'tap';
import { residentIdCheck } from '../../src/domain/documents.js';
import { systemCell } from '../../src/domain/requests.js';
import { lastPosition, readEvents } from '../../src/ledger/stream.js';
import { packing } from '../ledger/packing.js';
import { guarded, wordIn } from './guarded.js';
import { doorOf } from './support.js';

t.test('a positive pool is a recall with its people by number, and nobody hears a result before the single swab', async (t) => {
  const { rig, sealed, received, resulted, relay, single } = await packing(t);
  const door = await doorOf(t, rig);
  const [pool, clean] = [await sealed(1, 2), await sealed(3)];
  for (const tube of [pool, clean]) await received(tube);
  t.match((await door.get('/residents/3/result')).json(), { resident: 3, status: 'pending', tube: clean });
  await resulted(pool, 'positive');
  await resulted(clean, 'negative');
  t.match((await door.get('/recalls')).json(), { recalls: [{ recall: 1, tube: pool, cause: 'positive', state: 'open', people: 2 }] });
  t.match((await door.get('/recalls/1')).json(), { recall: 1, list: [{ resident: 1, relation: { inTube: true }, found: false }, { resident: 2 }] });
  t.match((await door.get('/residents/1/result')).json(), { resident: 1, status: 'recalled', recall: 1, swabbed: false });
  t.match((await door.get('/residents/3/result')).json(), { resident: 3, status: 'negative', tube: clean, pooled: 1 });
  t.match((await door.get('/residents/9/result')).json(), { resident: 9, status: 'none' });
  const own = await single(1);
  await relay.report('noteIntake', { tube: own, outcome: 'received', laboratory: 'lab', accession: 'A1' });
  await relay.report('noteResult', { tube: own, result: 'positive', accession: 'A1', run: 'R2', testedAt: rig.now(), laboratory: 'lab' });
  t.match((await door.get('/residents/1/result')).json(), { status: 'positive', tube: own });
  for (const path of ['/recalls/2', '/recalls/x', '/residents/9999/result']) t.equal(wordIn(await door.get(path)), '404 nothing_there', path);
});

t.test('the sums and the tubes in their gaps', async (t) => {
  const { rig, sealed, sealedBox, received } = await packing(t);
  const door = await doorOf(t, rig);
  const [bench, road, lab] = [await sealed(1), await sealed(2), await sealed(3, 4)];
  await sealedBox(road);
  await received(lab);
  t.match((await door.get('/reconciliation')).json(), { gaps: 3, people: { sampled: 4 }, round: { tubes: { gaps: { sealed: 1, boxed: 1, accepted: 1 } } } });
  t.match((await door.get('/gaps')).json<{ total: number; tubes: object[] }>(), { total: 3, tubes: { length: 3 } });
  t.match((await door.get('/gaps?gap=sealed')).json(), { total: 1, tubes: [{ tube: bench, owner: { kind: 'station', name: 'a1' } }] });
  t.match((await door.get('/gaps?trip=1')).json(), { total: 1, tubes: [{ tube: road, owner: { kind: 'person', name: 'pat' } }] });
  t.match((await door.get('/gaps?station=a1&from=2&count=1')).json<{ total: number; tubes: object[] }>(), { total: 3, tubes: { length: 1 } });
  for (const path of ['/gaps?gap=gone', '/gaps?trip=0', '/gaps?count=0']) t.equal(wordIn(await door.get(path)), '422 content_invalid', path);
  for (const path of ['/gaps', '/reconciliation', '/recalls', '/missing', '/residents/1/result']) {
    t.equal(wordIn(await door.app.inject(`/api/cells/${rig.cell.round}/elsewhere${path}`)), '404 cell_unknown', path);
  }
});

/** A number with a right check digit from an area code that was never given out. */
const documentOf = (n: number): string => {
  const body = `69000019700101${String(n).padStart(3, '0')}`;
  return body + residentIdCheck(body);
};

t.test('who is missing is told village by village, and in one village door by door with masked names', async (t) => {
  const { door, send, tool, person, pair } = await guarded(t);
  for (const [i, [village, household, name]] of ([['Upper', '7', '李小明'], ['Upper', '7', '李红'], ['Upper', '9', '王芳'], ['Lower', '1', '赵云']] as const).entries()) {
    const answer = await send(tool, 'POST', door.at('/steps/registerWalkIn'), {
      device: 'desk', epoch: 'e1', number: i + 1, claimedAt: Date.now(), body: { document: { number: documentOf(i + 1) }, name, phone: '13800001234', village, household },
    });
    t.equal(answer.statusCode, 200, answer.body);
  }
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const villages = (await send(post.headers, 'GET', door.at('/missing'))).json<{ villages: { village: number; name: string; missing: number }[] }>();
  t.match(villages, { total: 4, households: [], next: null });
  t.same(villages.villages.map(({ name, missing }) => `${name} ${missing}`), ['Upper 3', 'Lower 1']);
  const list = await send(post.headers, 'GET', door.at('/missing?village=1'));
  t.match(list.json(), {
    households: [{ household: Number, residents: [{ resident: 1, person: { name: '李*明', phone: '138****1234' } }, { resident: 2, person: { name: '李*' } }] }, { residents: [{ resident: 3, person: { name: '王*' } }] }], next: null,
  });
  t.notMatch(list.body, /李小明|13800001234|690000197001/);
  const first = (await send(post.headers, 'GET', door.at('/missing?village=1&many=2'))).json<{ next: number; households: { residents: { resident: number }[] }[] }>();
  t.equal(first.next, 3);
  const rest = (await send(post.headers, 'GET', door.at(`/missing?village=1&from=${first.next}&many=2`))).json<typeof first>();
  t.same([...first.households, ...rest.households].flatMap(({ residents }) => residents.map(({ resident }) => resident)), [1, 2, 3]);
  t.equal(rest.next, null);
  const supervisor = await pair('supervisor', { site: 's1' });
  t.match((await send(supervisor.headers, 'GET', door.at('/missing?village=2'))).json(), { households: [{ residents: [{ person: { name: '赵*' } }] }] });
  const desk = await pair('desk', { site: 's1' });
  t.equal(wordIn(await send(desk.headers, 'GET', door.at('/missing'))), '403 not_allowed');
  t.equal(wordIn(await send(desk.headers, 'GET', door.at('/residents/1/result'))), '403 not_allowed');
  await door.vault.forget(door.cell.round);
  const gone = (await send(post.headers, 'GET', door.at('/missing?village=1'))).json<{ households: { residents: object[] }[] }>();
  t.same(gone.households[0]?.residents, [{ resident: 1 }, { resident: 2 }], 'when the people are gone, the numbers stay');
});

t.test('a record nobody could read is listed, and opened only with a reason that is on record first', async (t) => {
  const { door, send, pair, person, tool } = await guarded(t, { stations: ['3'], residents: 2 });
  const station = await pair('station', { site: 's1', station: '3' });
  const sent = { number: 1, step: 'takeSwab', claimedAt: 1, body: { resident: '李小明', tube: 'x' } };
  await send(station.headers, 'POST', door.at('/outbox'), { device: station.device, epoch: 'e1', requests: [sent, { number: 2, step: 'noSuchStep', claimedAt: 1, body: {} }] });
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const list = await send(post.headers, 'GET', door.at('/quarantine'));
  t.match(list.json(), { total: 2, records: [{ device: station.device, epoch: 'e1', number: 1, problem: /^body\.tube/, settled: false }, { number: 2 }] });
  t.notMatch(list.body, /李小明/);
  t.match((await send(post.headers, 'GET', door.at('/quarantine?from=1'))).json(), { total: 2, records: [{ number: 2 }] });

  const path = door.at(`/quarantine/${station.device}/e1/1/reveal`);
  const before = await lastPosition(door.redis, systemCell);
  t.equal(wordIn(await send(post.headers, 'POST', path, {})), '422 content_invalid');
  t.equal(wordIn(await send(station.headers, 'POST', path, { reason: 'correction' })), '403 not_allowed');
  const tablet = await pair('supervisor', { site: 's1' });
  t.equal(wordIn(await send(tablet.headers, 'POST', path, { reason: 'correction' })), '403 not_allowed', 'a tablet is nobody');
  const looks = async () => (await readEvents(door.redis, systemCell, before)).filter((event) => event.event === 'personal.revealed' && event.round === door.cell.round);
  t.same(await looks(), []);
  t.match((await send(post.headers, 'POST', path, { reason: 'correction' })).json(), { device: station.device, number: 1, record: sent });
  t.match(await looks(), [{ what: 'quarantined', reason: 'correction', by: post.account }]);
  for (const one of ['/quarantine/nobody/e1/1/reveal', `/quarantine/${station.device}/e1/3/reveal`, `/quarantine/${station.device}/e1/0/reveal`]) {
    t.equal(wordIn(await send(post.headers, 'POST', door.at(one), { reason: 'correction' })), '404 nothing_there', one);
  }
  const settled = await send(tool, 'POST', door.at('/steps/settleQuarantined'), { device: 'post2', epoch: 'e1', number: 1, claimedAt: 1, body: { device: station.device, epoch: 'e1', number: 1, decision: 'rejected' } });
  t.equal(settled.statusCode, 200, settled.body);
  t.match((await send(post.headers, 'GET', door.at('/quarantine'))).json(), { total: 1, records: [{ number: 2 }] });
  await door.vault.forget(door.cell.round);
  t.equal(wordIn(await send(post.headers, 'POST', door.at(`/quarantine/${station.device}/e1/2/reveal`), { reason: 'correction' })), '410 person_gone');
});
