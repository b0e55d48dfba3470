// Who looks at what: for each kind of thing a cell can show (counts, the sampled, a board of calls) its address, a channel for each cell
// while somebody listens, and its latest state as an answer. All kinds share the limit of screens and the count of messages.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusals } from '../domain/refusals.js';
import { identifier } from '../domain/fields.js';
import type { CellName } from '../domain/requests.js';
import type { ReadName } from '../domain/roles.js';
import { type Channel, type Content, openChannel, type Pulse, type Traffic } from './channel.js';
import type { Followed, Follower } from './follow.js';
import type { Tally } from './tally.js';

export type CellRequest = FastifyRequest<{ Params: CellName; Querystring: Record<string, string | undefined> }>;

/** The part of a cell that a query asks for. */
export type PartOf = (followed: Followed, query: Record<string, string | undefined>) => string | undefined;

export interface Kind<Shown> {
  pulse: Pulse;
  /** What is shown of a part of the cell (a site); '' for all of it. */
  content(part: string): Content<Shown>;
}

export interface Showing {
  /** The latest state as an answer; many who ask at the same time get the same one, unless it must be fresh. */
  latest(followed: Followed, part?: string, fresh?: boolean): string;
  /** Opens the socket at an address under a cell's. `partOf` says which part of the cell is asked for; undefined: there is none such. */
  socket(path: string, may: ReadName, options?: { instead?: string; partOf?: PartOf }): void;
}

export interface Screens {
  readonly follower: Follower;
  readonly traffic: Traffic;
  /** Sockets open now, of all kinds. */
  count(): number;
  show<Shown>(kind: Kind<Shown>): Showing;
  /** The cell of the address; one that was opened a moment ago is looked for. Answers for itself where there is none. */
  findCell(request: FastifyRequest, reply: FastifyReply): Promise<Followed | undefined>;
  /** The same, folded to the end: what it says has seen all that was written before. */
  findReady(request: FastifyRequest, reply: FastifyReply, fresh?: boolean): Promise<Followed | undefined>;
}

export const cellAddress = '/api/cells/:round/:area';

const freshWithinMs = 5000;
/** A channel nobody listens to is kept for those who come back, then closed. */
const keepIdleMs = 60_000;

