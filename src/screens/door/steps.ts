// Steps of a person at a screen that needs a network: the command post, the laboratory's reviewer. Each is asked and waited for. A step whose
// answer was lost is sent again under the same number, so that it is taken once. Tablets at a table use the outbox instead.

import type { StepName } from '../../domain/requests.js';
import { cellPath, post, type Problem, type Reply } from './http.js';

export interface StepAnswer {
  at: number;
  answer: { number: number; outcome: 'applied' | 'quarantined'; events: ({ event: string } & Record<string, unknown>)[] };
}

interface Cell { round: string; area: string }

export interface PersonSteps {
  /** Asks for a step; a refusal is a problem in words. `second`: the confirmation of a second person (POST /api/pin). */
  ask(step: StepName, body: unknown, second?: { account: string; confirmation: string }): Promise<Reply<StepAnswer>>;
  /** Says what has happened, at the time it was done: a fact, which is not refused for its state. */
  report(step: StepName, body: unknown, claimedAt: number): Promise<Reply<StepAnswer>>;
}

const tries = 4;

/** Sends steps under `device` (the badge's name for a person's screens), one after the other. */
export function personSteps(device: string, cell: Cell): PersonSteps {
  // A page that is opened anew is new storage: its numbers begin at 1 again.
  const epoch = `p${crypto.randomUUID().replace(/-/g, '').slice(0, 20)}`;
  let number = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function send(step: StepName, body: unknown, second: { account: string; confirmation: string } | undefined, doneAt?: number): Promise<Reply<StepAnswer>> {
    number += 1;
    const told = doneAt === undefined ? { claimedAt: Date.now() } : { claimedAt: doneAt, mode: 'report' };
    let problem: Problem | undefined;
    for (let attempt = 0; attempt < tries; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
      const reply = await post<StepAnswer>(`${cellPath(cell)}/steps/${step}`, { device, epoch, number, ...told, now: Date.now(), body }, second ? { headers: { 'x-swabline-second': second.confirmation } } : {});
      if (reply.ok) return reply;
      ({ problem } = reply);
      if (problem.status !== 0 && problem.status < 500) break;
    }
    // What the door refused before the record saw it has left its number free.
    if (problem && !('number' in problem) && problem.status !== 0 && problem.status < 500) number -= 1;
    return { ok: false, problem: problem as Problem };
  }

  const inTurn = (work: () => Promise<Reply<StepAnswer>>): Promise<Reply<StepAnswer>> => {
    const sent = last.then(work);
    last = sent.catch(() => undefined);
    return sent;
  };
  return {
    ask: (step, body, second) => inTurn(() => send(step, body, second)),
    report: (step, body, claimedAt) => inTurn(() => send(step, body, undefined, claimedAt)),
  };
}
