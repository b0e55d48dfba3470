// What lies on a tablet's disk says nothing of a person, and nothing of it is lost for that.

import t from 'tap';
import { forget, sweep } from '../../src/screens/outbox/keeping.js';
import type { Outbox, Row } from '../../src/screens/outbox/outbox.js';
import { allSent, freshName, open, service, told } from './support.js';

const person = { name: '欧阳小娜', village: 'Upper', document: { number: '11010519491231002X' }, phone: '13900000000' };
const secrets = [/欧阳小娜/, /11010519491231002X/, /13900000000/];

/** Everything of the database as text, bytes too. */
async function onDisk({ db }: Outbox): Promise<string> {
  const all = await Promise.all([...db.objectStoreNames].map((store) => db.getAll(store)));
  return JSON.stringify(all, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') + Buffer.from(value).toString('utf8') : value));
}

const keysOf = async ({ db }: Outbox): Promise<string[]> => (await db.getAllKeys('identity')).filter((key) => key.startsWith('rest:'));

t.test('a walk-in is sealed on the disk, and goes out, is shown and is packed as it was', async (t) => {
  const line = service();
  const name = freshName();
  const outbox = await open(t, line, { name });
  line.down = true;
  await outbox.report('registerWalkIn', person as never);
  await outbox.report('takeSwab', { resident: '#1', tube: '180000000197' });
  const text = await onDisk(outbox);
  for (const secret of secrets) t.notMatch(text, secret);
  t.match(text, /#1/, 'numbers are no secret');
  t.match(await outbox.rows(), [{ body: person }, { body: { resident: '#1' } }]);
  t.match(await outbox.rows({ pending: true }), [{ body: person }, {}]);
  const [key] = (await outbox.db.getAll('identity')).flatMap((value) => (typeof value === 'object' && 'rest' in value ? [value.key] : []));
  t.equal(key?.extractable, false);

  // Closed, and opened again: two that are open at once would both send.
  await outbox.close();
  const again = await open(t, line, { name });
  const heard: Row[] = [];
  const both = new Promise<void>((resolve) => { again.onAnswer((row) => { if (heard.push(row) === 2) resolve(); }); });
  line.down = false;
  again.wake();
  await both;
  await allSent(again);
  t.same(line.applied.map(({ record }) => record.body), [person, { resident: '#1', tube: '180000000197' }]);
  t.match(heard, [{ step: 'registerWalkIn', body: person, state: 'applied' }, {}], 'who listens hears it whole');
  for (const secret of secrets) t.notMatch(await onDisk(again), secret, 'and it is still sealed');
});

t.test('what a person must decide about is shown whole, and goes out again whole', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  line.say = ({ number }) => ({ number, outcome: 'refused', word: 'id_reused', zh: '不', en: 'no', nextZh: '找', nextEn: 'call' });
  await outbox.report('registerWalkIn', person as never);
  const { toFix } = await told(outbox, (status) => status.toFix === 1);
  t.equal(toFix, 1);
  const [row] = await outbox.toFix();
  t.match(row, { body: person });
  line.say = () => undefined;
  await outbox.decide(row as NonNullable<typeof row>, 'report');
  await allSent(outbox);
  t.match(line.applied, [{ record: { number: 2, body: person } }]);
  for (const secret of secrets) t.notMatch(await onDisk(outbox), secret);
});

t.test('one that nobody can take apart is set aside sealed', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  await allSent(outbox);
  const refuses = (is: boolean): void => { line.problem = is ? { status: 400, word: 'content_invalid' } : undefined; };
  const send = line.send.bind(line);
  line.send = (cell, envelope) => { refuses(envelope.requests.length > 0); return send(cell, envelope); };
  await outbox.report('registerWalkIn', person as never);
  await told(outbox, (status) => status.toFix === 1);
  t.match(await outbox.toFix(), [{ why: 'unreadable', body: person }]);
  for (const secret of secrets) t.notMatch(await onDisk(outbox), secret);
});

t.test('a revoked tablet forgets whom the service has; what it has not sent stays, with its key, until it is gone', async (t) => {
  const line = service();
  const outbox = await open(t, line);
  await outbox.report('registerWalkIn', person as never);
  await allSent(outbox);
  line.down = true;
  await outbox.report('registerWalkIn', { ...person, phone: '13900000001' } as never);
  await forget(outbox.db);
  t.match(await outbox.rows(), [{ body: {} }, { body: { phone: '13900000001' } }]);
  t.equal((await keysOf(outbox)).length, 1);
  line.down = false;
  outbox.wake();
  await allSent(outbox);
  t.match(line.applied.at(-1), { record: { body: { phone: '13900000001' } } });
  await forget(outbox.db);
  t.same(await keysOf(outbox), [], 'with the last of them its key');

  // A record that was being written meanwhile brings its key back.
  line.down = true;
  const writing = outbox.report('registerWalkIn', person as never);
  await forget(outbox.db);
  await writing;
  t.match((await outbox.rows()).at(-1), { body: person });
  line.down = false;
  outbox.wake();
  await allSent(outbox);
  await sweep(outbox.db, Date.now() + 31 * 24 * 3_600_000);
  t.same(await outbox.rows(), []);
  t.same(await keysOf(outbox), []);
});
