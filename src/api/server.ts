// Makes the door: one Fastify with every route on this page, in the order in which it is to be understood.

import { readFileSync } from 'node:fs';
import websocket from '@fastify/websocket';
import { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, fastify, LogController, type RouteOptions } from 'fastify';
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.js';
import type { Vault } from '../vault/vault.js';
import type { System } from '../ledger/system.js';
import { boxRoutes } from './boxes.js';
import { cardRoutes } from './cards.js';
import { broadcastRoutes } from './broadcast.js';
import { codeRoutes } from './codes.js';
import { describeRoutes, descriptionRoutes } from './describe.js';
import { accountRoutes } from './accounts.js';
import { deviceRoutes } from './devices.js';
import { makeDoor } from './door.js';
import { guardEdge, patience } from './edge.js';
import { forgetRoute } from './exports.js';
import { findPersonRoute } from './findPerson.js';
import { followUpRoutes } from './followUp.js';
import { faultOf, isUnreachable, problemOf } from './faults.js';
import { enterPage } from './enterPage.js';
import { healthRoutes } from './health.js';
import { type Gate, makeGate } from './gate.js';
import { laboratoryRoutes } from './laboratory.js';
import { metricsRoute } from './metrics.js';
import { mineRoutes } from './mine.js';
import { outboxRoute } from './outbox.js';
import { personRoutes } from './persons.js';
import { Problem, sendProblem } from './problems.js';
import { quarantineRoutes } from './quarantine.js';
import { readRoutes } from './reads.js';
import { dayRoute } from './reports.js';
import { makeRates } from './rates.js';
import { type Queues, residentRoutes } from './resident/routes.js';
import { screenRoutes } from './screens.js';
import { keepAlive, socketRoute } from './socket.js';
import { resultBatchRoute } from './resultBatch.js';
import { stepRoutes } from './steps.js';
import { tabletRoutes } from './tablet.js';

declare module 'fastify' {
  interface FastifyInstance {
    gate: Gate | undefined;
  }
}

export interface ServerParts {
  ledger: Ledger;
  vault: Vault;
  log: Logger;
  /** Where the people are: a day begins there, and with it an age. */
  timeZone?: string;
  tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Sites, beside this service's own host, whose pages may open a socket: `https://desk.example`. */
  origins?: readonly string[];
  /** Proxies whose word about where a request comes from is believed; by address, never by number of hops. */
  proxies?: readonly string[];
  /** Devices and accounts: who may come in. */
  system?: System;
  /** Lets everybody in, for measurements and for tests of what lies behind the gate; without it and without `system` there is no door. */
  unguarded?: boolean;
  /** What residents may know of queues. */
  queues?: Queues;
  /** How much anybody may ask for; the usual, unless a measurement asks for more. */
  rates?: Parameters<typeof makeRates>[1] | undefined;
  /** Told of every route as it is made, for whoever checks them. */
  onRoute?: (route: RouteOptions) => void;
}

/** Largest body of an outbox, and largest frame. */
const bodyLimit = 256 * 1024;

/**
 * The door, with its routes but not listening. Other rooms (live) register theirs on it before `listen`; it closes neither the ledger nor
 * the vault, which are not its own.
 */
export async function createServer({ ledger, vault, log, timeZone = 'Asia/Shanghai', tls, origins = [], proxies = [], system, unguarded = false, queues, rates, onRoute }: ServerParts): Promise<FastifyInstance> {
  if (!system && !unguarded) throw new Error('a door needs the cell of the system, or to be told that it stands open');
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    // The door writes one line a step (door.ts); two lines and a logger for each request would cost more than the step.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    bodyLimit,
    // A client that sends its request a byte a second is let go of; a line that is kept open between requests is not.
    requestTimeout: patience.request,
    keepAliveTimeout: patience.idle,
    ...(proxies.length > 0 ? { trustProxy: [...proxies] } : {}),
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    frameworkErrors: (fault, _request, reply) => void sendProblem(reply, problemOf(fault)),
    ...(tls ? { https: { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) } } : {}),
  }) as unknown as FastifyInstance;

  if (onRoute) app.addHook('onRoute', onRoute);
  await describeRoutes(app);
  const secure = tls !== undefined || origins.some((origin) => origin.startsWith('https:'));
  guardEdge(app, { secure });
  // Forms and plain text are not taken: a page of another site can send those without asking first.
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((fault, _request, reply) => {
    const problem = problemOf(fault);
    if (problem.body.status === 500) log.error(faultOf(fault), 'a request failed');
    else if (isUnreachable(fault)) log.warn(faultOf(fault), 'the record cannot be reached');
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, new Problem('not_found')));
  await app.register(websocket, {
    options: { maxPayload: bodyLimit, perMessageDeflate: false },
    // The record's state is the answer to whatever was under way, so a restart waits a moment for polite goodbyes and no longer.
    preClose(this: FastifyInstance, done: (fault?: Error) => void) {
      for (const socket of this.websocketServer.clients) socket.close(1012, 'restarting');
      const late = setTimeout(() => { for (const socket of this.websocketServer.clients) socket.terminate(); }, 1000);
      this.websocketServer.close(() => { clearTimeout(late); done(); });
    },
    errorHandler: (fault, socket) => {
      log.debug(faultOf(fault), 'a socket failed');
      socket.terminate();
    },
  });

  // After the plugin's own hook, which must have seen the request to let go of its socket.
  app.addHook('onRequest', (request, reply, next) => {
    if (request.headers.upgrade === undefined || mayOpen(request, origins)) next();
    else sendProblem(reply, new Problem('origin_foreign'));
  });

  const gate = system ? makeGate({ redis: ledger.redis, system, rates: makeRates(ledger.redis, rates), secure, origins }) : undefined;
  if (gate) {
    gate.install(app);
    app.addHook('onClose', async () => gate.close());
  }
  app.decorate('gate', gate);

  const door = makeDoor({ ledger, vault, log, timeZone, surroundings: gate?.surroundings });
  keepAlive(app);
  healthRoutes(app, { ledger, log });
  stepRoutes(app, door);
  outboxRoute(app, door);
  resultBatchRoute(app, door);
  socketRoute(app, door);
  readRoutes(app, door);
  boxRoutes(app, door);
  laboratoryRoutes(app, door);
  followUpRoutes(app, door);
  dayRoute(app, door);
  codeRoutes(app, door);
  broadcastRoutes(app, door, timeZone);
  tabletRoutes(app, door);
  cardRoutes(app, door);
  mineRoutes(app, door);
  metricsRoute(app, door);
  if (gate && system) {
    deviceRoutes(app, { redis: ledger.redis, system, gate });
    accountRoutes(app, { redis: ledger.redis, system, gate, timeZone });
    enterPage(app);
    forgetRoute(app, { redis: ledger.redis, system, gate, vault });
    quarantineRoutes(app, door, { redis: ledger.redis, system, gate });
    personRoutes(app, { redis: ledger.redis, system, gate, vault, log, dayOf: door.dayOf });
    findPersonRoute(app, { redis: ledger.redis, system, gate, vault, log, dayOf: door.dayOf });
  }
  residentRoutes(app, door, { queues, timeZone });
  descriptionRoutes(app);
  screenRoutes(app);
  // The roster's routes (roster.ts) need the queue of its imports, and those of `live` the fold: program.ts adds them.
  return app;
}

/** Browsers say which site a socket's page is from and no page can change that. What is no browser says nothing. */
function mayOpen({ headers }: FastifyRequest, origins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || origins.includes(origin)) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
