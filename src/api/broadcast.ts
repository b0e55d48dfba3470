// Texts for the loudspeaker and the chat groups, from the villages, sites and waits of this moment. Nothing is sent and nothing recorded:
// a person reads them, and says or pastes them.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Broadcast, type BroadcastGroup, broadcastKinds, chatText, loudspeakerText } from '../domain/broadcast.js';
import { identifier } from '../domain/fields.js';
import type { CellName } from '../domain/requests.js';
import { cellTime } from '../ledger/presence.js';
import { cellState, directory } from '../ledger/reads.js';
import { type SiteWait, siteWaits, villageSites } from '../ledger/waits.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { Problem, sendProblem } from './problems.js';
import { entry } from './reading.js';
import { refusalProblem } from './replies.js';
import { reader, sendJson } from './systemSteps.js';

const body = z.strictObject({
  kind: z.enum(broadcastKinds),
  /** Ordinals of the villages that are told; left out: those of the site, or all. */
  villages: z.array(z.int().min(1).max(65_535)).min(1).max(500).optional(),
  /** The site it is about, by its code: where they go, or which closes or has moved. Left out: each village's own. */
  site: identifier.optional(),
  /** Where they go instead, for `moved`; left out: the nearest that is open. */
  to: identifier.optional(),
  /** A time of day, by the clock on the wall. */
  at: z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/).optional(),
});
type Asked = z.output<typeof body>;

export function broadcastRoutes(app: FastifyInstance, door: Door, timeZone: string): void {
  const { redis } = door.ledger;
  const read = reader(body);
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });

  app.post(`${cellAddress}/broadcast`, documented({
    name: 'broadcast', tag: 'reads', summary: '广播稿 Texts for loudspeaker and chat group: who comes when and where, in plain Chinese and English. Nothing is sent; no personal data.',
    params: cellParams, body, may: { read: 'broadcast' }, replies: { 200: entry },
  }), async (request, reply) => {
    const cell = cellOf(request);
    if (!cell) return sendProblem(reply, cellUnknown());
    const asked = read(reply, request.body);
    if (!asked) return reply;
    const made = await write(cell, asked);
    return made instanceof Problem ? sendProblem(reply, made) : sendJson(reply, made);
  });

  async function write(cell: CellName, { kind, villages, site, to, at }: Asked): Promise<object | Problem> {
    const state = await cellState(redis, cell);
    if (!state) return cellUnknown();
    const [{ villages: names }, waits, allowed, now] = await Promise.all([directory(redis, cell), siteWaits(redis, cell), villageSites(redis, cell), cellTime(redis, cell)]);
    const [of, towards] = [site, to].map((code) => waits.find((one) => one.code === code));
    if ((site !== undefined && !of) || (to !== undefined && !towards)) return refusalProblem('site_unknown');
    if (villages?.some((one) => !names.has(one))) return new Problem('nothing_there', { path: 'villages' });
    if (kind === 'moved' && !of) return new Problem('content_invalid', { path: 'site' }, { zh: '请说明哪个采样点不再采样', en: 'Say which site has moved' });

    const own = (village: number): SiteWait | undefined => waits.find((one) => one.site === allowed.get(village)?.[0]);
    const told = villages ?? [...names.keys()].filter((village) => !of || own(village) === of);
    const groups = new Map<string, { of: number[]; place?: SiteWait | undefined; from?: SiteWait | undefined }>();
    for (const village of told.length > 0 ? told : [0]) {
      const from = kind === 'moved' ? of : kind === 'closing' ? (of ?? own(village)) : undefined;
      const place = kind === 'moved' ? (towards ?? insteadOf(from, allowed.get(village) ?? [], waits)) : kind === 'closing' ? undefined : (of ?? own(village));
      if (kind === 'moved' && !place) return refusalProblem('no_station_open');
      const key = `${from?.site ?? 0}>${place?.site ?? 0}`;
      const group = groups.get(key) ?? { of: [], place, from };
      if (village > 0) group.of.push(village);
      groups.set(key, group);
    }
    const list = [...groups.values()];
    const broadcast: Broadcast = {
      kind, at, told: clock.format(now ?? Date.now()), rehearsal: state.rehearsal,
      groups: list.map(({ of: ordinals, place, from }): BroadcastGroup => ({ villages: ordinals.map((one) => names.get(one) ?? ''), place, from })),
    };
    const closed = new Set(list.flatMap(({ place }) => (place && place.open === 0 ? [place.code] : [])));
    return {
      kind, at: now, rehearsal: state.rehearsal,
      groups: list.map(({ of: ordinals, place, from }) => ({ villages: ordinals.map((village) => ({ village, name: names.get(village) })), ...(place ? { site: place } : {}), ...(from ? { from } : {}) })),
      loudspeaker: loudspeakerText(broadcast), chat: chatText(broadcast),
      // For whoever is about to send it: people would stand before a closed door.
      warnings: [...closed].map((code) => ({ word: 'site_not_open', site: code, zh: '此采样点没有开放的采样台', en: 'No station is open at this site' })),
    };
  }
}

/** The nearest other site a village may go to that is open; where none of those is, the open one with the shortest wait. */
function insteadOf(from: SiteWait | undefined, allowed: readonly number[], waits: readonly SiteWait[]): SiteWait | undefined {
  const open = waits.filter((one) => one.open > 0 && one !== from);
  return allowed.map((ordinal) => open.find((one) => one.site === ordinal)).find((one) => one !== undefined) ?? [...open].sort((a, b) => (a.waitSeconds ?? 0) - (b.waitSeconds ?? 0))[0];
}
