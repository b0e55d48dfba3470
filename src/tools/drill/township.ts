// A township that does not exist: its villages, sites, tables, teams, doors and people, all from a seed.
//
// Its shape is that of the reference event (domain research, section 0): 35 villages of uneven size, a site in each, 38 teams, a table
// for about every 280 people, shared out by teams and so never quite as the people are. Other sizes keep the proportions.
//
// Nobody in it can be taken for a person: names are 演练 and a number, identity numbers begin with 69, which no province has,
// telephones with 000. Their check digits are right, so everything that judges documents has its full work.

import { residentIdCheck } from '../../domain/documents.js';
import type { PriorityClass, RiskGroup } from '../../domain/reasons.js';
import { randomOf, type Random } from './random.js';

export interface Site {
  site: string;
  name: string;
  at: { lat: number; lng: number };
  /** Places in `lanes`. */
  lanes: number[];
}

export interface Village {
  village: string;
  at: { lat: number; lng: number };
  /** Place in `sites`; every village has its own. */
  site: number;
  residents: number;
}

export interface Team {
  team: string;
  name: string;
  villages: string[];
}

/** A table with one tablet. */
export interface Lane {
  station: string;
  /** Place in `sites`. */
  site: number;
}

/** A person of the drill. */
export interface Resident {
  name: string;
  /** Undefined for a person without a document. */
  document: { kind: 'residentId' | 'hkMacauPermit'; number: string } | undefined;
  /** YYYY-MM-DD; only where no identity number holds it. */
  birthDate: string | undefined;
  phone: string;
  /** Place in `villages`. */
  village: number;
  /** Number of the door in its village, from 1. */
  household: number;
  /** The word the roster has for them, empty for most. */
  category: string;
  risk: RiskGroup;
  priority: PriorityClass;
  single: boolean;
  /** Not on the roster: registers at the site. */
  walkIn: boolean;
  /** Does not come, and nobody knows why. */
  absent: boolean;
  /** Need not come; why. */
  excused: 'vaccinated_48h' | 'moved_away' | 'away' | 'medical' | undefined;
}

export interface Township {
  seed: string;
  sites: Site[];
  villages: Village[];
  teams: Team[];
  lanes: Lane[];
  /** Those on the roster first, in the roster's order. */
  residents: Resident[];
  /** Members by door, as places in `residents`. */
  households: number[][];
  /** Those on the roster. */
  enrolled: number;
}

/** Of all people, but for `key`, which is of doors. */
const shares = { absent: 0.03, walkIn: 0.02, excused: 0.007, single: 0.006, high: 0.001, key: 0.004, noDocument: 0.01, permit: 0.003 };
const householdSizes = [0.15, 0.27, 0.25, 0.18, 0.1, 0.05];
/** Villages lie about this far apart, in degrees of latitude (1.3 km): fields between them, one street through them. */
const spacing = 0.0117;

/** Builds the township of this many people, those not on the roster among them. `seed` is any text, `year` the one ages are counted in. */
export function buildTownship(seed: string, people: number, year: number): Township {
  const random = randomOf(`township/${seed}`);
  const { sites, villages, teams, lanes } = buildPlaces(random.fork('places'), people);
  const on: Resident[] = [];
  const walkIns: Resident[] = [];
  const doors = random.fork('doors');
  const kinds = random.fork('people');
  villages.forEach(({ residents }, village) => {
    let household = 0;
    for (let left = residents; left > 0; ) {
      household++;
      const size = Math.min(left, householdSize(doors));
      left -= size;
      // The key group is a trade, so a whole door is in it; absence and walk-ins are of single people.
      const key = kinds.chance(shares.key);
      for (let i = 0; i < size; i++) {
        const resident = person(kinds, { village, household, place: i, key, year });
        (resident.walkIn ? walkIns : on).push(resident);
      }
    }
  });
  const residents = [...on, ...walkIns];
  nameThem(random.fork('names'), residents);
  return { seed, sites, villages, teams, lanes, residents, households: byDoor(residents), enrolled: on.length };
}

function buildPlaces(random: Random, people: number): Pick<Township, 'sites' | 'villages' | 'teams' | 'lanes'> {
  const count = Math.max(3, Math.min(300, Math.round((people / 28_000) * 35)));
  const laneCount = Math.max(count, Math.max(6, Math.round(people / 280)));
  const weights = Array.from({ length: count }, () => Math.max(0.25, random.logNormal(1, 0.55)));
  const sizes = shareOut(people, weights, 1);
  // Tables follow the teams, and teams follow what a village asked for: near its size, never at it.
  const lanesOf = shareOut(laneCount, weights.map((weight) => weight * random.between(0.65, 1.45)), 1);
  const side = Math.ceil(Math.sqrt(count));
  const sites: Site[] = [];
  const villages: Village[] = [];
  const lanes: Lane[] = [];
  for (let i = 0; i < count; i++) {
    const at = {
      lat: round5(35 + (Math.floor(i / side) + random.between(-0.35, 0.35)) * spacing),
      lng: round5(110 + ((i % side) + random.between(-0.35, 0.35)) * spacing * 1.22),
    };
    const site = `S${String(i + 1).padStart(2, '0')}`;
    sites.push({ site, name: `演练${i + 1}村采样点`, at, lanes: [] });
    villages.push({ village: `演练${i + 1}村`, at, site: i, residents: sizes[i] as number });
    for (let lane = 1; lane <= (lanesOf[i] as number); lane++) {
      (sites[i] as Site).lanes.push(lanes.length);
      lanes.push({ station: `${site}-${lane}`, site: i });
    }
  }
  // The largest villages have a second team: 38 for 35.
  const bySize = villages.map((_, i) => i).sort((a, b) => (villages[b] as Village).residents - (villages[a] as Village).residents);
  const teams = [...villages.keys(), ...bySize.slice(0, Math.round((count / 35) * 3))].map((village, i): Team => ({
    team: `T${String(i + 1).padStart(2, '0')}`, name: `演练${i + 1}队`, villages: [(villages[village] as Village).village],
  }));
  return { sites, villages, teams, lanes };
}

