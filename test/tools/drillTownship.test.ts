// The drill's township: the same for the same seed, of the shape asked for, and a roster without a fault.

import t from 'tap';
import { judgeRoster } from '../../src/jobs/roster/judgeRoster.js';
import { openRoster } from '../../src/jobs/roster/readRoster.js';
import { planDay } from '../../src/tools/drill/plan.js';
import { buildTownship, rosterOf } from '../../src/tools/drill/township.js';
import { categoriesOn, type Person } from '../../src/vault/people.js';

const township = buildTownship('one', 28_000, 2026);

t.test('a township of 28,000 has 35 villages, 38 teams and about 100 tables', async (t) => {
  t.equal(township.residents.length, 28_000);
  t.equal(township.villages.length, 35);
  t.equal(township.teams.length, 38);
  t.equal(township.lanes.length, 100);
  t.equal(township.villages.reduce((sum, { residents }) => sum + residents, 0), 28_000);
  t.ok(township.sites.every(({ lanes }) => lanes.length > 0), 'every site has a table');
  const share = (of: (person: (typeof township.residents)[number]) => boolean) => township.residents.filter(of).length / 28_000;
  t.ok(Math.abs(share(({ absent }) => absent) - 0.03) < 0.004, 'about 3 % stay away');
  t.ok(Math.abs(share(({ walkIn }) => walkIn) - 0.02) < 0.004, 'about 2 % are not on the roster');
  t.ok(township.households.every((members) => members.length >= 1 && members.length <= 6));
});

t.test('the same seed gives the same township and the same day, another seed another', async (t) => {
  const [one, same, other] = ['a', 'a', 'b'].map((seed) => buildTownship(seed, 900, 2026));
  t.same(one, same);
  t.same(planDay(one!), planDay(same!));
  t.notSame(one?.residents, other?.residents);
});

t.test('everybody who is expected comes exactly once', async (t) => {
  const plan = planDay(township);
  const seen = new Uint8Array(township.residents.length);
  for (const { people } of [...plan.visits, ...[...plan.atTable.values()].flat()]) for (const person of people) seen[person] = (seen[person] ?? 0) + 1;
  const wrong = township.residents.filter(({ absent, excused }, i) => seen[i] !== (absent || excused ? 0 : 1));
  t.equal(wrong.length, 0);
});

t.test('its roster is read without a problem, and says of everybody what was planned', async (t) => {
  const roster = await openRoster(rosterOf(township), { today: '2026-07-01' });
  if (!roster.ok) throw new Error(roster.en);
  const judgement = await judgeRoster(roster);
  if (!('report' in judgement)) throw new Error(judgement.en);
  t.equal(judgement.report.rows.good, township.enrolled);
  t.equal(judgement.report.rows.bad, 0);
  t.equal(judgement.report.villages.length, 35);
  let i = 0;
  let differing = 0;
  for await (const { person } of roster.rows()) {
    const planned = township.residents[i++]!;
    const categories: ReadonlySet<string> = categoriesOn(person as Person, '2026-07-01');
    const has = (category: string) => categories.has(category);
    const single = has('recovered') || has('quarantined');
    const priority = has('pregnant') ? 'pregnant' : has('infant') ? 'infant' : has('disabled') ? 'disabled' : has('over80') ? 'over80' : 'none';
    if (single !== planned.single || priority !== planned.priority || person.name !== planned.name) differing++;
  }
  t.equal(differing, 0);
});
