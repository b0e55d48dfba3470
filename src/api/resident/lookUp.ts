// Who a resident is, as far as somebody without a badge may ask: by the code of a card, or by a document with the end of the telephone
// number. Whoever is not found and whoever does not prove it hear the same.
//
// A card's code is a name and no secret (domain/codes.ts): it shows the place in the queue and whether a swab was taken. A result and the
// masked name need the last four of the telephone or of the document as well.

import type { Redis } from 'ioredis';
import { ordinalOf, parseCode, type SerialKey, serialKey } from '../../domain/codes.js';
import { judgeDocument } from '../../domain/documents.js';
import { identifier } from '../../domain/fields.js';
import type { CellName } from '../../domain/requests.js';
import { cellState, openedCells, resident, residentByIndex, type ResidentState } from '../../ledger/reads.js';
import { codeSeed } from '../../vault/offline.js';
import type { Person } from '../../vault/people.js';
import type { RoundVault, Vault } from '../../vault/vault.js';
import { peopleOf } from '../maskedPeople.js';

/** Cells looked through when nobody says which; the newest first. */
const cellsMax = 50;
/** The list of open cells is that old at most. */
const listKeptMs = 10_000;

export interface Place {
  cell: CellName;
  rehearsal: boolean;
  openedAt: number;
  vault: RoundVault;
  key: SerialKey;
}

export interface FoundResident {
  place: Place;
  state: ResidentState;
}

export interface ProvedResident extends FoundResident {
  person: Person;
}

export interface LookUp {
  /** By the code of a card. Undefined: there is none such, or more than one could be meant. */
  byCode(code: string, cell?: string): Promise<FoundResident | undefined>;
  /** The same, and it was proved by the last four of the telephone or the document. */
  proved(found: FoundResident | undefined, lastFour: string): Promise<ProvedResident | undefined>;
  /** By a whole document number and the last four of the telephone. */
  byDocument(number: string, lastFour: string, cell?: string): Promise<ProvedResident | undefined>;
}

export function makeLookUp({ redis, vault, today }: { redis: Redis; vault: Vault; today: () => string }): LookUp {
  let kept: { places: Promise<Place[]>; until: number } | undefined;

  async function placeOf(cell: CellName, mustBeOpen: boolean): Promise<Place | undefined> {
    const state = await cellState(redis, cell);
    if (!state || state.laboratory || (mustBeOpen && state.state !== 'open')) return undefined;
    const opened = await vault.round(cell.round);
    return opened === 'erased' ? undefined : { cell, rehearsal: state.rehearsal, openedAt: state.openedAt, vault: opened, key: serialKey(codeSeed(opened, cell.area)) };
  }

  async function openPlaces(): Promise<Place[]> {
    const found = await Promise.all((await openedCells(redis)).map((cell) => placeOf(cell, true).catch(() => undefined)));
    return found.filter((place) => place !== undefined).sort((a, b) => b.openedAt - a.openedAt).slice(0, cellsMax);
  }

  /** Where to look: in the cell of the link, else in all that are open. */
  async function places(asked: string | undefined): Promise<Place[]> {
    const [round = '', area = '', more] = (asked ?? '').split(':');
    if (identifier.safeParse(round).success && identifier.safeParse(area).success && more === undefined) {
      const place = await placeOf({ round, area }, false).catch(() => undefined);
      return place ? [place] : [];
    }
    if (!kept || kept.until < Date.now()) {
      kept = { places: openPlaces(), until: Date.now() + listKeptMs };
      // A list that could not be read is no list.
      kept.places.catch(() => { kept = undefined; });
    }
    return kept.places;
  }

  async function personOf({ place, state }: FoundResident): Promise<Person | undefined> {
    return (await peopleOf(redis, place.vault, place.cell, [state.resident])).get(state.resident);
  }

  return {
    async byCode(code, cell) {
      const printed = parseCode(code);
      if (printed?.type !== 'resident') return undefined;
      const found = await Promise.all((await places(cell)).filter(({ rehearsal }) => rehearsal === printed.rehearsal).map(async (place): Promise<FoundResident | undefined> => {
        const n = ordinalOf(place.key, printed.serial) + 1;
        const state = n <= 999_999_999 ? await resident(redis, place.cell, n) : undefined;
        return state && { place, state };
      }));
      const known = found.filter((one) => one !== undefined);
      // The same digits can be somebody's in two areas; then the link on the card has to say which.
      return known.length === 1 ? known[0] : undefined;
    },
    async proved(found, lastFour) {
      const person = found && (await personOf(found));
      return found && person && [endOf(person.phone), endOf(person.document.number)].includes(lastFour) ? { ...found, person } : undefined;
    },
    async byDocument(number, lastFour, cell) {
      const judged = judgeDocument({ number, today: today() });
      if (!judged.ok || judged.identity === null) return undefined;
      const { identity } = judged;
      const proved = await Promise.all((await places(cell)).map(async (place): Promise<ProvedResident | undefined> => {
        const n = await residentByIndex(redis, place.cell, place.vault.indexOf(identity).toString('hex'));
        const state = n === undefined ? undefined : await resident(redis, place.cell, n);
        if (!state) return undefined;
        const person = await personOf({ place, state });
        return person && endOf(person.phone) === lastFour ? { place, state, person } : undefined;
      }));
      return proved.find((one) => one !== undefined);
    },
  };
}

/** The last four of a number as they are typed; undefined where there are fewer, so that nothing equals it. */
function endOf(number: string | undefined): string | undefined {
  const signs = (number ?? '').toUpperCase().replace(/[^0-9A-Z]/g, '');
  return signs.length >= 7 ? signs.slice(-4) : undefined;
}
