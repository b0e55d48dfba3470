// The gate: establishes the badges of every request before anything of it is read, holds them against the route's policy, and closes open
// sockets the moment a device is revoked or an account locked. A route without a policy cannot be registered.
//
//   Authorization: Bearer <device>.<key>   tablets, scanners, programs
//   two cookies (cookies.ts)               screens: the device the browser was paired as, the person signed in on it
//
// A request with cookies is what a foreign page could try to send, so it must come from our own: it carries the header `x-swabline`, which
// no other site's page can add, and an Origin, where there is one, of our own host.

import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import type { ForeignTubeRule } from '../domain/codes.js';
import type { CellName } from '../domain/requests.js';
import { staffCard } from '../domain/requests.js';
import { hidden, isSecret, markOf, readConfirmation, readKey, readSession, type Session } from '../ledger/passes.js';
import { rulesOf, siteOf } from '../ledger/siteOf.js';
import type { System } from '../ledger/system.js';
import { admit, type Badge, deviceBadge, makeTools, personBadge, type Policy, slackMs, type Surroundings, type Tools } from './badge.js';
import { cellUnknown } from './cells.js';
import { type CookieNames, cookieNames, readCookie, writeCookie } from './cookies.js';
import { problemOf } from './faults.js';
import { Problem, sendProblem } from './problems.js';
import type { Rates } from './rates.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call this route; without it the route cannot be registered. */
    may?: Policy;
  }
  interface FastifyRequest {
    /** Who is asking: a device, a person, or both on one screen. */
    badges: readonly Badge[];
  }
}

export interface GateParts {
  redis: Redis;
  system: System;
  rates: Rates;
  /** Is the service reached over TLS? */
  secure: boolean;
  /** Sites, beside our own host, whose pages may send requests and open sockets. */
  origins: readonly string[];
}

export interface Gate {
  /** Puts itself before every route registered afterwards. */
  install(app: FastifyInstance): void;
  readonly tools: Tools;
  readonly cookies: CookieNames;
  /** What must be known to judge a record; `learn` finds out what `judge` did not know. */
  readonly surroundings: Surroundings & {
    learn(cell: CellName, records: readonly { body?: unknown; by?: string | undefined }[]): Promise<void>;
    /** By what the records of a device are judged that somebody else brings; undefined: it was never paired. */
    badgeOf(device: string): Promise<Badge | undefined>;
    /** Labels of other makers that the round names as tubes. undefined: not known yet. */
    foreignTubes(cell: CellName): readonly ForeignTubeRule[] | undefined;
  };
  /** Counts one more of a badge, for frames on an open socket; what is to be answered when there were too many. */
  count(badge: Badge): Problem | undefined;
  /** Somebody has signed out: what was open in their session closes. */
  signedOut(request: FastifyRequest): void;
  close(): void;
}

/** Open sockets of one badge; a tablet needs one or two. */
const socketsMax = 20;
/** A session that was ended in another process is believed in for this long at most. */
const sessionKnownMs = 2000;
/** Time between two looks at whether the sessions of open sockets still stand. */
const sweepMs = 30_000;

