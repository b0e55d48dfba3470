// Answers of the record as they go over the wire: the status of every refusal, and receipts and events as JSON.

import type { FastifyReply } from 'fastify';
import { type EventName, eventNames, events, type LedgerEvent } from '../domain/events.js';
import { type RefusalText, refusals, type RefusalWord } from '../domain/refusals.js';
import type { Answer, Receipt } from '../ledger/ledger.js';
import { Problem, type ProblemBody, problemType, typeOf } from './problems.js';

/**
 * HTTP status of a refusal when a step is sent alone. 409: the record says otherwise. 404: the address names no cell. 403: it needs a
 * second person. 503: nobody could have been served. A word without a line does not compile.
 */
export const refusalStatus: Record<RefusalWord, 403 | 404 | 409 | 503> = {
  cell_halted: 503,
  cell_unknown: 404,
  layout_differs: 503,
  number_too_far: 409,
  id_reused: 409,
  wrong_cell: 404,
  not_allowed: 403,
  staff_unknown: 403,
  device_not_paired: 409,
  device_revoked: 403,
  move_backwards: 409,
  card_taken: 409,
  last_administrator: 409,
  round_exists: 409,
  round_closed: 409,
  not_a_rehearsal: 409,
  clock_backwards: 409,
  tubes_unfinished: 409,
  devices_unfinished: 409,
  results_unfinished: 409,
  boxes_unfinished: 409,
  recalls_open: 409,
  discrepancies_open: 409,
  second_person_needed: 403,
  site_unknown: 409,
  station_unknown: 409,
  station_elsewhere: 409,
  too_many_stations: 409,
  station_not_open: 409,
  station_open: 409,
  no_station_open: 409,
  queue_empty: 409,
  resident_unknown: 409,
  resident_known: 409,
  resident_deceased: 409,
  already_sampled: 409,
  ticket_open: 409,
  ticket_unknown: 409,
  ticket_not_called: 409,
  ticket_number_used: 409,
  wrong_fence: 409,
  tube_code_used: 409,
  tube_unknown: 409,
  tube_voided: 409,
  tube_sealed: 409,
  tube_full: 409,
  tube_not_owned: 409,
  tube_empty: 409,
  count_differs: 409,
  size_not_allowed: 409,
  single_tube_only: 409,
  risk_group_differs: 409,
  household_differs: 409,
  party_does_not_fit: 409,
  swab_unknown: 409,
  same_tube: 409,
  box_in_use: 409,
  box_unknown: 409,
  box_sealed: 409,
  box_not_sealed: 409,
  box_empty: 409,
  box_full: 409,
  box_count_differs: 409,
  box_arrived: 409,
  tube_not_sealed: 409,
  tube_packed: 409,
  tube_not_packed: 409,
  tube_lost: 409,
  tube_not_lost: 409,
  tube_leaked: 409,
  tube_received: 409,
  tube_rejected: 409,
  tube_resulted: 409,
  same_person: 409,
  not_a_party: 409,
  custody_elsewhere: 409,
  manifest_differs: 409,
  handover_offered: 409,
  box_received: 409,
  box_not_received: 409,
  box_reconciled: 409,
  tube_not_received: 409,
  accession_used: 409,
  accession_differs: 409,
  result_recorded: 409,
  result_differs: 409,
  result_unknown: 409,
  result_not_held: 409,
  tube_contested: 409,
  time_in_future: 409,
  recall_unknown: 409,
  recall_open: 409,
  recall_closed: 409,
  not_recalled: 409,
  discrepancy_unknown: 409,
  discrepancy_resolved: 409,
  record_unknown: 409,
  record_settled: 409,
  device_present: 409,
  device_unknown: 409,
  nothing_missing: 409,
  same_resident: 409,
  resident_merged: 409,
  twin_recalled: 409,
  swabs_changed: 409,
  codes_not_reserved: 409,
  reprint_needs_reason: 409,
  range_exhausted: 409,
};

/** Seconds after which a refusal with status 503 is worth another try. */
export const refusedRetryAfter = 30;

/** An answer to a record that the door itself gives: nothing of it stands on the record. */
export interface DoorAnswer {
  number?: number;
  /** `unreadable`: it has no usable number, so nothing could be kept of it. `refused`: there is no such cell. `fault`: ours. */
  outcome: 'unreadable' | 'refused' | 'fault';
  word: string;
  zh: string;
  en: string;
  nextZh: string;
  nextEn: string;
  detail?: Record<string, unknown>;
}

