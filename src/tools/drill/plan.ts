// What happens on the day: who comes when and to which site, and the troubles each table will have. From the seed alone, before the
// day begins; what the record makes of it is the drill's question.
//
// A village is called in waves of about eighty people, each to its own time (domain research 1.1); a wave arrives over a quarter of an
// hour. The waves of all villages fill the time that all tables together need, so queues build where people are many and tables few.
// Service times spread log-normally around 95 to 100 people an hour and table (domain research 1.4).

import type { BodyInput } from '../../domain/requests.js';
import { randomOf, type Random } from './random.js';
import type { Township } from './township.js';

export const second = 1000;
export const minute = 60_000;

/** Seconds of a person at the table, and of a change of tubes; together the 37 s of the round's rules. */
export const service = { personSeconds: 36, spread: 0.42, tubeSeconds: 9 };

/** People who come together, and when and where they ask for their tickets. */
export interface Visit {
  /** ms from the opening. */
  at: number;
  /** Place in `sites`. */
  site: number;
  /** Places in `residents`. */
  people: number[];
}

/** A stretch of time, in ms from the opening. */
export interface Stretch {
  from: number;
  to: number;
}

export interface LanePlan {
  /** When the table is ready. */
  opensAt: number;
  /** Its sampler's share of the usual time for a person. */
  pace: number;
  /** How far the tablet's clock is ahead, ms. */
  clockAhead: number;
  /** Without a network. `lostForGood`: the tablet breaks before it has sent anything. */
  offline: (Stretch & { lostForGood: boolean }) | undefined;
  /** A rest, announced by the command post. */
  pause: Stretch | undefined;
  /** Closes before its time. */
  closesAt: number | undefined;
  /** Sends a record that nobody can read, at this time. */
  babblesAt: number | undefined;
  /** Its vials bear our own labels; the others are another printer's. */
  ownLabels: boolean;
  /** Without a network, gives a tube to the laboratory's van from this time on. */
  expressAt: number | undefined;
}

/** From the rack to the laboratory; times in ms from the opening. */
export interface CustodyPlan {
  packEvery: number;
  tourEvery: number;
  /** A courier each: when the first tour begins, and its sites. */
  tours: { firstAt: number; sites: number[] }[];
  /** One box of a tour that begins after this does not arrive. */
  boxLostFrom: number;
  /** When a packer finds a leaked tube in the rack. */
  leaksAt: number[];
  /** When a bench finds a tube that cannot be tested. */
  rejectionsAt: number[];
  /** When a run says nothing clear of a pool. */
  inconclusiveAt: number[];
}

export interface Plan {
  /** In order of time. */
  visits: Visit[];
  lanes: LanePlan[];
  /** When a site's desk has no network, by place in `sites`. */
  deskOffline: Map<number, Stretch>;
  /** Those not on the roster who come to a table without a network and are registered on its tablet: by lane. */
  atTable: Map<number, Visit[]>;
  /** Those who stay away, in the order in which clerks tap them by mistake. */
  atHome: number[];
  custody: CustodyPlan;
  /** When the last wave is called, ms: a little before all tables together could have sampled everybody, so that queues build. */
  arrivalsEnd: number;
}

const shares = { late: 0.1, offline: 0.12, lostForGood: 0.01, pause: 0.08, closes: 0.03, babbles: 0.02, deskOffline: 0.05, wrongSite: 0.03, apart: 0.1, foreignLabels: 0.03 };
/** How often something happens to a tube on its way: leaked, rejected, nothing clear found. */
const tubeShares = { leaked: 0.0005, rejected: 0.002, inconclusive: 0.0004 };
const waveSize = 80;

