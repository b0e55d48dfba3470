// The whole table of roles, walked: every route with every role, in its own cell and in another's, and with none. Which route is whose is
// taken from the table and the routes themselves, so a route that was forgotten shows.

import t from 'tap';
import { admit, type Badge, judge, type Policy } from '../../src/api/badge.js';
import { doorSteps } from '../../src/api/incoming.js';
import { accountRoles, deviceRoles, limitOfRead, limitOfStep, maySteps, readNames, type Role, roleNames, within } from '../../src/domain/roles.js';
import { stepNames } from '../../src/domain/requests.js';
import { steps } from '../../src/domain/steps.js';
import { live } from '../../src/live/board.js';
import { follow } from '../../src/live/follow.js';
import { testRedisUrl } from '../support-redis.js';
import { guarded, type Headers } from './guarded.js';

t.test('the table knows every step, and nothing that is in no table is allowed', async (t) => {
  for (const step of stepNames) t.ok(maySteps[step], step);
  for (const role of roleNames) {
    t.equal(limitOfStep(role, 'noSuchStep'), undefined);
    t.equal(limitOfStep(role, 'toString'), undefined, 'nor what every object has');
    t.equal(limitOfStep(role, '__proto__'), undefined);
  }
  for (const step of stepNames) t.equal(limitOfStep('resident', step), undefined, 'nobody does nothing');
  for (const read of readNames) t.equal(limitOfRead('resident', read), undefined);
  for (const read of ['person', 'search', 'reveal', 'export', 'residents', 'events'] as const) {
    for (const role of ['courier', 'packer', 'lab', 'lab_reviewer', 'wall', 'administrator'] as const) t.equal(limitOfRead(role, read), undefined, `${role} ${read}`);
  }
});

t.test('a place holds as far as the limit looks', async (t) => {
  const held = { round: 'r', area: 'a', site: 's', station: '1' };
  t.ok(within('anywhere', held, { round: 'x' }));
  t.ok(within('cell', held, { round: 'r', area: 'a', site: 'other' }));
  t.notOk(within('cell', held, { round: 'r', area: 'b' }));
  t.notOk(within('site', held, { round: 'r', area: 'a', site: 'other' }));
  t.ok(within('site', held, { round: 'r', area: 'a', site: 's', station: '2' }));
  t.notOk(within('station', held, { round: 'r', area: 'a', site: 's', station: '2' }));
  t.notOk(within('station', held, { round: 'x', area: 'a', site: 's', station: '1' }), 'the same names in another round');
  t.ok(within('station', { round: 'r' }, { round: 'r', area: 'a', station: '2' }), 'a command post answers for all of it');
});

t.test('the system\'s own cell is nobody\'s address', async (t) => {
  const everything: Badge = { kind: 'person', device: 'person.a', account: 'a', places: [], grants: roleNames.map((role) => ({ role })) };
  for (const policy of [{ read: 'events' }, { read: 'outbox' }, { step: 'openRound' }] as const) t.equal(admit([everything], policy, { round: 'system', area: 'system' }), 'cell_unknown');
});

t.test('every step, with every role, at its own place and at others', async (t) => {
  const own = { round: 'r', area: 'a', site: 's', station: '1' };
  const places = { own, otherStation: { ...own, station: '2' }, otherSite: { ...own, site: 'x', station: '3' }, otherCell: { ...own, area: 'b' } };
  const reached: Record<string, (keyof typeof places)[]> = { anywhere: ['own', 'otherStation', 'otherSite', 'otherCell'], cell: ['own', 'otherStation', 'otherSite'], site: ['own', 'otherStation'], station: ['own'] };
  const known = { siteOf: (_cell: object, station: string) => (station === '3' ? 'x' : 's'), knownStaff: () => false, isStaff: () => true };
  const wrong: string[] = [];
  for (const role of roleNames) {
    const badge: Badge = { kind: 'device', device: 'd', account: '', grants: [], places: [{ from: 0, role, ...own }] };
    for (const step of stepNames) {
      const args = steps[step].args as readonly string[];
      for (const [name, place] of Object.entries(places) as [keyof typeof places, typeof own][]) {
        const body = { ...(args.includes('site') ? { site: place.site } : {}), ...(args.includes('station') ? { station: place.station } : {}) };
        const told = Object.keys(body).length > 0 || name === 'own' || name === 'otherCell';
        if (!told) continue;
        const verdict = judge(badge, place, { number: 1, step, mode: 'ask', claimedAt: 1, body: body as never }, 0, known);
        const limit = limitOfStep(role, step);
        // A step that names no station is held to its site at most.
        const allowed = limit !== undefined && (reached[limit]?.includes(name) || (limit === 'station' && name === 'otherStation' && !('station' in body)));
        if ((verdict === 'yes') !== allowed) wrong.push(`${role} ${step} ${name}: ${verdict}`);
      }
    }
  }
  t.same(wrong, []);
});

