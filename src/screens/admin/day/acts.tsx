// What the command post may do about somebody or a tube it has found: excuse a person, say that two entries are one person, report a tube
// that is lost, leaked or found again, take it off the record, call its people back. Each is one step with its reason.

import { useState } from 'preact/hooks';
import { excuseReasons, openRecallReasons, voidTubeReasons } from '../../../domain/reasons.js';
import type { StepName } from '../../../domain/requests.js';
import type { Problem } from '../../door/http.js';
import { Button, Field, Form } from '../../parts/controls.js';
import { Dialog, ProblemNote } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { common } from '../../words/everywhere.js';
import { type Phrase, say } from '../../words/language.js';
import { useWork } from '../arrive.js';
import { mayStep } from '../here.js';
import type { RoomProps } from '../rooms.js';
import { takeWithSecond } from '../second.js';
import { wordsOf } from './valueWords.js';
import { words } from './words.js';

interface ActProps extends RoomProps {
  onDone: () => void;
}

interface Asked {
  title: Phrase;
  about: Phrase;
  values: Readonly<Record<string, string | number>>;
  step: StepName;
  /** What is chosen among, and the body a choice makes. */
  choices: readonly string[];
  body: (choice: string) => Record<string, unknown>;
}

/** One question with a handful of answers, each by a key. */
function Choosing({ cell, asked, onClose, onDone }: ActProps & { asked: Asked; onClose: () => void }) {
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const choose = (choice: string): void => run(async () => {
    const reply = await takeWithSecond(cell, asked.step, asked.body(choice), asked.about, asked.values);
    if (reply?.ok) {
      onClose();
      onDone();
    } else setProblem(reply?.problem);
  });
  return (
    <Dialog title={asked.title} onClose={onClose}>
      <p><Text of={asked.about} values={asked.values} /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      <div class="row">{asked.choices.map((choice, i) => <Button key={choice} words={wordsOf(choice)} {...(i < 9 ? { hotkey: String(i + 1) } : {})} onPress={() => choose(choice)} />)}</div>
    </Dialog>
  );
}

const excusing = (resident: number): Asked => ({
  title: words.excuse, about: words.excuseAbout, values: { n: resident }, step: 'excuseResident', choices: excuseReasons, body: (reason) => ({ resident: String(resident), reason }),
});

/** The question why somebody need not come, for a list that has its own buttons. */
export const Excusing = ({ cell, resident, onClose, onDone }: ActProps & { resident: number; onClose: () => void }) => <Choosing cell={cell} asked={excusing(resident)} onClose={onClose} onDone={onDone} />;

export function PersonActs({ cell, resident, excusable, onDone }: ActProps & { resident: number; excusable: boolean }) {
  const [open, setOpen] = useState<'excuse' | 'merge' | undefined>(undefined);
  const close = (): void => setOpen(undefined);
  return (
    <>
      {excusable && mayStep('excuseResident', cell) ? <Button words={words.excuse} onPress={() => setOpen('excuse')} id="excuse" /> : null}
      {mayStep('mergeResidents', cell) ? <Button words={words.merge} onPress={() => setOpen('merge')} id="merge" /> : null}
      {open === 'excuse' ? <Excusing cell={cell} resident={resident} onClose={close} onDone={onDone} /> : null}
      {open === 'merge' ? <Merging cell={cell} resident={resident} onClose={close} onDone={onDone} /> : null}
    </>
  );
}

function Merging({ cell, resident, onClose, onDone }: ActProps & { resident: number; onClose: () => void }) {
  const [twin, setTwin] = useState('');
  const [wrong, setWrong] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const { run } = useWork();
  const send = (): void => {
    const bad = !/^[1-9]\d{0,8}$/.test(twin.trim());
    setWrong(bad);
    if (bad) return;
    run(async () => {
      const reply = await takeWithSecond(cell, 'mergeResidents', { resident: String(resident), twin: twin.trim() }, words.mergeAbout, { n: resident });
      if (reply?.ok) {
        onClose();
        onDone();
      } else setProblem(reply?.problem);
    });
  };
  return (
    <Dialog title={words.merge} onClose={onClose} actions={null}>
      <p><Text of={words.mergeAbout} values={{ n: resident }} /></p>
      {problem ? <ProblemNote problem={problem} /> : null}
      <Form onSend={send}>
        <Field label={words.mergeTwin} value={twin} onInput={setTwin} inputMode="numeric" maxLength={9} error={wrong ? say(words.mergeForm) : undefined} id="merge-twin" autofocus />
        <div class="row">
          <Button words={words.merge} tone="info" submit onPress={() => undefined} id="merge-go" />
          <Button words={common.no} onPress={onClose} />
        </div>
      </Form>
    </Dialog>
  );
}

interface TubeNow { state: string; count: number; lab: string; fate: string }

export function TubeActs({ cell, tube, is, onDone }: ActProps & { tube: string; is: TubeNow }) {
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const values = { tube, n: is.count };
  const ended = is.state === 'void' || is.fate === 'leaked' || is.lab === 'resulted';
  const reports = is.fate === 'lost' || is.fate === 'missing' ? (is.fate === 'missing' ? ['found', 'lost'] : ['found']) : ['lost', 'leaked'];
  return (
    <>
      {!ended && is.lab !== 'rejected' && mayStep('reportTube', cell) ? (
        <Button words={words.reportTube} id="report-tube" onPress={() => setAsked({ title: words.reportTube, about: words.reportAbout, values, step: 'reportTube', choices: reports, body: (what) => ({ tube, what }) })} />
      ) : null}
      {is.count > 0 && mayStep('openRecall', cell) ? (
        <Button words={words.openRecall} id="recall-tube" onPress={() => setAsked({ title: words.openRecall, about: words.openRecallAbout, values, step: 'openRecall', choices: openRecallReasons, body: (reason) => ({ tube, reason }) })} />
      ) : null}
      {!ended && is.lab === 'none' && mayStep('voidTube', cell) ? (
        <Button words={words.voidTube} tone="stop" id="void-tube" onPress={() => setAsked({ title: words.voidTube, about: words.voidAbout, values, step: 'voidTube', choices: voidTubeReasons.filter((reason) => reason !== 'replaced'), body: (reason) => ({ tube, reason }) })} />
      ) : null}
      {asked ? <Choosing cell={cell} asked={asked} onClose={() => setAsked(undefined)} onDone={onDone} /> : null}
    </>
  );
}
