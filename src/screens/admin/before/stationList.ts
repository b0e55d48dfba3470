// The stations of a cell, whoever tells of them: the plan in this browser, the record (from a station's first opening on), and the devices
// that were paired for one.

import type { CellName } from '../../../domain/requests.js';
import type { Role } from '../../../domain/roles.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import { draft } from './draft.js';
import { stationsOf } from './plan.js';

export interface Station {
  station: string;
  site: string;
  siteName: string;
  state: 'planned' | 'open' | 'paused' | 'draining' | 'closed';
  stalled: boolean;
  waiting: number;
}

export interface Paired {
  device: string;
  state: 'paired' | 'revoked';
  role?: Role;
  round?: string;
  area?: string;
  site?: string;
  station?: string;
}

export interface Heard {
  device: string;
  epoch: string;
  seenAt: number;
  applied: number;
  refused: number;
  quarantined: number;
  missing: number;
}

/** What a device says of itself. */
export interface Condition {
  device: string;
  at: number;
  version: string;
  clockAhead?: number;
  battery?: number;
}

export interface CellInfo {
  clock?: number;
  residents: number;
  stations: number;
  rules: { silentMinutes: number };
  sites: { ordinal: number; site: string; name: string }[];
}

export interface Everything {
  info: CellInfo;
  stations: Station[];
  paired: Paired[];
  heard: Heard[];
  conditions: Condition[];
  problem?: Problem;
}

export async function pairedIn(cell: CellName): Promise<{ paired: Paired[]; problem?: Problem }> {
  const paired: Paired[] = [];
  let cursor = '0';
  do {
    const reply = await get<{ cursor: string; devices: Paired[] }>(`/api/devices?cursor=${cursor}`);
    if (!reply.ok) return { paired, problem: reply.problem };
    paired.push(...reply.value.devices.filter(({ round, area }) => round === cell.round && area === cell.area));
    ({ cursor } = reply.value);
  } while (cursor !== '0');
  return { paired: paired.sort((a, b) => (a.station ?? '~').localeCompare(b.station ?? '~', 'en', { numeric: true }) || a.device.localeCompare(b.device)) };
}

/** Everything about the tables of a cell. */
export async function everything(cell: CellName): Promise<Everything | { problem: Problem }> {
  const [info, stations, heard, { paired, problem }] = await Promise.all([
    get<CellInfo>(cellPath(cell)), get<{ stations: { station: string; site: number; state: Station['state']; stalled: boolean; waiting: number; called: number }[] }>(`${cellPath(cell)}/stations`),
    get<{ devices: Heard[]; conditions: Condition[] }>(`${cellPath(cell)}/devices`), pairedIn(cell),
  ]);
  if (!info.ok) return { problem: info.problem };
  if (!stations.ok) return { problem: stations.problem };
  if (!heard.ok) return { problem: heard.problem };
  const names = new Map(info.value.sites.map(({ site, name }) => [site, name]));
  const bySite = new Map(info.value.sites.map(({ ordinal, site }) => [ordinal, site]));
  const list = new Map<string, Station>();
  const add = (station: string, site: string, more: Partial<Station> = {}): void => {
    if (!names.has(site)) return;
    list.set(station, { station, site, siteName: names.get(site) ?? site, state: 'planned', stalled: false, waiting: 0, ...list.get(station), ...more });
  };
  for (const site of draft.value.sites) for (const station of stationsOf(site)) add(station, site.site);
  for (const { station, site } of paired) if (station && site) add(station, site);
  for (const { station, site, state, stalled, waiting, called } of stations.value.stations) add(station, bySite.get(site) ?? '', { state, stalled, waiting: waiting + called, site: bySite.get(site) ?? '' });
  return {
    info: info.value, paired, heard: heard.value.devices, conditions: heard.value.conditions,
    stations: [...list.values()].sort((a, b) => a.site.localeCompare(b.site, 'en', { numeric: true }) || a.station.localeCompare(b.station, 'en', { numeric: true })),
    ...(problem ? { problem } : {}),
  };
}
