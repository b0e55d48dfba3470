// Results from an instrument or the laboratory's own system, up to 500 at a time, as JSON. A sender needs no numbers and keeps no journal:
// a result is known by tube, accession and run, so the same list may be sent as often as the line breaks. Each has its own answer, and one
// that is faulty spoils no other.

import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Clash, clashes, clashesOf, findingCounts, findingOutcomes, type Placed } from '../domain/findings.js';
import { refusals } from '../domain/refusals.js';
import { bodies, type CellName, staffCard } from '../domain/requests.js';
import { type FindingAnswer, type FindingSender, RecordStopped, refusedByCell, takeFindings } from '../ledger/findings.js';
import { findingStates } from '../ledger/laboratory.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { compileCheck, type Fault, sentenceOf } from './checks.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { Problem, sendProblem } from './problems.js';
import { sentencesOf } from './replies.js';
import { resultSender } from './resultSender.js';

export const resultsMax = 500;

const person = staffCard.or(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/));
const envelope = z.strictObject({
  /** The staff card of whoever answers for the results, where a device sends them. */
  by: person.optional(),
  results: z.array(z.unknown()).min(1),
});
const finding = bodies.recordResult;
const described = envelope.extend({ results: z.array(finding).min(1).max(resultsMax) });

const line = { type: 'string' };
const answer = {
  type: 'object', required: ['outcome'],
  properties: {
    outcome: { enum: findingOutcomes, description: 'accepted: it leaves the laboratory. held: two people have to look. parked: its tube is not here yet. known: on record already. refused: the record says no. faulty: it was not sent.' },
    why: { ...line, description: 'Why it is held or parked.' }, state: { ...line, description: 'Where a known result stands now.' },
    word: { ...line, description: 'Why not (refused, faulty).' }, detail: { type: 'object' }, zh: line, en: line, nextZh: line, nextEn: line,
    with: { type: 'array', items: { type: 'integer' }, description: 'Places in the list that it clashes with, from 0.' },
  },
};
const whole = { type: 'integer' };
const counts = { type: 'object', properties: { in: whole, ...Object.fromEntries(findingOutcomes.map((outcome) => [outcome, whole])), sum: whole, equal: { type: 'boolean' } } };

type Answered =
  | Exclude<FindingAnswer, { outcome: 'known' }>
  | { outcome: 'known'; state?: string; why?: string }
  | { outcome: 'faulty'; word: 'content_invalid'; detail: { faults: Fault[] }; zh: string; en: string }
  | { outcome: 'faulty'; word: Clash; with: number[]; zh: string; en: string };

export function resultBatchRoute(app: FastifyInstance, door: Door): void {
  const check = compileCheck(envelope);
  const checkOne = compileCheck(finding);
  const turns = senders();

  app.post(`${cellAddress}/results/batch`, {
    ...documented({
      name: 'recordResults', tag: 'lab', summary: '批量登记结果 Results from an instrument or a laboratory system; each gets its answer, and all of them may be sent again.',
      description: `1 to ${resultsMax} results. A result is known by tube, accession and run: sent again it is known and changes nothing. One whose tube is not here yet is parked; ` +
        'anything but a negative without a second person, a contradiction, and a time before sampling are held for two people. in = accepted + held + parked + known + refused + faulty.',
      params: cellParams, body: described, may: { read: 'results' },
      replies: { 200: { type: 'object', required: ['counts', 'answers'], properties: { counts, answers: { type: 'array', items: answer, description: 'One for each result, in its order.' } } } },
    }),
    bodyLimit: 512 * 1024,
  }, async (request, reply) => {
    const cell = cellOf(request);
    if (!cell) return sendProblem(reply, cellUnknown());
    if (request.body === undefined) return sendProblem(reply, new Problem('no_content'));
    const checked = check(request.body);
    if (!checked.ok) return sendProblem(reply, new Problem('content_invalid', { faults: checked.faults }, sentenceOf(checked.faults)));
    const { by, results } = checked.value;
    if (results.length > resultsMax) return sendProblem(reply, new Problem('results_too_many', { max: resultsMax }));

    const answers: Answered[] = [];
    const good: Placed[] = [];
    results.forEach((result, place) => {
      const one = checkOne(result);
      if (one.ok) good.push({ place, finding: one.value });
      else answers[place] = { outcome: 'faulty', word: 'content_invalid', detail: { faults: one.faults.slice(0, 10) }, ...sentenceOf(one.faults) };
    });
    for (const secondBy of new Set([undefined, ...good.map(({ finding }) => finding.secondBy)])) {
      const sender = await resultSender(door, request, cell, { by, secondBy });
      if (sender instanceof Problem) return sendProblem(reply, sender);
    }
    const sender = await resultSender(door, request, cell, { by });
    if (sender instanceof Problem) return sendProblem(reply, sender);
    for (const [place, { word, with: others }] of clashesOf(good)) answers[place] = { outcome: 'faulty', word, with: others, ...clashes[word] };
    const sent = good.filter(({ place }) => !answers[place]);

    try {
      const said = await turns(cell, sender.device, (speaker) => takeFindings((parcel) => door.take(cell, parcel), { ...speaker, by: sender.by }, sent));
      const stopped = refusedByCell(said.answers.values());
      const nothing = [...said.answers.values()].every(({ outcome }) => outcome === 'refused');
      if (stopped && nothing) return sendProblem(reply, new Problem('nothing_there', undefined, { word: stopped, zh: refusals[stopped].zh, en: refusals[stopped].en }));
      for (const [place, one] of said.answers) answers[place] = one;
    } catch (fault) {
      if (!(fault instanceof RecordStopped)) throw fault;
      return sendProblem(reply, new Problem('record_unreachable', undefined, { word: fault.word, zh: refusals[fault.word].zh, en: refusals[fault.word].en }));
    }
    return reply.send();
  });
}
