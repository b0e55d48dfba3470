// Which sites a village may go to, nearest first.

import fc from 'fast-check';
import t from 'tap';
import { bodies } from '../../src/domain/requests.js';
import { allowedSites, metersBetween } from '../../src/domain/sites.js';

const round = (body: object) => bodies.openRound.parse({ name: 'round', ...body });
const at = (lat: number, lng: number) => ({ lat, lng });
// About 1,110 m apart, southwards.
const sites = [0, 1, 2, 3].map((i) => ({ site: `s${i + 1}`, name: `Site ${i + 1}`, at: at(38 - i / 100, 114.5) }));

t.test('a degree of latitude is 111 km, and the way back is as long', async (t) => {
  t.ok(Math.abs(metersBetween(at(38, 114), at(39, 114)) - 111_195) < 1);
  t.ok(Math.abs(metersBetween(at(0, 179.5), at(0, -179.5)) - 111_195) < 1, 'over the date line');
  fc.assert(fc.property(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }), fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }), (a, b, c, d) => {
    const [there, back] = [metersBetween(at(a, b), at(c, d)), metersBetween(at(c, d), at(a, b))];
    return there >= 0 && there <= 20_037_509 && Math.abs(there - back) < 1e-6;
  }));
});

t.test('nearest: its own first, then by distance, within walking distance, at most k', async (t) => {
  const villages = [{ village: 'Upper', site: 's3', at: at(38.001, 114.5) }];
  const ordinals = (assignment: object) => allowedSites(round({ sites, villages, rules: { assignment: { rule: 'nearest', ...assignment } } }))[0]?.sites;
  t.same(ordinals({}), [3, 1, 2]);
  t.same(ordinals({ nearest: 2 }), [3, 1]);
  t.same(ordinals({ nearest: 1 }), [3], 'its own is always among them');
  t.same(ordinals({ nearest: 20, walkMetersMax: 1500 }), [3, 1, 2], 'its own however far');
  t.same(ordinals({ nearest: 20, walkMetersMax: 100_000 }), [3, 1, 2, 4]);
});

t.test('own: its own and no other', async (t) => {
  const villages = [{ village: 'Upper', site: 's3', at: at(38.001, 114.5) }, { village: 'Lower', at: at(38, 114.5) }];
  t.match(allowedSites(round({ sites, villages, rules: { assignment: { rule: 'own' } } })), [{ ownSite: 3, sites: [3] }, { ownSite: 0, sites: [] }]);
});

t.test('a village without a place on the map has its own site only, one without either has none', async (t) => {
  const villages = [{ village: 'Upper', site: 's2' }, { village: 'Lower', zone: 'East' }, { village: 'Third', site: 'unheard-of' }];
  t.match(allowedSites(round({ sites, villages })), [{ village: 'Upper', ownSite: 2, sites: [2] }, { village: 'Lower', zone: 'East', ownSite: 0, sites: [] }, { ownSite: 0, sites: [] }]);
});