const round5 = (degrees: number): number => Math.round(degrees * 1e5) / 1e5;

/** `total` in whole shares by weight, each at least `least`: the largest remainders get what is left over. */
function shareOut(total: number, weights: readonly number[], least: number): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const free = total - least * weights.length;
  const exact = weights.map((weight) => (weight / sum) * free);
  const shares = exact.map((value) => least + Math.floor(value));
  const order = exact.map((value, i) => ({ i, rest: value - Math.floor(value) })).sort((a, b) => b.rest - a.rest);
  let left = total - shares.reduce((a, b) => a + b, 0);
  for (const { i } of order) {
    if (left-- <= 0) break;
    shares[i] = (shares[i] as number) + 1;
  }
  return shares;
}

function householdSize(random: Random): number {
  let dice = random.next();
  for (let size = 1; size < householdSizes.length; size++) {
    dice -= householdSizes[size - 1] as number;
    if (dice < 0) return size;
  }
  return householdSizes.length;
}

/** Ages keep clear of 3 and 80: the roster counts them to the day. */
function person(random: Random, { village, household, place, key, year }: { village: number; household: number; place: number; key: boolean; year: number }): Resident {
  const old = random.chance(0.035);
  const infant = !old && place > 1 && random.chance(0.06);
  const pregnant = !old && !infant && random.chance(0.006);
  const disabled = !old && !infant && !pregnant && random.chance(0.012);
  const high = random.chance(shares.high);
  const single = high || random.chance(shares.single);
  const walkIn = random.chance(shares.walkIn);
  const stays = !walkIn && random.chance(shares.absent);
  const excused = !walkIn && !stays && random.chance(shares.excused);
  const born = year - (old ? 84 + random.int(12) : infant ? 1 : 12 + random.int(64));
  return {
    name: '', document: undefined, phone: '', village, household,
    birthDate: `${born}-${String(1 + random.int(6)).padStart(2, '0')}-${String(1 + random.int(28)).padStart(2, '0')}`,
    category: [pregnant ? '孕妇' : '', disabled ? '残疾' : '', high ? '隔离' : single ? '康复' : '', key ? '重点人员' : ''].filter(Boolean).join('、'),
    risk: high ? 'high' : key ? 'key' : 'normal',
    // In the order in which the roster decides for somebody who belongs to several classes.
    priority: pregnant ? 'pregnant' : infant ? 'infant' : disabled ? 'disabled' : old ? 'over80' : 'none',
    single, walkIn, absent: stays,
    excused: excused ? random.pick(['vaccinated_48h', 'moved_away', 'away', 'medical'] as const) : undefined,
  };
}

/** Gives everybody a name and, most of them, a document: all different, all right by their check digits. */
function nameThem(random: Random, residents: Resident[]): void {
  residents.forEach((resident, i) => {
    resident.name = `演练${String(i + 1).padStart(5, '0')}`;
    resident.phone = `000${String(i + 1).padStart(8, '0')}`;
    if (random.chance(shares.noDocument)) return;
    if (random.chance(shares.permit)) {
      resident.document = { kind: 'hkMacauPermit', number: `H${String(i + 1).padStart(8, '0')}` };
      return;
    }
    // Area 69 and the person's thousands, then the birthday, then 1 to 999: never the 000 of a spreadsheet.
    const area = `69${String(Math.floor(i / 999)).padStart(4, '0')}`;
    const first17 = `${area}${(resident.birthDate as string).replaceAll('-', '')}${String(1 + (i % 999)).padStart(3, '0')}`;
    resident.document = { kind: 'residentId', number: first17 + residentIdCheck(first17) };
    resident.birthDate = undefined;
  });
}

function byDoor(residents: readonly Resident[]): number[][] {
  const doors = new Map<string, number[]>();
  residents.forEach(({ village, household }, i) => {
    const door = `${village}/${household}`;
    const members = doors.get(door);
    if (members) members.push(i);
    else doors.set(door, [i]);
  });
  return [...doors.values()];
}

// The roster ------------------------------------------------------------------------------------------------------------------------

/** The roster as a village clerk would send it: CSV with the headings of the field, UTF-8 with the mark spreadsheets need. */
export function rosterOf({ villages, residents, enrolled }: Township): Buffer {
  const kinds = { residentId: '居民身份证', hkMacauPermit: '港澳居民来往内地通行证' } as const;
  const lines = ['姓名,证件类型,证件号码,出生日期,村,户号,电话,人员类别'];
  for (const { name, document, birthDate, village, household, phone, category } of residents.slice(0, enrolled)) {
    const { village: home } = villages[village] as Village;
    lines.push([name, document ? kinds[document.kind] : '无证件', document?.number ?? '', birthDate ?? '', home, `${household}号`, phone, category].join(','));
  }
  return Buffer.from(`\uFEFF${lines.join('\r\n')}\r\n`, 'utf8');
}