/** Plans the day of a township. Pure: the same township has the same day. */
export function planDay(township: Township): Plan {
  const random = randomOf(`day/${township.seed}`);
  const coming = township.residents.filter(({ absent, excused }) => !absent && !excused).length;
  const perPerson = service.personSeconds * second + (service.tubeSeconds * second) / 9;
  const arrivalsEnd = (coming * perPerson * 0.88) / township.lanes.length;
  const visits = planVisits(random.fork('visits'), township, arrivalsEnd);
  const lanes = planLanes(random.fork('lanes'), township.lanes.length, arrivalsEnd);
  const desks = random.fork('desks');
  const deskOffline = new Map(
    desks.shuffled([...township.sites.keys()]).slice(0, atLeastOne(shares.deskOffline, township.sites.length)).map((site) => {
      const from = desks.between(0.15, 0.5) * arrivalsEnd;
      return [site, { from, to: from + desks.between(4, 8) * minute }];
    }),
  );
  const atTable = sendToTables(township, visits, lanes);
  const atHome = desks.shuffled(township.residents.flatMap(({ absent }, i) => (absent ? [i] : [])));
  const custody = planCustody(random.fork('custody'), township, arrivalsEnd);
  return { visits, lanes, deskOffline, atTable, atHome, custody, arrivalsEnd };
}

function planCustody(random: Random, { sites, residents }: Township, dayMs: number): CustodyPlan {
  const tourEvery = Math.max(20 * minute, Math.min(70 * minute, dayMs / 3));
  const couriers = Math.max(1, Math.round(sites.length / 5));
  const tubes = residents.length / 8;
  const times = (share: number): number[] => Array.from({ length: atLeastOne(share, tubes) }, () => random.between(0.2, 0.9) * dayMs).sort((a, b) => a - b);
  return {
    packEvery: Math.min(15 * minute, tourEvery / 2), tourEvery,
    tours: Array.from({ length: couriers }, (_, c) => ({
      firstAt: tourEvery * random.between(0.6, 1), sites: [...sites.keys()].slice(Math.floor((c * sites.length) / couriers), Math.floor(((c + 1) * sites.length) / couriers)),
    })),
    boxLostFrom: dayMs * 0.5, leaksAt: times(tubeShares.leaked), rejectionsAt: times(tubeShares.rejected), inconclusiveAt: times(tubeShares.inconclusive),
  };
}

function planVisits(random: Random, township: Township, arrivalsEnd: number): Visit[] {
  const { villages, households, residents, sites } = township;
  const visits: Visit[] = [];
  const waves = villages.map(({ residents: people }) => Math.max(1, Math.round(people / waveSize)));
  // Every village begins somewhere in its first slot, so that not all first waves leave at once.
  const offset = villages.map(() => random.next());
  const doorsOf: number[][][] = villages.map(() => []);
  for (const members of households) doorsOf[(residents[members[0] as number] as Township['residents'][number]).village]?.push(members);
  doorsOf.forEach((doors, village) => {
    const count = waves[village] as number;
    doors.forEach((members, i) => {
      const wave = Math.floor((i / doors.length) * count);
      const called = ((wave + (offset[village] as number)) / count) * arrivalsEnd * 0.97;
      const people = members.filter((member) => !residents[member]?.absent && !residents[member]?.excused);
      const known = people.filter((member) => !residents[member]?.walkIn);
      // A guest registers by himself, a child without a card with the family: here each alone, so a party is all on the roster.
      const parties = [known, ...people.filter((member) => residents[member]?.walkIn).map((member) => [member])];
      if (known.length > 2 && random.chance(shares.apart)) parties.push(known.splice(1 + random.int(known.length - 1)));
      for (const party of parties) {
        if (party.length === 0) continue;
        const at = called + random.exponential(5 * minute) + random.between(0, 4 * minute);
        const site = random.chance(shares.wrongSite) ? random.int(sites.length) : (villages[village] as Township['villages'][number]).site;
        visits.push({ at: Math.round(at), site, people: party });
      }
    });
  });
  return visits.sort((a, b) => a.at - b.at);
}

