// THE table: what an event of one cell tells another. An area tells laboratories what they will receive; a laboratory tells areas what
// has become of it. Made of the event alone, so that the same stream gives the same requests whenever it is read: that is why they may
// carry numbers, and why telling twice is telling once.

import { isForeignTube } from '../../domain/codes.js';
import type { LedgerEvent } from '../../domain/events.js';
import { boxConditions, intakeOutcomes, rejectionCodes, testResults } from '../../domain/reasons.js';
import { type Body, type CellName, codeDirectory, type StepName } from '../../domain/requests.js';

/** A step for another cell. */
export interface Told {
  cell: CellName;
  step: StepName;
  body: Body<StepName>;
}

/** Where the event happened. */
export interface Source {
  cell: CellName;
  rehearsal: boolean;
}

/** A word of the record as one of its list; a word of a later version stands as the first of them. */
const oneOf = <T extends string>(list: readonly T[], word: string): T => (list.find((one) => one === word) ?? list[0]) as T;
const given = <K extends string>(name: K, word: string): { [_ in K]?: string } => (word === '' ? {} : ({ [name]: word } as { [_ in K]: string }));

/** What this event tells other cells: at most one request for each. */
export function toldBy({ cell: { round, area }, rehearsal }: Source, event: LedgerEvent): Told[] {
  /** To another cell of the same round. */
  const told = <S extends StepName>(to: string, step: S, body: Body<S>): Told => ({ cell: { round, area: to }, step, body });
  switch (event.event) {
    // Labels of other makers, which two areas or two rounds might bear
    case 'tube.opened':
      return isForeignTube(event.tube) ? [{ cell: codeDirectory(rehearsal), step: 'claimTube', body: { tube: event.tube, cell: `${round}:${area}` } }] : [];
    case 'claim.lost':
      return [
        { cell: cellOf(event.cell), step: 'noteClaim', body: { tube: event.tube, other: event.holder } },
        { cell: cellOf(event.holder), step: 'noteClaim', body: { tube: event.tube, other: event.cell } },
      ];
    // An area's boxes
    case 'box.sealed':
      return event.laboratory === '' ? [] : [told(event.laboratory, 'expectBox', { box: event.box, trip: event.trip, from: area, rehearsal, tubes: manifestOf(event.manifest), elsewhere: false })];
    case 'box.redirected':
      return [
        told(event.laboratory, 'expectBox', { box: event.box, trip: event.trip, from: area, rehearsal, tubes: manifestOf(event.manifest), elsewhere: false }),
        ...(event.was === '' ? [] : [told(event.was, 'expectBox', { box: event.box, trip: event.trip, from: area, rehearsal, tubes: [], elsewhere: true })]),
      ];
    // A straggler in a box whose manifest has gone already
    case 'tube.packed':
      return event.laboratory === '' ? [] : [told(event.laboratory, 'expectBox', { box: event.box, trip: event.trip, from: area, rehearsal, tubes: [[event.tube, event.swabs, event.firstSwabAt]], elsewhere: false })];
    // A laboratory's news; `home` is empty as long as nobody has told whose box or tube it is, and in the area itself
    case 'box.received':
      return event.home === '' ? [] : [told(event.home, 'noteArrival', { box: event.box, trip: event.trip, laboratory: event.laboratory, condition: oneOf(boxConditions, event.condition) })];
    case 'box.expected':
      // Told of after it had come.
      return event.state === 2 || event.state === 3 ? [told(event.home, 'noteArrival', { box: event.box, trip: event.trip, laboratory: event.laboratory, condition: oneOf(boxConditions, event.condition) })] : [];
    case 'tube.received':
      return event.home === '' ? [] : [told(event.home, 'noteIntake', { tube: event.tube, outcome: 'received', laboratory: event.laboratory, ...given('box', event.box), ...given('accession', event.accession) })];
    case 'tube.rejected':
      return event.home === '' ? [] : [told(event.home, 'noteIntake', { tube: event.tube, outcome: 'rejected', reason: oneOf(rejectionCodes, event.reason), laboratory: event.laboratory, ...given('box', event.box), ...given('accession', event.accession) })];
    case 'tube.registered': {
      const outcome = intakeOutcomes[event.state - 1] ?? 'received';
      return [told(event.home, 'noteIntake', {
        tube: event.tube, outcome, ...(outcome === 'rejected' ? { reason: oneOf(rejectionCodes, event.reason) } : {}), laboratory: event.laboratory,
        ...given('box', event.box), ...given('accession', event.accession),
      })];
    }
    case 'box.reconciled':
      return event.home === '' ? [] : [told(event.home, 'noteReconciled', { box: event.box, trip: event.trip, laboratory: event.laboratory, missing: codesOf(event.missing), extra: codesOf(event.extra) })];
    case 'result.released':
      return event.home === '' ? [] : [told(event.home, 'noteResult', { tube: event.tube, result: oneOf(testResults, event.result), accession: event.accession, run: event.run, testedAt: event.testedAt, laboratory: event.laboratory })];
    default:
      return [];
  }
}

const manifestOf = (manifest: Uint8Array) => JSON.parse(Buffer.from(manifest).toString()) as [string, number, number][];
const codesOf = (codes: string) => codes.split(' ').filter(Boolean);
const cellOf = (text: string): CellName => {
  const colon = text.indexOf(':');
  return { round: text.slice(0, colon), area: text.slice(colon + 1) };
};
