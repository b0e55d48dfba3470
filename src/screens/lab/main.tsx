// The laboratory: boxes and tubes at the bench with a paired device, results by hand and by file, what waits for two people, how much work
// there is. A reviewer signs in at /lab?office, away from the bench.

import { type Signal, signal } from '@preact/signals';
import { render } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Scan } from '../../domain/codes.js';
import type { Command } from '../../domain/commands.js';
import { SecondPerson } from '../admin/second.js';
import { cellPath, get } from '../door/http.js';
import { badges, personBadge, signOut, whoAmI } from '../door/session.js';
import { personSteps } from '../door/steps.js';
import { Button, Select } from '../parts/controls.js';
import { Page, Tabs } from '../parts/showing.js';
import { SignIn } from '../parts/signIn.js';
import { startTablet, type Tablet } from '../tablet/device.js';
import { TabletFrame, Tablets } from '../tablet/frame.js';
import { Menu } from '../tablet/menu.js';
import { listenScans } from '../tablet/scans.js';
import { openVoice, play } from '../tablet/voice.js';
import { common } from '../words/everywhere.js';
import { finishByKey } from './decide.js';
import { ResultFile } from './file.js';
import { Intake, IntakeButtons } from './intake.js';
import './lab.css';
import type { Manifest } from './bench.js';
import { deviceRecorder, personRecorder } from './recorder.js';
import { Results } from './results.js';
import { seenOf } from './seen.js';
import { Backlog, Held } from './waiting.js';
import { answers, words } from './words.js';
import { openWork, type Work } from './work.js';

type Tab = 'intake' | 'results' | 'file' | 'held' | 'backlog';
const tab: Signal<Tab> = signal<Tab>('intake');
const work = signal<Work | undefined>(undefined);
const rehearsal = signal(false);
/** The last tube scanned while results are recorded. */
const scanned = signal<{ code: string; turn: number } | undefined>(undefined);

const tabs = (bench: boolean): { name: Tab; words: (typeof words)[Tab] }[] => (['intake', 'results', 'file', 'held', 'backlog'] as const).filter((name) => bench || name !== 'intake').map((name) => ({ name, words: words[name] }));

