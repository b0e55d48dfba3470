// People: one-time links, passwords, sessions, PINs, and what guessing comes to.

import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';
import { makeLink } from '../../src/ledger/passes.js';
import { cookieOf, fresh, guarded, password, wordIn } from './guarded.js';

t.test('somebody given an account sets their password by a link that works once', async (t) => {
  const { send, tool } = await guarded(t);
  const account = fresh('a');
  const made = await send(tool, 'PUT', `/api/accounts/${account}`, { grants: [{ role: 'supervisor' }] });
  t.match(made.json(), { account, hasPassword: false, link: /\/enter#[\w-]{43}$/ });
  const link = made.json<{ link: string }>().link.split('#')[1];
  t.equal(wordIn(await send({}, 'POST', '/api/session', { account, password })), '401 sign_in_wrong', 'there is no password yet');
  for (const weak of ['short', 'password123', '1234567890', 'aaaaaaaaaaaa', `${account} is my name`, 'abababababab']) {
    t.equal(wordIn(await send({}, 'POST', '/api/enter', { link, password: weak })), '422 password_weak', weak);
  }
  const entered = await send({}, 'POST', '/api/enter', { link, password });
  t.match(entered.json(), { account, grants: [{ role: 'supervisor' }] });
  t.match(String(entered.headers['set-cookie']), /^swabline=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  t.equal(wordIn(await send({}, 'POST', '/api/enter', { link, password })), '403 link_unknown');
  const signedIn = await send({}, 'POST', '/api/session', { account, password });
  t.equal(signedIn.statusCode, 200);
  t.match((await send({ cookie: cookieOf(signedIn) }, 'GET', '/api/session')).json(), { badges: [{ kind: 'person', account, device: `person.${account}` }] });
});

t.test('the first administrator is whoever has the link of the console, and it takes over nobody', async (t) => {
  const { door, send, person } = await guarded(t);
  const there = await person([{ role: 'supervisor' }]);
  const link = await makeLink(door.redis, { by: 'console' });
  t.equal(wordIn(await send({}, 'POST', '/api/enter', { link, account: there.account, password })), '422 account_needed');
  t.equal(wordIn(await send({}, 'POST', '/api/enter', { link, password })), '422 account_needed');
  const account = fresh('root');
  const entered = await send({}, 'POST', '/api/enter', { link, account, password });
  t.match(entered.json(), { account, grants: [{ role: 'administrator' }, { role: 'command_post' }] });
});

t.test('a guessed password is counted, and a wrong name hears the same', async (t) => {
  const { send, person } = await guarded(t);
  const { account } = await person([{ role: 'wall' }]);
  const wrong = await send({}, 'POST', '/api/session', { account, password: 'wrong password' });
  const nobody = await send({}, 'POST', '/api/session', { account: fresh('a'), password: 'wrong password' });
  t.equal(wordIn(wrong), '401 sign_in_wrong');
  t.equal(wrong.body, nobody.body);
  const answers = await Promise.all(Array.from({ length: 30 }, () => send({}, 'POST', '/api/session', { account, password: 'wrong password' })));
  t.equal(answers.filter((answer) => answer.statusCode === 401).length, 9, 'ten of them were looked at');
  t.ok(answers.filter((answer) => answer.statusCode === 429).every((answer) => Number(answer.headers['retry-after']) > 0));
  t.equal(wordIn(await send({}, 'POST', '/api/session', { account, password })), '429 tries_exceeded', 'the right one comes too late');
});

t.test('signing out, a new password and a lock each end what was open', async (t) => {
  const { door, send, tool, person, open } = await guarded(t);
  const grants = [{ role: 'command_post' as const, ...door.cell }];
  const { account, headers } = await person(grants);
  const origin = `http://${await door.listen()}`;
  const socket = await open({ ...headers, origin }, '/socket');
  if (!(socket instanceof WebSocket)) return t.fail(`the socket did not open: ${socket}`);
  const closed = once(socket, 'close');
  const changed = await send(headers, 'POST', '/api/session/password', { old: password, password: 'another correct horse' });
  t.equal(changed.statusCode, 200, changed.body);
  await closed;
  t.equal(wordIn(await send(headers, 'GET', '/api/session')), '401 session_ended', 'the old session');
  const now = { cookie: cookieOf(changed), 'x-swabline': '1' };
  t.equal((await send(now, 'GET', '/api/session')).statusCode, 200);
  const again = await send({}, 'POST', '/api/session', { account, password: 'another correct horse' });
  const third = { cookie: cookieOf(again), 'x-swabline': '1' };
  await send(third, 'DELETE', '/api/session');
  t.equal(wordIn(await send(third, 'GET', '/api/session')), '401 session_ended');
  const later = await open({ ...now, origin });
  if (!(later instanceof WebSocket)) return t.fail(`the socket did not open: ${later}`);
  const locked = once(later, 'close');
  t.equal((await send(tool, 'PUT', `/api/accounts/${account}`, { state: 'locked' })).statusCode, 200);
  await locked;
  t.equal(wordIn(await send(now, 'GET', '/api/session')), '401 session_ended');
  t.equal(wordIn(await send({}, 'POST', '/api/session', { account, password: 'another correct horse' })), '401 sign_in_wrong');
});

t.test('a role given or taken counts from the next request on', async (t) => {
  const { door, send, tool, person } = await guarded(t);
  const { account, headers } = await person([{ role: 'wall', ...door.cell }]);
  t.equal(wordIn(await send(headers, 'GET', door.at('/residents'))), '403 not_allowed');
  await send(tool, 'PUT', `/api/accounts/${account}`, { grants: [{ role: 'supervisor', ...door.cell, site: 's1' }] });
  t.equal((await send(headers, 'GET', door.at('/residents'))).statusCode, 200);
  await send(tool, 'PUT', `/api/accounts/${account}`, { grants: [] });
  t.equal(wordIn(await send(headers, 'GET', door.at('/residents'))), '404 cell_unknown');
});

t.test('a PIN unlocks by staff card, is void after five wrong tries, and confirms beside another person', async (t) => {
  const { door, send, tool, pair, person } = await guarded(t);
  const nurse = await person([{ role: 'supervisor', ...door.cell }]);
  const card = `6${String(Math.floor(Math.random() * 1e11)).padStart(11, '0')}`;
  await send(tool, 'PUT', `/api/accounts/${nurse.account}`, { card });
  t.equal(wordIn(await send(nurse.headers, 'POST', '/api/session/pin', { password, pin: '123456' })), '422 password_weak');
  t.equal((await send(nurse.headers, 'POST', '/api/session/pin', { password, pin: '730518' })).statusCode, 200);
  const tablet = await pair('station');
  t.match((await send(tablet.headers, 'POST', '/api/pin', { who: card, pin: '730518' })).json(), { account: nurse.account, grants: [{ role: 'supervisor' }], confirmation: undefined });
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const confirmed = (await send(post.headers, 'POST', '/api/pin', { who: card, pin: '730518' })).json<{ confirmation: string }>();
  t.type(confirmed.confirmation, 'string');
  t.equal(wordIn(await send(nurse.headers, 'POST', '/api/pin', { who: card, pin: '730518' })), '403 pin_wrong', 'nobody is their own second person');

  const tries = await Promise.all(Array.from({ length: 20 }, (_, i) => send(tablet.headers, 'POST', '/api/pin', { who: card, pin: String(100_000 + i) })));
  t.equal(tries.filter((answer) => answer.statusCode === 403).length, 5);
  t.equal(wordIn(await send(tablet.headers, 'POST', '/api/pin', { who: card, pin: '730518' })), '429 tries_exceeded');
});

t.test('a person signs every record with their own name, and a second person must have confirmed', async (t) => {
  const { door, send, person } = await guarded(t, { stations: ['3'], residents: 1 });
  const post = await person([{ role: 'command_post', ...door.cell }]);
  const nurse = await person([{ role: 'supervisor', ...door.cell }]);
  await send(nurse.headers, 'POST', '/api/session/pin', { password, pin: '730518' });
  const step = (number: number, name: string, body: object, headers = post.headers) =>
    send(headers, 'POST', door.at(`/steps/${name}`), { device: `person.${post.account}`, epoch: 'e1', number, claimedAt: Date.now(), by: 'somebodyelse', body });
  const excused = await step(1, 'excuseResident', { resident: '1', reason: 'away' });
  t.match(excused.json(), { answer: { outcome: 'applied', events: [{ event: 'resident.excused', by: post.account }] } });
  const writeOff = { device: 'tablet', epoch: 'e9', reason: 'burnt', secondBy: nurse.account };
  t.equal(wordIn(await step(2, 'writeOffDevice', writeOff)), '403 second_person_needed', 'a name alone is nobody');
  const { confirmation } = (await send(post.headers, 'POST', '/api/pin', { who: nurse.account, pin: '730518' })).json<{ confirmation: string }>();
  const both = { ...post.headers, 'x-swabline-second': confirmation };
  t.equal(wordIn(await step(2, 'writeOffDevice', writeOff, both)), '409 device_unknown', 'now the record is asked');
  t.equal(wordIn(await step(3, 'writeOffDevice', { ...writeOff, secondBy: 'other' }, both)), '403 second_person_needed');
  t.equal(wordIn(await send({ ...nurse.headers, 'x-swabline-second': confirmation }, 'POST', door.at('/steps/writeOffDevice'), { device: `person.${post.account}`, epoch: 'e1', number: 4, claimedAt: 1, body: writeOff })), '403 not_allowed');
  t.equal(wordIn(await send(nurse.headers, 'POST', door.at('/steps/excuseResident'), { device: `person.${post.account}`, epoch: 'e1', number: 4, claimedAt: 1, body: { resident: '1', reason: 'away' } })), '403 device_differs');
});

t.test('a round that knows its staff takes asks of registered cards only, and every fact', async (t) => {
  const { door, send, tool, pair, person } = await guarded(t, { round: { rules: { knownStaff: true } }, stations: ['3'], residents: 2 });
  const nurse = await person([{ role: 'supervisor', ...door.cell }]);
  const card = `6${String(Math.floor(Math.random() * 1e11)).padStart(11, '0')}`;
  await send(tool, 'PUT', `/api/accounts/${nurse.account}`, { card });
  const { device, headers } = await pair('station', { site: 's1', station: '3' });
  const now = Date.now();
  const record = (number: number, step: string, body: object, by?: string, mode = 'ask') => ({ number, step, mode, claimedAt: now, ...(by ? { by } : {}), body });
  const tube = door.tube();
  const answers = await send(headers, 'POST', door.at('/outbox'), { device, epoch: 'e1', now, requests: [
    record(1, 'openTube', { tube, station: '3' }),
    record(2, 'openTube', { tube, station: '3' }, '600000000099'),
    record(3, 'openTube', { tube, station: '3' }, card),
    record(4, 'takeSwab', { resident: '1', tube }, '600000000099', 'report'),
  ] });
  t.match(answers.json(), { answers: [{ word: 'staff_unknown' }, { word: 'staff_unknown' }, { outcome: 'applied' }, { outcome: 'applied' }], missing: 0 });
});

t.test('the page behind a link is plain files under a strict policy', async (t) => {
  const { send } = await guarded(t);
  const page = await send({}, 'GET', '/enter');
  t.match(page.headers['content-type'], /text\/html/);
  t.match(page.headers['content-security-policy'], /default-src 'none'/);
  t.notMatch(page.body, /<script(?! type="module" src="\/)|style=|onclick|https?:/, 'nothing inline, nothing from elsewhere');
  for (const [, path] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) t.equal((await send({}, 'GET', path as string)).statusCode, 200, path as string);
});
