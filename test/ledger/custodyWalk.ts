// Random walks from the sealed tube to the result, in an area and a laboratory at once: what packers, couriers, laboratory and follow-up
// do in any order, asked and reported, with slips of every kind. No step may fail, and both records must hold together at the end.

import { makeCode, rehearsalSerials } from '../../src/domain/codes.js';
import type { LedgerEvent } from '../../src/domain/events.js';
import { closeRecallOutcomes, contactOutcomes, openRecallReasons, rejectionCodes, testResults, tubeReports } from '../../src/domain/reasons.js';
import { bodies, type Body, type CellName, type Mode, type StepName } from '../../src/domain/requests.js';
import { toldBy } from '../../src/jobs/relay/routes.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { recall, recallList } from '../../src/ledger/custody.js';
import { waiting } from '../../src/ledger/laboratory.js';
import { readEvents } from '../../src/ledger/stream.js';
import { freshCell, minute, morning } from '../support.js';
import { invariants } from './invariants.js';

const people = 24;
const tubeCodes = Array.from({ length: 14 }, (_, i) => (i === 13 ? 'AB12345678901' : makeCode('tube', rehearsalSerials + i + 1)));
const boxCodes = [...[1, 2, 3].map((n) => makeCode('box', rehearsalSerials + n)), 'BX0042'];
const cards = ['pat', 'cora', 'lena', 'mo', ''];

export interface Walked {
  area: CellName;
  laboratory: CellName;
  /** How often each step ended how, for a look at what the walk has met. */
  tally: Map<string, number>;
  /** Sentences that are not true of the records, and faults. */
  problems: string[];
}

