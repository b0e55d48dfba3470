// Where whoever asks stands: the round with its rules, the site and the station by name, so that a tablet that was just switched on knows
// with its first question what it is there for.

import type { Redis } from 'ioredis';
import { type CellName, isSystemCell } from '../domain/requests.js';
import type { Placed } from '../domain/roles.js';
import { cellState, directory, stations } from '../ledger/reads.js';
import { type Badge, placeAt } from './badge.js';

/** The place of a device; else that of a person, where all of their roles are held in one cell. */
export function placeOf(badges: readonly Badge[], at: number): Placed | undefined {
  const device = badges.find(({ kind }) => kind === 'device');
  if (device) return placeAt(device.places, at);
  const held = badges.flatMap(({ grants }) => grants).filter(({ round, area }) => round !== undefined && area !== undefined);
  const [first] = held;
  return first && held.every(({ round, area }) => round === first.round && area === first.area) ? { round: first.round, area: first.area, ...(held.length === 1 && first.site ? { site: first.site } : {}) } : undefined;
}

/** The round at a place, or undefined where none has been opened. */
export async function standingAt(redis: Redis, { round, area, site, station }: Placed): Promise<object | undefined> {
  if (round === undefined || area === undefined || isSystemCell({ round, area })) return undefined;
  const cell: CellName = { round, area };
  const state = await cellState(redis, cell);
  if (!state) return undefined;
  const { name, state: is, rehearsal, laboratory, clock, openedAt, household, assignment, rules } = state;
  const [{ sites, siteNames }, all] = await Promise.all([directory(redis, cell), station === undefined ? [] : stations(redis, cell)]);
  const ordinal = [...sites].find(([, code]) => code === site)?.[0];
  const table = all.find((one) => one.station === station);
  return {
    ...cell, name, state: is, rehearsal, laboratory, openedAt, ...(clock === undefined ? {} : { clock }), household, assignment, rules,
    ...(site === undefined ? {} : { site: { site, name: (ordinal && siteNames.get(ordinal)) || site, ...(ordinal === undefined ? {} : { ordinal }) } }),
    // A table that nobody has opened yet has a name and no number.
    ...(station === undefined ? {} : { station: { station, state: table?.state ?? 'closed', ...(table ? { ordinal: table.ordinal } : {}) } }),
  };
}
