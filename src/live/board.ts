// What screens see: counts over a WebSocket and over HTTP, and the page that shows them. Counts only, no personal data.
//
//   GET  /api/counts                          every cell in one line
//   GET  /api/cells/:round/:area/counts       { cell, position, dataEpoch, at, age, counts }; with ?fresh=1 it has seen all that was written before
//   ws   /api/cells/:round/:area/live         ?after=<position>&epoch=<dataEpoch> of the last message a screen has had
//          { kind: 'snapshot', cell, position, dataEpoch, at, age, counts }
//          { kind: 'change', position, at, age, patch? }    a merge patch on the counts (RFC 7396); at least one a second
//          { kind: 'waiting', broken? }                     the stream is being counted anew, or cannot be
//   GET  /api/cells/:round/:area/history      { from, swabs, sealed, received }: minute by minute, a day of them at most
//   GET  /api/cells/:round/:area/tablet/...   who has been sampled (sampled.ts)
//   GET  .../queue, .../board, /api/public/...  who waits, who is called, how long it takes (calling.ts)
//   GET  /live                                the page
//
// `at` is the cell's clock, `age` how many ms ago the counts were known to be complete. A Fastify plugin that is registered beside the api's
// routes: `await app.register(live, { follower })`.

import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { readFileSync } from 'node:fs';
import { refusals } from '../domain/refusals.js';
import { type CellName, isCodeDirectory } from '../domain/requests.js';
import { defaultPulse, type Content, type Pulse } from './channel.js';
import { callingRoutes } from './calling.js';
import { changesOf, type Counts, countsOf } from './counts.js';
import type { Followed, Follower } from './follow.js';
import { historyOf } from './minutes.js';
import { sampledRoutes } from './sampled.js';
import { type CellRequest, openScreens, told } from './screens.js';

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

const countsContent: Content<Counts> = {
  of: ({ tally, contacts }, at) => countsOf(tally, at, contacts),
  whole: (counts) => ({ counts }),
  change(before, now) {
    const patch = changesOf(before, now);
    return patch && { patch };
  },
};

export async function live(app: FastifyInstance, { follower, pulse: given = {}, screensMax = 4000, mayKnow = () => true, timeZone = 'Asia/Shanghai' }: LiveOptions): Promise<void> {
  if (!app.hasDecorator('websocketServer')) await app.register(websocket, { options: { maxPayload: 256 * 1024, perMessageDeflate: false } });
  const screens = openScreens(app, follower, screensMax);
  const counts = screens.show({ pulse: { ...defaultPulse, ...given }, content: () => countsContent });
  sampledRoutes(app, screens, given);
  callingRoutes(app, screens, given);

  counts.socket('/live', 'live');
  app.get('/api/cells/:round/:area/counts', {
    ...told('counts', '实时统计 The counts of a cell; with fresh=1 they have seen all that was written before.', 'The same and what changes of it over the WebSocket `.../live`.', { fresh: { type: 'string' } }),
    config: { may: { read: 'counts' } },
  }, async (request, reply) => {
    const fresh = (request as CellRequest).query['fresh'];
    const asked = fresh !== undefined && fresh !== '0';
    const followed = await screens.findReady(request, reply, asked);
    return followed ? reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(counts.latest(followed, '', asked)) : reply;
  });

  const histories = new WeakMap<Followed, { position: string; at: number; text: string }>();
  app.get('/api/cells/:round/:area/history', {
    ...told('history', '逐分钟 What happened in each minute: swabs, tubes sealed, tubes the laboratory has taken in.', '`from` is the beginning of the first minute (ms of the cell\'s clock), 0 while there is none; a day at most.'),
    config: { may: { read: 'counts' } },
  }, async (request, reply) => {
    const followed = await screens.findReady(request, reply);
    if (!followed) return reply;
    const { tally: { minutes, position } } = followed;
    const at = Math.floor(follower.clockOf(followed) / 60_000);
    let made = histories.get(followed);
    if (made?.position !== position || made.at !== at) {
      made = { position, at, text: JSON.stringify({ ...followed.cell, ...historyOf(minutes, at * 60_000) }) };
      histories.set(followed, made);
    }
    return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(made.text);
  });

  app.get('/api/counts', { config: { may: { read: 'counts' } } }, async (request, reply) => {
    const cells = follower.cells().filter(({ cell }) => mayKnow(request, cell) && !isCodeDirectory(cell)).map(({ cell, tally, ready, broken }) => ({
      ...cell, name: tally.round.name, state: tally.round.state, rehearsal: tally.round.rehearsal, laboratory: tally.round.laboratory, openedAt: tally.round.openedAt,
      residents: tally.total.residents, sampled: tally.total.sampled, excused: tally.total.excused, ready, ...(broken ? { broken } : {}),
    }));
    return reply.header('cache-control', 'no-store').send({ cells: cells.sort((a, b) => b.openedAt - a.openedAt), screens: screens.count(), traffic: screens.traffic });
  });

  for (const [path, file, type] of pages) {
    const body = readFileSync(new URL(file, pageFolder));
    app.get(path, { config: { may: 'anybody' } }, (_request, reply) => reply.headers(pageHeaders).type(type).send(body));
  }

  // What the page needs beside the counts: where it is, and what the words of discrepancies mean.
  const settings = { timeZone, refusals: Object.fromEntries(Object.entries(refusals).map(([word, { zh, en }]) => [word, { zh, en }])) };
  app.get('/live/settings.json', { config: { may: 'anybody' } }, (_request, reply) => reply.headers(pageHeaders).send(settings));
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
