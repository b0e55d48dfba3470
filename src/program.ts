// Builds the program from its parts: Redis, the ledger, the vault, the door, the live counts, the jobs. The only file that imports every
// room; whoever wants a whole Swabline (main, the drill, tests) calls `startProgram`.

import { dirname, join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { type Logger, pino } from 'pino';
import { healthRoutes } from './api/health.js';
import type { RosterDesk } from './api/roster.js';
import { rosterRoutes } from './api/roster.js';
import { resultFileRoutes, type ResultsDesk } from './api/resultFiles.js';
import { knowsCell } from './api/badge.js';
import { exportRoutes } from './api/exports.js';
import { type ReportDesk, reportRoutes } from './api/reports.js';
import type { Gate } from './api/gate.js';
import { usualRates } from './api/rates.js';
import type { Queues } from './api/resident/routes.js';
import { createServer, type ServerParts } from './api/server.js';
import type { Config } from './config.js';
import { startClock } from './jobs/clock.js';
import { startDispatch } from './jobs/dispatch.js';
import { startRelay } from './jobs/relay/relay.js';
import { onAnotherDisk, startArchive } from './jobs/archive/archiver.js';
import { backUpKeys } from './jobs/archive/keys.js';
import { keptReport, type ReadingChoice, rosterQueue, rosterWorker } from './jobs/roster/importRoster.js';
import { rosterRecord } from './jobs/roster/enrolStep.js';
import { type ImportChoice, keptResultsErrors, keptResultsReport, resultRecord, resultsQueue, resultsWorker } from './jobs/results/importResults.js';
import { fileSentence } from './jobs/results/problems.js';
import { queueBoard } from './jobs/board.js';
import { exportPeople } from './jobs/exportPeople.js';
import { type ReportQueue, reportQueue, reportWorker } from './jobs/reports/makeReports.js';
import { openQueue } from './jobs/queues.js';
import { tableMediaTypes } from './jobs/tableFile.js';
import { createUploads, type Uploads } from './jobs/tables/uploads.js';
import { archiveFolder } from './ledger/copy/archive.js';
import { SigningKeyProblem } from './ledger/copy/signing.js';
import { type DataLock, lockData } from './ledger/dataLock.js';
import { type EmbeddedRedis, startEmbeddedRedis } from './ledger/embedded.js';
import { createLedger, type Ledger } from './ledger/ledger.js';
import { makeLink } from './ledger/passes.js';
import { cellState, openedCells } from './ledger/reads.js';
import { connect, judge } from './ledger/redis.js';
import { keyShelf } from './ledger/shelf.js';
import { openSystem } from './ledger/system.js';
import { live } from './live/board.js';
import { waitsOf } from './live/calling.js';
import { type Follower, follow } from './live/follow.js';
import { standingOf } from './live/queue.js';
import { openVault, type Vault } from './vault/vault.js';

/** A sentence for the person at the console stops the start; everything else is a fault. */
export class CannotStart extends Error {
  override name = 'CannotStart';
}

export interface Program {
  /** Where people reach it; undefined where this process serves nobody (a worker). */
  address: string | undefined;
  ledger: Ledger;
  vault: Vault;
  redisUrl: string;
  /** A key that may do everything at this process's door, for tools in it; it ends with the process and stands nowhere. */
  toolKey(): string;
  close(): Promise<void>;
}

export interface ProgramOptions {
  /** Told what happens, in words, for the console. */
  say?: (sentence: string) => void;
  /** `always` unless a measurement asks for less. */
  appendfsync?: 'always' | 'everysec' | 'no';
  /** How much one device, account or address may ask for; a measurement asks for more than people do. */
  rates?: Rates;
}

type Rates = NonNullable<ServerParts['rates']>;

/**
 * Starts the roles named in the settings and resolves when they serve. Whatever was started is closed in reverse, also when the start
 * fails half-way. Throws CannotStart, AlreadyRunning, RedisUnavailable or MasterKeyProblem with a sentence for the person.
 */
export async function startProgram(config: Config, { say = () => {}, appendfsync = 'always', rates }: ProgramOptions = {}): Promise<Program> {
  const log = pino({ level: config.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    let lock: DataLock | undefined;
    let own: EmbeddedRedis | undefined;
    if (config.redisUrl === undefined) {
      lock = lockData(config.dataDir);
      closing.push(() => lock?.release());
      own = await startEmbeddedRedis({ dir: join(config.dataDir, 'redis'), appendfsync, log: say });
      let asked = false;
      closing.push(() => { asked = true; return own?.stop(); });
      void own.ended.then(() => { if (!asked) say('Redis has ended unasked: nothing can be received until Swabline is started again. What was received is on disk.'); });
    }
    const redisUrl = config.redisUrl ?? (own as EmbeddedRedis).url;
    const ledger = await openLedger(redisUrl, log, say);
    closing.push(() => ledger.redis.disconnect());

    const shelf = keyShelf(ledger);
    const vault = await openVault({ file: config.masterKeyFile, shelf, mayCreate: (await shelf.rounds()).length === 0, say });
    const uploads = createUploads(join(config.dataDir, 'uploads'), vault);

    if (config.roles.includes('worker')) {
      await startJobs({ redisUrl, ledger, vault, uploads, log, closing, timeZone: config.timeZone });
      await startCopies({ config, redisUrl, redisDir: own?.dir, ledger, log, closing });
    }
    let address: string | undefined;
    let toolKey = (): string => { throw new Error('this process has no door'); };
    if (config.roles.includes('api')) {
      const system = await openSystem(ledger, connect(redisUrl, { patient: true }));
      closing.push(() => system.close());
      const { timeZone, tls, origins, proxies, deviceRate } = config;
      const follower = follow({ redisUrl, log, folder: join(config.dataDir, 'live') });
      closing.push(() => follower.stop());
      const app = await createServer({ queues: queuesOf(follower), ledger, vault, log, timeZone, tls, origins, proxies, system, rates: rates ?? { ...usualRates, device: { max: deviceRate, seconds: 60 } } });
      closing.push(() => app.close());
      const gate = app.gate as Gate;
      toolKey = gate.tools.draw;
      const queueRedis = connect(redisUrl, { patient: true });
      closing.push(() => queueRedis.disconnect());
      const queue = rosterQueue(queueRedis);
      closing.push(() => queue.close());
      const results = resultsQueue(queueRedis);
      closing.push(() => results.close());
      const watched = (['clock', 'followUps'] as const).map((name) => openQueue(name, queueRedis));
      closing.push(async () => { for (const one of watched) await one.close(); });
      const reports = reportQueue(queueRedis, uploads);
      closing.push(() => reports.close());
      queueBoard(app, [queue.queue, results.queue, reports.queue, ...watched]);
      await rosterRoutes(app, rosterDesk(queue, uploads, vault, ledger.redis));
      await resultFileRoutes(app, { surroundings: gate.surroundings }, resultsDesk(results, uploads));
      exportRoutes(app, { redis: ledger.redis, system, gate }, { mediaTypes: tableMediaTypes, people: (wanted) => exportPeople(ledger.redis, vault, wanted) });
      reportRoutes(app, { redis: ledger.redis, system, gate, vault }, reportDesk(reports));
      await app.register(live, { follower, timeZone, mayKnow: (request, cell) => request.badges.some((badge) => knowsCell(badge, cell)) });
      address = await listen(app, config);
      lock?.serving(address, redisUrl);
      if ((await system.administrators()) === 0) say(await firstLink(ledger.redis, origins[0] ?? address));
    } else {
      // A process that only works in the background still answers whether it is well: a container's health check asks it.
      const app = fastify();
      closing.push(() => app.close());
      healthRoutes(app, { ledger, log });
      await listen(app, config);
    }
    return { address, ledger, vault, redisUrl, toolKey, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

/** What the live fold knows of queues, for the pages of residents. */
function queuesOf(follower: Follower): Queues {
  return {
    waits(cell) {
      const followed = follower.find(cell);
      return followed && waitsOf(followed, follower.clockOf(followed));
    },
    standing(cell, ticket) {
      const followed = follower.find(cell);
      return followed?.ready && ticket > 0 ? standingOf(followed.tally, ticket) : undefined;
    },
  };
}

/** For whoever stands at the console while nobody can sign in yet: there is no default password. */
export async function firstLink(redis: Redis, address: string): Promise<string> {
  return `There is no administrator yet. Open this once, within a day, to become the first: ${address}/enter#${await makeLink(redis, { by: 'console' })}`;
}

async function openLedger(url: string, log: Logger, say: (sentence: string) => void): Promise<Ledger> {
  const redis = connect(url);
  try {
    const { problems, warnings } = await judge(redis);
    if (problems.length > 0) throw new CannotStart(problems.join('\n'));
    for (const warning of warnings) say(warning);
    const ledger = createLedger(redis, { error: (detail, message) => log.error(detail, message) });
    ledger.onHalted = (cell, fault) => log.fatal({ cell: `${cell.round}:${cell.area}`, fault }, 'a cell has stopped: a step failed after its first write');
    await ledger.load();
    return ledger;
  } catch (fault) {
    redis.disconnect();
    if (fault instanceof CannotStart) throw fault;
    const unreachable = /max retries|ECONNREFUSED|ENOENT|ETIMEDOUT|Connection is closed/i.test((fault as Error).message);
    throw new CannotStart(unreachable ? 'Redis does not answer at the address in REDIS_URL. Start it, or leave REDIS_URL out and Swabline brings its own.' : `Redis cannot be used: ${(fault as Error).message}`);
  }
}

interface JobParts {
  redisUrl: string;
  ledger: Ledger;
  vault: Vault;
  uploads: Uploads;
  log: Logger;
  closing: (() => Promise<void> | void)[];
  timeZone: string;
}

async function startJobs({ redisUrl, ledger, vault, uploads, log, closing, timeZone }: JobParts): Promise<void> {
  // BullMQ has a connection of its own: its workers block on it, and its commands must wait for Redis to come back.
  const connection = connect(redisUrl, { patient: true });
  closing.push(() => connection.disconnect());
  const worker = rosterWorker({ connection, uploads, vault, record: rosterRecord(ledger), log });
  closing.push(() => worker.close());
  const results = resultsWorker({ connection, uploads, record: resultRecord(ledger), timeZone, log });
  closing.push(() => results.close());
  const reports = reportWorker({ connection, redis: ledger.redis, uploads, vault, timeZone, log });
  closing.push(() => reports.close());
  const clock = await startClock({ ledger, connection, log });
  closing.push(() => clock.close());
  const dispatcher = startDispatch({ redisUrl, connection, log });
  closing.push(() => dispatcher.close());
  const relay = startRelay({ redisUrl, ledger, log });
  closing.push(() => relay.close());
}

/** The second copy of the record, and the backup of the keys that the copy does not hold. */
async function startCopies({ config, redisUrl, redisDir, ledger, log, closing }: Pick<JobParts, 'redisUrl' | 'ledger' | 'log' | 'closing'> & { config: Config; redisDir: string | undefined }): Promise<void> {
  const dir = archiveFolder(config);
  const keysDir = dirname(config.masterKeyFile);
  try {
    // A folder nobody has chosen is no promise of another disk, wherever Redis may be.
    const copies = (await onAnotherDisk(dir, redisDir)) && config.archiveDir !== undefined ? 2 : 1;
    const archiver = startArchive({ ledger, following: connect(redisUrl, { patient: true }), dir, keyFile: join(keysDir, 'archive.key'), copies, log });
    closing.push(() => archiver.close());
  } catch (fault) {
    throw new CannotStart(fault instanceof SigningKeyProblem ? fault.message : `The archive ${dir} cannot be written: ${(fault as Error).message}`);
  }
  const backup = backUpKeys({ redis: ledger.redis, file: join(keysDir, 'keys.json'), log });
  closing.push(() => backup.close());
}

function rosterDesk(queue: ReturnType<typeof rosterQueue>, uploads: Uploads, vault: Vault, redis: Redis): RosterDesk {
  return {
    async save(cell, source) {
      // A roster is checked before its round is opened, since sites and villages are planned from it. The keys are those the opening would
      // make. Where a cell of the round is open they must be there already, and if they are lost, that is for the vault to say.
      const ofRound = (await openedCells(redis)).filter(({ round }) => round === cell.round);
      const states = await Promise.all(ofRound.map((one) => cellState(redis, one)));
      if (states.every((state) => state === undefined)) await vault.prepare(cell.round);
      return uploads.save(cell, source);
    },
    start: (task, cell, upload, choice) => queue[task](cell, upload, choice as unknown as ReadingChoice),
    status: (cell, job) => queue.status(job, cell),
    report: (cell, upload) => keptReport(uploads, cell, upload),
    errors: (cell, upload, format) => uploads.open(cell, upload, `errors.${format}`),
  };
}

function resultsDesk(queue: ReturnType<typeof resultsQueue>, uploads: Uploads): ResultsDesk {
  return {
    mediaTypes: tableMediaTypes,
    async save(cell, source) {
      const kept = await uploads.save(cell, source, 'results');
      return kept.ok ? kept : { ...kept, ...fileSentence(kept.problem) };
    },
    start: async (task, cell, upload, sender, choice) => ((await uploads.holds(cell, upload, 'results')) ? queue[task](cell, upload, sender, choice as ImportChoice) : 'gone'),
    status: (cell, job) => queue.status(job, cell),
    report: (cell, upload) => keptResultsReport(uploads, cell, upload),
    errors: (cell, upload, format) => keptResultsErrors(uploads, cell, upload, format),
  };
}

function reportDesk(queue: ReportQueue): ReportDesk {
  return {
    mediaTypes: tableMediaTypes,
    start: (asked) => queue.start(asked),
    status: async (cell, job) => {
      const found = await queue.status(cell, job);
      return found && { ...found };
    },
    take: (cell, job) => queue.take(cell, job),
  };
}

async function listen(app: FastifyInstance, config: Config): Promise<string> {
  try {
    await app.listen({ port: config.port, host: config.host });
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new CannotStart(`Port ${config.port} is in use by another program. Set PORT to a free one.`);
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL') throw new CannotStart(`Nothing can listen on ${config.host}:${config.port} (${code}). Set HOST and PORT.`);
    throw fault;
  }
  const at = app.server.address();
  const port = typeof at === 'object' && at ? at.port : config.port;
  const host = config.host === '0.0.0.0' || config.host === '::' ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host;
  return `${config.tls ? 'https' : 'http'}://${host}:${port}`;
}
