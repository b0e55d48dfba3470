// What the table waits for: a tube for somebody, a second person's card, the tube a swab is really in. It stays until it is done or cancelled.

import { Text } from '../parts/text.js';
import type { Work } from './work.js';
import { words } from './words.js';

export function PendingNote({ work }: { work: Work }) {
  const pending = work.pending.value;
  if (!pending || pending.for === 'again') return null;
  return (
    <div class="pending" role="status">
      {pending.for === 'tube' ? <Text of={words.waitsForTube} /> : <Text of={pending.for === 'card' ? words.waitsForCard : words.waitsForMove} />}
      {pending.for === 'tube' ? <b class="name" lang="zh-CN"> {pending.person.name}</b> : null} <kbd>Esc</kbd>
    </div>
  );
}
