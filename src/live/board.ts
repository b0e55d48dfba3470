// What screens see: counts over a WebSocket and over HTTP, and the page that shows them. Counts only, no personal data.
//
//   GET  /api/counts                          every cell in one line
//   GET  /api/cells/:round/:area/counts       { cell, position, dataEpoch, at, age, counts }; with ?fresh=1 it has seen all that was written before
//   ws   /api/cells/:round/:area/live         ?after=<position>&epoch=<dataEpoch> of the last message a screen has had
//          { kind: 'snapshot', cell, position, dataEpoch, at, age, counts }
//          { kind: 'change', position, at, age, patch? }    a merge patch on the counts (RFC 7396); at least one a second
//          { kind: 'waiting', broken? }                     the stream is being counted anew, or cannot be
//   GET  /live                                the page
//
// `at` is the cell's clock, `age` how many ms ago the counts were known to be complete. A Fastify plugin that is registered beside the api's
// routes: `await app.register(live, { follower })`.

import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readFileSync } from 'node:fs';
import { refusals } from '../domain/refusals.js';
import { type CellName, identifier } from '../domain/requests.js';
import { type Channel, defaultPulse, openChannel, type Pulse, type Traffic } from './channel.js';
import { countsOf } from './counts.js';
import type { Followed, Follower } from './follow.js';
import type { Tally } from './tally.js';

export interface LiveOptions {
  follower: Follower;
  pulse?: Partial<Pulse>;
  /** Screens one process serves; more are told to come back. */
  screensMax?: number;
  /** Whether whoever asks may know of this cell; for the list of cells, as the other addresses name theirs. */
  mayKnow?: (request: FastifyRequest, cell: CellName) => boolean;
  /** In which times of day are shown. */
  timeZone?: string;
}

const freshWithinMs = 5000;
/** A channel nobody listens to is kept for those who come back, then closed. */
const keepIdleMs = 60_000;

type CellRequest = FastifyRequest<{ Params: CellName; Querystring: Record<string, string | undefined> }>;

