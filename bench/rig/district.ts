// Several townships side by side, ready for a day's work: people on the roster, stations open with a few waiting at each, every device paired.

import type { CellName } from '../../src/domain/requests.js';
import type { Setting } from './city.js';
import { applied, openCrowd, siteName, stationName, Tablet } from './crowd.js';
import { pairDevices, type Place } from './devices.js';
import type { Stand } from './stand.js';

export interface District {
  cells: number;
  stations: number;
  desks: number;
  screens: number;
  /** In each cell. */
  people: number;
  /** Tickets given out before the day begins, for each station. */
  waiting: number;
}

const sites = 10;

/** A tube holds twenty here and is sealed by hand at ten, so that every seal is a step of its own. */
export async function openDistrict({ ledger, redis }: Stand, name: string, { cells, stations, desks, screens, people, waiting }: District): Promise<Setting> {
  const setting: Setting = { cells: [] };
  for (let i = 0; i < cells; i++) {
    const cell: CellName = { round: `${name}${i}`, area: 'bench' };
    await openCrowd(ledger, cell, { people, stations, sites, rules: { poolSizes: { normal: 20 } } });
    const early = new Tablet('early');
    for (let n = 0; n < stations * waiting; n += 50) {
      await applied(ledger, cell, early, Array.from({ length: 50 }, (_, k) => early.request('issueTicket', { site: siteName((n + k) % sites), party: [{ resident: String(n + k + 1), number: `ZZ${n + k + 1}` }] })));
    }
    const places = [
      ...Array.from({ length: stations }, (_, k): Place => ({ device: `${cell.round}-st${k}`, role: 'station', cell, station: stationName(k) })),
      ...Array.from({ length: desks }, (_, k): Place => ({ device: `${cell.round}-d${k}`, role: 'desk', cell })),
      ...Array.from({ length: screens }, (_, k): Place => ({ device: `${cell.round}-sc${k}`, role: 'supervisor', cell })),
    ];
    const keys = await pairDevices(ledger, redis.url, places);
    setting.cells.push({
      cell, sites, people, waiting: stations * waiting,
      stationKeys: keys.slice(0, stations), deskKeys: keys.slice(stations, stations + desks), screenKeys: keys.slice(stations + desks),
    });
  }
  return setting;
}
