// The invariants of what comes after sealing: boxes, recalls, and whom they concern. See invariants.ts.
//
//   a tube is in at most one box, and box and tube agree on it
//   where a tube's story has ended it does not keep the round open, else it does
//   a recalled resident has an entry without a result in each recall to answer, and no other resident is recalled
//   a recall's counts are those of its people; an open one has a deadline and keeps the round open
//   boxes and recalls stand on the stream as they stand in the keys

import type { Redis } from 'ioredis';
import type { LedgerEvent } from '../../src/domain/events.js';
import type { CellName } from '../../src/domain/requests.js';
import { decode, fixedSize, type Value } from '../../src/ledger/codec.js';
import { type BoxState, boxes, type RecallState, recallList, terminalStatuses, tubeStatus } from '../../src/ledger/custody.js';
import { keyOf } from '../../src/ledger/keys.js';
import type { TubeState } from '../../src/ledger/reads.js';
import * as records from '../../src/ledger/records.js';

type Values = Record<string, Value>;
const number = (values: Values, name: string): number => values[name] as number;

export interface Custody {
  boxes: Map<number, BoxState>;
  recalls: Map<number, RecallState & { entries: Values[] }>;
}

export async function readCustody(redis: Redis, cell: CellName): Promise<Custody> {
  const custody: Custody = { boxes: new Map(), recalls: new Map() };
  for (let from = 1; ; from += 1000) {
    const page = await boxes(redis, cell, from, 1000);
    for (const box of page) custody.boxes.set(box.trip, box);
    if (page.length < 1000) break;
  }
  const size = fixedSize(records.recalled);
  for (let from = 1; ; from += 1000) {
    const page = await recallList(redis, cell, from, 1000);
    for (const recall of page) {
      const people = (await redis.hgetBuffer(keyOf(cell, 'recalls'), `of:${recall.recall}`)) ?? Buffer.alloc(0);
      const entries = Array.from({ length: people.length / size }, (_, i) => decode(records.recalled, people, i * size).values);
      custody.recalls.set(recall.recall, { ...recall, entries });
    }
    if (page.length < 1000) break;
  }
  return custody;
}

/** Has the tube's story ended? A void tube with somebody in it has not. */
export const ended = (tube: TubeState): boolean => (tube.state === 'void' ? tube.count === 0 : terminalStatuses.includes(tubeStatus(tube, undefined)));

/** How often this resident has come again because of a recall: swabs of a single tube that answers one. */
export function answersOf(tubes: Iterable<TubeState>, resident: number): number {
  let count = 0;
  for (const tube of tubes) if (tube.answers > 0 && tube.members.some((member) => member.active && member.resident === resident)) count++;
  return count;
}

export function* custodyInvariants(
  { boxes, recalls }: Custody,
  { tubes, residents, unfinished, deadlines }: { tubes: Map<string, TubeState>; residents: Values[]; unfinished: Set<string>; deadlines: Map<string, number> },
): Generator<string> {
  const packed = new Map<string, number>();
  for (const [trip, box] of boxes) {
    for (const code of box.tubes) {
      if (packed.has(code)) yield `tube ${code} is in the boxes of trips ${packed.get(code)} and ${trip}`;
      packed.set(code, trip);
      if (tubes.get(code)?.box !== trip) yield `trip ${trip} lists tube ${code}, which says trip ${tubes.get(code)?.box}`;
    }
    if ((box.state === 'packing') !== (box.hash === '') && box.state !== 'arrived' && box.state !== 'reconciled') yield `box ${box.box} is ${box.state} with the manifest "${box.hash}"`;
    if (box.unconfirmed > box.handOvers) yield `box ${box.box} has ${box.unconfirmed} of ${box.handOvers} hand-overs unconfirmed`;
    const watched = deadlines.has(`amber:${trip}`) || deadlines.has(`red:${trip}`);
    const onTheWay = box.firstSwabAt > 0 && (box.state === 'packing' || box.state === 'sealed' || box.state === 'handed over');
    if (onTheWay && box.late !== 'red' && !watched) yield `box ${box.box} is on the way and nobody looks at the time`;
    if (watched && !['packing', 'sealed', 'handed over'].includes(box.state)) yield `box ${box.box} is ${box.state} and its time still runs`;
  }
  for (const [code, tube] of tubes) {
    if (tube.box > 0 && packed.get(code) !== tube.box) yield `tube ${code} says trip ${tube.box}, whose box does not list it`;
    if (tube.state !== 'void' && (tube.fate === 'missing') !== deadlines.has(`lost:${code}`)) yield `tube ${code} is ${tube.fate === 'missing' ? '' : 'not '}missing and its deadline says otherwise`;
    if (tube.recall > 0 && !recalls.has(tube.recall)) yield `tube ${code} has a recall ${tube.recall} that is not there`;
  }
  for (const [n, recall] of recalls) {
    const own = recall.entries.filter((entry) => number(entry, 'relation') % 16 > 0);
    const counted = [own.length, own.filter((entry) => number(entry, 'found') > 0).length, own.filter((entry) => number(entry, 'result') > 0).length, own.filter((entry) => number(entry, 'result') === 2).length];
    const told = [recall.people, recall.found, recall.settled, recall.positives];
    if (counted.join() !== told.join()) yield `recall ${n} counts ${told} and has ${counted} people, found, settled, positive`;
    if (new Set(recall.entries.map((entry) => entry['resident'])).size !== recall.entries.length) yield `recall ${n} names somebody twice`;
    if ((recall.state === 'open') !== unfinished.has(`recall:${n}`)) yield `recall ${n} is ${recall.state} and the round's list says otherwise`;
    if ((recall.state === 'open') !== deadlines.has(`recall:${n}`)) yield `recall ${n} is ${recall.state} and its deadline says otherwise`;
    if (recall.state === 'open' && recall.people > 0 && recall.settled === recall.people && recall.unidentified === 0) yield `recall ${n} is open and everybody in it has a result`;
    if (recall.state === 'closed') continue;
    for (const entry of own) {
      if (number(entry, 'result') > 0) continue;
      if (!chain(recalls, number(residents[number(entry, 'resident') - 1] ?? {}, 'recall'), number(entry, 'resident')).includes(n)) yield `recall ${n} calls resident ${entry['resident']}, who does not have to answer it`;
    }
  }
  for (const [i, values] of residents.entries()) {
    const who = i + 1;
    const [latest, recalled] = [number(values, 'recall'), number(values, 'recalled')];
    if ((latest > 0) !== (recalled > 0)) yield `resident ${who} is recalled ${recalled} with recall ${latest}`;
    if (recalled > 0 && number(values, 'marks') % 2 === 0) yield `resident ${who} is recalled and may share a tube`;
    const waiting = [...tubes.values()].some((tube) => tube.size === 1 && tube.answers >= latest && tube.members.some((member) => member.active && member.resident === who));
    if (recalled === 2 && !waiting) yield `resident ${who} is said to have come again and has no single tube`;
    for (const n of chain(recalls, latest, who)) {
      const recall = recalls.get(n);
      const entry = recall?.entries.find((one) => one['resident'] === who);
      if (recall?.state !== 'open' || !entry || number(entry, 'relation') % 16 === 0 || number(entry, 'result') > 0) yield `resident ${who} has to answer recall ${n}, which does not ask`;
    }
  }
}

