// What is shown where people queue: the queue of a site for its desk, a board of called numbers for everybody before it, and how long it
// takes anywhere for those still at home. Ticket numbers and counts; only the desk's queue holds residents, by number.
//
//   GET  /api/cells/:round/:area/queue?site=            for the desk: in order, with the state of each station
//   GET  /api/cells/:round/:area/board?site=            { cell, position, dataEpoch, at, age, site, name, state, calls, waiting, minutes }
//   ws   /api/cells/:round/:area/board/live?site=       { kind: 'snapshot', the same }, { kind: 'change', position, at, age, calls?, waiting?, minutes?, state? }
//   GET  /api/public/:round/:area/waits                 for anybody; may be kept for 15 seconds

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { priorityClasses } from '../domain/reasons.js';
import { refusals } from '../domain/refusals.js';
import { identifier } from '../domain/fields.js';
import { type CellName, isCodeDirectory } from '../domain/requests.js';
import type { Content, Pulse } from './channel.js';
import type { Followed } from './follow.js';
import { minutesAt, personMsAt, queueOfSite, unpackNumber } from './queue.js';
import { cellAddress, type CellRequest, type PartOf, type Screens, sendProblem, told, wholeNumber } from './screens.js';
import type { Tally } from './tally.js';

/** A called number is on the board within a quarter of a second. */
const pulse: Pulse = { changesEveryMs: 250, beatEveryMs: 5000, waitingBytesMax: 256 * 1024, ringBytesMax: 64 * 1024, skippedMsMax: 60_000 };

/** How long a wait is, in the word people understand. */
const stateOf = (minutes: number | undefined): 'free' | 'busy' | 'crowded' | 'closed' => (minutes === undefined ? 'closed' : minutes < 10 ? 'free' : minutes < 30 ? 'busy' : 'crowded');
const keptSeconds = 15;

/** The ordinal of the site asked for; where there is only one, nobody has to ask. */
const siteAsked: PartOf = ({ tally: { sites } }, { site }) => {
  if (site === undefined) return sites.size === 1 ? String([...sites.keys()][0]) : undefined;
  for (const [ordinal, one] of sites) if (one.site === site) return String(ordinal);
  return undefined;
};

interface Board {
  site: string;
  name: string;
  state: ReturnType<typeof stateOf>;
  /** The last ten, newest first. */
  calls: { number: string; station: string; at: number; again: boolean }[];
  waiting: number;
  /** Until somebody who comes now is served; null: no station is open. */
  minutes: number | null;
}

function boardOf(tally: Tally, site: number): Board {
  const { site: code = '', name = '' } = tally.sites.get(site) ?? {};
  const minutes = tally.round.state === 'open' ? minutesAt(tally, site) : undefined;
  return {
    site: code, name, state: stateOf(minutes),
    calls: (tally.calls.get(site) ?? []).map(({ number, station, at, again }) => ({ number, station: tally.stations.get(station)?.code ?? '', at, again })),
    waiting: queueOfSite(tally, site).waiting.length, minutes: minutes ?? null,
  };
}

const boardContent = (site: number): Content<Board> => ({
  of: ({ tally }) => boardOf(tally, site),
  whole: (board) => board,
  change(before, now) {
    const change: Record<string, unknown> = {};
    for (const field of ['state', 'calls', 'waiting', 'minutes'] as const) if (JSON.stringify(before[field]) !== JSON.stringify(now[field])) change[field] = now[field];
    return Object.keys(change).length > 0 ? change : undefined;
  },
});

/** How long it takes at each site, for anybody; undefined for a laboratory and while the fold is not ready. */
export function waitsOf({ cell, tally, ready }: Followed, at: number): { name: string; rehearsal: boolean; at: number; sites: Pick<Board, 'site' | 'name' | 'state' | 'minutes' | 'waiting'>[] } | undefined {
  if (!ready || tally.round.laboratory || isCodeDirectory(cell)) return undefined;
  const sites = [...tally.sites.keys()].map((ordinal) => {
    const { site, name, state, minutes, waiting } = boardOf(tally, ordinal);
    return { site, name, state, minutes, waiting };
  });
  return { name: tally.round.name, rehearsal: tally.round.rehearsal, at, sites };
}

