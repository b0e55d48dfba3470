// The rooms of the day, in the order of their tabs: discrepancies, missing people, search, recalls, reports.

import type { Room } from '../rooms.js';

export const dayRooms: readonly Room[] = [];