export async function live(app: FastifyInstance, { follower, pulse: given = {}, screensMax = 4000, mayKnow = () => true, timeZone = 'Asia/Shanghai' }: LiveOptions): Promise<void> {
  const pulse = { ...defaultPulse, ...given };
  const traffic: Traffic = { encoded: 0, sent: 0, skipped: 0, resumed: 0, snapshots: 0 };
  const channels = new Map<Followed, Channel>();
  const replies = new WeakMap<Followed, { text: string; tally: Tally; madeAt: number }>();
  if (!app.hasDecorator('websocketServer')) await app.register(websocket, { options: { maxPayload: 256 * 1024, perMessageDeflate: false } });

  const unwatch = follower.watch((followed) => {
    const channel = channels.get(followed);
    if (!channel) return;
    if (follower.find(followed.cell) === followed) channel.changed();
    else close(followed, channel);
  });
  const sweep = setInterval(() => {
    for (const [followed, channel] of channels) if (channel.idleMs() > keepIdleMs) close(followed, channel);
  }, keepIdleMs / 4);
  sweep.unref();

  function close(followed: Followed, channel: Channel): void {
    channels.delete(followed);
    channel.stop();
  }

  function channelOf(followed: Followed): Channel {
    let channel = channels.get(followed);
    if (!channel) {
      channel = openChannel(followed, follower, pulse, traffic);
      channels.set(followed, channel);
    }
    return channel;
  }

  const screens = () => [...channels.values()].reduce((sum, { readers }) => sum + readers, 0);

  /** The cell of the address; one that was opened a moment ago is looked for. Answers for itself where there is none. */
  async function findCell(request: FastifyRequest, reply: FastifyReply): Promise<Followed | undefined> {
    const { round, area } = request.params as CellName;
    const named = identifier.safeParse(round).success && identifier.safeParse(area).success;
    if (named && !follower.find({ round, area })) await follower.look().catch(() => {});
    const followed = named ? follower.find({ round, area }) : undefined;
    if (!followed) await problem(reply, 404, 'cell_unknown', refusals.cell_unknown);
    return followed;
  }

  app.get('/api/cells/:round/:area/live', {
    websocket: true,
    config: { may: { read: 'live' } },
    async preValidation(request, reply) {
      if (!request.ws) return problem(reply, 426, 'websocket_only', { zh: '此地址只用于 WebSocket', en: 'This address is for WebSockets', nextZh: '请用 counts 地址', nextEn: 'Use the counts address' });
      if (screens() >= screensMax) return problem(reply, 503, 'too_many_screens', tooMany, 5);
      await findCell(request, reply);
    },
  }, (socket, request) => {
    const followed = follower.find(request.params as CellName);
    if (!followed) return socket.close(1011);
    const { after, epoch } = (request as CellRequest).query;
    // A screen listens and says nothing.
    socket.on('message', () => socket.close(1008));
    channelOf(followed).join(socket, after, epoch);
  });

  app.get('/api/cells/:round/:area/counts', { config: { may: { read: 'counts' } } }, async (request, reply) => {
    const followed = await findCell(request, reply);
    if (!followed) return reply;
    const fresh = (request as CellRequest).query['fresh'] !== undefined && (request as CellRequest).query['fresh'] !== '0';
    const contact = follower.refresh(followed).catch(() => {});
    if (fresh || !followed.ready) {
      const there = await follower.catchUp(followed, freshWithinMs).catch(() => false);
      if (!there) return problem(reply, 503, 'counts_behind', behind, 1);
      await contact;
    }
    return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(replyOf(followed, fresh));
  });

  /** The counts as a reply; many who ask at the same time get the same one. */
  function replyOf(followed: Followed, fresh: boolean): string {
    const { cell, tally, dataEpoch, contacts } = followed;
    const made = replies.get(followed);
    if (made && !fresh && made.tally === tally && Date.now() - made.madeAt < pulse.changesEveryMs) return made.text;
    const at = follower.clockOf(followed);
    const text = JSON.stringify({ cell, position: tally.position, dataEpoch, at, age: Math.max(0, Date.now() - followed.heardAt), counts: countsOf(tally, at, contacts) });
    replies.set(followed, { text, tally, madeAt: Date.now() });
    return text;
  }

  app.get('/api/counts', { config: { may: { read: 'counts' } } }, async (request, reply) => {
    const cells = follower.cells().filter(({ cell }) => mayKnow(request, cell)).map(({ cell, tally, ready, broken }) => ({
      ...cell, name: tally.round.name, state: tally.round.state, rehearsal: tally.round.rehearsal, openedAt: tally.round.openedAt,
      residents: tally.total.residents, sampled: tally.total.sampled, excused: tally.total.excused, ready, ...(broken ? { broken } : {}),
    }));
    return reply.header('cache-control', 'no-store').send({ cells: cells.sort((a, b) => b.openedAt - a.openedAt), screens: screens(), traffic });
  });

  for (const [path, file, type] of pages) {
    const body = readFileSync(new URL(file, pageFolder));
    app.get(path, { config: { may: 'anybody' } }, (_request, reply) => reply.headers(pageHeaders).type(type).send(body));
  }

  // What the page needs beside the counts: where it is, and what the words of discrepancies mean.
  const settings = { timeZone, refusals: Object.fromEntries(Object.entries(refusals).map(([word, { zh, en }]) => [word, { zh, en }])) };
  app.get('/live/settings.json', { config: { may: 'anybody' } }, (_request, reply) => reply.headers(pageHeaders).send(settings));

  app.addHook('preClose', () => {
    unwatch();
    clearInterval(sweep);
    for (const [followed, channel] of channels) close(followed, channel);
  });
}

const tooMany = { zh: '看板太多', en: 'Too many screens are watching', nextZh: '请稍候再试', nextEn: 'Try again in a moment' };
const behind = { zh: '统计还没有跟上记录', en: 'The counts have not caught up with the record', nextZh: '请稍候再试', nextEn: 'Try again in a moment' };

function problem(reply: FastifyReply, status: number, word: string, { zh, en, nextZh, nextEn }: { zh: string; en: string; nextZh: string; nextEn: string }, retryAfterSeconds?: number): FastifyReply {
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  return reply.code(status).type('application/problem+json').send({ type: 'about:blank', title: en, status, word, zh, en, nextZh, nextEn });
}

/** The page stands beside the TypeScript files; compiled code, in `dist/live` or `build/src/live`, reads it from there. */
const pageFolder = new URL('page/', import.meta.url.replace(/(build\/src|dist|src)\/live\/[^/]*$/, 'src/live/'));

const pages = [
  ['/live', 'live.html', 'text/html; charset=utf-8'],
  ['/live/live.js', 'live.js', 'text/javascript; charset=utf-8'],
  ['/live/counts.js', 'counts.js', 'text/javascript; charset=utf-8'],
  ['/live/words.js', 'words.js', 'text/javascript; charset=utf-8'],
  ['/live/live.css', 'live.css', 'text/css; charset=utf-8'],
] as const;

const pageHeaders = {
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};
