// The desk as it is seen: the answer at the left, the stations and who was called at the right.

import { useState } from 'preact/hooks';
import { NoCodeSearch } from './noCode.js';
import { Button, Field } from '../parts/controls.js';
import { useKeys } from '../parts/keys.js';
import { Dialog, Panel } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import type { Tablet } from '../tablet/device.js';
import { TabletFrame } from '../tablet/frame.js';
import { Menu } from '../tablet/menu.js';
import type { Roster } from '../tablet/roster.js';
import { inBoth, say } from '../words/language.js';
import { clock } from '../words/time.js';
import { letterOf } from './numbers.js';
import type { People } from '../station/people.js';
import type { Desk, Said, Slip, StationRow } from './work.js';
import { answers, priorities, priorityWords, stateWords, words } from './words.js';

function Answer({ said }: { said: Said & { turn: number } }) {
  const row = answers[said.row];
  const state = said.values?.['state'];
  const phrase = typeof state === 'string' && Object.hasOwn(stateWords, state) ? stateWords[state as keyof typeof stateWords] : undefined;
  const values = phrase ? { ...said.values, state: phrase.zh, stateEn: phrase.en } : said.values;
  return <Panel key={said.turn} tone={row.tone} symbol={row.symbol} title={row.title} {...(values ? { values } : {})} about={said.about} detail={'hint' in row ? say(row.hint, values) : undefined} />;
}

const stateOf = ({ state, stalled }: StationRow) => stateWords[(stalled ? 'stalled' : Object.hasOwn(stateWords, state) ? state : 'closed') as keyof typeof stateWords];

interface DeskProps {
  desk: Desk;
  tablet: Tablet;
  roster: Roster;
  people: People;
}

export function DeskScreen({ desk, tablet, roster, people }: DeskProps) {
  const [open, setOpen] = useState<'menu' | 'move' | 'table' | 'noCode' | undefined>(undefined);
  const queue = desk.queue.value;
  const party = desk.party.value;
  const nextPriority = (): void => { desk.priority.value = priorities[(priorities.indexOf(desk.priority.value) + 1) % priorities.length] ?? 'none'; };
  useKeys(open ? {} : { Escape: () => desk.cancel() });
  const close = (): void => setOpen(undefined);
  const here = queue?.stations.find(({ station }) => station === desk.station.value);
  return (
    <TabletFrame tablet={tablet} title={words.title} place={roster.siteName(tablet.place.value.site)} rehearsal={roster.cell.value?.rehearsal ?? false}
      footer={
        <>
          {party ? <Button words={words.issue} glove tone="ok" hotkey=" " onPress={() => void desk.issue()} /> : <Button words={words.callNext} glove tone="info" hotkey=" " onPress={() => void desk.callNext()} />}
          <Button words={words.repeat} glove hotkey="F5" onPress={() => desk.callAgain()} />
          <Button words={words.absent} glove hotkey="F6" onPress={() => void desk.absent()} />
          <Button words={words.move} glove hotkey="F7" onPress={() => setOpen('move')} />
          <Button words={words.family} glove hotkey="F2" pressed={party !== undefined} onPress={() => desk.family()} />
          <Button words={desk.priority.value === 'none' ? words.priority : priorityWords[desk.priority.value]} glove hotkey="F4" pressed={desk.priority.value !== 'none'} onPress={nextPriority} />
          <Button words={words.noCode} glove hotkey="F3" onPress={() => setOpen('noCode')} />
          <Button words={words.more} glove hotkey="F8" onPress={() => setOpen('menu')} />
        </>
      }>
      <div class="desk">
        <Answer said={desk.shown.value} />
        <aside>
          <ul class="tables">
            {queue?.stations.map((row) => (
              <li key={row.station}>
                <button type="button" class={`button${row.station === desk.station.value ? ' chosen' : ''}`} aria-pressed={row.station === desk.station.value} onClick={(event) => { desk.station.value = row.station; event.currentTarget.blur(); }}>
                  <b>{row.station}</b> <span>{say(stateOf(row))}</span>
                  <small>{say(words.waiting, { n: row.waiting })} · {say(words.called, { n: row.called })} · {say(words.seconds, { n: Math.round(row.secondsPerPerson) })}</small>
                </button>
              </li>
            ))}
          </ul>
          {here ? <Button words={inBoth(words.tableStateOf, { station: here.station })} onPress={() => setOpen('table')} /> : null}
          <h2><Text of={words.calledNow} plain /></h2>
          <ol>
            {(queue?.called ?? []).slice(0, 6).map((one) => (
              <li key={one.ticket}><button type="button" class={`button${one.ticket === desk.chosen.value?.ticket ? ' chosen' : ''}`} aria-pressed={one.ticket === desk.chosen.value?.ticket} onClick={(event) => { desk.chosen.value = one; event.currentTarget.blur(); }}><b>{one.number}</b> → {one.station} <small class="quiet">{clock(one.at)}</small></button></li>
            ))}
          </ol>
          {queue && queue.called.length === 0 ? <p class="quiet"><Text of={words.nobodyCalled} plain /></p> : null}
          {queue ? <p class="quiet">{say(words.lookedUp, { at: clock(queue.at) })}</p> : <p class="quiet"><Text of={words.offlineQueue} plain /></p>}
        </aside>
      </div>
      {open === 'menu' ? <Menu tablet={tablet} people={roster.progress.value.have} onClose={close}><Letter desk={desk} now={tablet.clock.value} /></Menu> : null}
      {open === 'move' ? (
        <Dialog title={words.moveTo} onClose={close}>
          <div class="row">{queue?.stations.filter(({ state }) => state === 'open').map(({ station }, i) => <Button key={station} words={{ zh: station, en: station }} glove {...(i < 9 ? { hotkey: String(i + 1) } : {})} onPress={() => { close(); void desk.move(station); }} />)}</div>
        </Dialog>
      ) : null}
      {open === 'table' && here ? (
        <Dialog title={inBoth(words.tableStateOf, { station: here.station })} onClose={close}>
          <p>{say(stateOf(here))} · {say(words.drainedOf, { n: here.waiting + here.called })}</p>
          <div class="row">
            {([['openStation', words.open], ['pauseStation', words.pause], ['drainStation', words.drain], ['closeStation', words.close]] as const).map(([step, name]) => (
              <Button key={step} words={name} glove tone={step === 'closeStation' ? 'stop' : 'plain'} onPress={() => { close(); void desk.setTable(step, here.station); }} />
            ))}
          </div>
        </Dialog>
      ) : null}
      {open === 'noCode' ? <NoCodeSearch desk={desk} people={people} onClose={close} /> : null}
      {desk.slip.value ? <SlipSheet slip={desk.slip.value} /> : null}
    </TabletFrame>
  );
}

function Letter({ desk, now }: { desk: Desk; now: number }) {
  const [letter, setLetter] = useState(letterOf(now));
  return <Field label={words.letter} hint={words.letterHint} value={letter} maxLength={2} id="letter" onInput={(text) => { setLetter(text.toUpperCase()); desk.letter(text); }} />;
}

/** The slip for whoever waits, for a receipt printer of 58 mm. */
function SlipSheet({ slip: { number, station, minutes, at } }: { slip: Slip }) {
  return (
    <section class="slip">
      <div><Text of={words.ticketOf} plain /> · {clock(at)}</div>
      <div class="number">{number}</div>
      <div>{station ? say(words.goTo, { station }) : say(words.listen)}</div>
      {minutes === undefined ? null : <div>{say(words.about, { n: minutes })}</div>}
    </section>
  );
}
