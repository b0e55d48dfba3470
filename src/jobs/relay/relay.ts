// The relay: follows the streams of all cells and carries what they tell to other cells of the round, as steps like any other.
//
// Between a source and a target the relay is a device of the target, `relay.<area>` (`relay.<round>.<area>` from another round), whose numbers count the source's requests to it from
// 1. How far it has come is written down only after the target has answered; so after a crash, or with two relays at once, the same
// request goes out again under the same number and hears the first answer. If all of that is lost, everything is told again from the
// beginning, and nothing happens twice.
//
// A target that cannot be reached, is not opened yet or has stopped does not hold up the others: the pair falls behind, and catches up
// from the stream. A target that has gone back (its record was restored from an older copy) is told everything again.

import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerEvent } from '../../domain/events.js';
import { bodies, type CellName, isCodeDirectory, type StepRequest } from '../../domain/requests.js';
import { makeEnding } from '../../ledger/ending.js';
import { followStreams, isBefore } from '../../ledger/following.js';
import { systemKeys } from '../../ledger/keys.js';
import type { Ledger } from '../../ledger/ledger.js';
import { headsOf } from '../../ledger/presence.js';
import { cellState, openedCells } from '../../ledger/reads.js';
import { readEvents } from '../../ledger/stream.js';
import { createFinder } from './finder.js';
import { type Told, toldBy } from './routes.js';

export interface RelayParts {
  redisUrl: string;
  ledger: Ledger;
  log: { warn(detail: object, message: string): void };
}

export interface Relay {
  /** Resolves when everything told so far, and everything that followed from it, has been carried; what waits for a cell that is not open is left. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

interface Pair {
  target: CellName;
  /** The last number the target has answered, and the event it was for. */
  number: number;
  position: string;
  /** There are events up to the source's reach that this target has not been told. */
  behind: boolean;
  catchingUp: boolean;
  /** It waits for a cell that is not there. */
  unopened: boolean;
  warned: boolean;
}

interface SourceState {
  cell: CellName;
  history: string;
  rehearsal: boolean;
  /** Read, and carried: the second follows the first. */
  reach: string;
  done: string;
  pairs: Map<string, Pair>;
}

const requestsAtOnce = 50;
const retryEveryMs = 500;
const pageSize = 1000;
/** Refusals that leave no number behind: the same request goes again later. */
const unrecorded = new Set<string>(['cell_unknown', 'cell_halted', 'layout_differs']);

const nameOf = ({ round, area }: CellName) => `${round}:${area}`;
const cellOf = (name: string): CellName => ({ round: name.slice(0, name.indexOf(':')), area: name.slice(name.indexOf(':') + 1) });
/** The name under which a source speaks to a target; of another round it says which. */
const deviceOf = (source: CellName, target: CellName) => `relay.${source.round === target.round ? source.area : `${source.round}.${source.area}`}`;

