// What a person must decide: each record with its reason in words and two choices, to be reached by touch and by key alike. Nothing is
// taken off the list by itself.

import { useEffect, useState } from 'preact/hooks';
import type { FixRow } from '../outbox/outbox.js';
import { Button } from '../parts/controls.js';
import { Text } from '../parts/text.js';
import type { Phrase } from '../words/language.js';
import { clock } from '../words/time.js';
import type { Tablet } from './device.js';
import { stepWords, words } from './words.js';

type Decision = FixRow['decisions'][number];

const isStep = (step: string): step is keyof typeof stepWords => Object.hasOwn(stepWords, step);
export const stepPhrase = (step: string): Phrase => stepWords[isStep(step) ? step : 'other'];

/** What each choice is called where the record was refused, and where it stands and contradicts. */
const choice = (row: FixRow, decision: Decision): Phrase => {
  if (decision === 'drop') return row.why === 'refused' || row.why === 'unreadable' ? words.itDidNot : words.seen;
  return decision === 'report' ? words.itHappened : words.sendAgain;
};

export function ToFix({ tablet: { outbox, staff, status }, nameOf, onDone }: { tablet: Tablet; nameOf?: ((resident: string) => string | undefined) | undefined; onDone?: () => void }) {
  const [rows, setRows] = useState<FixRow[] | undefined>(undefined);
  const count = status.value.toFix;
  useEffect(() => {
    let gone = false;
    void outbox.toFix().then((found) => { if (!gone) setRows(found); });
    return () => { gone = true; };
  }, [count]);

  const decide = async (row: FixRow, decision: Decision): Promise<void> => {
    await outbox.decide(row, decision, staff.value);
    setRows(await outbox.toFix());
    onDone?.();
  };

  if (!rows) return null;
  if (rows.length === 0) return <p class="quiet"><Text of={words.toFixNone} plain /></p>;
  return (
    <ul class="tofix">
      {rows.map((row) => {
        const resident = row.body['resident'];
        const name = typeof resident === 'string' ? nameOf?.(resident) : undefined;
        return (
          <li key={`${row.epoch} ${row.number}`} class="card">
            <div class="what">
              <b><Text of={stepPhrase(row.step)} plain /></b> <span>{clock(row.at)}</span>
              {row.tubes.map((tube) => <span key={tube}> ...{tube.slice(-4)}</span>)}
              {name ? <span class="name" lang="zh-CN"> {name}</span> : null}
            </div>
            <div class="why"><Text of={row} plain />{'. '}<Text of={{ zh: row.nextZh, en: row.nextEn }} plain /></div>
            <div class="row">
              {[...row.decisions].reverse().map((decision) => (
                <Button key={decision} words={choice(row, decision)} glove tone={decision === 'drop' ? 'plain' : 'info'} onPress={() => void decide(row, decision)} />
              ))}
              {row.decisions.length < 2 ? <Button words={words.later} glove onPress={() => onDone?.()} /> : null}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