function planLanes(random: Random, count: number, dayMs: number): LanePlan[] {
  const order = random.shuffled(Array.from({ length: count }, (_, i) => i));
  let dealt = 0;
  // Each table has one great trouble at most; small townships have each kind once and perhaps a table twice.
  const deal = (share: number): Set<number> => new Set(Array.from({ length: atLeastOne(share, count) }, () => order[dealt++ % count] as number));
  const [lost, offline, pause, closes, babbles] = [deal(shares.lostForGood), deal(shares.offline), deal(shares.pause), deal(shares.closes), deal(shares.babbles)];
  const late = new Set(random.shuffled(order).slice(0, atLeastOne(shares.late, count)));
  const foreign = new Set(random.fork('labels').shuffled(order).slice(0, atLeastOne(shares.foreignLabels, count)));
  const plans = Array.from({ length: count }, (_, lane): LanePlan => {
    const from = random.between(0.12, 0.55) * dayMs;
    const stretch = (low: number, high: number): Stretch => ({ from, to: from + Math.min(random.between(low, high) * minute, dayMs * 0.35) });
    return {
      opensAt: late.has(lane) ? Math.min(random.between(10, 40) * minute, dayMs / 3) : 0,
      pace: random.logNormal(1, 0.12),
      clockAhead: Math.round(random.chance(0.03) ? random.between(-3, 3) * 3600 * second : random.between(-90, 90) * second),
      offline: lost.has(lane) || offline.has(lane) ? { ...stretch(8, 40), lostForGood: lost.has(lane) } : undefined,
      pause: pause.has(lane) && !offline.has(lane) && !lost.has(lane) ? stretch(6, 15) : undefined,
      closesAt: closes.has(lane) && !offline.has(lane) && !lost.has(lane) ? random.between(0.5, 0.8) * dayMs : undefined,
      babblesAt: babbles.has(lane) ? from : undefined,
      ownLabels: !foreign.has(lane),
      expressAt: undefined,
    };
  });
  const length = ({ offline }: LanePlan): number => (offline && !offline.lostForGood ? offline.to - offline.from : 0);
  const longest = plans.reduce((one, other) => (length(other) > length(one) ? other : one));
  if (longest.offline) longest.expressAt = longest.offline.from + 0.3 * length(longest);
  return plans;
}

const atLeastOne = (share: number, count: number): number => Math.max(1, Math.round(share * count));

/** Takes a walk-in or two out of the visits for each table that will be without a network. */
function sendToTables(township: Township, visits: Visit[], lanes: readonly LanePlan[]): Map<number, Visit[]> {
  const atTable = new Map<number, Visit[]>();
  lanes.forEach(({ offline }, lane) => {
    if (!offline || offline.lostForGood) return;
    const taken: Visit[] = [];
    for (let i = 0; i < visits.length && taken.length < 2; i++) {
      const visit = visits[i] as Visit;
      const resident = township.residents[visit.people[0] as number];
      if (!resident?.walkIn || resident.document === undefined) continue;
      visits.splice(i--, 1);
      taken.push({ ...visit, site: township.lanes[lane]?.site ?? 0, at: offline.from + ((taken.length + 1) / 3) * (offline.to - offline.from) });
    }
    if (taken.length > 0) atTable.set(lane, taken);
  });
  return atTable;
}

/** The round the drill opens: a rehearsal on its own clock, the rest as the round's rules have it by themselves. */
export function roundOf({ sites, villages }: Township, opening: number, laboratory: string): Pick<BodyInput<'openRound'>, 'name' | 'rehearsal' | 'clock' | 'rules' | 'sites' | 'villages'> {
  return {
    name: '演练', rehearsal: true, clock: opening, rules: { laboratory },
    sites: sites.map(({ site, name, at }) => ({ site, name, at })),
    villages: villages.map(({ village, at, site }) => ({ village, at, site: sites[site]?.site })),
  };
}
