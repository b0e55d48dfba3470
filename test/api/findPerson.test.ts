// Somebody without card or document is found by name and village, masked, and the search of a person is on record.

import t from 'tap';
import { residentIdCheck } from '../../src/domain/documents.js';
import { systemCell } from '../../src/domain/requests.js';
import { tagOf } from '../../src/ledger/keys.js';
import { lastPosition, readEvents } from '../../src/ledger/stream.js';
import { guarded, type Guarded, type Headers, wordIn } from './guarded.js';

const documentOf = (n: number): string => {
  const body = `69000019700101${String(n).padStart(3, '0')}`;
  return body + residentIdCheck(body);
};

async function register({ door, send, tool }: Guarded, people: readonly [name: string, village: string][], device = 'desk'): Promise<void> {
  for (const [i, [name, village]] of people.entries()) {
    const answer = await send(tool, 'POST', door.at('/steps/registerWalkIn'), {
      device, epoch: 'e1', number: i + 1, claimedAt: 1, body: { document: { number: documentOf(i + (device === 'desk' ? 1 : 500)) }, name, phone: '13800001234', village, household: '7' },
    });
    if (answer.statusCode !== 200) throw new Error(answer.body);
  }
}

interface Found { people: { resident: number; village: number; swabs: number; person: { name: string; phone: string } }[]; more: boolean }

t.test('a name finds those who bear it, in one village or in all, however it was typed', async (t) => {
  const rig = await guarded(t);
  const { door, send, pair } = rig;
  await register(rig, [['李小明', 'Upper'], ['李明', 'Upper'], ['李 小明', 'Lower'], ['买买提·阿里', 'Lower']]);
  const { headers } = await pair('station', { site: 's1', station: '3' });
  const find = async (body: object) => (await send(headers, 'POST', door.at('/residents/find'), body)).json<Found>();
  const all = await find({ name: ' 李小明' });
  t.match(all, { people: [{ resident: 1, village: 1, state: 'expected', swabs: 0, person: { name: '李*明', phone: '138****1234', village: 'Upper' } }, { resident: 3, village: 2 }], more: false });
  t.notMatch(JSON.stringify(all), /李小明|13800001234|6900001970/);
  t.same((await find({ name: '李小明', village: 2 })).people.map(({ resident }) => resident), [3]);
  t.same((await find({ name: '李小明', village: 'Upper' })).people.map(({ resident }) => resident), [1]);
  t.same((await find({ name: '买买提 • 阿里' })).people.map(({ resident }) => resident), [4]);
  t.same(await find({ name: '李' }), { people: [], more: false }, 'a part of a name finds nobody');
  t.same(await find({ name: '·' }), { people: [], more: false });
  await register(rig, [['李小明', 'Lower']], 'desk2');
  t.same((await find({ name: '李小明' })).people.map(({ resident }) => resident), [1, 3, 5], 'whoever was registered since is found too');
});

t.test('of many of one name twenty are shown, and the village tells them apart', async (t) => {
  const rig = await guarded(t);
  const { door, send, pair } = rig;
  await register(rig, Array.from({ length: 25 }, (_, i) => ['王伟', i < 3 ? 'Lower' : 'Upper'] as const));
  const { headers } = await pair('desk', { site: 's1' });
  const answer = (await send(headers, 'POST', door.at('/residents/find'), { name: '王伟' })).json<Found>();
  t.equal(answer.people.length, 20);
  t.equal(answer.more, true);
  const lower = (await send(headers, 'POST', door.at('/residents/find'), { name: '王伟', village: 'Lower' })).json<Found>();
  t.equal(lower.people.length, 3);
  t.equal(lower.more, false);
});

