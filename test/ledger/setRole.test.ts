// Accounts: made, given roles, locked; never without an administrator once there is one.

import t from 'tap';
import { readEvents } from '../../src/ledger/stream.js';
import { systemCell } from '../../src/domain/requests.js';
import { ownSystem } from './ownSystem.js';

t.test('what is left out of an account stays as it was', async (t) => {
  const { system } = await ownSystem(t);
  await system.take('setRole', { account: 'ann', grants: [{ role: 'supervisor', round: 'r1', site: 's1' }], password: 'hash1', pin: 'hash2', card: '600000000012' }, 'root');
  t.match(await system.account('ann'), { state: 'active', grants: [{ role: 'supervisor', round: 'r1', site: 's1' }], password: 'hash1', pin: 'hash2', card: '600000000012' });
  await system.take('setRole', { account: 'ann', state: 'locked' }, 'root');
  await system.take('setRole', { account: 'ann', password: 'hash3' }, 'root');
  t.match(await system.account('ann'), { state: 'locked', password: 'hash3', pin: 'hash2', card: '600000000012' }, 'a new password unlocks nobody');
  t.equal(await system.accountOfCard('600000000012'), 'ann');
  await system.take('setRole', { account: 'ann', card: '' }, 'root');
  t.equal(await system.accountOfCard('600000000012'), undefined);
  t.match(await system.accounts(), { accounts: [{ account: 'ann' }] });
});

t.test('hashes stand in no event', async (t) => {
  const { system, redis } = await ownSystem(t);
  await system.take('setRole', { account: 'ann', grants: [], password: 'secrethash', pin: 'secretpin' }, 'root');
  const event = (await readEvents(redis, systemCell)).find(({ event }) => event === 'role.set');
  t.match(event, { account: 'ann', changed: 2 + 4 });
  t.notMatch(JSON.stringify(event), /secret/);
});

t.test('a card belongs to one account, and the last administrator stays', async (t) => {
  const { system } = await ownSystem(t);
  const administrator = [{ role: 'administrator' as const }];
  await system.take('setRole', { account: 'ann', grants: administrator, card: '600000000012' }, 'root');
  t.equal(await system.administrators(), 1);
  t.match(await system.take('setRole', { account: 'bob', card: '600000000012' }, 'root'), { outcome: 'refused', word: 'card_taken', detail: { account: 'ann' } });
  t.match(await system.take('setRole', { account: 'ann', state: 'locked' }, 'root'), { outcome: 'refused', word: 'last_administrator' });
  t.match(await system.take('setRole', { account: 'ann', grants: [] }, 'root'), { outcome: 'refused', word: 'last_administrator' });
  await system.take('setRole', { account: 'bob', grants: administrator }, 'root');
  t.equal(await system.administrators(), 2);
  t.match(await system.take('setRole', { account: 'ann', state: 'locked' }, 'root'), { outcome: 'applied' });
  t.match(await system.take('setRole', { account: 'bob', grants: [] }, 'root'), { outcome: 'refused', word: 'last_administrator' }, 'a locked one does not count');
  t.match(await system.take('setRole', { account: 'ann', state: 'active' }, 'root'), { outcome: 'applied' });
  t.match(await system.take('setRole', { account: 'bob', grants: [] }, 'root'), { outcome: 'applied' });
});
