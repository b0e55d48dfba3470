// A look at personal data is on record before anything is shown: who, why, of whom, never what.

import t from 'tap';
import { bodies } from '../../src/domain/requests.js';
import { ownSystem } from './ownSystem.js';

t.test('a look is recorded with who and why', async (t) => {
  const { system } = await ownSystem(t, { shared: true });
  const answer = await system.take('recordReveal', { what: 'person', round: 'r1', area: 'north', resident: 7, reason: 'contact' }, 'ann');
  t.match(answer, { outcome: 'applied', events: [{ event: 'personal.revealed', what: 'person', round: 'r1', resident: 7, count: 1, reason: 'contact', by: 'ann' }] });
  const person = { what: 'person', round: 'r1', area: 'north', resident: 7 };
  t.notOk(bodies.recordReveal.safeParse({ ...person, reason: '李小明的电话' }).success, 'a reason is a word of a list, so it holds no name');
  t.notOk(bodies.recordReveal.safeParse(person).success, 'no look without a reason');
});
