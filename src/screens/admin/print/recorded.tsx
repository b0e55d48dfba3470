// What leaves the printer is counted first (the step recordPrint). Numbers that were printed before ask for a reason; the dialog for that
// stands here, for labels and cards alike.

import { useState } from 'preact/hooks';
import { reprintReasons } from '../../../domain/reasons.js';
import type { BodyInput, CellName } from '../../../domain/requests.js';
import type { Problem } from '../../door/http.js';
import { Button, Form, Select } from '../../parts/controls.js';
import { Dialog } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { common } from '../../words/everywhere.js';
import { stepsOf } from '../here.js';
import { words } from './words.js';

type Run = Pick<BodyInput<'recordPrint'>, 'kind' | 'first' | 'last' | 'copies'>;
type Reason = (typeof reprintReasons)[number];

export interface Recording {
  /** Puts the runs on record, then does what was asked. */
  record(runs: readonly Run[], then: () => void): Promise<void>;
  problem: Problem | undefined;
  /** Shown while a reason is wanted. */
  dialog: preact.JSX.Element | null;
}

export function useRecording(cell: CellName): Recording {
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const [asked, setAsked] = useState<{ runs: readonly Run[]; printed: number; then: () => void } | undefined>(undefined);

  /** `reason` is given with those that want one: others of the same run may be new. */
  async function take(runs: readonly Run[], then: () => void, reason?: Reason): Promise<void> {
    setProblem(undefined);
    for (const [i, run] of runs.entries()) {
      const reply = await stepsOf(cell).ask('recordPrint', { ...run, ...(reason ? { reason } : {}) });
      if (reply.ok) continue;
      if (reply.problem.word !== 'reprint_needs_reason') return setProblem(reply.problem);
      return setAsked({ runs: runs.slice(i), printed: Number(reply.problem.detail?.['printed'] ?? 1), then });
    }
    setAsked(undefined);
    then();
  }

  return {
    record: (runs, then) => take(runs, then),
    problem,
    dialog: asked ? <Why printed={asked.printed} onClose={() => setAsked(undefined)} onReason={(reason) => void take(asked.runs, asked.then, reason)} /> : null,
  };
}

function Why({ printed, onClose, onReason }: { printed: number; onClose: () => void; onReason: (reason: Reason) => void }) {
  const [reason, setReason] = useState<Reason>('damaged');
  const filled = (text: string): string => text.replace('{n}', String(printed));
  return (
    <Dialog title={{ zh: filled(words.reprintTitle.zh), en: filled(words.reprintTitle.en) }} onClose={onClose} actions={null}>
      <p><Text of={words.reprintFor} /></p>
      <Form onSend={() => onReason(reason)}>
        <Select label={words.reason} value={reason} onChoose={setReason} choices={reprintReasons.map((one) => ({ value: one, words: words[one] }))} id="reprint-reason" />
        <div class="row">
          <Button words={words.again} tone="caution" submit onPress={() => undefined} id="reprint-go" />
          <Button words={common.no} onPress={onClose} />
        </div>
      </Form>
    </Dialog>
  );
}
