// The check-in desk: scan a person, a ticket comes out with station and wait; call, repeat, absent, move, pause.

import { signal } from '@preact/signals';
import { render } from 'preact';
import type { Scan } from '../../domain/codes.js';
import { openPeople, type People } from '../station/people.js';
import { startTablet, type Tablet } from '../tablet/device.js';
import { Tablets } from '../tablet/frame.js';
import { openRoster, type Roster } from '../tablet/roster.js';
import { listenScans } from '../tablet/scans.js';
import { openVoice, play } from '../tablet/voice.js';
import { loadClip } from '../sounds/clips.js';
import { openCalls } from '../sounds/calls.js';
import { DeskScreen } from './desk.js';
import './desk.css';
import { openDesk, type Desk } from './work.js';
import { answers, words } from './words.js';

const lookMs = 3000;
const opened = signal<{ desk: Desk; tablet: Tablet; roster: Roster; people: People } | undefined>(undefined);

async function begin(): Promise<void> {
  const tablet = await startTablet();
  if (!tablet) return;
  const { outbox, staff } = tablet;
  const calls = openCalls({ sounds: openVoice(), load: loadClip });
  const roster = await openRoster(outbox);
  const people = openPeople(outbox, roster, () => undefined);
  const desk = openDesk({
    outbox, staff,
    announce({ row }) {
      const { sound } = answers[row];
      if (sound) play(sound);
    },
    call: (number, station) => calls.call(number, station),
    // The frame is red already; what is thrown here besides is a fault of ours.
    cannotSave: (fault) => { if (!(fault instanceof Error) || fault.name !== 'SaveFailed') throw fault; },
  });

  async function heard(scan: Scan): Promise<void> {
    const seen = await people.seen(scan, roster.cell.value?.rehearsal ?? false);
    switch (seen.kind) {
      case 'person': return desk.guest(seen.person);
      case 'staff':
        staff.value = seen.card;
        return desk.tell({ row: 'staff', values: { tail: seen.card.slice(-4) } });
      case 'stranger': return desk.tell({ row: 'notListed' });
      case 'unreadable': return desk.tell({ row: 'unreadable' });
      case 'tube': case 'wrong': return desk.tell({ row: 'wrongKind' });
      default: return desk.tell({ row: 'otherRound' });
    }
  }
  listenScans(tablet, {
    onScan: (scan) => void heard(scan),
    onReject: ({ why }) => { if (why === 'incomplete') desk.tell({ row: 'unreadable' }); },
    onCommand(command) {
      if (command === 'callNext') void desk.callNext();
      else if (command === 'repeatLast') desk.callAgain();
      else if (command === 'confirm') void desk.issue();
      else if (command === 'cancel') desk.cancel();
    },
  });
  opened.value = { desk, tablet, roster, people };
  void roster.fetch();
  tablet.status.subscribe(({ state }) => { if (state === 'online' && !roster.progress.value.done) void roster.fetch(); });
  void desk.look();
  setInterval(() => void desk.look(), lookMs);
}

void begin();
render(<Tablets title={words.title} may={['desk', 'supervisor']}>{() => (opened.value ? <DeskScreen {...opened.value} /> : null)}</Tablets>, document.getElementById('screen') as HTMLElement);
