// People: accounts with passwords, sessions in a cookie, one-time links, and the PIN by which somebody unlocks a shared tablet or confirms
// as the second of two.
//
// Attempts are counted strictly, by account and address together, by account, and by address; a wrong name takes as long as a wrong
// password and hears the same words.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { accountName, bodies, staffCard, systemCell } from '../domain/requests.js';
import { type Held, roleNames } from '../domain/roles.js';
import { countAttempt, endSession, hidden, makeConfirmation, makeLink, openSession, readLink, uncountAttempt, useLink } from '../ledger/passes.js';
import { readEvents } from '../ledger/stream.js';
import type { Account } from '../ledger/system.js';
import { type Badge, placeAt } from './badge.js';
import { readCookie, writeCookie } from './cookies.js';
import { ownAddress, type PeopleParts } from './devices.js';
import { documented } from './documented.js';
import { hashPassword, isPassword, isWeakPassword, isWeakPin } from './passwords.js';
import { Problem, sendProblem } from './problems.js';
import { plainEvent } from './replies.js';
import { placeOf, standingAt } from './standing.js';
import { nameOf, reader, sendJson, takeForPerson, whoMay } from './systemSteps.js';

const password = z.string().min(1).max(128);
const pin = z.string().regex(/^\d{6}$/);
const signInBody = z.strictObject({ account: accountName, password });
const enterBody = z.strictObject({
  /** What follows # in the one-time link. */
  link: z.string().regex(/^[\w-]{43}$/),
  /** For a link that is not made for an account: the first administrator's name. */
  account: accountName.optional(),
  password,
});
const passwordBody = z.strictObject({ old: password, password });
const ownPinBody = z.strictObject({ password, pin });
const pinBody = z.strictObject({
  /** The staff card scanned, or the account's name. */
  who: z.union([staffCard, accountName]),
  pin,
});
const { grants, state, card } = bodies.setRole.shape;
const accountBody = z.strictObject({ grants, state, card });
const accountParams = z.object({ account: accountName });
const listQuery = z.strictObject({ cursor: z.string().regex(/^\d{1,20}$/).default('0') });
const looksQuery = z.strictObject({ after: z.string().regex(/^\d{1,15}(-\d{1,15})?$/).default('0') });
const entry = { type: 'object', additionalProperties: true };

/** Wrong attempts in a quarter of an hour. */
const triesMax = { pair: 10, account: 50, address: 60, pin: 5 };
const triesSeconds = 900;
/** What the first administrator may do: everything there is to begin a round; roles are given to others from there. */
const firstGrants: Held[] = [{ role: 'administrator' }, { role: 'command_post' }];

