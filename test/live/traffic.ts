// Traffic without sense: random steps of a few devices over a few residents, stations and tubes, asked and reported, so that every event
// comes in every order a day could bring and some that it could not.

import type { Draft, Rig } from '../support.js';
import { minute } from '../support.js';

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The rig's cell needs stations a, b, c at 's1' and some residents. Gives back how many steps were applied. */
export async function traffic(rig: Rig, steps: number, random: () => number): Promise<number> {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const names = ['tablet1', 'tablet2', 'tablet3', 'desk1'];
  const tubes = Array.from({ length: 25 }, () => rig.tube());
  const fresh = [...tubes];
  const station = () => pick(['a', 'b', 'c']);
  const resident = () => String(1 + Math.floor(random() * 62));
  const tube = () => pick(tubes.slice(0, Math.max(2, tubes.length - fresh.length)));
  const secondBy = () => (random() < 0.7 ? { secondBy: 'nurse2' } : {});
  // Whether such traffic leaves the record sound is the model's question (ledger/model.test.ts); here it is only followed.
  rig.spoil();
  let tickets = 0;
  let discrepancy = 0;

  const draft = (): Draft => {
    const kind = random();
    if (kind < 0.42) return { step: 'takeSwab', body: { resident: resident(), tube: tube() } };
    if (kind < 0.5) return { step: 'openTube', body: { tube: random() < 0.9 ? (fresh.shift() ?? tube()) : tube(), station: station(), ...(random() < 0.2 ? { size: 1 as const } : {}) } };
    if (kind < 0.64) return { step: 'issueTicket', body: { site: 's1', party: [{ resident: resident(), number: `A${++tickets}` }], ...(random() < 0.3 ? { station: station() } : {}) } };
    if (kind < 0.72) return { step: 'callNext', body: { station: station() } };
    if (kind < 0.76) return { step: 'skipTicket', body: { resident: resident() } };
    if (kind < 0.78) return { step: 'moveTicket', body: { resident: resident(), station: station() } };
    if (kind < 0.82) return { step: 'voidSwab', body: { resident: resident(), tube: tube(), reason: 'wrong_person', ...secondBy() } };
    if (kind < 0.86) return { step: 'moveSwab', body: { resident: resident(), from: tube(), to: tube(), reason: 'other', ...secondBy() } };
    if (kind < 0.89) return { step: 'sealTube', body: { tube: tube() } };
    if (kind < 0.905) return { step: 'voidTube', body: { tube: tube(), reason: 'broken', ...secondBy() } };
    if (kind < 0.92) return { step: 'registerWalkIn', body: { sealed: 'AAAA', village: pick(['Upper', 'Lower', 'Far']) } };
    if (kind < 0.93) return { step: 'excuseResident', body: { resident: resident(), reason: 'away', ...(random() < 0.5 ? { until: rig.now() + 20 * minute } : {}) } };
    if (kind < 0.95) return { step: 'resolveDiscrepancy', body: random() < 0.3 ? { discrepancy: String(++discrepancy), resolution: 'identified', resident: resident() } : { discrepancy: String(++discrepancy), resolution: 'confirmed' } };
    if (kind < 0.96) return { step: 'pauseStation', body: { station: station() } };
    if (kind < 0.965) return { step: 'closeStation', body: { station: station() } };
    if (kind < 0.97) return { step: 'drainStation', body: { station: station() } };
    return { step: 'openStation', body: { station: station(), site: 's1' } };
  };

  let applied = 0;
  for (let done = 0; done < steps; ) {
    const device = rig.device(pick(names));
    const requests = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
      done++;
      const claimedAt = rig.now() - Math.floor(random() * 10) * minute;
      return device.draft({ ...draft(), mode: random() < 0.4 ? 'report' : 'ask', claimedAt } as Draft);
    });
    const receipt = await device.send(requests);
    applied += receipt.answers.filter(({ outcome }) => outcome === 'applied').length;
    // A record nobody can read, and one that is lost for good, belong to the day too.
    if (random() < 0.02) await device.send([{ number: device.number + 1, step: 'quarantine', ciphertext: 'AAAA', problem: 'not JSON', fingerprint: 7 }]);
    if (random() < 0.15) await rig.advance(Math.floor(random() * 8) * minute);
  }
  return applied;
}
