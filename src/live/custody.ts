// From the filled tube to the result: where each tube is, in which box, what the laboratory said, and how many of the recalled were found.
// Part of the fold (fold.ts): deterministic, and each event costs the same whatever has been before.
//
// As on the record, a tube that is in a box is where the box is (ledger/custody.ts, tubeStatus). So a tube in a box is counted with its box,
// and the box's state says where that is: a box of a hundred tubes changes place by one number.

import type { LedgerEvent } from '../domain/events.js';
import { foundOutcomes } from '../domain/reasons.js';
import { countInMinute } from './minutes.js';
import type { BoxTally, Custody, RecallTally, Tally, TubeTally } from './tally.js';

/** Where tubes are that are not void; `open` and `sealed` are those at the table. */
export const whereabouts = ['open', 'sealed', 'boxed', 'onRoad', 'arrived', 'missing', 'received', 'resulted', 'rejected', 'lost', 'leaked'] as const;
export type Whereabouts = (typeof whereabouts)[number];

const inBox = { packing: 'boxed', sealed: 'boxed', 'handed over': 'onRoad', arrived: 'arrived', reconciled: 'arrived' } as const satisfies Record<BoxTally['state'], Whereabouts>;

/** Where a tube is by its own record; `box`: where its box is. */
function ownPlace(tube: TubeTally): Whereabouts | 'box' | 'void' {
  if (tube.state === 'void') return 'void';
  if (tube.fate === 'lost' || tube.fate === 'leaked') return tube.fate;
  if (tube.lab !== 'none') return tube.lab;
  if (tube.fate === 'missing') return 'missing';
  return tube.box > 0 ? 'box' : tube.state;
}

/** Puts a tube's share into the sums, or takes it out. */
export function countOnWay({ custody }: Tally, tube: TubeTally, sign: 1 | -1): void {
  const place = ownPlace(tube);
  if (place === 'box') {
    const box = custody.boxes.get(tube.box);
    if (box) box.tubes += sign;
  } else if (place !== 'void') custody.places[place] += sign;
  if (place === 'resulted' && tube.result !== '') custody.results[tube.result] = (custody.results[tube.result] ?? 0) + sign;
  // Until the laboratory has it, a tube grows older with every minute.
  if (place !== 'void' && place !== 'lost' && place !== 'leaked' && tube.lab === 'none' && sign === 1) custody.underWay.set(tube.code, tube);
  else custody.underWay.delete(tube.code);
}

/** Tubes by where they are. */
export function placesOf({ places, boxes }: Custody): Record<Whereabouts, number> {
  const sums = { ...places };
  for (const { state, tubes } of boxes.values()) sums[inBox[state]] += tubes;
  return sums;
}

/** Where a tube under way is, by the record and its box. */
export function placeOf({ boxes }: Custody, tube: TubeTally): Whereabouts | 'void' {
  const place = ownPlace(tube);
  return place === 'box' ? inBox[boxes.get(tube.box)?.state ?? 'packing'] : place;
}

type Of<N extends LedgerEvent['event']> = Extract<LedgerEvent, { event: N }>;

export type BoxEvent = Of<'box.opened' | 'box.sealed' | 'box.handedOver' | 'box.received' | 'box.reconciled'>;

export function foldBox({ custody: { boxes } }: Tally, event: BoxEvent): void {
  let box = boxes.get(event.trip);
  if (!box) {
    box = { code: event.box, state: 'packing', handOvers: 0, tubes: 0 };
    boxes.set(event.trip, box);
  }
  switch (event.event) {
    case 'box.opened': break;
    // It may be on its way or there already, when its packer was offline.
    case 'box.sealed': if (box.state === 'packing') box.state = box.handOvers > 0 ? 'handed over' : 'sealed'; break;
    case 'box.handedOver':
      box.handOvers = event.leg;
      if (box.state === 'sealed') box.state = 'handed over';
      break;
    case 'box.received': box.state = 'arrived'; break;
    case 'box.reconciled': box.state = 'reconciled'; break;
  }
}

export type TubeEvent = Of<
  'tube.packed' | 'tube.unpacked' | 'tube.missing' | 'tube.lost' | 'tube.leaked' | 'tube.found' | 'tube.received' | 'tube.rejected' | 'result.released' | 'result.waits'
>;

/** What such an event changes of its tube. A tube nobody had told of begins with it: `changeTube` has made it. */
export function foldTubeOnWay(tally: Tally, tube: TubeTally, event: TubeEvent): void {
  switch (event.event) {
    case 'tube.packed':
      tube.box = event.trip;
      if (tube.fate === 'missing') tube.fate = 'none';
      break;
    case 'tube.unpacked': tube.box = 0; break;
    case 'tube.missing': tube.fate = 'missing'; break;
    case 'tube.lost': tube.fate = 'lost'; break;
    case 'tube.leaked': tube.fate = 'leaked'; break;
    case 'tube.found': tube.fate = 'none'; break;
    case 'tube.received':
      tube.lab = 'received';
      countInMinute(tally.minutes, 'received', tally.at);
      break;
    case 'tube.rejected':
      if (tube.lab === 'none') countInMinute(tally.minutes, 'received', tally.at);
      tube.lab = 'rejected';
      break;
    case 'result.released': [tube.lab, tube.result] = ['resulted', event.result]; break;
    // It waits on the record and is nobody's result yet.
    case 'result.waits': break;
  }
}

export type RecallEvent = Of<'recall.opened' | 'resident.recalled' | 'contact.recorded' | 'recall.settled' | 'recall.late' | 'recall.closed'>;

export function foldRecall({ custody: { recalls } }: Tally, event: RecallEvent): void {
  if (event.event === 'recall.opened') {
    recalls.set(event.recall, { state: 'open', people: new Set(event.residents), found: 0, foundBeside: new Set(), settled: 0, late: false });
    return;
  }
  const recall = recalls.get(event.recall);
  if (!recall) return;
  switch (event.event) {
    case 'resident.recalled': joins(recall, event.resident); break;
    case 'contact.recorded':
      recall.found = event.found;
      // Somebody of the household may have been found before it turns out that they were in the tube as well.
      if (foundOutcomes.some((outcome) => outcome === event.outcome) && !recall.people.has(event.resident)) recall.foundBeside.add(event.resident);
      break;
    case 'recall.settled': recall.settled = event.settled; break;
    case 'recall.late': recall.late = true; break;
    case 'recall.closed': [recall.state, recall.found, recall.settled] = ['closed', event.found, event.settled]; break;
  }
}

/** A swab that was in the tube all along has turned up: one more is called back. */
function joins(recall: RecallTally, resident: number): void {
  if (recall.people.has(resident)) return;
  recall.people.add(resident);
  if (recall.foundBeside.delete(resident)) recall.found++;
}