export function accountRoutes(app: FastifyInstance, { redis, system, gate, timeZone }: PeopleParts & { timeZone: string }): void {
  const read = {
    signIn: reader(signInBody), enter: reader(enterBody), password: reader(passwordBody), ownPin: reader(ownPinBody), pin: reader(pinBody),
    account: reader(accountBody), list: reader(listQuery), looks: reader(looksQuery),
  };

  async function signedIn(reply: FastifyReply, account: Account): Promise<FastifyReply> {
    reply.header('set-cookie', writeCookie(gate.cookies.session, await openSession(redis, account.account, account.password)));
    return sendJson(reply, { account: account.account, grants: account.grants });
  }

  /** Counts an attempt in all three ways; gives what takes it back, or undefined where there were too many. */
  async function attempt(request: FastifyRequest, account: string): Promise<(() => Promise<void>) | undefined> {
    const address = hidden(request.ip);
    const counted = [[`in:${hidden(account)}:${address}`, triesMax.pair], [`in:${hidden(account)}`, triesMax.account], [`in:${address}`, triesMax.address]] as const;
    const tries = await Promise.all(counted.map(([what]) => countAttempt(redis, what, triesSeconds)));
    if (tries.some((count, i) => count > (counted[i]?.[1] ?? 0))) return undefined;
    return async () => { await Promise.all(counted.map(([what]) => uncountAttempt(redis, what))); };
  }

  app.post('/api/session', documented({ name: 'signIn', tag: 'people', summary: '登录 Sign in; the session is kept in a cookie.', body: signInBody, may: 'anybody', replies: { 200: entry } }), async (request, reply) => {
    const sent = read.signIn(reply, request.body);
    if (!sent) return reply;
    const good = await attempt(request, sent.account);
    if (!good) return sendProblem(reply, new Problem('tries_exceeded'));
    const account = await system.account(sent.account);
    const right = await isPassword(account?.password ?? '', sent.password);
    if (!right || account?.state !== 'active') return sendProblem(reply, new Problem('sign_in_wrong'));
    await good();
    return signedIn(reply, account);
  });

  app.get('/api/session', documented({ name: 'whoAmI', tag: 'people', summary: '我是谁 Whoever asks: device, account, roles and places; the service\'s time and time zone, and the round one stands in with its rules, site and station.', may: { read: 'own' }, replies: { 200: entry } }), async (request, reply) => {
    const now = Date.now();
    const place = placeOf(request.badges, now);
    const round = place && (await standingAt(redis, place));
    return sendJson(reply, { badges: request.badges.map(toldBadge), now, timeZone, ...(round ? { round } : {}) });
  });

  app.delete('/api/session', documented({ name: 'signOut', tag: 'people', summary: '退出 Sign out.', may: { read: 'own' }, replies: { 200: entry } }), async (request, reply) => {
    const secret = readCookie(request.headers.cookie, gate.cookies.session);
    if (secret !== undefined) await endSession(redis, secret);
    gate.signedOut(request);
    return sendJson(reply.header('set-cookie', writeCookie(gate.cookies.session, '', 0)), { ok: true });
  });

  app.post('/api/enter', documented({ name: 'enter', tag: 'people', summary: '用一次性链接设置密码 Set a password by a one-time link, and sign in.', body: enterBody, may: 'anybody', replies: { 200: entry } }), async (request, reply) => {
    const sent = read.enter(reply, request.body);
    if (!sent) return reply;
    if ((await countAttempt(redis, `enter:${hidden(request.ip)}`, triesSeconds)) > triesMax.address) return sendProblem(reply, new Problem('tries_exceeded'));
    const link = await readLink(redis, sent.link);
    if (!link) return sendProblem(reply, new Problem('link_unknown'));
    const account = link.account ?? sent.account;
    // A link for a new administrator does not take over an account that somebody has.
    if (!account || (link.account === undefined && (await system.account(account)))) return sendProblem(reply, new Problem('account_needed'));
    if (isWeakPassword(sent.password, account)) return sendProblem(reply, new Problem('password_weak'));
    const hashed = await hashPassword(sent.password);
    if (!(await useLink(redis, sent.link))) return sendProblem(reply, new Problem('link_unknown'));
    const body = link.account === undefined ? { account, password: hashed, grants: firstGrants as [] } : { account, password: hashed };
    if (!(await takeForPerson(reply, system, 'setRole', body, link.by))) return reply;
    const made = await system.account(account);
    return made?.state === 'active' ? signedIn(reply, made) : sendProblem(reply, new Problem('sign_in_wrong'));
  });

  const personOf = (request: FastifyRequest): Badge | undefined => request.badges.find(({ kind }) => kind === 'person');

  /** The account of the person who asks, after their password was right; undefined after the problem was sent. */
  async function proven(request: FastifyRequest, reply: FastifyReply, given: string): Promise<Account | undefined> {
    const person = personOf(request);
    const account = person && (await system.account(person.account));
    const good = account && (await attempt(request, account.account));
    if (!account || !good) {
      sendProblem(reply, new Problem(account ? 'tries_exceeded' : 'badge_missing'));
      return undefined;
    }
    if (!(await isPassword(account.password, given))) {
      sendProblem(reply, new Problem('sign_in_wrong'));
      return undefined;
    }
    await good();
    return account;
  }

  app.post('/api/session/password', documented({ name: 'changePassword', tag: 'people', summary: '修改密码 Change the own password; other sessions end.', body: passwordBody, may: { read: 'own' }, replies: { 200: entry } }), async (request, reply) => {
    const sent = read.password(reply, request.body);
    const account = sent && (await proven(request, reply, sent.old));
    if (!sent || !account) return reply;
    if (isWeakPassword(sent.password, account.account)) return sendProblem(reply, new Problem('password_weak'));
    if (!(await takeForPerson(reply, system, 'setRole', { account: account.account, password: await hashPassword(sent.password) }, account.account))) return reply;
    return signedIn(reply, (await system.account(account.account)) ?? account);
  });

  app.post('/api/session/pin', documented({ name: 'changePin', tag: 'people', summary: '设置 PIN Set the own PIN, for shared tablets and for confirming as the second person.', body: ownPinBody, may: { read: 'own' }, replies: { 200: entry } }), async (request, reply) => {
    const sent = read.ownPin(reply, request.body);
    const account = sent && (await proven(request, reply, sent.password));
    if (!sent || !account) return reply;
    if (isWeakPin(sent.pin)) return sendProblem(reply, new Problem('password_weak'));
    if (!(await takeForPerson(reply, system, 'setRole', { account: account.account, pin: await hashPassword(sent.pin) }, account.account))) return reply;
    return sendJson(reply, { ok: true });
  });

  app.post('/api/pin', documented({
    name: 'givePin', tag: 'people', summary: '刷卡并输入 PIN Unlock a shared tablet, or confirm as the second person beside whoever is signed in.',
    description: 'On a device it says whose card it was. Beside a signed-in person it gives a confirmation, to be sent as the header x-swabline-second for five minutes.',
    body: pinBody, may: { read: 'own' }, replies: { 200: entry },
  }), async (request, reply) => {
    const sent = read.pin(reply, request.body);
    if (!sent) return reply;
    const name = staffCard.safeParse(sent.who).success ? ((await system.accountOfCard(sent.who)) ?? '') : sent.who;
    // Six digits are soon tried, so they are counted by the person whose they are, whatever tablet they are tried on.
    const tries = `pin:${hidden(name || sent.who)}`;
    if ((await countAttempt(redis, tries, triesSeconds)) > triesMax.pin) return sendProblem(reply, new Problem('tries_exceeded'));
    const account = name === '' ? undefined : await system.account(name);
    const right = await isPassword(account?.pin ?? '', sent.pin);
    const first = personOf(request);
    if (right) await uncountAttempt(redis, tries);
    if (!right || account?.state !== 'active' || first?.account === account.account) return sendProblem(reply, new Problem('pin_wrong'));
    return sendJson(reply, { account: account.account, grants: account.grants, ...(first ? { confirmation: await makeConfirmation(redis, account.account, first.account) } : {}) });
  });

  app.get('/api/accounts', documented({ name: 'accounts', tag: 'people', summary: '账号 All accounts; the page whose cursor is 0 was the last.', query: listQuery, may: { read: 'accounts' }, replies: { 200: entry } }), async (request, reply) => {
    const query = read.list(reply, request.query);
    if (!query) return reply;
    const { cursor, accounts } = await system.accounts(query.cursor);
    return sendJson(reply, { cursor, accounts: accounts.map(toldAccount) });
  });

  app.put('/api/accounts/:account', documented({
    name: 'setAccount', tag: 'people', summary: '设置账号 Make an account or change its roles, its state, its card. A new one comes with a one-time link for its password.',
    params: accountParams, body: accountBody, may: { step: 'setRole' }, replies: { 200: entry },
  }), async (request, reply) => {
    const params = accountParams.safeParse(request.params);
    if (!params.success) return sendProblem(reply, new Problem('nothing_there'));
    const sent = read.account(reply, request.body);
    const by = whoMay(request, 'setRole', {});
    if (!sent || !by) return sent ? sendProblem(reply, new Problem('not_allowed')) : reply;
    const { account } = params.data;
    if (!(await takeForPerson(reply, system, 'setRole', { account, ...sent }, nameOf(by)))) return reply;
    const made = await system.account(account);
    return sendJson(reply, { ...(made ? toldAccount(made) : {}), ...(made?.password === '' ? { link: await linkFor(request, account, nameOf(by)) } : {}) });
  });

  app.post('/api/accounts/:account/link', documented({
    name: 'makeLink', tag: 'people', summary: '重发一次性链接 A one-time link by which the person sets a new password; good for a day.', params: accountParams, may: { step: 'setRole' }, replies: { 201: entry },
  }), async (request, reply) => {
    const params = accountParams.safeParse(request.params);
    const by = whoMay(request, 'setRole', {});
    if (!params.success || !by || !(await system.account(params.data.account))) return sendProblem(reply, new Problem('nothing_there'));
    return sendJson(reply, { link: await linkFor(request, params.data.account, nameOf(by)) }, 201);
  });

  const linkFor = async (request: FastifyRequest, account: string, by: string): Promise<string> => `${ownAddress(request)}/enter#${await makeLink(redis, { account, by })}`;

  app.get('/api/looks', documented({
    name: 'looks', tag: 'people', summary: '查看记录 Who looked at whom, who was given what, which devices were paired, moved, revoked; oldest first.', query: looksQuery, may: { read: 'looks' }, replies: { 200: entry },
  }), async (request, reply) => {
    const query = read.looks(reply, request.query);
    if (!query) return reply;
    const events = await readEvents(redis, systemCell, query.after, 500);
    for (const event of events) plainEvent(event);
    return sendJson(reply, { events, after: events.at(-1)?.id ?? query.after });
  });
}

const toldAccount = ({ account, state, grants, password, pin, card, changedAt }: Account): object => ({ account, state, grants, card, changedAt, hasPassword: password !== '', hasPin: pin !== '' });

function toldBadge({ kind, device, account, places, grants }: Badge): object {
  if (kind === 'device') return { kind, device, ...placeAt(places, Date.now()) };
  return kind === 'person' ? { kind, account, device, grants } : { kind, grants: roleNames.map((role) => ({ role })) };
}
