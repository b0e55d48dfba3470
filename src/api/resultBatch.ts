// Results from an instrument or the laboratory's own system, up to 500 at a time, as JSON. A sender needs no numbers and keeps no journal:
// a result is known by tube, accession and run, so the same list may be sent as often as the line breaks. Each has its own answer, and one
// that is faulty spoils no other.

import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { clashes, clashesOf, findingCounts, findingOutcomes, type Placed, tubeMistake, tubeMistakes } from '../domain/findings.js';
import type { RefusalWord } from '../domain/refusals.js';
import { bodies, type CellName } from '../domain/requests.js';
import { type FindingAnswer, type FindingSender, RecordStopped, refusedByCell, takeFindings } from '../ledger/findings.js';
import { findingStates } from '../ledger/laboratory.js';
import { cellAddress, cellOf, cellParams, cellUnknown } from './cells.js';
import { compileCheck, sentenceOf } from './checks.js';
import { documented } from './documented.js';
import type { Door } from './door.js';
import { Problem, sendProblem } from './problems.js';
import { sendRefusal, sentencesOf } from './replies.js';
import { resultSender } from './resultSender.js';

export const resultsMax = 500;

const envelope = z.strictObject({
  /** The staff card of whoever answers for the results, where a device sends them. */
  by: bodies.recordResult.shape.secondBy,
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
    suggestion: { ...line, description: 'The tube that was perhaps meant.' },
    with: { type: 'array', items: { type: 'integer' }, description: 'Places in the list that it clashes with, from 0.' },
  },
};
const whole = { type: 'integer' };
const counts = { type: 'object', properties: { in: whole, ...Object.fromEntries(findingOutcomes.map((outcome) => [outcome, whole])), sum: whole, equal: { type: 'boolean' } } };

/** An answer of the record, with where a known result stands now; or what is wrong with the result, so that it was not sent. */
type Answered = (FindingAnswer & { state?: string; why?: string }) | { outcome: 'faulty'; word: string; detail?: object; suggestion?: string; with?: number[]; zh: string; en: string };

export function resultBatchRoute(app: FastifyInstance, door: Door): void {
  const check = compileCheck(envelope);
  const checkOne = compileCheck(finding);
  const inTurn = oneAfterAnother();

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

    const sender = await resultSender(door, request, cell, { by });
    if (sender instanceof Problem) return sendProblem(reply, sender);
    const answers: Answered[] = [];
    const good: Placed[] = [];
    results.forEach((result, place) => {
      const one = checkOne(result);
      const mistake = one.ok ? tubeMistake(one.value.tube) : undefined;
      if (!one.ok) answers[place] = { outcome: 'faulty', word: 'content_invalid', detail: { faults: one.faults.slice(0, 10) }, ...sentenceOf(one.faults) };
      else if (mistake) answers[place] = { outcome: 'faulty', ...mistake, ...tubeMistakes[mistake.word] };
      else good.push({ place, finding: one.value });
    });
    for (const [place, { word, with: others }] of clashesOf(good)) answers[place] = { outcome: 'faulty', word, with: others, ...clashes[word] };
    // Each second person is judged once; a result whose second person is not one is refused, and no other.
    const seconds = new Map<string, Problem | undefined>();
    for (const { place, finding: { secondBy } } of good) {
      if (secondBy === undefined || answers[place]) continue;
      if (!seconds.has(secondBy)) {
        const judged = await resultSender(door, request, cell, { by, secondBy });
        seconds.set(secondBy, judged instanceof Problem ? judged : undefined);
      }
      const problem = seconds.get(secondBy);
      if (problem) answers[place] = { outcome: 'refused', word: problem.body.word as RefusalWord, detail: {} };
    }

    try {
      const said = await inTurn(cell, sender.device, (speaker) =>
        takeFindings((parcel) => door.take(cell, parcel), Object.assign(speaker, { by: sender.by }), good.filter(({ place }) => !answers[place])));
      const stopped = refusedByCell(said.values());
      if (stopped && [...said.values()].every(({ outcome }) => outcome === 'refused')) return sendRefusal(reply, stopped);
      for (const [place, one] of said) answers[place] = one;
    } catch (fault) {
      if (fault instanceof RecordStopped) return sendRefusal(reply, fault.word);
      throw fault;
    }
    const known = good.filter(({ place }) => answers[place]?.outcome === 'known');
    const states = await findingStates(door.ledger.redis, cell, known.map(({ finding }) => finding));
    known.forEach(({ place }, i) => {
      const { state, why } = states[i]?.recorded ?? {};
      answers[place] = { outcome: 'known', ...(state ? { state } : {}), ...(why ? { why } : {}) };
    });
    const counts = findingCounts(results.length, answers.map(({ outcome }) => outcome));
    const wire = answers.map((one) => (one.outcome === 'refused' ? { ...one, ...sentencesOf(one.word) } : one));
    return reply.header('content-type', 'application/json; charset=utf-8').send(JSON.stringify({ counts, answers: wire }));
  });
}

/**
 * Gives each sender of a cell numbers without a hole, one list after another. The age of storage is this process's own; after a fault it
 * is another one, since nobody knows which numbers were received.
 */
function oneAfterAnother() {
  const lines = new Map<string, { speaker: FindingSender; free: Promise<void> }>();
  return async (cell: CellName, device: string, send: (speaker: FindingSender) => Promise<Map<number, FindingAnswer>>): Promise<Map<number, FindingAnswer>> => {
    const name = `${cell.round}:${cell.area}:${device}`;
    const line = lines.get(name) ?? { speaker: fresh(device), free: Promise.resolve() };
    lines.set(name, line);
    const before = line.free;
    let release = (): void => undefined;
    line.free = new Promise((resolve) => { release = resolve; });
    await before;
    let kept = false;
    try {
      const said = await send(line.speaker);
      kept = refusedByCell(said.values()) === undefined;
      return said;
    } finally {
      if (!kept) line.speaker = fresh(device);
      release();
    }
  };
}

const fresh = (device: string): FindingSender => ({ device, epoch: `results-${randomBytes(6).toString('hex')}`, number: 1 });
