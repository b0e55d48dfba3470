// What a station asks a person: who is in the tube and which of them to take off, and how many swabs were counted before it is closed
// early. A scan closes either of them and counts.

import { useState } from 'preact/hooks';
import { Button, Field, Form } from '../parts/controls.js';
import { Dialog } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { say } from '../words/language.js';
import { clock } from '../words/time.js';
import { closeTube, takeOff, tailOf, toMove } from './decide.js';
import { Who } from './panel.js';
import { countOf, type Tube } from './table.js';
import type { Work } from './work.js';
import { words } from './words.js';

export function TubeList({ work, onClose }: { work: Work; onClose: () => void }) {
  const table = work.table.value;
  const tubes = [...(table.pool ? [table.pool] : []), ...[...table.tubes.values()].filter((tube) => tube !== table.pool && tube.members.length > 0).slice(-3).reverse()];
  const [chosen, choose] = useState(tubes[0]?.code);
  const tube = tubes.find(({ code }) => code === chosen) ?? tubes[0];
  return (
    <Dialog title={words.listTitle} onClose={onClose}>
      <div class="gloved stack">
        {tubes.length > 1 ? <div class="row">{tubes.map(({ code }) => <Button key={code} words={words.inTube} values={{ tail: tailOf(code) }} glove pressed={code === tube?.code} onPress={() => choose(code)} />)}</div> : null}
        {tube && countOf(tube) + tube.members.length > 0 ? <Members tube={tube} work={work} onClose={onClose} /> : <p><Text of={words.listEmpty} /></p>}
      </div>
    </Dialog>
  );
}

function Members({ tube, work, onClose }: { tube: Tube; work: Work; onClose: () => void }) {
  const off = (resident: string, reason: string): void => {
    onClose();
    void work.does((at) => takeOff({ resident }, tube.code, reason, at));
  };
  return (
    <ol class="list">
      {tube.members.map((member, i) => {
        const { resident, number, at, gone } = member;
        const person = work.person(resident);
        return (
          <li key={number} class={gone ? 'gone' : ''}>
            <span class="one"><b>{i + 1}</b> {person ? <Who person={person} /> : `#${resident}`} <span class="quiet">{clock(at)}</span></span>
            {gone ? <span class="quiet"><Text of={gone === 'voided' ? words.takenOff : words.movedAway} plain /></span> : (
              <span class="row">
                <Button words={words.notTaken} glove onPress={() => off(resident, 'not_taken')} />
                <Button words={words.notThem} glove onPress={() => off(resident, 'wrong_person')} />
                <Button words={words.otherVial} glove onPress={() => { onClose(); void work.does((at, now) => toMove(member, tube.code, at, now)); }} />
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}

export function CloseTube({ work, onClose }: { work: Work; onClose: () => void }) {
  const [text, setText] = useState('');
  const [differs, setDiffers] = useState<number | undefined>(undefined);
  const { pool } = work.table.value;
  const n = pool ? countOf(pool) : 0;
  const close = (counted?: number, sure = false): void => {
    onClose();
    void work.does((at) => closeTube(at, counted, sure));
  };
  const send = (): void => {
    const counted = Number(text);
    if (!/^\d{1,3}$/.test(text) || counted > 200) return;
    if (counted === n) close(n);
    else if (counted === differs) close(counted, true);
    else {
      setDiffers(counted);
      setText('');
    }
  };
  return (
    <Dialog title={words.closeTitle} onClose={onClose} actions={<Button words={words.closeUncounted} glove onPress={() => close()} />}>
      <div class="gloved stack">
        <Button words={words.closeRight} values={{ n }} tone="ok" glove id="close-right" onPress={() => close(n)} />
        {differs === undefined ? null : <p class="problem" role="alert"><Text of={words.closeDiffers} values={{ n, counted: differs }} /></p>}
        <Form onSend={send}>
          <Field label={{ zh: words.closeOther.zh.replace('{n}', String(n)), en: words.closeOther.en.replace('{n}', String(n)) }} value={text} onInput={setText} inputMode="numeric" maxLength={3} id="counted" />
          <Button words={words.closeCounted} glove submit onPress={() => undefined} />
        </Form>
        {differs === undefined ? null : <p class="quiet">{say(words.closeAnyway, { counted: differs })}</p>}
      </div>
    </Dialog>
  );
}
