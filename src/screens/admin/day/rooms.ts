// The rooms of the day, in the order of their tabs: discrepancies, missing people, search, recalls, messages, reports.

import { mayLook } from '../here.js';
import type { Room } from '../rooms.js';
import { Discrepancies } from './discrepancies.js';
import { Find } from './find.js';
import { Messages } from './messages.js';
import { Missing } from './missing.js';
import { Recalls } from './recalls.js';
import { Reports } from './reports.js';
import { words } from './words.js';

export const dayRooms: readonly Room[] = [
  { name: 'discrepancies', words: words.discrepancies, needs: 'cell', may: () => mayLook('discrepancies'), Show: Discrepancies },
  { name: 'missing', words: words.missing, needs: 'cell', may: () => mayLook('missing'), Show: Missing },
  { name: 'search', words: words.find, needs: 'cell', may: () => mayLook('search'), Show: Find },
  { name: 'recalls', words: words.recalls, needs: 'cell', may: () => mayLook('recalls'), Show: Recalls },
  { name: 'messages', words: words.messages, needs: 'cell', may: () => mayLook('broadcast'), Show: Messages },
  { name: 'reports', words: words.reports, needs: 'cell', may: () => mayLook('reports'), Show: Reports },
];
