// How long a wait is at each site, and which sites each village may go to: what people are told before they come.

import type { Redis } from 'ioredis';
import type { CellName } from '../domain/requests.js';
import { keyOf } from './keys.js';
import { cellState, directory, stations } from './reads.js';

export interface SiteWait {
  /** Ordinal. */
  site: number;
  code: string;
  name: string;
  /** Stations that take people. */
  open: number;
  /** People waiting or called. */
  waiting: number;
  /** Seconds until somebody who comes now is called, by the rule that gives out tickets; undefined while no station is open. */
  waitSeconds?: number;
}

/** Every site with its wait: that of its quickest open station, (people ahead) x (its measured seconds a person). */
export async function siteWaits(redis: Redis, cell: CellName): Promise<SiteWait[]> {
  const [state, { sites, siteNames }, places] = await Promise.all([cellState(redis, cell), directory(redis, cell), stations(redis, cell)]);
  const usual = state?.rules.secondsPerPerson ?? 0;
  return [...sites].sort(([a], [b]) => a - b).map(([site, code]) => {
    const own = places.filter((one) => one.site === site);
    const open = own.filter((one) => one.state === 'open');
    // As for a ticket, a stalled station counts only where there is no other.
    const quick = open.some((one) => !one.stalled) ? open.filter((one) => !one.stalled) : open;
    const waits = quick.map(({ waiting, called, secondsPerPerson }) => (waiting + called) * (secondsPerPerson ?? usual));
    return {
      site, code, name: siteNames.get(site) || code, open: open.length, waiting: own.reduce((sum, { waiting, called }) => sum + waiting + called, 0),
      ...(waits.length > 0 ? { waitSeconds: Math.round(Math.min(...waits)) } : {}),
    };
  });
}

/** The sites (ordinals) each village (ordinal) may go to, nearest first; a village that came with the roster has none of its own. */
export async function villageSites(redis: Redis, cell: CellName): Promise<Map<number, number[]>> {
  const all = await redis.hgetallBuffer(keyOf(cell, 'names'));
  const found = new Map<number, number[]>();
  for (const [field, bytes] of Object.entries(all) as [string, Buffer][]) {
    if (!field.startsWith('sites:')) continue;
    found.set(Number(field.slice('sites:'.length)), Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16BE(i * 2)));
  }
  return found;
}
