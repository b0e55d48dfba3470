// Texts for loudspeaker and chat group, from the villages, sites and waits of the moment.

import t from 'tap';
import { guarded, wordIn } from './guarded.js';
import { build, type DoorRig } from './support.js';

interface Told { groups: { villages: { name: string }[]; site?: { code: string; open: number; waitSeconds?: number }; from?: { code: string } }[]; loudspeaker: { zh: string; en: string }; chat: { zh: string; en: string }; warnings: { word: string; site: string }[] }

const sites = [{ site: 's1', name: '北义小学' }, { site: 's2', name: '文化广场' }];
const villages = [{ village: '北义村', site: 's1' }, { village: '南义村', site: 's1' }, { village: '东村', site: 's2' }];
const round = { sites, villages, rules: { secondsPerPerson: 60, assignment: { rule: 'own' as const } } };
const post = (door: DoorRig, payload: unknown) => door.app.inject({ method: 'POST', url: door.at('/broadcast'), payload: payload as object });

t.test('each village is sent to its own site with the wait of this moment', async (t) => {
  const door = await build(t, { round, stations: [['a1', 's1'], ['a2', 's1'], ['b1', 's2']], residents: [6, { village: '北义村' }] });
  for (let i = 1; i <= 6; i++) await door.step('issueTicket', { site: 's1', party: [{ resident: String(i), number: `A${i}` }] });
  const told = (await post(door, { kind: 'turn' })).json<Told>();
  t.match(told.groups, [{ villages: [{ name: '北义村' }, { name: '南义村' }], site: { code: 's1', open: 2, waitSeconds: 180 } }, { villages: [{ name: '东村' }], site: { code: 's2', waitSeconds: 0 } }]);
  t.match(told.loudspeaker.zh, /北义村、南义村的居民请注意：请现在到北义小学采样。目前大约等候 5 分钟。.*\n东村的居民请注意：请现在到文化广场采样。目前基本不用等候。/);
  t.match(told.loudspeaker.zh, /^这是演练/, 'the round of the test is a rehearsal');
  t.same(told.warnings, []);
  const one = (await post(door, { kind: 'missing', villages: [2] })).json<Told>();
  t.match(one.groups, [{ villages: [{ name: '南义村' }], site: { code: 's1' } }]);
  t.notMatch(one.loudspeaker.zh, /北义村、/);
  t.match((await post(door, { kind: 'turn', site: 's2', at: '08:30' })).json<Told>().loudspeaker.zh, /东村的居民请注意：请在 08:30 到文化广场采样/);
});

t.test('a site that has moved names where to go: the nearest that is open, or the one that is said', async (t) => {
  const door = await build(t, { round, stations: [['b1', 's2']] });
  const moved = (await post(door, { kind: 'moved', site: 's1' })).json<Told>();
  t.match(moved.groups, [{ villages: [{ name: '北义村' }, { name: '南义村' }], site: { code: 's2' }, from: { code: 's1' } }]);
  t.match(moved.loudspeaker.zh, /北义小学现在不再采样，请改到文化广场采样/);
  t.equal(wordIn(await post(door, { kind: 'moved', site: 's2' })), '409 no_station_open', 'there is nowhere to go');
  t.match((await post(door, { kind: 'moved', site: 's2', to: 's1' })).json<Told>().warnings, [{ word: 'site_not_open', site: 's1' }], 'said by a person it is said, with a warning');
  t.match((await post(door, { kind: 'closing', site: 's2', at: '17:30' })).json<Told>().loudspeaker.zh, /文化广场今天 17:30 结束采样/);
});

t.test('what cannot be said is said in words', async (t) => {
  const door = await build(t, { round });
  for (const [payload, word] of [
    [{}, '422 content_invalid'], [{ kind: 'party' }, '422 content_invalid'], [{ kind: 'turn', at: '25:00' }, '422 content_invalid'], [{ kind: 'moved' }, '422 content_invalid'],
    [{ kind: 'turn', site: 's9' }, '409 site_unknown'], [{ kind: 'moved', site: 's1', to: 's9' }, '409 site_unknown'], [{ kind: 'turn', villages: [9] }, '404 nothing_there'],
  ] as const) t.equal(wordIn(await post(door, payload)), word, JSON.stringify(payload));
  t.equal(wordIn(await door.app.inject({ method: 'POST', url: `/api/cells/${door.cell.round}/elsewhere/broadcast`, payload: { kind: 'turn' } })), '404 cell_unknown');
  t.match((await post(door, { kind: 'turn', site: 's1' })).json<Told>().warnings, [{ word: 'site_not_open', site: 's1' }]);
});

t.test('a broadcast names nobody, and is for the command post and supervisors', async (t) => {
  const { door, send, tool, person, pair } = await guarded(t, { round });
  await send(tool, 'POST', door.at('/steps/registerWalkIn'), { device: 'desk', epoch: 'e1', number: 1, claimedAt: 1, body: { name: '李小明', village: '北义村', household: '7' } });
  const account = await person([{ role: 'command_post', ...door.cell }]);
  for (const kind of ['turn', 'closing', 'missing']) {
    const told = await send(account.headers, 'POST', door.at('/broadcast'), { kind });
    t.equal(told.statusCode, 200, told.body);
    t.notMatch(told.body, /李|小明|\b7\b号/);
  }
  const courier = await pair('courier');
  t.equal(wordIn(await send(courier.headers, 'POST', door.at('/broadcast'), { kind: 'turn' })), '403 not_allowed');
});
