// A cell made ready for a bench through the real ledger: a round, stations, residents on the roster, tubes open and empty; and the
// requests that fill them. Each tube is opened by a device of its own, so that none is sealed by the next one's scan before the clock
// starts; another device may add to it by asking.

import type { Redis } from 'ioredis';
import { bodies, type CellName, type StepRequest } from '../../src/domain/requests.js';
import { fingerprintOf, argumentsOf } from '../../src/ledger/arguments.js';
import { journalOf, keysOf } from '../../src/ledger/keys.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { residents as readResidents, tubes as readTubes } from '../../src/ledger/reads.js';
import { layout } from '../../src/ledger/records.js';

export const claimedAt = 1_700_000_000_000;
const stationCount = 100;
export const tubeSize = 10;

export const tubeCode = (n: number) => `T${String(n).padStart(11, '0')}`;

const request = (number: number, step: StepRequest['step'], body: unknown): StepRequest => ({ number, step, mode: 'ask', claimedAt, body: bodies[step].parse(body) as StepRequest['body'] });

async function must(ledger: Ledger, cell: CellName, device: string, requests: StepRequest[]): Promise<void> {
  const [receipt] = await ledger.take(cell, [{ device, epoch: 'e1', requests }]);
  const bad = receipt?.answers.find(({ outcome }) => outcome !== 'applied');
  if (bad) throw new Error(`preparing the cell: ${JSON.stringify(bad)}`);
}

/** Opens the round, its stations, `people` residents, and tubes enough for all of them. */
export async function prepareCell(ledger: Ledger, cell: CellName, people: number, { openTubes = true } = {}): Promise<string[]> {
  let n = 0;
  await must(ledger, cell, 'post', [request(++n, 'openRound', {
    name: 'bench', sites: [{ site: 's1', name: 'Site' }], villages: Array.from({ length: 35 }, (_, i) => ({ village: `village ${i + 1}`, site: 's1' })), rules: { household: 'ignore' },
  })]);
  await must(ledger, cell, 'post', Array.from({ length: stationCount }, (_, i) => request(++n, 'openStation', { station: `st${i}`, site: 's1' })));
  for (let at = 0; at < people; at += 500) {
    const rows = Array.from({ length: Math.min(500, people - at) }, (_, i) => ({
      index: (at + i + 1).toString(16).padStart(32, '0'), sealed: 'AAAA', village: `village ${((at + i) % 35) + 1}`, household: Math.floor((at + i) / 3) + 1,
    }));
    await must(ledger, cell, 'post', [request(++n, 'enrolResidents', { residents: rows })]);
  }
  const codes = Array.from({ length: Math.ceil(people / tubeSize) }, (_, i) => tubeCode(i + 1));
  if (!openTubes) return codes;
  for (let at = 0; at < codes.length; at += 50) {
    await ledger.take(cell, codes.slice(at, at + 50).map((tube, i) => ({
      device: `opener-${at + i}`, epoch: 'e1', requests: [request(1, 'openTube', { tube, station: `st${(at + i) % stationCount}` })],
    })));
  }
  return codes;
}

/** The swab of person k (0-based) in the order in which tubes fill. */
export const swabOf = (k: number) => ({ resident: String(k + 1), tube: tubeCode(Math.floor(k / tubeSize) + 1) });

/** Splits `people` over `connections`, tubes kept whole; gives first and last+1 person of each. */
export function shares(people: number, connections: number): [number, number][] {
  const tubes = Math.floor(people / tubeSize / connections);
  return Array.from({ length: connections }, (_, c) => [c * tubes * tubeSize, (c + 1) * tubes * tubeSize]);
}

/** What the route of one step is sent. */
export const stepBodies = (people: number, connections: number): string[][] =>
  shares(people, connections).map(([from, to], c) =>
    Array.from({ length: to - from }, (_, i) => JSON.stringify({ device: `dev-${c}`, epoch: 'e1', number: i + 1, claimedAt, now: claimedAt, body: swabOf(from + i) })),
  );

/** What an outbox, or a frame of the socket, is sent: `each` swabs at once. */
export const outboxBodies = (people: number, connections: number, each: number, frames = false): string[][] =>
  shares(people, connections).map(([from, to], c) =>
    Array.from({ length: Math.ceil((to - from) / each) }, (_, b) => {
      const requests = Array.from({ length: Math.min(each, to - from - b * each) }, (_, i) => ({ number: b * each + i + 1, step: 'takeSwab', claimedAt, body: swabOf(from + b * each + i) }));
      return JSON.stringify({ ...(frames ? { id: String(b) } : {}), device: `dev-${c}`, epoch: 'e1', now: claimedAt, requests });
    }),
  );

/** The bare calls of the function, one swab each, as Redis reads them. */
export function callBodies(ledger: Ledger, cell: CellName, people: number, connections: number): string[][] {
  const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
  return shares(people, connections).map(([from, to], c) => {
    const keys = [...keysOf(cell), journalOf(cell, `dev-${c}`, 'e1')];
    return Array.from({ length: to - from }, (_, i) => {
      const swab = request(i + 1, 'takeSwab', swabOf(from + i));
      const args = argumentsOf(swab);
      const words = ['FCALL', ledger.library.run, String(keys.length), ...keys, String(layout), '1', `dev-${c}`, 'e1', String(claimedAt), '', '1',
        String(i + 1), 'takeSwab', '0', String(claimedAt), '', String(fingerprintOf(swab, args)), String(args.length), ...args];
      return `*${words.length}\r\n${words.map(bulk).join('')}`;
    });
  });
}

/** Swabs in tubes, people sampled, the fullest tube: read from the record after a run. */
export async function checkCell(redis: Redis, cell: CellName): Promise<{ swabs: number; sampled: number; fullest: number }> {
  let swabs = 0;
  let fullest = 0;
  for (let cursor = '0'; ; ) {
    const page = await readTubes(redis, cell, cursor, 2000);
    for (const { count, members } of page.tubes) {
      if (members.filter(({ active }) => active).length !== count) throw new Error('a tube whose members are not its count');
      swabs += count;
      fullest = Math.max(fullest, count);
    }
    cursor = page.cursor;
    if (cursor === '0') break;
  }
  let sampled = 0;
  for (let from = 1; ; from += 5000) {
    const page = await readResidents(redis, cell, from, 5000);
    for (const person of page) if (person.swabs > 0) sampled++;
    if (page.length < 5000) break;
  }
  return { swabs, sampled, fullest };
}