/** Starts carrying. Several processes may do so. */
export function startRelay({ redisUrl, ledger, log }: RelayParts): Relay {
  const sources = new Map<string, SourceState>();
  const waiting = new Set<() => void>();
  /** Cells whose stream cannot be read: nothing of theirs will move. */
  const broken = new Set<string>();
  const ending = makeEnding();

  const moved = () => { for (const look of [...waiting]) look(); };
  const keep = (fields: Record<string, string>) => ledger.redis.hset(systemKeys.relayed, fields);
  const pairField = (source: SourceState, { target }: Pair) => `${nameOf(source.cell)}>${nameOf(target)}`;
  const pairText = (source: SourceState, { number, position, behind }: Pair) => `${source.history} ${number} ${position} ${behind ? 1 : 0}`;

  function pairOf(source: SourceState, target: CellName): Pair {
    const found = source.pairs.get(nameOf(target));
    if (found) return found;
    const pair: Pair = { target, number: 0, position: '0', behind: false, catchingUp: false, unopened: false, warned: false };
    source.pairs.set(nameOf(target), pair);
    return pair;
  }

  /** Sends what is after the pair's position; throws when the target does not take it. */
  async function deliver(source: SourceState, pair: Pair, list: readonly { event: LedgerEvent; told: Told }[]): Promise<void> {
    const fresh = list.filter(({ event }) => isBefore(pair.position, event.id));
    for (let from = 0; from < fresh.length; from += requestsAtOnce) {
      const part = fresh.slice(from, from + requestsAtOnce);
      const first = pair.number + 1;
      const requests = part.map(({ event, told }, i): StepRequest => ({
        number: first + i, step: told.step, mode: 'report', claimedAt: event.at, by: event.by || undefined, body: told.body,
      }));
      const [receipt] = await ledger.take(pair.target, [{ device: deviceOf(source.cell, pair.target), epoch: `h${source.history}`, requests }]);
      const answers = receipt?.answers ?? [];
      const stuck = answers.find((answer) => answer.outcome === 'fault' || (answer.outcome === 'refused' && unrecorded.has(answer.word)));
      if (stuck?.outcome === 'refused' && stuck.word === 'cell_unknown' && isCodeDirectory(pair.target)) {
        await openDirectory(pair.target);
        return deliver(source, pair, fresh);
      }
      pair.unopened = stuck?.outcome === 'refused' && stuck.word === 'cell_unknown';
      if (!receipt || stuck) throw new Error(stuck?.outcome === 'refused' ? stuck.word : 'a step failed');
      if (receipt.mark < first + part.length - 1) {
        // It has forgotten numbers it had answered.
        [pair.number, pair.position] = [0, '0'];
        throw new Error('the record of the target has gone back');
      }
      for (const [i, answer] of answers.entries()) {
        if (answer.outcome === 'refused') log.warn({ from: nameOf(source.cell), to: nameOf(pair.target), step: part[i]?.told.step, word: answer.word }, 'a cell does not take what another tells it');
      }
      pair.number += part.length;
      pair.position = (part.at(-1) as { event: LedgerEvent }).event.id;
      pair.warned = false;
      await keep({ [pairField(source, pair)]: pairText(source, pair) });
    }
  }

  /** A directory of codes is opened by the first who needs it; the second hears that it is. */
  async function openDirectory(cell: CellName): Promise<void> {
    const body = bodies.openRound.parse({ name: 'Printed codes of other makers' });
    await ledger.take(cell, [{ device: 'relay.opener', epoch: 'opening', requests: [{ number: 1, step: 'openRound', mode: 'ask', claimedAt: 0, body }] }]);
  }

  function fallBehind(source: SourceState, pair: Pair, fault: unknown): void {
    pair.behind = true;
    if (pair.warned || ending.ended) return;
    pair.warned = true;
    log.warn({ from: nameOf(source.cell), to: nameOf(pair.target), fault: (fault as Error).message }, 'a cell cannot be told for now');
  }

  /** Carries what a pair has missed, from the stream, up to where its source has been read. */
  async function catchUp(source: SourceState, pair: Pair): Promise<void> {
    if (pair.catchingUp) return;
    pair.catchingUp = true;
    try {
      let scanned = pair.position;
      while (isBefore(scanned, source.reach) && !ending.ended) {
        const page = await readEvents(ledger.redis, source.cell, scanned, pageSize);
        const list = page.flatMap((event) => tellsTo(source, event, pair.target));
        await deliver(source, pair, list);
        scanned = page.at(-1)?.id ?? source.reach;
      }
      // Between the last look and this line nothing else runs, so nothing is left out.
      pair.behind = ending.ended;
      await keep({ [pairField(source, pair)]: pairText(source, pair) });
    } catch (fault) {
      fallBehind(source, pair, fault);
    } finally {
      pair.catchingUp = false;
      moved();
    }
  }

  const tellsTo = (source: SourceState, event: LedgerEvent, target: CellName) =>
    toldBy(source, event).flatMap((told) => (nameOf(told.cell) === nameOf(target) ? [{ event, told }] : []));

  async function carry(source: SourceState, events: readonly LedgerEvent[]): Promise<void> {
    const last = events.at(-1)?.id;
    if (!last) return;
    source.reach = last;
    const lists = new Map<string, { event: LedgerEvent; told: Told }[]>();
    for (const event of events) {
      for (const told of toldBy(source, event)) {
        const list = lists.get(nameOf(told.cell)) ?? [];
        lists.set(nameOf(told.cell), list);
        list.push({ event, told });
      }
    }
    const fields: Record<string, string> = {};
    await Promise.all([...lists.values()].map(async (list) => {
      const pair = pairOf(source, (list[0] as { told: Told }).told.cell);
      // A new pair has had nothing to tell before; one that is behind finds these events on the stream.
      if (!pair.behind) await deliver(source, pair, list).catch((fault: unknown) => fallBehind(source, pair, fault));
      if (pair.behind) fields[pairField(source, pair)] = pairText(source, pair);
    }));
    // Only now: whoever is behind is written down before the place is.
    fields[nameOf(source.cell)] = `${source.history} ${last}`;
    await keep(fields);
    source.done = last;
  }

  const finder = createFinder({ ledger, log, moved });
  const following = followStreams({
    redisUrl, log,
    reader: {
      async begin(cell, { dataEpoch, last }) {
        // Of dataEpoch only the history counts: another run of the same server has the same events.
        const history = dataEpoch.slice(0, dataEpoch.indexOf('.'));
        const all = await ledger.redis.hgetall(systemKeys.relayed);
        const state = await cellState(ledger.redis, cell);
        const source: SourceState = { cell, history, rehearsal: state?.rehearsal ?? false, reach: '0', done: '0', pairs: new Map() };
        const name = nameOf(cell);
        const [of, position = '0'] = (all[name] ?? '').split(' ');
        if (of === history) {
          source.reach = source.done = isBefore(last, position) ? last : position;
          for (const [field, text] of Object.entries(all)) {
            if (!field.startsWith(`${name}>`)) continue;
            const [pairOfHistory, number, at = '0', behind] = text.split(' ');
            if (pairOfHistory === history) Object.assign(pairOf(source, cellOf(field.slice(name.length + 1))), { number: Number(number), position: at, behind: behind === '1' });
          }
        }
        broken.delete(name);
        sources.set(name, source);
        await finder.begin(cell);
        return source.reach;
      },
      async take(cell, events) {
        const source = sources.get(nameOf(cell));
        if (source) await Promise.all([carry(source, events), finder.take(cell, events)]);
        moved();
      },
      atEnd: moved,
      gone: (cell) => { sources.delete(nameOf(cell)); },
      broken(cell) { broken.add(nameOf(cell)); moved(); },
    },
  });

  async function retry(): Promise<void> {
    while (!ending.ended) {
      await ending.orEnd(sleep(retryEveryMs));
      if (ending.ended) return;
      await Promise.all([
        finder.retry(),
        ...[...sources.values()].flatMap((source) => [...source.pairs.values()].filter(({ behind }) => behind).map((pair) => catchUp(source, pair))),
      ]);
    }
  }
  const retrying = retry();

  async function isSettled(): Promise<boolean> {
    const cells = await openedCells(ledger.redis);
    const heads = await headsOf(ledger.redis, cells);
    const opened = new Set(cells.filter((_, i) => heads[i]).map(nameOf));
    return finder.idle() && cells.every((cell, i) => {
      const head = heads[i];
      if (!head || broken.has(nameOf(cell))) return true;
      const source = sources.get(nameOf(cell));
      return source !== undefined && !isBefore(source.done, head.last) && [...source.pairs.values()].every(({ behind, unopened, target }) => !behind || (unopened && !opened.has(nameOf(target))));
    });
  }

  return {
    async settled() {
      // Twice, as what was carried last may have been answered with something to carry back.
      for (let quiet = 0; quiet < 2 && !ending.ended; ) {
        await following.look();
        if (await isSettled()) { quiet++; continue; }
        quiet = 0;
        await new Promise<void>((resolve) => {
          const look = () => { waiting.delete(look); resolve(); };
          waiting.add(look);
        });
      }
    },
    async close() {
      ending.end();
      moved();
      await following.stop();
      await retrying;
    },
  };
}
