// The page on which a device gets its place.

import { signal } from '@preact/signals';
import { render } from 'preact';
import { openLine } from '../outbox/line.js';
import { openOutbox, type Outbox, SaveFailed } from '../outbox/outbox.js';
import { Page } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import { pageOf } from '../tablet/pages.js';
import '../tablet/tablet.css';
import { words as tabletWords } from '../tablet/words.js';
import { adopt, Pair } from './pair.js';
import './pair.css';
import { prepare } from './ready.js';
import { words } from './words.js';

const opened = signal<Outbox | 'cannotSave' | undefined>(undefined);
// The code is good once and nobody else's: it does not stay in the address.
const given = location.hash.length > 1 ? location.hash.slice(1) : undefined;
if (given !== undefined) history.replaceState(null, '', location.pathname);

function Shown() {
  const outbox = opened.value;
  if (outbox === undefined) return <Page title={words.title}><p><Text of={tabletWords.starting} /></p></Page>;
  if (outbox === 'cannotSave') return <Page title={words.title}><div class="problem" role="alert"><Text of={tabletWords.cannotSave} /></div></Page>;
  return <Pair outbox={outbox} given={given} />;
}

render(<Shown />, document.getElementById('screen') as HTMLElement);
void prepare();

try {
  const outbox = await openOutbox({ line: openLine() });
  if (given === undefined) await adopt(outbox);
  // Opened from the home screen, a paired device goes to its work.
  if (new URLSearchParams(location.search).has('start') && outbox.place && given === undefined) location.replace(pageOf(outbox.place.role));
  else opened.value = outbox;
} catch (fault) {
  if (!(fault instanceof SaveFailed)) throw fault;
  opened.value = 'cannotSave';
}
