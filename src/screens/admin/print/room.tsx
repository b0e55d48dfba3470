// The room of printing: labels, cards, manifests, forms and their way back, and the ranges the numbers come from.

import { signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { CellName } from '../../../domain/requests.js';
import { Button } from '../../parts/controls.js';
import { Arrive } from '../arrive.js';
import { mayLook, mayStep } from '../here.js';
import type { Room } from '../rooms.js';
import { BackEntry } from './backEntry.js';
import { Cards } from './cards.js';
import { Forms } from './forms.js';
import { Labels } from './labels.js';
import { Manifests } from './manifest.js';
import { Ranges } from './ranges.js';
import { words } from './words.js';

const parts = { ranges: Ranges, labels: Labels, cards: Cards, manifest: Manifests, forms: Forms, entry: BackEntry } satisfies Record<string, ComponentType<{ cell: CellName }>>;
type PartName = keyof typeof parts;
/** Which part is shown; it stays while somebody looks at another room. */
const chosen = signal<PartName>('ranges');

export function PrintRoom({ cell }: { cell: CellName }) {
  const Part = parts[chosen.value];
  return (
    <>
      <Arrive words={words.title} quietly />
      <div class="row gap" role="group">
        {(Object.keys(parts) as PartName[]).map((name) => <Button key={name} words={words[name]} pressed={chosen.value === name} onPress={() => { chosen.value = name; }} id={`print-${name}`} />)}
      </div>
      <Part cell={cell} />
    </>
  );
}

export const printRoom: Room = { name: 'print', words: words.title, needs: 'cell', may: () => mayLook('codes') || mayLook('codes', {}) || mayStep('recordPrint', {}), Show: PrintRoom };