/** The recalls a resident has to answer, latest first. */
function chain(recalls: Custody['recalls'], latest: number, who: number): number[] {
  const list: number[] = [];
  for (let n = latest; n > 0 && !list.includes(n); ) {
    list.push(n);
    n = number(recalls.get(n)?.entries.find((entry) => entry['resident'] === who) ?? { previous: 0 }, 'previous');
  }
  return list;
}

/** The stream's own account of tubes, boxes and recalls. */
export class CustodyFold {
  readonly tubes = new Map<string, { box: number; lab: TubeState['lab']; fate: TubeState['fate'] }>();
  readonly boxes = new Map<number, BoxState['state']>();
  readonly recalls = new Map<number, { state: RecallState['state']; settled: number }>();

  take(event: LedgerEvent): void {
    const tube = (code: string) => {
      const found = this.tubes.get(code) ?? { box: 0, lab: 'none' as const, fate: 'none' as const };
      this.tubes.set(code, found);
      return found;
    };
    switch (event.event) {
      case 'box.opened': this.boxes.set(event.trip, 'packing'); break;
      case 'box.sealed': if (this.boxes.get(event.trip) === 'packing') this.boxes.set(event.trip, 'sealed'); break;
      case 'box.handedOver': if (this.boxes.get(event.trip) === 'sealed') this.boxes.set(event.trip, 'handed over'); break;
      case 'box.received': this.boxes.set(event.trip, 'arrived'); break;
      case 'box.reconciled': this.boxes.set(event.trip, 'reconciled'); break;
      case 'tube.packed': Object.assign(tube(event.tube), { box: event.trip, ...(tube(event.tube).fate === 'missing' ? { fate: 'none' } : {}) }); break;
      case 'tube.unpacked': tube(event.tube).box = 0; break;
      case 'tube.missing': tube(event.tube).fate = 'missing'; break;
      case 'tube.lost': tube(event.tube).fate = 'lost'; break;
      case 'tube.leaked': tube(event.tube).fate = 'leaked'; break;
      case 'tube.found': tube(event.tube).fate = 'none'; break;
      case 'tube.received': tube(event.tube).lab = 'received'; break;
      case 'tube.rejected': tube(event.tube).lab = 'rejected'; break;
      case 'result.released': tube(event.tube).lab = 'resulted'; break;
      case 'recall.opened': this.recalls.set(event.recall, { state: 'open', settled: 0 }); break;
      case 'recall.settled': Object.assign(this.recalls.get(event.recall) ?? {}, { settled: event.settled }); break;
      case 'recall.closed': Object.assign(this.recalls.get(event.recall) ?? {}, { state: 'closed' }); break;
      default: break;
    }
  }

  *against({ boxes, recalls }: Custody, tubes: Map<string, TubeState>): Generator<string> {
    for (const [code, tube] of tubes) {
      const { box, lab, fate } = this.tubes.get(code) ?? { box: 0, lab: 'none', fate: 'none' };
      if (tube.box !== box || tube.lab !== lab || tube.fate !== fate) yield `tube ${code} is ${tube.box} ${tube.lab} ${tube.fate} on the record and ${box} ${lab} ${fate} on the stream`;
    }
    for (const [trip, box] of boxes) {
      // A box handed over before its packer's sealing arrived is sealed and handed over at once.
      const told = this.boxes.get(trip);
      if (told !== box.state && !(told === 'sealed' && box.state === 'handed over' && box.handOvers > 0)) yield `trip ${trip} is ${box.state} on the record and ${told} on the stream`;
    }
    for (const [n, recall] of recalls) {
      const told = this.recalls.get(n);
      if (told?.state !== recall.state || told.settled !== recall.settled) yield `recall ${n} is ${recall.state} with ${recall.settled} on the record and ${told?.state} with ${told?.settled} on the stream`;
    }
  }
}