export function makeGate({ redis, system, rates, secure, origins }: GateParts): Gate {
  const tools = makeTools();
  const cookies = cookieNames(secure);
  /** Sessions looked at a moment ago. */
  const sessions = new Map<string, { session: Session; until: number }>();
  const open = new Map<Badge, { sockets: Set<Socket>; session: string | undefined }>();
  const surroundings = makeSurroundings(redis, system);

  // Who is asking ---------------------------------------------------------------------------------------------------------------------

  function ofDevice(found: Awaited<ReturnType<System['device']>>, secret: string): Badge | Problem {
    // Whether the name or the key was wrong is told to nobody; that it was revoked is told to whoever has the key.
    if (!found || !isSecret(secret, found.secret)) return new Problem('badge_unknown');
    return found.state === 'revoked' ? new Problem('badge_revoked') : deviceBadge(found);
  }

  function byKey(key: string): Badge | Problem | Promise<Badge | Problem> {
    const tool = tools.badgeOf(key);
    if (tool) return tool;
    const read = readKey(key);
    if (!read) return new Problem('badge_unknown');
    const known = system.remembered(read.device);
    return known ? ofDevice(known, read.secret) : system.device(read.device).then((found) => ofDevice(found, read.secret));
  }

  async function bySession(secret: string, reply: FastifyReply | undefined): Promise<Badge | undefined> {
    const known = sessions.get(secret);
    let session = known && known.until > Date.now() ? known.session : undefined;
    if (!session) {
      const found = await readSession(redis, secret);
      if (sessions.size > 10_000) sessions.clear();
      if (!found) return undefined;
      session = found.session;
      if (found.fresh && reply) reply.header('set-cookie', writeCookie(cookies.session, found.fresh));
      else sessions.set(secret, { session, until: Date.now() + sessionKnownMs });
    }
    const account = await system.account(session.account);
    if (!account || account.state !== 'active' || markOf(account.password) !== session.password) return undefined;
    return personBadge(account);
  }

  async function byCookies(request: FastifyRequest, reply: FastifyReply): Promise<Badge[] | Problem> {
    const { cookie } = request.headers;
    const [key, secret] = [readCookie(cookie, cookies.device), readCookie(cookie, cookies.session)];
    if (key === undefined && secret === undefined) return [];
    if (!fromOurPage(request, origins)) return new Problem('page_foreign');
    const badges: Badge[] = [];
    if (secret !== undefined) {
      const person = await bySession(secret, reply);
      if (person) badges.push(person);
      else if (key === undefined) return new Problem('session_ended');
    }
    if (key !== undefined) {
      const device = await byKey(key);
      if (!(device instanceof Problem)) badges.push(device);
      else if (badges.length === 0) return device;
    }
    const confirmed = request.headers['x-swabline-second'];
    const person = badges.find(({ kind }) => kind === 'person');
    if (person && typeof confirmed === 'string') person.second = await readConfirmation(redis, confirmed, person.account);
    return badges;
  }

  // What they may do --------------------------------------------------------------------------------------------------------------------

  function settle(request: FastifyRequest, found: Badge[] | Badge | Problem): Problem | undefined {
    if (found instanceof Problem) {
      const wait = rates.count('address', `wrong:${request.ip}`);
      return wait > 0 ? tooMany(wait) : found;
    }
    const badges = Array.isArray(found) ? found : [found];
    const policy = request.routeOptions.config.may as Policy;
    const { round, area } = request.params as Partial<CellName>;
    switch (admit(badges, policy, round === undefined ? {} : { round, area })) {
      case 'nobody': return new Problem('badge_missing');
      case 'cell_unknown': return cellUnknown();
      case 'not_allowed': return new Problem('not_allowed');
      case 'yes':
    }
    for (const badge of badges) {
      const problem = count(badge);
      if (problem) return problem;
    }
    request.badges = badges;
    return request.headers.upgrade === undefined ? undefined : follow(request, badges);
  }

  function count({ kind, device, account }: Badge): Problem | undefined {
    const wait = kind === 'device' ? rates.count('device', device) : kind === 'person' ? rates.count('account', account) : 0;
    return wait > 0 ? tooMany(wait) : undefined;
  }

  function follow(request: FastifyRequest, badges: readonly Badge[]): Problem | undefined {
    const { socket } = request.raw;
    for (const badge of badges) {
      if (badge.kind === 'tool') continue;
      const same = [...open].filter(([{ kind, device }]) => kind === badge.kind && device === badge.device);
      if (same.length >= socketsMax) return tooMany(30);
      const held = { sockets: new Set([socket]), session: badge.kind === 'person' ? readCookie(request.headers.cookie, cookies.session) : undefined };
      open.set(badge, held);
      socket.once('close', () => open.delete(badge));
    }
    return undefined;
  }

  function end(badge: Badge): void {
    for (const socket of open.get(badge)?.sockets ?? []) socket.destroy();
    open.delete(badge);
  }

  /** Holds an open socket's badge against what stands on record now. */
  async function renew(badge: Badge): Promise<void> {
    if (badge.kind === 'device') {
      const found = await system.device(badge.device);
      if (!found || found.state === 'revoked') end(badge);
      else badge.places = found.places;
    } else {
      const held = open.get(badge);
      const found = held?.session === undefined ? undefined : await bySession(held.session, undefined);
      if (found) badge.grants = found.grants;
      else end(badge);
    }
  }

  system.onChange((event) => {
    for (const badge of [...open.keys()]) {
      if (event?.event === 'device.revoked' || event?.event === 'device.paired') {
        // Paired anew, its old key has ended too.
        if (badge.kind === 'device' && badge.device === event.name) end(badge);
      } else if (event === undefined || (event.event === 'device.moved' && badge.device === event.name) || (event.event === 'role.set' && badge.account === event.account)) {
        void renew(badge).catch(() => end(badge));
      }
    }
  });
  const sweep = setInterval(() => {
    for (const badge of [...open.keys()]) if (badge.kind === 'person') void renew(badge).catch(() => undefined);
  }, sweepMs);
  sweep.unref();

  return {
    tools, cookies, surroundings, count,
    close() {
      clearInterval(sweep);
      rates.close();
    },
    signedOut(request) {
      const session = readCookie(request.headers.cookie, cookies.session);
      if (session !== undefined) sessions.delete(session);
      for (const [badge, held] of [...open]) if (badge.kind === 'person' && held.session === session) end(badge);
    },
    install(app) {
      app.decorateRequest('badges', null as unknown as readonly Badge[]);
      app.addHook('onRoute', ({ url, method, config }) => {
        if (config?.may === undefined) throw new Error(`${String(method)} ${url} has no policy: its config says in \`may\` who may call it`);
      });
      app.addHook('onRequest', (request, reply, done) => {
        request.badges = [];
        const { authorization } = request.headers;
        const policy = request.routeOptions.config.may;
        if (policy === 'anybody' || request.is404) {
          const wait = rates.count('address', request.ip);
          if (wait > 0) return void sendProblem(reply, tooMany(wait));
          return done();
        }
        const answer = (found: Badge[] | Badge | Problem): void => {
          const problem = settle(request, found);
          if (problem) void sendProblem(problem.body.status === 401 ? reply.header('www-authenticate', 'Bearer') : reply, problem);
          else done();
        };
        const found = authorization === undefined ? byCookies(request, reply) : authorization.startsWith('Bearer ') ? byKey(authorization.slice(7)) : new Problem('badge_unknown');
        // Waiting for a promise that is already there would cost a tablet's request a turn of the event loop.
        if (found instanceof Promise) found.then(answer).catch((fault: unknown) => void sendProblem(reply, problemOf(fault)));
        else answer(found);
      });
    },
  };
}

