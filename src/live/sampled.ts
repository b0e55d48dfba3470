// What a tablet must know of everybody to work on when its network is gone: who has been sampled, who must have a tube alone, who is
// called back, excused or deceased. People are numbers here; names of those who have come since the roster was fetched are fetched there.
//
//   GET  /api/cells/:round/:area/tablet/sampled   { cell, position, dataEpoch, at, age, total, bits, single, recalled, excused, deceased, counts, queue }
//   ws   /api/cells/:round/:area/tablet/live      ?after=<position>&epoch=<dataEpoch> of the last message the tablet has had
//          { kind: 'snapshot', the same }
//          { kind: 'change', position, at, age, total?, on?, off?, alone?, marks?, registered?, counts?, queue? }   at most one a second
//          { kind: 'waiting', broken? }
//
// A bitmap is base64: resident n is bit (n - 1) % 8, lowest first, of byte (n - 1) / 8. A change says what is, so one that comes twice does
// no harm: `on` and `off` have a swab now or none; `marks` are [resident, marks] as in the roster, `alone` those of them who must have a
// tube alone now. A swab of somebody who is called back does not end their `bits`: whoever is in `recalled` is to be swabbed again.

import type { FastifyInstance } from 'fastify';
import type { Content, Pulse } from './channel.js';
import { ALONE, DECEASED, EXCUSED } from './fold.js';
import type { Followed } from './follow.js';
import { cellAddress, type CellRequest, openScreens, told } from './screens.js';
import type { Tally } from './tally.js';

/** Marks of the roster (api/tablet.ts). */
const SINGLE = 1;
const GONE = 2;
const AWAY = 4;
const CALLED_BACK = 8;

interface Shown {
  /** Residents are numbered from 1 to this. */
  total: number;
  /** By number: has a swab; marks as in the roster. */
  swabbed: Uint8Array;
  marks: Uint8Array;
  counts: { residents: number; sampled: number; excused: number; waiting: number; called: number };
  /** By a station's ordinal: waiting, called. */
  queue: ReadonlyMap<number, readonly [number, number]>;
  tally: Tally;
}

/** One a second is as fast as a tablet need know; a beat tells it that it is still heard. */
const pulse: Pulse = { changesEveryMs: 1000, beatEveryMs: 5000, waitingBytesMax: 256 * 1024, ringBytesMax: 512 * 1024, skippedMsMax: 60_000 };
/** Newly registered people named in one change; of more, as after an import, `total` says it all. */
const registeredMax = 200;

type Row = [resident: number, name: '', village: number, household: number, risk: number, priority: number, marks: number, hash: ''];