t.test('every route, with every role and with none', async (t) => {
  const routes: { method: string; url: string; may: Policy }[] = [];
  const rig = await guarded(t, {
    parts: {
      onRoute: ({ method, url, config }) => {
        for (const one of [method].flat()) if (one !== 'HEAD') routes.push({ method: one, url, may: config?.may as Policy });
      },
    },
  });
  const { door, send, pair, person } = rig;
  const follower = follow({ redisUrl: await testRedisUrl(), log: { warn: () => {} } });
  t.teardown(() => follower.stop());
  await door.app.register(live, { follower });
  t.ok(routes.some(({ url }) => url.endsWith('/tablet/live')), 'those of the live room too');
  t.ok(routes.length > doorSteps.length + 30, 'the routes were seen');

  const holders: { role: Role; headers: Headers; outside: Headers }[] = [];
  for (const role of deviceRoles) {
    holders.push({ role, headers: (await pair(role, { site: 's1', station: '3' })).headers, outside: (await pair(role, { area: 'elsewhere', site: 's1' })).headers });
  }
  for (const role of accountRoles) {
    holders.push({ role, headers: (await person([{ role, ...door.cell }])).headers, outside: (await person([{ role, round: door.cell.round, area: 'elsewhere' }])).headers });
  }
  const address = (url: string): string =>
    url.replace(':round', door.cell.round).replace(':area', door.cell.area).replace(':resident', '1').replace(':tube', '100000000099').replace(/:\w+/g, 'nothing-there');
  const answer = async (headers: Headers, { method, url }: (typeof routes)[number]): Promise<number> =>
    (await send(headers, method as 'GET', address(url), method === 'GET' || method === 'DELETE' ? undefined : { nothing: 'that anybody takes' })).statusCode;

  const wrong: string[] = [];
  const passed = (status: number) => status !== 401 && status !== 403;
  for (const route of routes) {
    const { may, method, url } = route;
    const inCell = url.includes(':area');
    const open = may === 'anybody';
    const nobody = await answer({}, route);
    if (open ? nobody === 401 : nobody !== 401) wrong.push(`nobody: ${method} ${url} ${nobody}`);
    if (open || /\/session$/.test(url)) continue;
    for (const { role, headers, outside } of holders) {
      const limit = 'read' in may ? limitOfRead(role, may.read) : limitOfStep(role, may.step);
      const status = await answer(headers, route);
      // Some routes go on to ask for a person or a second one; 403 is theirs to say then, never more than the table allows.
      const strict = 'read' in may ? ['reveal', 'export', 'forget', 'own'].includes(may.read) : false;
      if (limit === undefined ? passed(status) : !passed(status) && !strict) wrong.push(`${role}: ${method} ${url} ${status}`);
      if (!inCell) continue;
      const status2 = await answer(outside, route);
      if (limit === 'anywhere' ? false : role === 'administrator' ? status2 !== 403 : status2 !== 404) wrong.push(`${role} of another cell: ${method} ${url} ${status2}`);
    }
  }
  t.same(wrong, []);
});

t.test('a route that does not say who may call it cannot be made', async (t) => {
  const { door } = await guarded(t);
  t.throws(() => door.app.get('/api/forgotten', async () => ({})), /has no policy/);
});