/** The sentences of a refusal, as they are sent with it. */
export const sentencesOf = (word: RefusalWord): Pick<RefusalText, 'zh' | 'en' | 'nextZh' | 'nextEn'> => {
  const { zh, en, nextZh, nextEn } = refusals[word];
  return { zh, en, nextZh, nextEn };
};

/** A problem as the answer to one record among others. */
/** A refusal of the record, said by the door where no step is taken. */
export const refusalProblem = (word: RefusalWord, detail?: Record<string, unknown>): Problem =>
  new Problem('nothing_there', detail, { word, status: refusalStatus[word], ...sentencesOf(word) });

export function doorAnswer(outcome: DoorAnswer['outcome'], { body }: Problem, number?: number): DoorAnswer {
  const { word, zh, en, nextZh, nextEn, detail } = body;
  return { ...(number === undefined ? {} : { number }), outcome, word, zh, en, nextZh, nextEn, ...(detail ? { detail } : {}) };
}

export function answerOnWire(answer: Answer): object {
  switch (answer.outcome) {
    case 'applied':
      for (const event of answer.events) plainEvent(event);
      return answer;
    case 'refused':
      return { ...answer, ...sentencesOf(answer.word) };
    case 'fault':
      return doorAnswer('fault', new Problem('step_failed'), answer.number);
    case 'quarantined':
      return answer;
  }
}

/** What every answer carries beside the answers themselves. */
export const receiptHead = ({ dataEpoch, at, mark, missing, lost, copies, safeUpTo, due }: Receipt) => ({ dataEpoch, at, mark, missing, lost, copies, safeUpTo, due });

/** A receipt as it is sent; `local` holds the door's own answers by their place among the records. */
export function receiptOnWire(receipt: Receipt, local?: ReadonlyMap<number, DoorAnswer>): object {
  const answers: object[] = receipt.answers.map(answerOnWire);
  // In ascending places, so that each lands where its record stood.
  if (local) for (const [place, answer] of local) answers.splice(place, 0, answer);
  return { ...receiptHead(receipt), answers };
}

/** A refused step as a problem, with the receipt's head, so that a tablet learns its mark from a refusal too. */
export function refusalOnWire(receipt: Receipt, { word, detail, again, number }: Extract<Answer, { outcome: 'refused' }>): ProblemBody & { number: number; again?: true } & ReturnType<typeof receiptHead> {
  return {
    type: typeOf(word), title: refusals[word].en, status: refusalStatus[word], word, ...sentencesOf(word), detail, number,
    ...(again ? { again } : {}), ...receiptHead(receipt),
  };
}

/** A refusal that holds for all of a request, as a problem. */
export function sendRefusal(reply: FastifyReply, word: RefusalWord): FastifyReply {
  const status = refusalStatus[word];
  if (status === 503) reply.header('retry-after', refusedRetryAfter);
  const body: ProblemBody = { type: typeOf(word), title: refusals[word].en, status, word, ...sentencesOf(word) };
  return reply.code(status).header('content-type', problemType).send(JSON.stringify(body));
}

/** Fields of packed bytes by event: JSON where the record holds JSON, else base64. */
const jsonFields: Partial<Record<EventName, readonly string[]>> = { 'round.opened': ['rules'], 'discrepancy.opened': ['detail'] };
const byteFields = new Map<EventName, readonly string[]>(
  eventNames.flatMap((name) => {
    const fields = Object.entries(events[name].fields).filter(([, type]) => type === 'bytes').map(([field]) => field);
    return fields.length > 0 ? [[name, fields] as const] : [];
  }),
);

/** Makes an event fit for JSON, in place: it was decoded for this answer alone. */
export function plainEvent(event: LedgerEvent): void {
  const fields = event as unknown as Record<string, unknown>;
  // In an answer an event has no position of its own.
  if (event.id === '') fields['id'] = undefined;
  const packed = byteFields.get(event.event);
  if (!packed) return;
  for (const field of packed) {
    const bytes = Buffer.from(fields[field] as Uint8Array);
    fields[field] = jsonFields[event.event]?.includes(field) ? readJson(bytes) : bytes.toString('base64');
  }
}

function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return bytes.toString('base64');
  }
}