export const sampledContent: Content<Shown> = {
  of({ tally }: Followed): Shown {
    const { total, people, recalled, stations } = tally;
    const n = total.residents;
    const [swabbed, marks] = [new Uint8Array(n + 1), new Uint8Array(n + 1)];
    for (let resident = 1; resident <= n; resident++) {
      const mark = people.marks[resident] ?? 0;
      if ((people.swabs[resident] ?? 0) > 0) swabbed[resident] = 1;
      marks[resident] = (mark & ALONE ? SINGLE : 0) | (mark & DECEASED ? GONE : 0) | (mark & EXCUSED ? AWAY : 0);
    }
    for (const [resident, { toCome }] of recalled) if (toCome && resident <= n) marks[resident] = (marks[resident] ?? 0) | CALLED_BACK;
    return {
      total: n, swabbed, marks, tally,
      counts: { residents: n, sampled: total.sampled, excused: total.excused, waiting: total.waiting, called: total.called },
      queue: new Map([...stations].map(([ordinal, { waiting, called }]) => [ordinal, [waiting, called]])),
    };
  },
  whole({ total, swabbed, marks, counts, queue }) {
    const bitmap = (is: (resident: number) => boolean) => {
      const bits = Buffer.alloc((total + 7) >> 3);
      for (let resident = 1; resident <= total; resident++) if (is(resident)) bits[(resident - 1) >> 3] = (bits[(resident - 1) >> 3] ?? 0) | (1 << ((resident - 1) & 7));
      return bits.toString('base64');
    };
    const marked = (mark: number) => bitmap((resident) => ((marks[resident] ?? 0) & mark) > 0);
    return {
      total, bits: bitmap((resident) => swabbed[resident] === 1), single: marked(SINGLE), recalled: marked(CALLED_BACK), excused: marked(AWAY), deceased: marked(GONE),
      counts, queue: rows(queue),
    };
  },
  change(before, now) {
    const [on, off, alone]: number[][] = [[], [], []];
    const marks: [number, number][] = [];
    const registered: Row[] = [];
    const [named, few] = [Math.min(before.total, now.total), now.total - before.total <= registeredMax];
    for (let resident = 1; resident <= now.total; resident++) {
      const [mark, known] = [now.marks[resident] ?? 0, resident <= named];
      if (now.swabbed[resident] !== (known ? before.swabbed[resident] : 0)) (now.swabbed[resident] === 1 ? on : off)?.push(resident);
      if (mark !== (known ? before.marks[resident] : 0)) {
        marks.push([resident, mark]);
        if (mark & SINGLE && !(known && (before.marks[resident] ?? 0) & SINGLE)) alone?.push(resident);
      }
      if (!known && few) registered.push(rowOf(now.tally, resident, mark));
    }
    const queue = rows(now.queue).filter(([station, waiting, called]) => before.queue.get(station)?.[0] !== waiting || before.queue.get(station)?.[1] !== called);
    const change = {
      ...(now.total === before.total ? {} : { total: now.total }),
      ...(on?.length ? { on } : {}), ...(off?.length ? { off } : {}), ...(alone?.length ? { alone } : {}), ...(marks.length ? { marks } : {}),
      ...(registered.length ? { registered } : {}), ...(queue.length ? { queue } : {}),
      ...(JSON.stringify(before.counts) === JSON.stringify(now.counts) ? {} : { counts: now.counts }),
    };
    return Object.keys(change).length > 0 ? change : undefined;
  },
};

const rows = (queue: Shown['queue']): [station: number, waiting: number, called: number][] => [...queue].map(([station, [waiting, called]]) => [station, waiting, called]);

const rowOf = ({ people: { village, household, risk, priority } }: Tally, resident: number, marks: number): Row => [
  resident, '', village[resident] ?? 0, household[resident] ?? 0, risk[resident] ?? 0, priority[resident] ?? 0, marks, '',
];

export function sampledRoutes(app: FastifyInstance, screens: ReturnType<typeof openScreens>, given: Partial<Pulse>): void {
  const sampled = screens.show({ pulse: { ...pulse, ...given }, content: () => sampledContent });
  sampled.socket('/tablet/live', 'tabletRoster', { instead: 'tablet/sampled' });
  app.get(`${cellAddress}/tablet/sampled`, {
    ...told(
      'tabletSampled', '已采样 Who has been sampled, by number, for working without a network.',
      'Bitmaps are base64: resident n is bit (n - 1) % 8, lowest first, of byte (n - 1) / 8. `bits`: has a swab; `single`: must have a tube alone now; `recalled`: called back for a single swab and still to come, ' +
        'whatever `bits` says; `excused`; `deceased`. `queue`: [station ordinal, waiting, called]. What changes comes over the WebSocket `.../tablet/live?after=position&epoch=dataEpoch`: ' +
        "{ kind: 'snapshot', the same }, then at most once a second { kind: 'change', position, total?, on?, off?, alone?, marks?, registered?, counts?, queue? }.",
    ),
    config: { may: { read: 'tabletRoster' } },
  }, async (request, reply) => {
    const { fresh } = (request as CellRequest).query;
    const asked = fresh !== undefined && fresh !== '0';
    const followed = await screens.findReady(request, reply, asked);
    return followed ? reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(sampled.latest(followed, '', asked)) : reply;
  });
}
