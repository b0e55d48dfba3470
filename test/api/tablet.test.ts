// What a tablet takes along: everybody by number and masked name, found again from a scanned document by hashing it on the tablet.

import { createHmac } from 'node:crypto';
import t from 'tap';
import { makeCode, ordinalOf, parseCode, serialKey, serialOf } from '../../src/domain/codes.js';
import { judgeDocument, residentIdCheck } from '../../src/domain/documents.js';
import { keyOf } from '../../src/ledger/keys.js';
import { enrolmentOf } from '../../src/vault/people.js';
import { guarded, type Guarded, type Headers, wordIn } from './guarded.js';

/** A number with a right check digit from an area code that was never given out. */
const documentOf = (n: number): string => {
  const body = `69000019700101${String(n).padStart(3, '0')}`;
  return body + residentIdCheck(body);
};

type Row = [number, string, number, number, number, number, number, string];
interface Roster { total: number; next: number; key: { id: string }; villages: [number, string][]; sites: [number, string, string][]; people: Row[] }
interface Key { id: string; key: string; seed: string }

/** `n` people of the village Upper, sealed as an import seals them. */
async function enrol({ door }: Guarded, n: number): Promise<void> {
  const opened = await door.vault.round(door.cell.round);
  if (opened === 'erased') throw new Error('erased');
  const people = Array.from({ length: n }, (_, i) => {
    const judged = judgeDocument({ number: documentOf(i + 1), today: '2026-01-01' });
    if (!judged.ok) throw new Error(judged.problem);
    return enrolmentOf(opened, door.cell.area, {
      name: '李小明', document: { kind: judged.kind, number: judged.normalised }, identity: judged.identity, village: 'Upper', household: `${i >> 1}`,
      categories: i === 1 ? ['recovered', 'pregnant'] : [],
    }, '2026-01-01');
  });
  for (let from = 0; from < n; from += 500) await door.post.done('enrolResidents', { residents: people.slice(from, from + 500) });
}

/** What a tablet does with a document that was scanned. */
function hashOnTablet({ key }: Key, scanned: string): string {
  const judged = judgeDocument({ number: scanned, today: '2026-01-01' });
  if (!judged.ok) throw new Error(judged.problem);
  return createHmac('sha256', Buffer.from(key, 'base64')).update(String(judged.identity)).digest().subarray(0, 12).toString('base64url');
}

const rosterOf = async ({ door, send }: Guarded, headers: Headers, query = ''): Promise<Roster> => (await send(headers, 'GET', door.at(`/tablet/roster${query}`))).json<Roster>();
const keyFor = async ({ door, send }: Guarded, headers: Headers, query = ''): Promise<Key> => (await send(headers, 'GET', door.at(`/tablet/key${query}`))).json<Key>();

t.test('a tablet finds in its roster whoever shows a document, and no other tablet can', async (t) => {
  const rig = await guarded(t);
  await enrol(rig, 5);
  const station = await rig.pair('station', { site: 's1', station: '1' });
  const roster = await rosterOf(rig, station.headers);
  t.match(roster, { total: 5, next: 0, villages: [[1, 'Upper']], sites: [[1, 's1', String], [2, 's2', String]] });
  t.strictSame(roster.people.map(([resident, name]) => [resident, name]), [1, 2, 3, 4, 5].map((n) => [n, '李*明']));
  t.strictSame(roster.people[1]?.slice(2, 7), [1, roster.people[0]?.[3], 0, 1, 1], 'village, door, risk, priority, marks');
  t.not(roster.people[0]?.[3], roster.people[2]?.[3], 'another door');

  const key = await keyFor(rig, station.headers);
  t.equal(key.id, roster.key.id);
  t.equal(Buffer.from(key.key, 'base64').length, 32);
  t.strictSame(roster.people.filter((row) => row[7] === hashOnTablet(key, ` ${documentOf(4).toLowerCase()} `)).map(([resident]) => resident), [4]);
  t.notOk(roster.people.some((row) => row[7] === hashOnTablet(key, documentOf(9))), 'a stranger is not in it');

  const other = await rig.pair('station', { site: 's1', station: '2' });
  const [theirs, again, reinstalled] = [await keyFor(rig, other.headers), await keyFor(rig, station.headers), await keyFor(rig, station.headers, '?epoch=e2')];
  t.strictSame(again, key, 'the same for ever');
  t.not(theirs.key, key.key);
  t.not(reinstalled.key, key.key, 'a new storage has a new key');
  t.equal(theirs.seed, key.seed, 'printed codes mean the same to everybody');
  const renewed = await rosterOf(rig, station.headers, '?epoch=e2');
  t.equal(renewed.key.id, reinstalled.id);
  t.equal(renewed.people[0]?.[7], hashOnTablet(reinstalled, documentOf(1)));
  const opened = await rig.door.vault.round(rig.door.cell.round);
  if (opened !== 'erased') t.not(opened.indexOf(`id:${documentOf(1)}`).toString('base64url').slice(0, 16), roster.people[0]?.[7], 'it is not the index of the record');
});