/** One walk of so many acts. `random` gives numbers from 0 up to, not including, 1. */
export async function walkCustody(ledger: Ledger, random: () => number, acts: number): Promise<Walked> {
  const area = freshCell();
  const laboratory = { round: area.round, area: 'lab' };
  const tally = new Map<string, number>();
  const problems: string[] = [];
  const numbers = new Map<string, number>();
  let clock = morning;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const maybe = <T extends object>(chance: number, more: T): Partial<T> => (random() < chance ? more : {});

  async function act<S extends StepName>(cell: CellName, device: string, step: S, body: object, mode: Mode = 'ask', by = pick(cards)): Promise<LedgerEvent[]> {
    const key = `${cell.area} ${device}`;
    const number = (numbers.get(key) ?? 0) + 1;
    numbers.set(key, number);
    const [receipt] = await ledger.take(cell, [{ device, epoch: 'e1', requests: [{ number, step, mode, claimedAt: clock, by: by || undefined, body: bodies[step].parse(body) as Body<StepName> }] }]);
    const answer = receipt?.answers[0];
    const how = answer?.outcome === 'refused' ? answer.word : (answer?.outcome ?? 'nothing');
    tally.set(`${step} ${mode} ${how}`, (tally.get(`${step} ${mode} ${how}`) ?? 0) + 1);
    if (how === 'fault') problems.push(`${step} failed: ${JSON.stringify(body)}`);
    return answer?.outcome === 'applied' ? answer.events : [];
  }

  const rules = { laboratory: 'lab', boxTubes: 4, lostMinutes: 90, recallMinutes: 60, poolSizes: { normal: 5, key: 5, high: 1 } };
  await act(area, 'post', 'openRound', { name: 'a walk', rehearsal: true, clock: morning, rules, sites: [{ site: 's1', name: 'School' }], villages: [{ village: 'Upper', site: 's1' }] });
  await act(laboratory, 'post', 'openRound', { name: 'a walk', rehearsal: true, laboratory: true, clock: morning });
  await act(area, 'post', 'openStation', { station: 'a1', site: 's1' });
  await act(area, 'post', 'enrolResidents', {
    residents: Array.from({ length: people }, (_, i) => ({ index: String(i).padStart(32, '0'), sealed: 'AAAA', village: 'Upper', household: 1 + (i >> 1), single: i === 7 })),
  });

  /** What the relay does, in this process: every event once, in order, under its own number. */
  const positions = new Map<string, string>();
  const carry = async () => {
    for (let quiet = 0; quiet < 2; ) {
      quiet++;
      for (const cell of [area, laboratory]) {
        const events = await readEvents(ledger.redis, cell, positions.get(cell.area) ?? '0', 1000);
        for (const event of events) {
          positions.set(cell.area, event.id);
          for (const told of toldBy({ cell, rehearsal: true }, event)) {
            if (told.cell.round !== area.round) continue;
            quiet = 0;
            await act(told.cell, `relay.${cell.area}`, told.step, told.body, 'report', event.by);
          }
        }
      }
    }
  };

  const [tube, box, resident] = [() => pick(tubeCodes), () => pick(boxCodes), () => String(1 + Math.floor(random() * (people + 1)))];
  const mode = (): Mode => (random() < 0.35 ? 'report' : 'ask');
  const at = () => clock - Math.floor(random() * 3) * 30 * minute;
  const finding = () => ({ tube: tube(), accession: random() < 0.9 ? 'A1' : pick(['A2', 'A3']), run: pick(['R1', 'R2', 'R3']), result: random() < 0.5 ? 'negative' : pick(testResults), testedAt: at(), ...maybe(0.5, { secondBy: pick(['mo', 'lena']) }) });
  const own = () => { const code = tube(); return { ...finding(), tube: code, accession: `A${tubeCodes.indexOf(code) + 10}` }; };
  const doings: [weight: number, act: () => Promise<unknown>][] = [
    [8, () => act(area, 'tablet', 'openTube', { tube: tube(), station: 'a1', ...maybe(0.4, { size: 1 }) }, mode())],
    [22, () => act(area, 'tablet', 'takeSwab', { resident: resident(), tube: tube() }, mode())],
    [3, () => act(area, 'tablet', 'voidSwab', { resident: resident(), tube: tube(), reason: 'wrong_person', secondBy: 'sam' }, mode())],
    [4, () => act(area, 'tablet', 'moveSwab', { resident: resident(), from: tube(), to: tube(), reason: 'other', secondBy: 'sam' }, mode())],
    [8, () => act(area, 'tablet', 'sealTube', { tube: tube() }, mode())],
    [1, () => act(area, 'tablet', 'voidTube', { tube: tube(), reason: 'broken', secondBy: 'sam' }, mode())],
    [3, () => act(area, 'desk', 'issueTicket', { site: 's1', party: [{ resident: resident(), number: `A${Math.floor(random() * 99) + 1}` }] }, mode())],
    [4, () => act(area, 'packer', 'reportTube', { tube: tube(), what: pick(tubeReports) }, mode())],
    [6, () => act(area, 'packer', 'openBox', { box: box() }, mode())],
    [16, () => act(area, 'packer', 'packTube', { tube: tube(), box: box() }, mode())],
    [3, () => act(area, 'packer', 'unpackTube', { tube: tube(), box: box() }, mode())],
    [6, () => act(area, 'packer', 'sealBox', { box: box(), ...maybe(0.3, { counted: Math.floor(random() * 4) }) }, mode())],
    [6, () => act(area, 'courier', 'handOver', { box: box(), from: pick(['pat', 'cora']), to: pick(['cora', 'lena']), ...maybe(0.1, { laboratory: pick(['lab', 'lab2']) }), ...maybe(0.1, { hash: '0123456789ABCDEF' }) }, mode())],
    [6, () => act(laboratory, 'scanner', 'receiveBox', { box: box() }, mode())],
    [16, () => act(laboratory, 'scanner', 'receiveTube', { tube: tube(), ...maybe(0.6, { box: box() }) }, mode())],
    [2, () => act(laboratory, 'scanner', 'rejectTube', { tube: tube(), reason: pick(rejectionCodes), ...maybe(0.3, { box: box() }) }, mode())],
    [4, () => act(laboratory, 'scanner', 'reconcileBox', { box: box() })],
    [14, () => act(laboratory, 'scanner', 'recordResult', random() < 0.8 ? own() : finding())],
    [4, () => act(laboratory, 'scanner', 'parkResult', own())],
    [5, async () => {
      const held = (await waiting(ledger.redis, laboratory)).results.filter(({ state }) => state === 'held').sort((a, b) => (a.tube + a.run < b.tube + b.run ? -1 : 1));
      const { tube, accession, run } = held.length > 0 && random() < 0.8 ? pick(held) : own();
      await act(laboratory, 'reviewer', 'releaseResult', { tube, accession, run, secondBy: pick(['mo', 'ned']) });
    }],
    [2, () => act(area, 'post', 'openRecall', { tube: tube(), reason: pick(openRecallReasons) })],
    [5, async () => {
      const open = (await recallList(ledger.redis, area)).filter(({ state }) => state === 'open');
      const one = open.length > 0 && random() < 0.8 ? await recall(ledger.redis, area, pick(open).recall) : undefined;
      const person = one && one.list.length > 0 ? String(pick(one.list).resident) : resident();
      await act(area, 'desk', 'recordContact', { recall: String(one?.recall ?? 9), resident: person, outcome: pick(contactOutcomes) }, mode());
    }],
    [1, async () => act(area, 'post', 'closeRecall', { recall: String((random() < 0.8 && (await recallList(ledger.redis, area)).findLast(({ state }) => state === 'open')?.recall) || 9), outcome: pick(closeRecallOutcomes), ...maybe(0.7, { secondBy: 'sam' }) })],
    [3, () => act(area, 'post', 'resolveDiscrepancy', { discrepancy: String(1 + Math.floor(random() * 9)), resolution: pick(['confirmed', 'identified', 'mistaken']), resident: resident() })],
    [1, () => act(laboratory, 'post', 'resolveDiscrepancy', { discrepancy: String(1 + Math.floor(random() * 3)), resolution: 'confirmed' })],
    [12, carry],
    [5, async () => {
      clock += pick([1, 10, 31, 61]) * minute;
      for (const cell of [area, laboratory]) {
        await act(cell, 'post', 'advanceClock', { to: clock });
        await act(cell, 'post', 'runDue', { limit: 200 });
      }
    }],
    [1, () => act(laboratory, 'relay.finder', 'expectBox', { trip: 0, from: pick([area.area, 'south']), rehearsal: true, tubes: [[tube(), 3, morning]] }, 'report')],
  ];
  const total = doings.reduce((sum, [weight]) => sum + weight, 0);
  for (let i = 0; i < acts; i++) {
    let left = random() * total;
    await (doings.find(([weight]) => (left -= weight) < 0) ?? doings[0])?.[1]();
    if (problems.length > 0) break;
  }
  await carry();
  for (const cell of [area, laboratory]) {
    for (const sentence of await invariants(ledger.redis, cell)) problems.push(`${cell.area}: ${sentence}`);
  }
  return { area, laboratory, tally, problems };
}
