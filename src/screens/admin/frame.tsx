// The frame of the command post: who is signed in, which round and area, and the tabs of its rooms.

import { useEffect } from 'preact/hooks';
import { badges, personBadge, signOut, whoAmI } from '../door/session.js';
import { Button } from '../parts/controls.js';
import { Page, ProblemNote, Tabs } from '../parts/showing.js';
import { SignIn } from '../parts/signIn.js';
import { Text } from '../parts/text.js';
import { common } from '../words/everywhere.js';
import { say } from '../words/language.js';
import { cells, cellsProblem, go, here, loadCells, opened } from './here.js';
import { rooms } from './rooms.js';
import { SecondPerson } from './second.js';
import { words } from './words.js';

export function CommandPost() {
  useEffect(() => { void whoAmI(); }, []);
  const person = personBadge();
  useEffect(() => { if (person) void loadCells(); }, [person?.account]);
  if (badges.value === undefined) return <Page title={words.title}><p role="status"><Text of={common.loading} /></p></Page>;
  if (!person) return <SignIn />;

  const { room: name, cell } = here.value;
  const shown = rooms.filter((room) => room.may());
  const room = shown.find((one) => one.name === name) ?? shown[0];
  return (
    <Page title={words.title} rehearsal={opened.value?.rehearsal ?? false} place={<ChooseCell />} state={(
      <>
        <span class="place name">{say(words.signedInAs, { name: person.account })}</span>
        <Button words={common.signOut} onPress={() => void signOut()} id="sign-out" />
      </>
    )}>
      {cellsProblem.value ? <ProblemNote problem={cellsProblem.value} /> : null}
      {room ? (
        <>
          <Tabs tabs={shown} chosen={room.name} onChoose={(chosen) => go({ room: chosen })} />
          {room.needs === 'anywhere' || opened.value ? <room.Show key={`${room.name} ${cell?.round}:${cell?.area}`} cell={cell ?? { round: '', area: '' }} /> : <p><Text of={words.chooseCell} /></p>}
        </>
      ) : <p><b><Text of={words.nothingForYou} /></b> <Text of={words.nothingForYouNext} /></p>}
      <SecondPerson />
    </Page>
  );
}

/** Names of cells in an address and in a list, `round:area`. */
function ChooseCell() {
  const list = cells.value ?? [];
  const { cell } = here.value;
  const value = cell ? `${cell.round}:${cell.area}` : '';
  return (
    <select class="cellchoice" aria-label={say(words.cell)} value={value} onChange={(event) => {
      const [round = '', area = ''] = event.currentTarget.value.split(':');
      go({ cell: round ? { round, area } : undefined });
    }}>
      <option value="">{say(list.length > 0 || cell ? words.newRound : words.noCell)}</option>
      {cell && !opened.value ? <option value={value}>{`${cell.round} / ${cell.area}`}</option> : null}
      {list.map((one) => (
        <option key={`${one.round}:${one.area}`} value={`${one.round}:${one.area}`} class="name">
          {`${one.round} / ${one.area}${one.rehearsal ? ` · ${say(common.rehearsal)}` : ''}${one.state === 'closed' ? ` · ${say(words.closed)}` : ''}`}
        </option>
      ))}
    </select>
  );
}