t.test('no name, and no hash of one, stands on the record', async (t) => {
  const rig = await guarded(t);
  const { door, send, pair } = rig;
  await register(rig, [['李小明', 'Upper']]);
  const keys = () => door.redis.keys(`${tagOf(door.cell)}*`);
  const before = await keys();
  const { headers } = await pair('desk', { site: 's1' });
  t.equal((await send(headers, 'POST', door.at('/residents/find'), { name: '李小明' })).json<Found>().people.length, 1);
  t.same((await keys()).sort(), before.sort());
  t.notMatch(JSON.stringify(door.logged), /李小明/);
});

t.test('who may search, how often, and on record where it is a person', async (t) => {
  const rig = await guarded(t);
  const { door, send, pair, person } = rig;
  await register(rig, [['李小明', 'Upper'], ['李小明', 'Lower']]);
  const find = (headers: Headers, body: object) => send(headers, 'POST', door.at('/residents/find'), body);
  for (const role of ['courier', 'packer', 'lab', 'wall'] as const) t.equal(wordIn(await find((await pair(role)).headers, { name: '李小明' })), '403 not_allowed', role);
  const before = await lastPosition(door.redis, systemCell);
  const post = await person([{ role: 'command_post', ...door.cell }]);
  await find(post.headers, { name: '李小明' });
  await find(post.headers, { name: '李小明', village: 'Lower' });
  await find(post.headers, { name: '张三' });
  const looks = (await readEvents(door.redis, systemCell, before)).filter((event) => event.event === 'personal.revealed' && event.round === door.cell.round);
  t.match(looks, [{ what: 'search', resident: 0, count: 2, by: post.account }, { resident: 2, count: 1 }, { resident: 0, count: 0 }]);
  for (const [body, word] of [[{}, '422 content_invalid'], [{ name: '' }, '422 content_invalid'], [{ name: '李', village: 9 }, '404 nothing_there'], [{ name: '李', village: 'Nowhere' }, '404 nothing_there'], [{ name: '李', phone: '1' }, '422 content_invalid']] as const) {
    t.equal(wordIn(await find(post.headers, body)), word, JSON.stringify(body));
  }
  const { headers } = await pair('desk', { site: 's1' });
  const answers = await Promise.all(Array.from({ length: 70 }, () => find(headers, { name: '李小明' })));
  t.equal(answers.filter(({ statusCode }) => statusCode === 429).length, 10);
  await door.vault.forget(door.cell.round);
  t.equal(wordIn(await find(post.headers, { name: '李小明' })), '410 person_gone');
});

t.test('of two entries that were merged, name and document of either lead to the one that stays', async (t) => {
  const rig = await guarded(t);
  const { door, send, pair, tool, person } = rig;
  await register(rig, [['李小明', 'Upper'], ['李晓明', 'Lower']]);
  const merged = await send(tool, 'POST', door.at('/steps/mergeResidents'), { device: 'post2', epoch: 'e1', number: 1, claimedAt: 1, body: { resident: '1', twin: '2' } });
  t.equal(merged.statusCode, 200, merged.body);
  const { headers } = await pair('desk', { site: 's1' });
  const find = async (name: string) => (await send(headers, 'POST', door.at('/residents/find'), { name })).json<Found>().people.map(({ resident }) => resident);
  t.same([await find('李小明'), await find('李晓明')], [[1], [1]]);
  t.match((await send(headers, 'POST', door.at('/residents/search'), { document: { number: documentOf(2) } })).json(), { resident: 1, person: { name: '李*明' } });
  t.match((await send(headers, 'GET', door.at('/residents/2'))).json(), { state: 'excused', mergedInto: 1 });
  t.equal((await send(headers, 'GET', door.at('/residents/2/person'))).statusCode, 200, 'both histories stay');
  const post = await person([{ role: 'command_post', ...door.cell }]);
  t.match((await send(post.headers, 'GET', door.at('/residents/2/result'))).json(), { status: 'none' });
  t.equal(wordIn(await send(headers, 'POST', door.at('/steps/mergeResidents'), { device: 'x', epoch: 'e1', number: 1, claimedAt: 1, body: { resident: '1', twin: '2' } })).slice(0, 3), '403', 'a desk merges nobody');
});
