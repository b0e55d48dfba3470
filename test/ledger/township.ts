// A tenth of a township through the ledger on a rehearsal's clock: uneven villages on a road, each with a site, some lanes opening late.
// Seeded, so that the three rules meet the same people with the same service times.

import type { Test } from 'tap';
import type { StepRequest } from '../../src/domain/requests.js';
import { build, morning } from '../support.js';

/** People and lanes of each village's site. The uneven ratio is what an own-site rule suffers from. */
const villages = [[640, 2], [430, 1], [420, 2], [360, 2], [300, 1], [260, 2], [220, 1], [170, 1]] as const;
const bucket = 15_000;

/** Small seeded generator (mulberry32): numbers from 0 to 1. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Day {
  rule: string;
  people: number;
  lanes: number;
  swabs: number;
  /** Until the last swab, and total work over lanes: ms. */
  finish: number;
  bound: number;
  /** Minutes from ticket to swab. */
  p50: number;
  p95: number;
}

export async function simulate(t: Test, rule: 'own' | 'nearest' | 'any'): Promise<Day> {
  const random = chance(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const sites = villages.map((_, i) => ({ site: `s${i + 1}`, name: `Site ${i + 1}`, at: { lat: 38 + i * 0.0063, lng: 114.5 } }));
  const rig = await build(t, {
    round: {
      rules: { assignment: { rule } }, sites,
      villages: villages.map((_, i) => ({ village: `Village ${i + 1}`, site: `s${i + 1}`, at: sites[i]?.at })),
    },
  });

  // Households of one to four at one door, with the seconds each person will take.
  const homes: { site: string; residents: number[]; at: number }[] = [];
  const work = new Map<number, number>();
  const lanes = villages.reduce((sum, [, count]) => sum + count, 0);
  const people = villages.reduce((sum, [count]) => sum + count, 0);
  for (const [i, [count]] of villages.entries()) {
    const numbers = await rig.enrol(count, { village: `Village ${i + 1}` });
    for (let from = 0; from < count; ) {
      const size = Math.min(count - from, 1 + Math.floor(random() * 4));
      homes.push({ site: `s${i + 1}`, residents: numbers.slice(from, from + size).map(Number), at: random() });
      from += size;
    }
  }
  for (let n = 1; n <= people; n++) work.set(n, 37_000 * Math.exp(0.35 * normal() - 0.35 ** 2 / 2));
  const bound = [...work.values()].reduce((a, b) => a + b) / lanes;
  for (const home of homes) home.at = morning + home.at * bound * 0.6;
  homes.sort((a, b) => a.at - b.at);

  const tables = villages.flatMap(([, count], i) =>
    Array.from({ length: count }, (_, lane) => ({
      station: `s${i + 1}-${lane + 1}`, site: `s${i + 1}`, tablet: rig.device(`s${i + 1}-${lane + 1}`), opens: morning, open: false,
      tube: '', free: 0, party: [] as number[], until: morning,
    })),
  );
  // A tenth of the lanes opens late.
  for (const late of [3, 9]) if (tables[late]) tables[late].opens = morning + bound * 0.2;

  const issued = new Map<number, number>();
  const waits: number[] = [];
  let [next, swabs, finish, ticket] = [0, 0, 0, 0];
  const desk = rig.device('desk');
  while (swabs < people) {
    const now = rig.now();
    if (now > morning + 6 * bound) throw new Error(`the day does not end: ${swabs} of ${people}`);
    for (const table of tables) {
      if (table.open || now < table.opens) continue;
      await rig.post.done('openStation', { station: table.station, site: table.site });
      table.open = true;
    }
    const arrivals = [];
    for (; next < homes.length && (homes[next]?.at ?? 0) <= now; next++) {
      const { site, residents } = homes[next] as (typeof homes)[0];
      for (const resident of residents) issued.set(resident, now);
      arrivals.push(desk.draft({ step: 'issueTicket', body: { site, party: residents.map((n) => ({ resident: String(n), number: `D${++ticket % 100_000}` })) } }));
    }
    if (arrivals.length > 0) for (const answer of (await desk.send(arrivals)).answers) if (answer.outcome !== 'applied') throw new Error(JSON.stringify(answer));

    // Tables that are free swab those they had called and call the next, all in one call.
    const free = tables.filter(({ open, until }) => open && until <= now);
    const parcels = free.map((table) => {
      const { tablet, station } = table;
      const requests: StepRequest[] = [];
      for (const resident of table.party) {
        if (table.free === 0) {
          table.tube = rig.tube();
          table.free = 10;
          requests.push(tablet.draft({ step: 'openTube', body: { tube: table.tube, station } }));
        }
        table.free -= 1;
        requests.push(tablet.draft({ step: 'takeSwab', body: { resident: String(resident), tube: table.tube } }));
        waits.push(now - (issued.get(resident) ?? now));
      }
      swabs += table.party.length;
      if (table.party.length > 0) finish = now;
      requests.push(tablet.draft({ step: 'callNext', body: { station } }));
      return { device: tablet.name, epoch: tablet.epoch, assigned: tablet.number, requests };
    });
    const receipts = parcels.length > 0 ? await rig.ledger.take(rig.cell, parcels) : [];
    for (const [i, { answers }] of receipts.entries()) {
      const table = free[i] as (typeof tables)[0];
      for (const answer of answers.slice(0, -1)) if (answer.outcome !== 'applied') throw new Error(JSON.stringify(answer));
      const last = answers.at(-1);
      table.party = [];
      if (last?.outcome !== 'applied') continue;
      for (const event of last.events) {
        if (event.event === 'ticket.called') table.party.push(event.resident);
        if (event.event === 'tube.sealed') table.free = 0;
      }
      table.until = now + table.party.reduce((sum, n) => sum + (work.get(n) ?? 0), 0);
    }
    await rig.advance(bucket);
  }
  waits.sort((a, b) => a - b);
  const minutesAt = (share: number) => Math.round((waits[Math.floor(waits.length * share)] ?? 0) / 60_000);
  return { rule, people, lanes, swabs, finish: finish - morning, bound, p50: minutesAt(0.5), p95: minutesAt(0.95) };
}
