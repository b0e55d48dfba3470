// Which sites a village may go to, nearest first. Needs the round's rules and the map only, so the command post's screen shows the same
// answer before the round is opened.

import type { Body } from './requests.js';

type OpenRound = Body<'openRound'>;
type Place = { lat: number; lng: number };

const earthRadiusMeters = 6_371_000;

/** Meters between two places as the crow flies (haversine). */
export function metersBetween(a: Place, b: Place): number {
  const rad = Math.PI / 180;
  const lat = Math.sin(((b.lat - a.lat) * rad) / 2) ** 2;
  const lng = Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lng - a.lng) * rad) / 2) ** 2;
  return 2 * earthRadiusMeters * Math.asin(Math.sqrt(lat + lng));
}

export interface VillageSites {
  village: string;
  zone?: string | undefined;
  /** Ordinal of its own site, counted from 1 in the round's list; 0: none. */
  ownSite: number;
  /** Ordinals it may go to, its own first, then by distance. Empty: wherever it checks in. */
  sites: number[];
}

/**
 * The sites each village may go to under the round's rule: its own; or the `nearest` k within walking distance, its own always among
 * them. A village without a place on the map has its own site only. Throws nothing: an own site that is not in the list counts as none.
 */
export function allowedSites({ sites, villages, rules }: Pick<OpenRound, 'sites' | 'villages' | 'rules'>): VillageSites[] {
  const ordinal = new Map(sites.map((site, i) => [site.site, i + 1]));
  return villages.map(({ village, zone, at, site }) => {
    const ownSite = (site && ordinal.get(site)) || 0;
    const near =
      at && rules.assignment.rule === 'nearest'
        ? sites
            .flatMap((candidate, i) => (candidate.at ? [{ ordinal: i + 1, meters: metersBetween(at, candidate.at) }] : []))
            .filter(({ meters }) => meters <= rules.assignment.walkMetersMax)
            .sort((a, b) => a.meters - b.meters)
            .map((candidate) => candidate.ordinal)
        : [];
    const list = [...(ownSite ? [ownSite] : []), ...near.filter((candidate) => candidate !== ownSite)];
    return { village, zone, ownSite, sites: list.slice(0, rules.assignment.rule === 'nearest' ? rules.assignment.nearest : 1) };
  });
}
