// Who stands at the table: from a printed code, a document or a name to what this tablet knows of the person, without asking anybody.

import { type Scan, unknownScans } from '../../domain/codes.js';
import { judgeDocument } from '../../domain/documents.js';
import { maskName } from '../../domain/masking.js';
import { riskGroups } from '../../domain/reasons.js';
import { cellPath, get } from '../door/http.js';
import type { Outbox } from '../outbox/outbox.js';
import type { RosterRow } from '../outbox/store.js';
import { DECEASED, EXCUSED, RECALLED, type Roster, SINGLE } from '../tablet/roster.js';
import { type Person, type Seen, stranger } from './decide.js';
import type { Table } from './table.js';

export interface Found {
  /** `document`: masked, where the service has told; to tell people of one name apart. */
  people: { person: Person; document?: string }[];
  more: number;
}

export interface People {
  personOf(resident: string): Promise<Person>;
  /** What a scan is, at this table. */
  seen(scan: Scan, rehearsal: boolean): Promise<Seen>;
  byDocument(number: string): Promise<Person | undefined>;
  byName(name: string, village: string): Promise<Found>;
  villages(): string[];
}

const shownMax = 8;

/** What a document is matched on. */
export function identityOf({ number, kind }: { number: string; kind?: string }): string | undefined {
  const judged = judgeDocument({ number, ...(kind ? { kind: kind as 'passport' } : {}) });
  return judged.ok ? judged.identity ?? undefined : undefined;
}

export function openPeople(outbox: Outbox, roster: Roster, tableNow: () => Table | undefined): People {
  function told(row: RosterRow): Person {
    const marks = roster.marks(row.ordinal) ?? row.marks;
    const home = roster.siteOf(row.village);
    const here = outbox.place?.site;
    return {
      resident: String(row.ordinal), name: row.name, village: roster.villageName(row.village), risk: riskGroups[row.risk] ?? 'normal', household: row.household,
      single: (marks & SINGLE) > 0, deceased: (marks & DECEASED) > 0, excused: (marks & EXCUSED) > 0, recalled: (marks & RECALLED) > 0,
      sampled: roster.sampled(row.ordinal), otherVillage: home !== undefined && here !== undefined && home !== here, listed: true,
    };
  }

  async function personOf(resident: string): Promise<Person> {
    if (resident.startsWith('#')) {
      const walkIn = (await outbox.rows()).find(({ step, number }) => step === 'registerWalkIn' && `#${number}` === resident);
      const name = walkIn?.body['name'];
      return stranger(resident, typeof name === 'string' ? maskName(name) : '', String(walkIn?.body['village'] ?? ''));
    }
    const number = Number(resident);
    const row = await roster.person(number);
    if (row) return told(row);
    const marks = roster.marks(number) ?? 0;
    return { ...stranger(resident), sampled: roster.sampled(number), single: (marks & SINGLE) > 0, recalled: (marks & RECALLED) > 0, deceased: (marks & DECEASED) > 0 };
  }

  async function byDocument(number: string): Promise<Person | undefined> {
    const identity = identityOf({ number });
    if (identity === undefined) return undefined;
    const row = await roster.byDocument(identity);
    if (row) return told(row);
    const table = tableNow();
    const walkIn = table?.documents.get(identity);
    return walkIn === undefined ? undefined : personOf(table?.numbers.get(walkIn) ?? walkIn);
  }

  return {
    personOf, byDocument,
    villages: () => roster.villages(),
    async seen(scan, rehearsal) {
      switch (scan.kind) {
        case 'tube': return { kind: 'tube', code: scan.value, rehearsal: scan.rehearsal };
        case 'foreignTube': return { kind: 'tube', code: scan.value, rehearsal: undefined };
        case 'resident': {
          if (scan.rehearsal !== rehearsal) return { kind: 'otherRound' };
          const resident = roster.residentOf(scan.serial);
          return resident === undefined ? { kind: 'noRoster' } : { kind: 'person', person: await personOf(String(resident)) };
        }
        case 'document': {
          const person = await byDocument(scan.value);
          return person ? { kind: 'person', person } : { kind: 'stranger', document: { number: scan.value, kind: scan.document.kind } };
        }
        case 'staff': return { kind: 'staff', card: scan.value };
        case 'box':
        case 'station':
        case 'device':
        case 'shopBarcode': return { kind: 'wrong', what: scan.kind };
        case 'twoCodes': return { kind: 'unreadable', hint: { zh: '两个码连在一起了', en: 'Two codes came as one' } };
        case 'command': return { kind: 'unreadable' };
        case 'unknown': {
          if (scan.reason !== 'scan_length') return { kind: 'unreadable', hint: unknownScans[scan.reason] };
          const n = scan.value.length;
          return { kind: 'unreadable', hint: { zh: `读到 ${n} 位，应 12 位`, en: `${n} characters read, 12 expected` } };
        }
        default: return { kind: 'unreadable' };
      }
    },
    async byName(name, village) {
      const asked = maskName(name.trim());
      const [all, [first = '', ...rest]] = [await roster.everybody(), Array.from(name.trim())];
      const place = village.trim();
      const fits = all.filter((row) => {
        if (rest.length === 0 ? !row.name.startsWith(first) : row.name !== asked && row.name !== name.trim()) return false;
        return place === '' || roster.villageName(row.village).includes(place);
      });
      const shown = fits.slice(0, shownMax).map(told);
      const documents = outbox.status.state === 'online' && outbox.place ? await Promise.all(shown.map(({ resident }) => documentOf(outbox.place as { round: string; area: string }, resident))) : [];
      return { people: shown.map((person, i) => ({ person, ...(documents[i] ? { document: documents[i] } : {}) })), more: fits.length - shown.length };
    },
  };
}

/** Their document, masked, while the service answers. */
async function documentOf(cell: { round: string; area: string }, resident: string): Promise<string | undefined> {
  const reply = await get<{ person: { document?: { number?: string } } }>(`${cellPath(cell)}/residents/${resident}/person`);
  return reply.ok ? reply.value.person.document?.number : undefined;
}