export function callingRoutes(app: FastifyInstance, screens: Screens, given: Partial<Pulse>): void {
  const board = screens.show({ pulse: { ...pulse, ...given }, content: (part) => boardContent(Number(part)) });

  /** The cell and the site of a request, the cell folded to the end; undefined after it has been said what is missing. */
  async function find(request: FastifyRequest, reply: FastifyReply, fresh = false): Promise<{ followed: Followed; site: string } | undefined> {
    const followed = await screens.findReady(request, reply, fresh);
    const site = followed && siteAsked(followed, (request as CellRequest).query);
    if (followed && site === undefined) await sendProblem(reply, 404, 'site_unknown', refusals.site_unknown);
    return followed && site !== undefined ? { followed, site } : undefined;
  }

  board.socket('/board/live', 'board', { instead: 'board', partOf: siteAsked });
  app.get(`${cellAddress}/board`, {
    ...told(
      'board', '叫号屏 The last ten numbers called at a site, newest first, how many wait and how long it takes; no person.',
      'What changes comes over the WebSocket `.../board/live?site=`. `minutes` null: no station is open. `at` is the cell\'s clock.', { site },
    ),
    config: { may: { read: 'board' } },
  }, async (request, reply) => {
    const found = await find(request, reply);
    return found ? reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(board.latest(found.followed, found.site)) : reply;
  });

  app.get(`${cellAddress}/queue`, {
    ...told(
      'queue', '排队 Who waits at a site in order, who was called, who was skipped, and what its stations do.',
      '`waiting` is given page by page: `from` places are left out, `next` 0 was the last page. `at`: since when they wait, when they were called or skipped. Residents by number only.',
      { site, from: { type: 'integer' }, count: { type: 'integer' } },
    ),
    config: { may: { read: 'queue' } },
  }, async (request, reply) => {
    const { query } = request as CellRequest;
    const from = wholeNumber(reply, query, 'from', [0, 100_000, 0]);
    const count = from === undefined ? undefined : wholeNumber(reply, query, 'count', [1, 500, 100]);
    // Whoever has just called or issued must see it.
    const found = count === undefined ? undefined : await find(request, reply, true);
    if (!found || from === undefined || count === undefined) return reply;
    const { followed: { cell, tally, dataEpoch }, site } = found;
    const { tickets, stations } = tally;
    const { waiting, called, kept } = queueOfSite(tally, Number(site));
    const row = (ticket: number, at: Float64Array) => ({
      resident: tickets.resident[ticket] ?? 0, number: unpackNumber(tickets.number[ticket] ?? 0), ticket, station: stations.get(tickets.station[ticket] ?? 0)?.code ?? '',
      priority: priorityClasses[tickets.priority[ticket] ?? 0] ?? 'none', at: at[ticket] ?? 0,
    });
    const { site: code, name } = tally.sites.get(Number(site)) ?? { site: '', name: '' };
    return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(JSON.stringify({
      cell, position: tally.position, dataEpoch, at: screens.follower.clockOf(found.followed), site: code, name,
      total: { waiting: waiting.length, called: called.length, skipped: kept.length }, next: from + count < waiting.length ? from + count : 0,
      waiting: waiting.slice(from, from + count).map((ticket) => row(ticket, tickets.issuedAt)),
      called: called.slice(0, count).map((ticket) => row(ticket, tickets.changedAt)),
      skipped: kept.slice(0, count).map((ticket) => row(ticket, tickets.changedAt)),
      stations: [...stations].filter(([, station]) => station.site === Number(site)).map(([ordinal, station]) => ({
        station: station.code, ordinal, state: station.state, stalled: station.stalled, waiting: station.waiting, called: station.called, secondsPerPerson: personMsAt(tally, station) / 1000,
      })),
    }));
  });

  // One answer for everybody who asks within a quarter of a minute, here and in whatever stands between.
  const waits = new WeakMap<Tally, { text: string; until: number }>();
  app.get('/api/public/:round/:area/waits', {
    ...told('waits', '排队情况 How long it takes at each site, for anybody: counts only, kept for 15 seconds.', '`state`: free, busy (from 10 minutes), crowded (from 30), closed; `minutes` null: no station is open.'),
    config: { may: 'anybody' },
  }, async (request, reply) => {
    const { round, area } = request.params as CellName;
    // What nobody has opened is not looked for: anybody may ask for anything here.
    const followed = identifier.safeParse(round).success && identifier.safeParse(area).success ? screens.follower.find({ round, area }) : undefined;
    if (!followed || followed.tally.round.laboratory || isCodeDirectory(followed.cell)) return sendProblem(reply, 404, 'cell_unknown', refusals.cell_unknown);
    if (!followed.ready) return sendProblem(reply, 503, 'counts_behind', { zh: '统计还没有跟上记录', en: 'The counts have not caught up with the record', nextZh: '请稍候再试', nextEn: 'Try again in a moment' }, 5);
    const { tally } = followed;
    let made = waits.get(tally);
    if (!made || made.until < Date.now()) {
      made = { text: JSON.stringify({ round, area, state: tally.round.state, ...waitsOf(followed, screens.follower.clockOf(followed)) }), until: Date.now() + keptSeconds * 1000 };
      waits.set(tally, made);
    }
    return reply.header('cache-control', `public, max-age=${keptSeconds}`).type('application/json; charset=utf-8').send(made.text);
  });
}

const site = { type: 'string', description: 'The site; may be left out where there is only one.' };
