// Sites and stations before the round is opened: read from what was pasted, or proposed from how many people there are and when it is to be
// done. Pure, so that it can be tried without a browser.

export interface PlannedSite {
  /** An identifier: it stands in addresses and on sheets. */
  site: string;
  name: string;
  lat?: number;
  lng?: number;
  /** Tables with one tablet each. */
  tables: number;
}

export interface PlannedVillage {
  village: string;
  residents: number;
  zone: string;
  /** The team's name as people say it. */
  team: string;
  /** Its own site; '': none. */
  site: string;
  lat?: number;
  lng?: number;
}

/** How much longer a day takes than people times seconds over tables, by the rule of assignment: queues of unequal length leave tables idle (README, the queue; src/ledger/assignment.lua). */
export const unevenness = { own: 1.83, nearest: 1.3, any: 1.09 } as const;

/** A table in a township is not given out beyond this; the record holds 1,000 stations. */
const tablesMax = 1000;

/** Stations needed so that everybody is swabbed within the hours. */
export function stationsFor(residents: number, secondsPerPerson: number, hours: number, rule: keyof typeof unevenness): number {
  if (residents <= 0 || hours <= 0) return 0;
  return Math.min(tablesMax, Math.max(1, Math.ceil((residents * secondsPerPerson * unevenness[rule]) / (hours * 3600) - 1e-9)));
}

/** Hours until everybody is swabbed at so many stations. */
export const hoursWith = (stations: number, residents: number, secondsPerPerson: number, rule: keyof typeof unevenness): number =>
  stations > 0 ? (residents * secondsPerPerson * unevenness[rule]) / (stations * 3600) : Number.POSITIVE_INFINITY;

/** `count` stations over the sites by how many people belong to each; every site with people has at least one. Largest remainders first, so the sum is right. */
export function spread(count: number, people: readonly number[]): number[] {
  const all = people.reduce((sum, one) => sum + one, 0);
  if (all === 0) return people.map((_, i) => Math.floor(count / people.length) + (i < count % people.length ? 1 : 0));
  const tables = people.map((one): number => (one > 0 ? 1 : 0));
  for (let left = count - tables.reduce((sum, one) => sum + one, 0); left > 0; left--) {
    // Where the most people wait for a table.
    let worst = 0;
    for (let i = 1; i < people.length; i++) if ((people[i] as number) / (tables[i] as number || 1e-9) > (people[worst] as number) / (tables[worst] as number || 1e-9)) worst = i;
    tables[worst] = (tables[worst] as number) + 1;
  }
  return tables;
}

/** A site in every village, or the tables of the sites there are, for the wished number of hours. */
export function propose(villages: readonly PlannedVillage[], sites: readonly PlannedSite[], stations: number): { villages: PlannedVillage[]; sites: PlannedSite[] } {
  const placed = sites.length > 0 ? [...sites] : villages.map(({ village, lat, lng }, i): PlannedSite => ({ site: `s${i + 1}`, name: village, tables: 0, ...(lat === undefined || lng === undefined ? {} : { lat, lng }) }));
  const own = villages.map((village, i) => ({ ...village, site: sites.length > 0 ? village.site : (placed[i] as PlannedSite).site }));
  const nobodys = own.filter(({ site }) => site === '').reduce((sum, { residents }) => sum + residents, 0) / Math.max(1, placed.length);
  const people = placed.map(({ site }) => own.filter((village) => village.site === site).reduce((sum, { residents }) => sum + residents, nobodys));
  const tables = spread(stations, people);
  return { villages: own, sites: placed.map((site, i) => ({ ...site, tables: tables[i] ?? 0 })) };
}

/** Names of a site's stations: its own name and a number. */
export const stationsOf = ({ site, tables }: Pick<PlannedSite, 'site' | 'tables'>): string[] => Array.from({ length: tables }, (_, i) => `${site}-${i + 1}`);

// What was pasted -----------------------------------------------------------------------------------------------------------------------

export const identifierForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
/** Room for `-12` behind it in a station's name. */
export const siteForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,26}$/;

/** Cells of pasted lines: a tab, a comma in either script or a semicolon between them. Line numbers are kept for what is said of them. */
export function pastedRows(text: string): { line: number; cells: string[] }[] {
  return text.split(/\r\n|\r|\n/).flatMap((row, i) => {
    const cells = row.replace(/^\ufeff/, '').split(/[\t,，;；]/).map((cell) => cell.trim());
    return cells.some((cell) => cell !== '') ? [{ line: i + 1, cells }] : [];
  });
}

