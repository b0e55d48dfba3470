// What would become of the findings of a file if it were imported now: for the person who has to decide. A look at the record, not a
// promise. The order of the questions is that of recordResult (ledger/recordResult.lua), which has the last word.

import { type Finding, type Placed, withDigits } from '../../domain/findings.js';
import type { CellName } from '../../domain/requests.js';
import type { FindingAnswer } from '../../ledger/findings.js';
import type { FindingState } from '../../ledger/laboratory.js';

/** What is needed of the record for a look. */
export interface ResultLook {
  /** Is it open, is it a laboratory's, and what time is it there (ms)? Undefined: there is no such cell. */
  place(cell: CellName): Promise<{ laboratory: boolean; open: boolean; now: number } | undefined>;
  states(cell: CellName, findings: readonly { tube: string; accession: string; run: string }[]): Promise<FindingState[]>;
}

/** Instruments and people set their clocks by hand; as in ledger/laboratory.lua. */
const aheadMax = 300_000;
const perLook = 500;

/** What is to be expected of each finding, by its place, if it is sent by this person. */
export async function foresee(look: ResultLook, cell: CellName, { now, by = '' }: { now: number; by?: string | undefined }, findings: readonly Placed[]): Promise<Map<number, FindingAnswer>> {
  const said = new Map<string, Set<string>>();
  for (const { finding } of findings) said.set(finding.tube, (said.get(finding.tube) ?? new Set()).add(finding.result));
  const found = new Map<number, FindingAnswer>();
  for (let at = 0; at < findings.length; at += perLook) {
    const some = findings.slice(at, at + perLook);
    const states = await look.states(cell, some.map(({ finding }) => finding));
    some.forEach(({ place, finding }, i) => found.set(place, foreseen(finding, states[i] ?? {}, { now, by, contradicted: (said.get(finding.tube)?.size ?? 0) > 1 })));
  }
  return found;
}

interface Around {
  now: number;
  by: string;
  /** Another row of the file says something else of the tube. */
  contradicted: boolean;
}

function foreseen(finding: Finding, { intake, recorded, accessionOf }: FindingState, { now, by, contradicted }: Around): FindingAnswer {
  const { tube, accession, result, testedAt, secondBy = '' } = finding;
  const refused = (word: Extract<FindingAnswer, { outcome: 'refused' }>['word'], detail: Record<string, unknown>): FindingAnswer => ({ outcome: 'refused', word, detail });
  if (testedAt > now + aheadMax) return refused('time_in_future', { testedAt, now });
  if (recorded) return recorded.result === result ? { outcome: 'known' } : refused('result_differs', { tube, recorded: recorded.result, at: recorded.recordedAt });
  const here = intake !== undefined && intake.state !== 'expected';
  if (intake?.state === 'rejected') return refused('tube_rejected', { tube });
  if (here && intake.accession !== '' && intake.accession !== accession) return refused('accession_differs', { tube, accession: intake.accession, given: accession });
  if (accessionOf !== undefined && accessionOf !== tube) return refused('accession_used', { accession, tube: accessionOf });
  if (!here) return { outcome: 'parked', why: 'not_received' };
  if (intake.home === '') return { outcome: 'parked', why: 'unregistered' };
  if (intake.held > 0) return { outcome: 'held', why: 'contested' };
  if (contradicted || (intake.result !== undefined && intake.result !== result)) return { outcome: 'held', why: 'conflict' };
  if (intake.sampledAt > 0 && testedAt < intake.sampledAt) return { outcome: 'held', why: 'before_sampling' };
  const two = secondBy !== '' && by !== '' && secondBy !== by;
  if (result !== 'negative' && !two) return { outcome: 'held', why: 'second_person' };
  return { outcome: 'accepted' };
}

/**
 * Tubes that are not here and whose codes differ from one that is only by letters typed for digits. Other makers' codes have letters of
 * their own and no check digits, so nothing but the tubes on the bench can show this.
 */
export async function lookAlikes(look: ResultLook, cell: CellName, notHere: readonly Placed[]): Promise<{ row: number; tube: string }[]> {
  const asked = notHere.flatMap(({ place, finding: { tube } }) =>
    [...new Set([withDigits(tube), tube.replaceAll('O', '0'), tube.replaceAll('0', 'O')])].filter((other) => other !== tube).map((other) => ({ row: place, tube: other })),
  );
  const found: { row: number; tube: string }[] = [];
  for (let at = 0; at < asked.length; at += perLook) {
    const some = asked.slice(at, at + perLook);
    const states = await look.states(cell, some.map(({ tube }) => ({ tube, accession: '', run: '' })));
    some.forEach((one, i) => {
      if (states[i]?.intake) found.push(one);
    });
  }
  return found;
}