export function openScreens(app: FastifyInstance, follower: Follower, screensMax: number): Screens {
  const traffic: Traffic = { encoded: 0, sent: 0, skipped: 0, resumed: 0, snapshots: 0 };
  /** By cell, then by kind and part. */
  const channels = new Map<Followed, Map<string, Channel>>();
  let kinds = 0;

  const unwatch = follower.watch((followed) => {
    const open = channels.get(followed);
    if (!open) return;
    if (follower.find(followed.cell) === followed) for (const channel of open.values()) channel.changed();
    else for (const [name, channel] of open) close(followed, name, channel);
  });
  const sweep = setInterval(() => {
    for (const [followed, open] of channels) for (const [name, channel] of open) if (channel.idleMs() > keepIdleMs) close(followed, name, channel);
  }, keepIdleMs / 4);
  sweep.unref();

  function close(followed: Followed, name: string, channel: Channel): void {
    const open = channels.get(followed);
    open?.delete(name);
    if (open?.size === 0) channels.delete(followed);
    channel.stop();
  }

  app.addHook('preClose', () => {
    unwatch();
    clearInterval(sweep);
    for (const [followed, open] of channels) for (const [name, channel] of open) close(followed, name, channel);
  });

  const screens: Screens = {
    follower, traffic,
    count: () => [...channels.values()].reduce((sum, open) => sum + [...open.values()].reduce((all, { readers }) => all + readers, 0), 0),
    async findCell(request, reply) {
      const { round, area } = request.params as CellName;
      const named = identifier.safeParse(round).success && identifier.safeParse(area).success;
      if (named && !follower.find({ round, area })) await follower.look().catch(() => {});
      const followed = named ? follower.find({ round, area }) : undefined;
      if (!followed) await sendProblem(reply, 404, 'cell_unknown', refusals.cell_unknown);
      return followed;
    },
    async findReady(request, reply, fresh = false) {
      const followed = await screens.findCell(request, reply);
      if (!followed) return undefined;
      const contact = follower.refresh(followed).catch(() => {});
      if (!fresh && followed.ready) return followed;
      const there = await follower.catchUp(followed, freshWithinMs).catch(() => false);
      await contact;
      if (there) return followed;
      await sendProblem(reply, 503, 'counts_behind', behind, 1);
      return undefined;
    },
    show<Shown>({ pulse, content }: Kind<Shown>): Showing {
      const kind = ++kinds;
      const made = new WeakMap<Followed, Map<string, { text: string; tally: Tally; madeAt: number }>>();

      function channelOf(followed: Followed, part: string): Channel {
        const open = channels.get(followed) ?? new Map<string, Channel>();
        channels.set(followed, open);
        const name = `${kind}:${part}`;
        const channel = open.get(name) ?? openChannel(followed, follower, pulse, traffic, content(part));
        open.set(name, channel);
        return channel;
      }

      return {
        latest(followed, part = '', fresh = false) {
          const texts = made.get(followed) ?? new Map<string, { text: string; tally: Tally; madeAt: number }>();
          made.set(followed, texts);
          const { cell, tally, dataEpoch } = followed;
          const before = texts.get(part);
          if (before && !fresh && before.tally === tally && Date.now() - before.madeAt < pulse.changesEveryMs) return before.text;
          const at = follower.clockOf(followed);
          const one = content(part);
          const text = JSON.stringify({ cell, position: tally.position, dataEpoch, at, age: Math.max(0, Date.now() - followed.heardAt), ...one.whole(one.of(followed, at)) });
          texts.set(part, { text, tally, madeAt: Date.now() });
          return text;
        },
        socket(path, may, { instead = 'counts', partOf = () => '' } = {}) {
          app.get(cellAddress + path, {
            websocket: true,
            config: { may: { read: may } },
            async preValidation(request, reply) {
              if (!request.ws) return sendProblem(reply, 426, 'websocket_only', { ...socketsOnly, nextZh: `请用 ${instead} 地址`, nextEn: `Use the address ${instead}` });
              if (screens.count() >= screensMax) return sendProblem(reply, 503, 'too_many_screens', tooMany, 5);
              const followed = await screens.findCell(request, reply);
              if (followed && partOf(followed, (request as CellRequest).query) === undefined) await sendProblem(reply, 404, 'site_unknown', refusals.site_unknown);
            },
          }, (socket, request) => {
            const followed = follower.find(request.params as CellName);
            const { query } = request as CellRequest;
            const part = followed && partOf(followed, query);
            if (!followed || part === undefined) return socket.close(1011);
            // A screen listens and says nothing.
            socket.on('message', () => socket.close(1008));
            channelOf(followed, part).join(socket, query['after'], query['epoch']);
          });
        },
      };
    },
  };
  return screens;
}

const socketsOnly = { zh: '此地址只用于 WebSocket', en: 'This address is for WebSockets' };
const tooMany = { zh: '看板太多', en: 'Too many screens are watching', nextZh: '请稍候再试', nextEn: 'Try again in a moment' };
const behind = { zh: '统计还没有跟上记录', en: 'The counts have not caught up with the record', nextZh: '请稍候再试', nextEn: 'Try again in a moment' };

/** A problem in words, as the api's are (api/problems.ts). */
export function sendProblem(reply: FastifyReply, status: number, word: string, { zh, en, nextZh, nextEn }: { zh: string; en: string; nextZh: string; nextEn: string }, retryAfterSeconds?: number): FastifyReply {
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
  return reply.code(status).type('application/problem+json').send({ type: 'about:blank', title: en, status, word, zh, en, nextZh, nextEn });
}

/** A whole number of a query; undefined after it has been said that it is none. */
export function wholeNumber(reply: FastifyReply, query: Record<string, string | undefined>, name: string, [min, max, usual]: readonly [number, number, number]): number | undefined {
  const text = query[name];
  if (text === undefined) return usual;
  const n = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  if (n >= min && n <= max) return n;
  void sendProblem(reply, 422, 'content_invalid', { zh: `${name}：应为 ${min} 到 ${max} 的整数`, en: `${name} must be a whole number from ${min} to ${max}`, nextZh: '请更正后再查询', nextEn: 'Put it right and ask again' });
  return undefined;
}

/** What a route says of itself in the OpenAPI document; it checks and serialises for itself. */
export const told = (name: string, summary: string, description: string, query: Record<string, { type: string; description?: string }> = {}, reply: Record<string, unknown> = { type: 'object', additionalProperties: true }) => {
  const cell = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$' };
  return {
    schema: {
      summary, description, tags: ['live'], operationId: name,
      params: { type: 'object', properties: { round: cell, area: cell }, required: ['round', 'area'] },
      querystring: { type: 'object', properties: query },
      response: { 200: reply },
    },
    validatorCompiler: () => () => true,
    serializerCompiler: () => (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
  };
};