export interface PasteFault {
  line: number;
  why: 'site_name' | 'site_twice' | 'site_code' | 'number' | 'village_name' | 'village_twice' | 'site_unknown';
  value: string;
}

/** Number, or undefined where the cell is empty, or NaN where it is none. */
const read = (cell: string | undefined): number | undefined => (cell === undefined || cell === '' ? undefined : /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : Number.NaN);

/** Lines `code, name, tables, latitude, longitude`; all but the name may be left out. A first line of headings is passed over. */
export function readSites(text: string): { sites: PlannedSite[]; faults: PasteFault[] } {
  const faults: PasteFault[] = [];
  const sites: PlannedSite[] = [];
  const rows = pastedRows(text).filter(({ cells }, i) => !(i === 0 && /^(编号|代码|采样点|code|site)/i.test(cells[0] ?? '')));
  for (const { line, cells } of rows) {
    const [first = '', second] = cells;
    const code = cells.length === 1 ? '' : first;
    const name = cells.length === 1 ? first : (second ?? '');
    const [tables, lat, lng] = [read(cells[2]), read(cells[3]), read(cells[4])];
    const site = code === '' ? `s${line}` : code;
    if (name === '' || name.length > 60) faults.push({ line, why: 'site_name', value: name });
    else if (!siteForm.test(site)) faults.push({ line, why: 'site_code', value: site });
    else if (sites.some((one) => one.site === site)) faults.push({ line, why: 'site_twice', value: site });
    else if ([tables, lat, lng].some(Number.isNaN) || (tables !== undefined && (!Number.isInteger(tables) || tables < 0 || tables > 200)) || Math.abs(lat ?? 0) > 90 || Math.abs(lng ?? 0) > 180) faults.push({ line, why: 'number', value: cells.slice(2).join(', ') });
    else sites.push({ site, name, tables: tables ?? 1, ...(lat === undefined || lng === undefined ? {} : { lat, lng }) });
  }
  return { sites, faults };
}

/** Lines `village, zone, team, site, latitude, longitude`; what is left out stays as it is. Villages not on the list yet are added without people. */
export function readVillages(text: string, before: readonly PlannedVillage[], sites: readonly PlannedSite[]): { villages: PlannedVillage[]; faults: PasteFault[] } {
  const faults: PasteFault[] = [];
  const villages = before.map((village) => ({ ...village }));
  const seen = new Set<string>();
  const rows = pastedRows(text).filter(({ cells }, i) => !(i === 0 && /^(村|village)(名|庄)?$/i.test(cells[0] ?? '')));
  for (const { line, cells } of rows) {
    const [village = '', zone, team, site, ...where] = cells;
    const [lat, lng] = [read(where[0]), read(where[1])];
    const known = sites.find((one) => one.site === site || one.name === site);
    if (village === '' || village.length > 60) faults.push({ line, why: 'village_name', value: village });
    else if (seen.has(village)) faults.push({ line, why: 'village_twice', value: village });
    else if (site && !known) faults.push({ line, why: 'site_unknown', value: site });
    else if ([lat, lng].some(Number.isNaN) || Math.abs(lat ?? 0) > 90 || Math.abs(lng ?? 0) > 180) faults.push({ line, why: 'number', value: where.join(', ') });
    else {
      seen.add(village);
      let there = villages.find((one) => one.village === village);
      if (!there) {
        there = { village, residents: 0, zone: '', team: '', site: '' };
        villages.push(there);
      }
      Object.assign(there, zone ? { zone } : {}, team ? { team } : {}, known ? { site: known.site } : {}, lat === undefined || lng === undefined ? {} : { lat, lng });
    }
  }
  return { villages, faults };
}

/** Teams with the villages they answer for. A name that is an identifier is its own; others are numbered in the order in which they are first named. */
export function teamsOf(villages: readonly Pick<PlannedVillage, 'village' | 'team'>[]): { team: string; name: string; villages: string[] }[] {
  const teams = new Map<string, string[]>();
  for (const { village, team } of villages) if (team !== '') teams.set(team, [...(teams.get(team) ?? []), village]);
  const names = [...teams.keys()];
  return names.map((name, i) => {
    let team = identifierForm.test(name) ? name : `team-${i + 1}`;
    // A team that somebody has called team-3 keeps its name.
    while (team !== name && names.includes(team)) team = `${team}x`;
    return { team, name, villages: teams.get(name) ?? [] };
  });
}