t.test('no document number, no whole name and no door is in what a tablet gets', async (t) => {
  const rig = await guarded(t);
  await enrol(rig, 3);
  const desk = await rig.pair('desk', { site: 's1' });
  for (const path of ['/tablet/roster', '/tablet/key']) {
    const { body } = await rig.send(desk.headers, 'GET', rig.door.at(path));
    t.notMatch(body, /李小明|690000|1970/, path);
  }
});

t.test('a printed resident code is understood without a network', async (t) => {
  const rig = await guarded(t);
  const station = await rig.pair('station', { site: 's1', station: '1' });
  const { seed } = await keyFor(rig, station.headers);
  t.ok(seed.length >= 16);
  const code = makeCode('resident', serialOf(serialKey(seed), 3, true));
  t.equal(ordinalOf(serialKey(seed), parseCode(code)?.serial ?? 0) + 1, 4);
});

t.test('the roster comes page by page, with what happened to each', async (t) => {
  const rig = await guarded(t, { stations: ['1'] });
  await enrol(rig, 7);
  const { door } = rig;
  await door.post.done('excuseResident', { resident: '6', reason: 'away' });
  await door.post.done('excuseResident', { resident: '7', reason: 'deceased' });
  const station = await rig.pair('station', { site: 's1', station: '1' });
  const people: Row[] = [];
  const pages: number[] = [];
  for (let from = 1; from !== 0; ) {
    const page = await rosterOf(rig, station.headers, `?from=${from}&count=3`);
    people.push(...page.people);
    pages.push(page.people.length);
    from = page.next;
  }
  t.strictSame(pages, [3, 3, 1]);
  t.strictSame(people.map(([resident]) => resident), [1, 2, 3, 4, 5, 6, 7]);
  t.strictSame(people.map((row) => row[6]), [0, 1, 0, 0, 0, 4, 6]);
  t.match(await rosterOf(rig, station.headers, '?from=8'), { total: 7, next: 0, people: [] }, 'past the end there is nobody');
  t.equal(wordIn(await rig.send(station.headers, 'GET', door.at('/tablet/roster?count=2001'))), '422 content_invalid');
});

t.test('an entry that was moved or does not open has no name and no hash, and is told to the operator', async (t) => {
  const rig = await guarded(t);
  await enrol(rig, 3);
  const { door } = rig;
  const vaultKey = keyOf(door.cell, 'vault');
  await door.redis.hset(vaultKey, '2', String(await door.redis.hget(vaultKey, '1')));
  await door.redis.hset(vaultKey, '3', 'AAAA');
  const station = await rig.pair('station', { site: 's1', station: '1' });
  const { people } = await rosterOf(rig, station.headers);
  t.strictSame(people.map((row) => [row[0], row[1], row[7] !== '']), [[1, '李*明', true], [2, '', false], [3, '', false]]);
  t.match(door.logged.find(({ broken }) => broken !== undefined), { broken: [3, 2] });
  await door.redis.hdel(vaultKey, '3');
  t.strictSame((await rosterOf(rig, station.headers)).people[2]?.slice(0, 2), [3, ''], 'nor has one that is missing');
});

t.test('when a round has been forgotten nothing of its people is given to a tablet', async (t) => {
  const rig = await guarded(t);
  await enrol(rig, 1);
  const desk = await rig.pair('desk', { site: 's1' });
  await rig.door.vault.forget(rig.door.cell.round);
  for (const path of ['/tablet/roster', '/tablet/key']) t.equal(wordIn(await rig.send(desk.headers, 'GET', rig.door.at(path))), '410 person_gone', path);
});

t.test('couriers, laboratories and walls get no roster; a person at a screen has a key of their own', async (t) => {
  const rig = await guarded(t);
  await enrol(rig, 1);
  for (const role of ['packer', 'courier', 'lab', 'wall'] as const) {
    const { headers } = await rig.pair(role);
    for (const path of ['/tablet/roster', '/tablet/key']) t.equal(wordIn(await rig.send(headers, 'GET', rig.door.at(path))), '403 not_allowed', role + path);
  }
  const [one, two] = [await rig.person([{ role: 'supervisor', ...rig.door.cell }]), await rig.person([{ role: 'command_post', ...rig.door.cell }])];
  t.not((await keyFor(rig, one.headers)).key, (await keyFor(rig, two.headers)).key);
  const outside = await rig.pair('station', { area: 'south' });
  t.equal(wordIn(await rig.send(outside.headers, 'GET', rig.door.at('/tablet/roster'))), '404 cell_unknown');
});
