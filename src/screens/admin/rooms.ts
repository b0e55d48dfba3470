// The rooms of the command post in the order of their tabs: what is done before the day, what is done on the day, who works here. A room
// is added by a line in the list of its part; the frame needs no change.

import type { ComponentType } from 'preact';
import type { CellName } from '../../domain/requests.js';
import type { Phrase } from '../words/language.js';
import { accountsRoom } from './accounts.js';
import { setupRoom } from './before/setup.js';
import { dayRooms } from './day/rooms.js';
import { ownRoom } from './own.js';
import { printRoom } from './print/room.js';

export interface RoomProps {
  /** The chosen round and area; it may not have been opened yet, where a room says so. */
  cell: CellName;
}

export interface Room {
  /** Stands in the address: one small word. */
  name: string;
  words: Phrase;
  /** `cell`: shown in a round that has been opened. `anywhere`: without one too; its part is then given an empty name of a cell. */
  needs: 'cell' | 'anywhere';
  /** Whether whoever is signed in has anything to do here. */
  may: () => boolean;
  Show: ComponentType<RoomProps>;
}

export const rooms: readonly Room[] = [setupRoom, printRoom, ...dayRooms, accountsRoom, ownRoom];
