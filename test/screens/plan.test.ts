// What the wizard works out by itself: how many tables a day needs, what was pasted, which limits a round begins with.

import t from 'tap';
import { roundRules } from '../../src/domain/roundRules.js';
import { finishForm, hourOf, limits, standardAssignment, standardPools, tubeRulesIn } from '../../src/screens/admin/before/rules.js';
import { hoursWith, propose, readSites, readVillages, spread, stationsFor, stationsOf, teamsOf, type PlannedVillage } from '../../src/screens/admin/before/plan.js';

t.test('the wizard begins with the limits of the record', async (t) => {
  const standard = roundRules.parse({});
  t.same(standard.poolSizes, standardPools);
  t.same(standard.assignment, standardAssignment);
  const numbers = Object.entries(standard).filter(([, value]) => typeof value === 'number').map(([name]) => name);
  t.same(limits.map(({ name }) => name).sort(), numbers.sort(), 'every number of the rules is offered');
  for (const { name, standard: offered, min, max } of limits) {
    t.equal(offered, standard[name], name);
    for (const good of [min, max]) t.ok(roundRules.safeParse({ [name]: good }).success, `${name} ${good}`);
    for (const bad of [min - 1, max + 1]) t.notOk(roundRules.safeParse({ [name]: bad }).success, `${name} ${bad}`);
  }
});

t.test('the hour to be done by is taken as people type it', async (t) => {
  for (const typed of ['18:30', '8:05', '00:00', '23:59']) t.ok(finishForm.test(typed) && roundRules.safeParse({ finishBy: hourOf(typed) }).success, typed);
  for (const typed of ['24:00', '18.30', '1830', '18:3', '']) t.notOk(finishForm.test(typed), typed);
});

t.test('which tubes of other makers a round takes, as people write it', async (t) => {
  t.same(tubeRulesIn('qx/10-12，/14\nＬ７/9'), [
    { name: 'QX/10-12', prefix: 'QX', lengthMin: 10, lengthMax: 12, letters: true }, { name: '/14', lengthMin: 14, lengthMax: 14, letters: true },
    { name: 'L7/9', prefix: 'L7', lengthMin: 9, lengthMax: 9, letters: true },
  ]);
  t.same(tubeRulesIn(' '), []);
  for (const wrong of ['QX', 'QX/7', 'QX/12-10', 'QX/21', 'QX-1/10', 'ABCDEFGH/8', '/10-', '/14 x', Array(21).fill('/14').join()]) t.equal(tubeRulesIn(wrong), undefined, wrong);
  t.ok(roundRules.safeParse({ foreignTubes: tubeRulesIn('QX/10-12 /14') }).success);
});

const village = (name: string, residents: number, site = ''): PlannedVillage => ({ village: name, residents, zone: '', team: '', site });

t.test('a township of 28,000 in three hours', async (t) => {
  const stations = stationsFor(28_000, 37, 3, 'nearest');
  t.equal(stations, 125);
  t.ok(hoursWith(stations, 28_000, 37, 'nearest') <= 3 && hoursWith(stations - 1, 28_000, 37, 'nearest') > 3, 'so many are enough, and one less is not');
  t.ok(stationsFor(28_000, 37, 3, 'own') > stations && stationsFor(28_000, 37, 3, 'any') < stations);
  t.equal(stationsFor(0, 37, 3, 'any'), 0);
  t.equal(stationsFor(5, 37, 3, 'any'), 1);
});

t.test('tables go where the people are, and every site has one', async (t) => {
  t.same(spread(10, [5000, 3000, 1000, 0]), [6, 3, 1, 0]);
  t.equal(spread(125, Array.from({ length: 35 }, (_, i) => 400 + i * 23)).reduce((sum, one) => sum + one, 0), 125);
  t.ok(spread(125, Array.from({ length: 35 }, (_, i) => 400 + i * 23)).every((one) => one >= 1));
  t.same(spread(5, [0, 0]), [3, 2]);
  const { sites, villages } = propose([village('东村', 900), village('西村', 100)], [], 5);
  t.same(sites.map(({ site, name, tables }) => [site, name, tables]), [['s1', '东村', 4], ['s2', '西村', 1]]);
  t.same(villages.map(({ site }) => site), ['s1', 's2']);
  t.same(stationsOf(sites[1] as (typeof sites)[number]), ['s2-1']);
  const there = propose([village('东村', 900, 'a'), village('西村', 100)], [{ site: 'a', name: '学校', tables: 1 }, { site: 'b', name: '广场', tables: 1 }], 4);
  t.same(there.sites.map(({ site, tables }) => [site, tables]), [['a', 3], ['b', 1]], 'sites that are there stay');
  t.equal(there.villages[1]?.site, '');
});

t.test('what was pasted is read line by line, and every fault has its line', async (t) => {
  const { sites, faults } = readSites('编号\t名称\t台数\t纬度\t经度\r\ns1\t小学\t4\t31.5\t120.3\n\n广场\ns1,又一次\nb 2,坏编号\nc，街口，x\nd,远方,2,99,0');
  t.same(sites, [{ site: 's1', name: '小学', tables: 4, lat: 31.5, lng: 120.3 }, { site: 's4', name: '广场', tables: 1 }]);
  t.same(faults.map(({ line, why }) => `${line} ${why}`), ['5 site_twice', '6 site_code', '7 number', '8 number']);
  const read = readVillages('村,片区,小组,采样点\n东村,1片,三组,小学\n西村,,三组,s4\n南村,,,没有\n东村', [village('东村', 9)], sites);
  t.same(read.villages, [{ village: '东村', residents: 9, zone: '1片', team: '三组', site: 's1' }, { village: '西村', residents: 0, zone: '', team: '三组', site: 's4' }]);
  t.same(read.faults.map(({ line, why }) => `${line} ${why}`), ['4 site_unknown', '5 village_twice']);
});

t.test('a team with a Chinese name gets an identifier, and keeps a name that is one', async (t) => {
  t.same(teamsOf([{ village: '东村', team: '三组' }, { village: '西村', team: 't9' }, { village: '南村', team: '三组' }, { village: '北村', team: '' }]), [
    { team: 'team-1', name: '三组', villages: ['东村', '南村'] }, { team: 't9', name: 't9', villages: ['西村'] },
  ]);
  t.same(new Set(teamsOf([{ village: 'a', team: '一组' }, { village: 'b', team: 'team-1' }]).map(({ team }) => team)).size, 2);
});
