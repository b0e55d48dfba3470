// The page of a sampling table.

import { signal } from '@preact/signals';
import { render } from 'preact';
import { startTablet } from '../tablet/device.js';
import { Tablets } from '../tablet/frame.js';
import { openShift, type Shift } from './shift.js';
import './station.css';
import { Station } from './station.js';
import { words } from './words.js';

const shift = signal<Shift | undefined>(undefined);

function Shown() {
  return <Tablets title={words.title} may={['station', 'supervisor']}>{() => (shift.value ? <Station shift={shift.value} /> : null)}</Tablets>;
}

render(<Shown />, document.getElementById('screen') as HTMLElement);

const tablet = await startTablet({ quiet: () => shift.value !== undefined && shift.value.work.table.value.pool === undefined });
if (tablet) shift.value = await openShift(tablet);
