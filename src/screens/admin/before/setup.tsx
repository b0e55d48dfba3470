// The wizard: a round in seven steps, from its rules to its closing. A step that was reached can be gone back to.

import { useEffect } from 'preact/hooks';
import { Stepper } from '../../parts/showing.js';
import { go, here, mayStep, opened } from '../here.js';
import type { Room } from '../rooms.js';
import { PrintRoom } from '../print/room.js';
import { Day } from './day.js';
import { Devices } from './devices.js';
import { draft, useDraftOf } from './draft.js';
import { fromRecord, Places } from './places.js';
import { Rehearsal } from './rehearsal.js';
import { RosterStep } from './roster.js';
import { Round, roundIsPlanned } from './round.js';
import { setupWords as words } from './words.js';

const steps = ['round', 'roster', 'places', 'devices', 'print', 'rehearsal', 'day'] as const;
type Step = (typeof steps)[number];
/** Until the round is open there is nothing to print, pair or close. */
const beforeOpening = 3;

export function Setup() {
  const { cell, step } = here.value;
  useEffect(() => useDraftOf(cell), [cell?.round, cell?.area]);
  const isOpen = opened.value !== undefined;
  // Another computer's plan is not here: what the record knows of sites and villages is taken instead.
  useEffect(() => { if (cell && isOpen && draft.value.sites.length === 0) void fromRecord(cell); }, [cell?.round, cell?.area, isOpen]);
  const reached = isOpen ? steps.length : roundIsPlanned(draft.value) && cell ? beforeOpening - 1 : 0;
  const asked = steps.indexOf(step as Step);
  const at = steps[asked >= 0 && asked <= reached ? asked : isOpen ? steps.indexOf('day') : 0] as Step;
  return (
    <>
      <Stepper steps={steps.map((name) => ({ name, words: words[name] }))} here={at} reached={reached} done={Math.min(reached, beforeOpening)} onGo={(name) => go({ step: name })} />
      <Shown step={at} />
    </>
  );
}

function Shown({ step }: { step: Step }) {
  const { cell } = here.value;
  if (step === 'round' || !cell) return <Round />;
  if (step === 'roster') return <RosterStep cell={cell} />;
  if (step === 'places') return <Places cell={cell} />;
  if (step === 'devices') return <Devices cell={cell} />;
  if (step === 'print') return <PrintRoom cell={cell} />;
  return step === 'rehearsal' ? <Rehearsal cell={cell} /> : <Day cell={cell} />;
}

export const setupRoom: Room = { name: 'setup', words: words.title, needs: 'anywhere', may: () => mayStep('openRound', {}) || mayStep('openRound'), Show: Setup };
