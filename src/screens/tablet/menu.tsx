// Behind "More": what is to be put right first, then how this device is, and what is rarely wanted.

import type { ComponentChildren } from 'preact';
import { Button, LanguageSwitch, ThemeSwitch } from '../parts/controls.js';
import { Dialog } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { type Phrase, say } from '../words/language.js';
import { dayAndClock } from '../words/time.js';
import { words as copyWords } from './copyWords.js';
import type { Tablet } from './device.js';
import { ToFix } from './toFix.js';
import { words } from './words.js';

interface MenuProps {
  tablet: Tablet;
  onClose: () => void;
  nameOf?: ((resident: string) => string | undefined) | undefined;
  /** People on this device's list. */
  people?: number | undefined;
  /** Further buttons of the page. */
  children?: ComponentChildren;
}

function Fact({ name, children }: { name: Phrase; children: ComponentChildren }) {
  return <tr><th scope="row"><Text of={name} plain /></th><td>{children}</td></tr>;
}

export function Menu({ tablet, onClose, nameOf, people, children }: MenuProps) {
  const { outbox, status, place, locked, staff, takeOver } = tablet;
  const now = status.value;
  const { copies, clockOff, quarantined, waiting, oldestAt, lastAnswerAt } = now;
  const lock = (): void => {
    locked.value = { by: staff.value };
    onClose();
  };
  const copy = (view: 'give' | 'take') => (): void => {
    onClose();
    takeOver.view.value = view;
  };
  return (
    <Dialog title={now.toFix > 0 ? words.toFixTitle : words.state} onClose={onClose}>
      <div class="stack gloved">
        {now.toFix > 0 ? <ToFix tablet={tablet} nameOf={nameOf} /> : null}
        <div class="row">
          {children}
          <Button words={words.sendNow} glove onPress={() => outbox.wake()} />
          <Button words={words.lock} glove onPress={lock} />
          <ThemeSwitch />
          <LanguageSwitch />
        </div>
        <h3><Text of={copyWords.title} plain /></h3>
        <div class="row">
          <Button words={copyWords.give} glove symbol="↑" id="give-copy" onPress={copy('give')} />
          <Button words={copyWords.take} glove symbol="↓" id="take-copy" onPress={copy('take')} />
        </div>
        <table class="facts">
          <tbody>
            <Fact name={words.records}>{waiting}{oldestAt === undefined ? null : <> · {say(words.oldest)} {dayAndClock(oldestAt)}</>}</Fact>
            <Fact name={words.lastAnswer}>{lastAnswerAt === undefined ? say(words.never) : dayAndClock(lastAnswerAt)}</Fact>
            <Fact name={words.copies}>{say(copies === 2 ? words.two : copies === 1 ? words.one : words.unknown)}</Fact>
            {quarantined > 0 ? <Fact name={words.quarantined}>{quarantined}</Fact> : null}
            {clockOff !== undefined && Math.abs(clockOff) > 5000 ? <Fact name={words.clockOff}>{say(words.seconds, { n: Math.round(clockOff / 1000) })}</Fact> : null}
            {people === undefined ? null : <Fact name={words.people}>{people.toLocaleString('en')}</Fact>}
            <Fact name={words.device}>{place.value.device} · {place.value.round}/{place.value.area}</Fact>
          </tbody>
        </table>
        <p><a class="big" href="/pair"><Text of={words.pairOther} plain /></a></p>
      </div>
    </Dialog>
  );
}
