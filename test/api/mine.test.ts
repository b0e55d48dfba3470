// What a device that was installed anew is told of itself: where it stands, and the tubes it has open.

import t from 'tap';
import { guarded, wordIn } from './guarded.js';

t.test('a tablet that was installed anew finds the tubes it has open, with their members', async (t) => {
  const rig = await guarded(t, { stations: ['a1'], residents: 5 });
  const { door, send } = rig;
  const station = await rig.pair('station', { site: 's1', station: 'a1' });
  const other = await rig.pair('station', { site: 's1', station: 'a1' });
  const take = async ({ device, headers }: typeof station, epoch: string, number: number, step: string, body: object, mode = 'ask') => {
    const answer = await send(headers, 'POST', door.at(`/steps/${step}`), { device, epoch, number, claimedAt: door.now(), mode, body });
    if (answer.statusCode !== 200) throw new Error(answer.body);
  };
  t.strictSame((await send(station.headers, 'GET', door.at('/me/open'))).json(), { device: station.device, epochs: [], tubes: [] });
  const [full, open, single, theirs, strange] = Array.from({ length: 5 }, () => door.tube());
  await take(station, 'e1', 1, 'openTube', { tube: full, station: 'a1' });
  await take(station, 'e1', 2, 'takeSwab', { resident: '1', tube: full });
  await take(station, 'e1', 3, 'openTube', { tube: open, station: 'a1' });
  await take(station, 'e1', 4, 'takeSwab', { resident: '2', tube: open });
  await take(station, 'e1', 5, 'takeSwab', { resident: '3', tube: open });
  await take(station, 'e1', 6, 'voidSwab', { resident: '3', tube: open, reason: 'wrong_person' });
  await take(station, 'e2', 1, 'openTube', { tube: single, station: 'a1', size: 1 });
  await take(other, 'e1', 1, 'openTube', { tube: theirs, station: 'a1' });
  await take(station, 'e2', 2, 'openTube', { tube: strange, station: 'nowhere' }, 'report');
  const found = (await send(station.headers, 'GET', door.at('/me/open'))).json<{ device: string; epochs: object[]; tubes: { tube: string }[] }>();
  t.match(found, { device: station.device, epochs: [{ epoch: 'e1', received: 6 }, { epoch: 'e2', received: 2 }] });
  t.strictSame(found.tubes.map(({ tube }) => tube).sort(), [open, single, strange].sort(), 'not the sealed one, not the other tablet\'s');
  t.match(found.tubes.find(({ tube }) => tube === open), { size: 10, count: 1, epoch: 'e1', members: [{ resident: 2, active: true }, { resident: 3, active: false, voided: true }] });
  t.equal(wordIn(await send((await rig.pair('wall')).headers, 'GET', door.at('/me/open'))), '403 not_allowed');
});

t.test('with its first question a tablet learns its round, its rules, its site by name, and the time', async (t) => {
  const rig = await guarded(t, { stations: ['a1'], round: { sites: [{ site: 's1', name: 'School' }], rules: { poolSizes: { normal: 5 } } } });
  const { door, send } = rig;
  const session = async (headers: Record<string, string>) => (await send(headers, 'GET', '/api/session')).json<{ now: number; round?: object }>();
  const before = Date.now();
  const station = await session((await rig.pair('station', { site: 's1', station: 'a1' })).headers);
  t.ok(station.now >= before && station.now <= Date.now());
  t.match(station, {
    badges: [{ kind: 'device', role: 'station', site: 's1', station: 'a1' }],
    round: {
      ...door.cell, name: 'a round of a test', state: 'open', rehearsal: true, laboratory: false, clock: door.now(), household: 'together', rules: { poolSizes: { normal: 5 }, tubeSealMinutes: 60 },
      site: { site: 's1', name: 'School', ordinal: 1 }, station: { station: 'a1', state: 'open', ordinal: 1 },
    },
  });
  t.match(await session((await rig.pair('station', { site: 's1', station: 'b7' })).headers), { round: { station: { station: 'b7', state: 'closed', ordinal: undefined } } }, 'a table nobody has opened yet');
  t.match(await session((await rig.person([{ role: 'supervisor', ...door.cell, site: 's1' }])).headers), { round: { ...door.cell, site: { name: 'School' } } });
  t.notOk((await session((await rig.person([{ role: 'administrator' }])).headers)).round, 'who stands nowhere has no round');
  t.notOk((await session((await rig.pair('desk', { area: 'nowhere', site: 's1' })).headers)).round, 'nor has one whose round has not been opened');
});
