// Who records results here: a device of the bench through its outbox, or a person who is signed in. Both wait for the answer: a result is a
// decision, and nothing is shown as recorded before the record says so.

import type { Outbox } from '../outbox/outbox.js';
import type { BodyInput } from '../outbox/wire.js';
import { type Problem, type Reply, silence } from '../door/http.js';
import type { PersonSteps } from '../door/steps.js';

type Event = { event: string } & Record<string, unknown>;

export interface Recorder {
  take(step: 'recordResult' | 'releaseResult', body: Record<string, unknown>, second?: { account: string; confirmation: string }): Promise<Reply<{ events: Event[] }>>;
  /** The staff card or account that answers for what is recorded. */
  by(): string | undefined;
}

export const deviceRecorder = (outbox: Outbox, staff: () => string | undefined): Recorder => ({
  by: staff,
  async take(step, body) {
    const heard = await outbox.ask(step, body as BodyInput<'recordResult'>, { by: staff(), otherwise: 'lapse' });
    if (heard.outcome === 'applied') return { ok: true, value: { events: heard.events as Event[] } };
    if (heard.outcome !== 'refused') return { ok: false, problem: silence };
    const { word, zh, en, nextZh, nextEn, detail } = heard;
    return { ok: false, problem: { status: 409, word, zh, en, nextZh, nextEn, detail } satisfies Problem };
  },
});

export const personRecorder = (steps: PersonSteps, account: string): Recorder => ({
  by: () => account,
  async take(step, body, second) {
    const reply = await steps.ask(step, body, second);
    return reply.ok ? { ok: true, value: { events: reply.value.answer.events } } : reply;
  },
});