const tooMany = (wait: number): Problem => {
  const problem = new Problem('too_many');
  return Object.assign(problem, { retryAfter: wait });
};

/** Was a request with cookies sent by a page of ours? */
function fromOurPage({ method, headers }: FastifyRequest, origins: readonly string[]): boolean {
  const { origin, host } = headers;
  const upgrade = headers.upgrade !== undefined;
  if (headers['sec-fetch-site'] === 'cross-site' && (origin === undefined || !origins.includes(origin))) return false;
  if (origin !== undefined && !origins.includes(origin) && !isHost(origin, host)) return false;
  // A socket cannot carry a header of ours, but browsers always say where it comes from.
  if (upgrade) return origin !== undefined;
  return method === 'GET' || method === 'HEAD' || headers['x-swabline'] !== undefined;
}

function isHost(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

/** A city has some thousand stations; more names than that are made up. */
const rememberedMax = 20_000;

function makeSurroundings(redis: Redis, system: System): Gate['surroundings'] {
  const sites = new Map<string, string>();
  /** Stations that were looked for in vain, for the one judgement that follows. */
  const nowhere = new Set<string>();
  const strict = new Map<string, boolean>();
  const labels = new Map<string, readonly ForeignTubeRule[]>();
  const staff = new Map<string, boolean>();
  const nameOf = ({ round, area }: CellName): string => `${round}:${area}`;
  system.onChange((event) => {
    if (event === undefined || event.event === 'role.set') staff.clear();
  });

  return {
    siteOf: (cell, station) => sites.get(`${nameOf(cell)}:${station}`) ?? (nowhere.has(`${nameOf(cell)}:${station}`) ? null : undefined),
    knownStaff: (cell) => strict.get(nameOf(cell)),
    foreignTubes: (cell) => labels.get(nameOf(cell)),
    isStaff: (card) => staff.get(card),
    async badgeOf(device) {
      const found = await system.device(device);
      if (!found) return undefined;
      const badge = deviceBadge(found);
      if (found.state !== 'revoked') return badge;
      // What it did before it was revoked was its to do. From then on it stands where nothing may be done, and a person looks at it.
      return { ...badge, places: [...found.places, { from: found.changedAt - slackMs, role: 'wall', round: '', area: '' }] };
    },
    async learn(cell, records) {
      for (const memory of [sites, strict, labels, staff]) if (memory.size > rememberedMax) memory.clear();
      nowhere.clear();
      const name = nameOf(cell);
      const rules = strict.has(name) && labels.has(name) ? undefined : await rulesOf(redis, cell);
      if (rules) {
        strict.set(name, rules.knownStaff);
        labels.set(name, rules.foreignTubes ?? []);
      }
      for (const { body, by } of records) {
        const { station, secondBy } = (body ?? {}) as { station?: unknown; secondBy?: unknown };
        if (typeof station === 'string' && !sites.has(`${name}:${station}`)) {
          const site = await siteOf(redis, cell, station);
          if (site === undefined) nowhere.add(`${name}:${station}`);
          else sites.set(`${name}:${station}`, site);
        }
        for (const card of [by, secondBy]) {
          if (typeof card === 'string' && card !== '' && !staff.has(card)) staff.set(card, await isStaff(card));
        }
      }
    },
  };

  async function isStaff(card: string): Promise<boolean> {
    const account = staffCard.safeParse(card).success ? await system.accountOfCard(card) : card;
    return account !== undefined && (await system.account(account))?.state === 'active';
  }
}

/** An address as it may stand in a log. */
export const loggedAddress = (address: string): string => hidden(address).slice(0, 8);