/** A scanner types: what it types next must not press the tab once more. */
function choose(name: Tab): void {
  tab.value = name;
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

function Bench({ tablet }: { tablet: Tablet }) {
  const [menu, setMenu] = useState(false);
  const at = work.value;
  const { place, outbox, staff } = tablet;
  const recorder = useMemo(() => deviceRecorder(outbox, () => staff.value), [outbox]);
  if (!at) return null;
  const cell = place.value;
  const here = tab.value;
  return (
    <TabletFrame tablet={tablet} title={words.title} place={cell.area} rehearsal={rehearsal.value}
      footer={here === 'intake' ? <IntakeButtons work={at} onMore={() => setMenu(true)} /> : <Button words={words.more} glove hotkey="F8" onPress={() => setMenu(true)} />}>
      <div class="labpage">
        <Tabs tabs={tabs(true)} chosen={here} onChoose={choose} />
        <div class={here === 'intake' ? 'whole' : 'scrolls'}>
          {here === 'intake' ? <Intake work={at} /> : null}
          {here === 'results' ? <Results cell={cell} recorder={recorder} scanned={scanned.value} /> : null}
          {here === 'file' ? <ResultFile cell={cell} by={staff.value} /> : null}
          {here === 'held' ? <Held cell={cell} recorder={undefined} /> : null}
          {here === 'backlog' ? <Backlog cell={cell} /> : null}
        </div>
      </div>
      {menu ? <Menu tablet={tablet} onClose={() => setMenu(false)} /> : null}
    </TabletFrame>
  );
}

/** For people: what needs eyes and no bench. */
function Office() {
  const [cells, setCells] = useState<{ round: string; area: string; name: string; laboratory?: boolean; rehearsal: boolean }[]>([]);
  const [chosen, setChosen] = useState('');
  const [tabHere, setTab] = useState<Tab>('held');
  const person = personBadge();
  useEffect(() => {
    if (!person) return;
    void get<{ cells: { round: string; area: string; name: string; rehearsal: boolean }[] }>('/api/cells').then(async (reply) => {
      if (!reply.ok) return;
      // Only a laboratory's cell has something to show here, and each cell says what it is.
      const told = await Promise.all(reply.value.cells.map(async (one) => ({ one, state: await get<{ laboratory: boolean }>(cellPath(one)) })));
      const labs = told.filter(({ state }) => state.ok && state.value.laboratory).map(({ one }) => one);
      setCells(labs);
      setChosen((before) => before || (labs[0] ? `${labs[0].round}:${labs[0].area}` : ''));
    });
  }, [person?.account]);
  const cell = cells.find(({ round, area }) => `${round}:${area}` === chosen);
  const recorder = useMemo(() => (person && cell ? personRecorder(personSteps(person.device, cell), person.account) : undefined), [person?.account, chosen, cells]);
  if (badges.value === undefined) return null;
  if (!person) return <SignIn />;
  return (
    <Page title={words.title} place={person.account} rehearsal={cell?.rehearsal ?? false} state={<Button words={common.signOut} onPress={() => void signOut()} />}>
      <SecondPerson />
      {cells.length > 1 ? <div class="narrow"><Select label={words.title} value={chosen} choices={cells.map(({ round, area, name }) => ({ value: `${round}:${area}`, words: { zh: `${name} · ${area}`, en: `${name} · ${area}` } }))} onChoose={setChosen} /></div> : null}
      <Tabs tabs={tabs(false)} chosen={tabHere} onChoose={setTab} />
      {cell && recorder ? (
        <>
          {tabHere === 'results' ? <Results cell={cell} recorder={recorder} scanned={undefined} /> : null}
          {tabHere === 'file' ? <ResultFile cell={cell} by={undefined} /> : null}
          {tabHere === 'held' ? <Held cell={cell} recorder={recorder} /> : null}
          {tabHere === 'backlog' ? <Backlog cell={cell} /> : null}
        </>
      ) : null}
    </Page>
  );
}

function commanded(at: Work, command: Command | undefined): void {
  switch (command) {
    case 'closeTube': case 'confirm': return void at.does(finishByKey);
    case 'repeatLast': return at.repeat();
    case 'cancel': case 'undo': return at.cancel();
    case 'theme': case 'language': case 'lock': return undefined;
    default: return at.tell({ row: 'unknownCommand' });
  }
}

async function beginBench(): Promise<void> {
  const tablet = await startTablet({ quiet: () => work.value?.bench.value.box === undefined });
  if (!tablet) return;
  openVoice();
  const { outbox, place, staff } = tablet;
  const opened = await openWork({
    outbox, rehearsal, staff,
    async manifestOf(box) {
      const reply = await get<Manifest>(`${cellPath(place.value)}/deliveries/${encodeURIComponent(box)}`);
      return reply.ok ? reply.value : undefined;
    },
    announce({ row }, tick) {
      const { sound } = answers[row];
      if (tick) play('tick');
      else if (sound) play(sound);
    },
    // The frame is red already; what is thrown here besides is a fault of ours.
    cannotSave: (fault) => { if (tablet.status.value.state !== 'saveFailed') console.error(fault); },
  });
  work.value = opened;
  const heard = (scan: Scan): void => {
    const tube = scan.kind === 'tube' || scan.kind === 'foreignTube';
    if (tab.value === 'results' && tube) scanned.value = { code: scan.value, turn: (scanned.value?.turn ?? 0) + 1 };
    else void opened.scanned(seenOf(scan));
  };
  listenScans(tablet, {
    onScan: heard,
    onReject: ({ scan, why }) => { if (why === 'incomplete') heard(scan); },
    onCommand: (command) => commanded(opened, command),
  });
  const state = await get<{ rehearsal: boolean }>(cellPath(place.value));
  if (state.ok) rehearsal.value = state.value.rehearsal;
}

const root = document.getElementById('screen') as HTMLElement;
if (new URLSearchParams(location.search).has('office')) {
  void whoAmI();
  render(<Office />, root);
} else {
  void beginBench();
  render(<Tablets title={words.title} may={['lab']}>{(tablet) => <Bench tablet={tablet} />}</Tablets>, root);
}
