// A laboratory's findings as steps, many at a time: what a file or an instrument says of tubes, one step each, and what became of it. A
// result whose tube is not here yet is parked; one that is on record already is known, however often it is sent.
//
// Which step comes next follows from the answers alone, and a repeat hears the first answer. So whoever sends the same findings under the
// same numbers once more, after a crash, hears the same of every one of them.

import { inSendingOrder, type Placed } from '../domain/findings.js';
import type { ResultWait } from '../domain/reasons.js';
import { refusals, type RefusalWord } from '../domain/refusals.js';
import type { StepRequest } from '../domain/requests.js';
import type { Answer, Parcel, Receipt } from './ledger.js';

/** What the record says of a finding. */
export type FindingAnswer =
  | { outcome: 'accepted' }
  | { outcome: 'held' | 'parked'; why: ResultWait }
  | { outcome: 'known' }
  | { outcome: 'refused'; word: RefusalWord; detail: Record<string, unknown> };

/** Who speaks. `number` is the next to be given out, and is moved on. */
export interface FindingSender {
  device: string;
  epoch: string;
  number: number;
  /** The staff card or account of whoever answers for these results. */
  by?: string | undefined;
}

/** The record takes nothing at the moment: the same findings may be sent again. */
export class RecordStopped extends Error {
  override name = 'RecordStopped';
  readonly word: RefusalWord;
  constructor(word: RefusalWord) {
    super(`The record takes nothing at the moment: ${word}.`);
    this.word = word;
  }
}

/** Refusals that every finding would hear. */
const ofTheWholeCell: ReadonlySet<string> = new Set<RefusalWord>(['wrong_cell', 'cell_unknown', 'round_closed']);

/** As many as one call takes: about 2 ms of Redis's time. */
const findingsPerCall = 50;

/**
 * Sends findings and gives what became of each, by its place. Where the cell as a whole refuses, nothing more is sent and the rest has
 * the same answer. `told` hears how many are answered. Throws RecordStopped, and what `take` throws.
 */
export async function takeFindings(
  take: (parcel: Parcel) => Promise<Receipt>,
  sender: FindingSender,
  findings: readonly Placed[],
  told: (done: number) => Promise<void> | void = () => undefined,
): Promise<Map<number, FindingAnswer>> {
  const { device, epoch, by } = sender;
  const found = new Map<number, FindingAnswer>();
  const ordered = inSendingOrder(findings);

  async function send(step: 'recordResult' | 'parkResult', some: readonly Placed[]): Promise<Placed[]> {
    const turned: Placed[] = [];
    if (some.length === 0) return turned;
    const requests = some.map(({ finding }, i): StepRequest => ({ number: sender.number + i, step, mode: 'ask', claimedAt: Date.now(), by, body: finding }));
    const { answers } = await take({ device, epoch, requests });
    sender.number += some.length;
    some.forEach((one, i) => {
      const answer = readAnswer(answers[i]);
      found.set(one.place, answer);
      if (answer.outcome === 'refused' && answer.word === (step === 'recordResult' ? 'tube_not_received' : 'tube_received')) turned.push(one);
    });
    return turned;
  }

  for (let at = 0; at < ordered.length; at += findingsPerCall) {
    const some = ordered.slice(at, at + findingsPerCall);
    const notHere = await send('recordResult', some);
    // One that came in between these two calls is here now.
    await send('recordResult', await send('parkResult', notHere));
    const first = found.get((some[0] as Placed).place);
    if (first?.outcome === 'refused' && ofTheWholeCell.has(first.word)) {
      for (const { place } of ordered.slice(at)) found.set(place, first);
      break;
    }
    await told(at + some.length);
  }
  return found;
}

/** The word with which the cell as a whole refuses, if it does. */
export function refusedByCell(answers: Iterable<FindingAnswer>): RefusalWord | undefined {
  for (const answer of answers) if (answer.outcome === 'refused' && ofTheWholeCell.has(answer.word)) return answer.word;
  return undefined;
}

function readAnswer(answer: Answer | undefined): FindingAnswer {
  if (answer?.outcome === 'refused') {
    const { word, detail } = answer;
    if (word === 'result_recorded') return { outcome: 'known' };
    if ('retry' in refusals[word]) throw new RecordStopped(word);
    return { outcome: 'refused', word, detail };
  }
  const event = answer?.outcome === 'applied' ? answer.events[0] : undefined;
  if (event?.event === 'result.released') return { outcome: 'accepted' };
  if (event?.event === 'result.held') return { outcome: 'held', why: event.why as ResultWait };
  if (event?.event === 'result.parked') return { outcome: 'parked', why: event.why as ResultWait };
  throw new Error(`The record gave no answer to a result: ${answer?.outcome ?? 'nothing'}.`);
}
