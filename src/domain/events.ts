// Every event on the stream: what has happened. An event is one packed field `d` of a stream entry: a header, then the fields listed
// here in their order. Lua packs and TypeScript unpacks from this one list (ledger/codec.ts), so the two cannot drift apart.
//
// `before*` fields point at the event before this one in the history of a resident, ticket, tube or discrepancy: following them back
// gives the whole story of that thing without an index of its own. All zero: there is none.

/** Field types: u8..u32 unsigned; time = ms since 1970 in 6 bytes; id = stream position in 8 bytes; code = up to 255 bytes;
 *  text = up to 65,535 bytes; bytes = the rest with a 4-byte length; u16s, u32s = a counted list. */
export type FieldType = 'u8' | 'u16' | 'u32' | 'i32' | 'time' | 'id' | 'code' | 'text' | 'bytes' | 'u16s' | 'u32s';

export interface EventLayout {
  /** Its number on the stream; never reused. */
  kind: number;
  /** One sentence. */
  means: string;
  fields: Record<string, FieldType>;
}

/** What every event begins with: kind, the step that recorded it (its place in `stepNames` + 1; 0: the cell itself), when by the cell's clock, which device (its ordinal in the cell, 0 = the cell itself) and its
 *  number, when by the device's clock, that clock's measured offset in seconds, 1 if reported, and the staff card. */
export const header = { kind: 'u8', step: 'u8', at: 'time', device: 'u16', number: 'u32', claimedAt: 'time', offset: 'i32', reported: 'u8', by: 'code' } as const satisfies Record<string, FieldType>;

/** What is told of a result, whatever becomes of it. */
const result = { tube: 'code', result: 'code', accession: 'code', run: 'code', testedAt: 'time', home: 'code', laboratory: 'code', why: 'code', secondBy: 'code', swabs: 'u8', plate: 'code', well: 'code', lot: 'code', note: 'text', beforeTube: 'id' } as const satisfies Record<string, FieldType>;

const event = <F extends Record<string, FieldType>>(kind: number, means: string, fields: F) => ({ kind, means, fields });

export const events = {
  'round.opened': event(1, 'A round began in this area, or at this laboratory.', { name: 'text', rehearsal: 'u8', rules: 'bytes', laboratory: 'u8' }),
  'round.closed': event(2, 'A person declared the round finished.', {}),
  'clock.advanced': event(3, "The rehearsal's clock was moved.", { to: 'time' }),
  'device.met': event(4, 'A device, or a device with new storage, was heard for the first time.', { ordinal: 'u16', name: 'code', epoch: 'code' }),
  'device.writtenOff': event(5, 'Two people stopped waiting for records of a device.', { ordinal: 'u16', lost: 'u32', secondBy: 'code', reason: 'text' }),
  'record.quarantined': event(6, 'A record nobody could read was set aside, encrypted.', { problem: 'text', fingerprint: 'time' }),
  'record.settled': event(7, 'A person decided about a quarantined record.', { ordinal: 'u16', quarantined: 'u32', decision: 'code', note: 'text' }),
  'site.named': event(10, 'A site is part of the round.', { ordinal: 'u16', site: 'code', name: 'text', place: 'code' }),
  'village.named': event(11, 'A village is part of the round.', { ordinal: 'u16', name: 'text', zone: 'text', ownSite: 'u16', sites: 'u16s' }),
  'team.assigned': event(12, 'A team answers for villages.', { team: 'code', name: 'text', villages: 'u16s' }),
  'station.opened': event(13, 'A station takes people.', { station: 'u16', code: 'code', site: 'u16' }),
  'station.paused': event(14, 'A station rests.', { station: 'u16', reason: 'code' }),
  'station.draining': event(15, 'A station takes nobody new.', { station: 'u16', reason: 'code' }),
  'station.closed': event(16, 'A station ended its day.', { station: 'u16', reason: 'code' }),
  'station.stalled': event(17, 'People wait at a station and nothing moves.', { station: 'u16' }),
  'codes.reserved': event(18, 'A range of printed numbers was set apart.', { what: 'code', first: 'u32', last: 'u32', holder: 'code' }),
  'codes.printed': event(19, 'Labels or cards left the printer. `copies` of each number; `again`: how many of the numbers had been printed before, for which `reason`.', { what: 'code', first: 'u32', last: 'u32', copies: 'u16', reason: 'code', again: 'u32' }),
  'residents.enrolled': event(20, 'Residents were put on the roster. `packed` holds 9 bytes for each, from ordinal `first` on: village u16, household u32, risk u8, priority u8, single u8.', { first: 'u32', count: 'u16', already: 'u16', packed: 'bytes', known: 'u32s' }),
  'resident.registered': event(21, 'Somebody not on the roster was put on it.', { resident: 'u32', village: 'u16', household: 'u32', risk: 'u8', priority: 'u8', single: 'u8', identified: 'u8', already: 'u8' }),
  'resident.excused': event(22, 'A resident need not come.', { resident: 'u32', reason: 'code', until: 'time', note: 'text', beforeResident: 'id' }),
  'resident.expected': event(23, 'A temporary excuse ended.', { resident: 'u32', beforeResident: 'id' }),
  'residents.merged': event(24, 'An entry of the roster stands for another from now on: both are one person. `ticket`: the open ticket that went with it, 0 none; `single`, `risk`, `priority`: of the one that stays, now.', { resident: 'u32', twin: 'u32', ticket: 'u32', single: 'u8', risk: 'u8', priority: 'u8', secondBy: 'code', note: 'text', beforeResident: 'id', beforeTwin: 'id' }),
  'swab.reassigned': event(25, "A swab of a merged entry is the other's, sampled at `station`. `second`: that one had a swab already; `left`: swabs the merged entry still has.", { resident: 'u32', twin: 'u32', tube: 'code', station: 'u16', second: 'u8', left: 'u8', beforeResident: 'id', beforeTube: 'id' }),
  'ticket.issued': event(30, 'A resident got a place in a queue.', { ticket: 'u32', resident: 'u32', number: 'code', site: 'u16', station: 'u16', party: 'u32', partySize: 'u8', priority: 'u8', ahead: 'u16', waitSeconds: 'u32', state: 'u8', beforeResident: 'id' }),
  'ticket.called': event(31, 'A station called a ticket.', { ticket: 'u32', resident: 'u32', station: 'u16', beforeResident: 'id' }),
  'ticket.skipped': event(32, 'Called, and nobody came. `state` 1: back in the queue; 5: kept for a while.', { ticket: 'u32', resident: 'u32', station: 'u16', absences: 'u8', state: 'u8', beforeResident: 'id' }),
  'ticket.moved': event(33, 'A ticket went to another station.', { ticket: 'u32', resident: 'u32', from: 'u16', to: 'u16', reason: 'code', beforeResident: 'id' }),
  'ticket.gone': event(34, 'A ticket ended without a swab.', { ticket: 'u32', resident: 'u32', station: 'u16', reason: 'code', beforeResident: 'id' }),
  'tube.opened': event(40, 'An empty vial was taken for a pool.', { tube: 'code', station: 'u16', size: 'u8', risk: 'u8', beforeTube: 'id' }),
  'swab.taken': event(41, 'A swab of a resident is in a tube. `marks`: 1 second swab of this person, 2 into a sealed tube, 4 unidentified person. `ticketFrom`: the queue state the ticket had, 0 none.', { resident: 'u32', tube: 'code', station: 'u16', village: 'u16', count: 'u8', size: 'u8', marks: 'u8', ticket: 'u32', ticketFrom: 'u8', ticketStation: 'u16', beforeResident: 'id', beforeTube: 'id' }),
  'swab.voided': event(42, 'A swab was taken off the record. `left`: swabs this resident still has.', { resident: 'u32', tube: 'code', village: 'u16', reason: 'code', secondBy: 'code', note: 'text', left: 'u8', beforeResident: 'id', beforeTube: 'id' }),
  'swab.moved': event(43, 'A swab was recorded in one tube and is in another.', { resident: 'u32', from: 'code', to: 'code', reason: 'code', secondBy: 'code', note: 'text', beforeResident: 'id', beforeFrom: 'id', beforeTo: 'id' }),
  'tube.sealed': event(44, 'A tube was closed for good.', { tube: 'code', station: 'u16', count: 'u8', counted: 'u8', reason: 'code', beforeTube: 'id' }),
  'tube.voided': event(45, 'A tube was taken off the record; `residents` have no swab any more through it.', { tube: 'code', station: 'u16', state: 'u8', reason: 'code', secondBy: 'code', note: 'text', residents: 'u32s', unsampled: 'u32s', beforeTube: 'id' }),
  'tube.warned': event(46, 'A tube has been open for long.', { tube: 'code', station: 'u16', beforeTube: 'id' }),
  'tube.overdue': event(47, 'A tube should be sealed and its device is silent or has records to send.', { tube: 'code', station: 'u16', beforeTube: 'id' }),
  'discrepancy.opened': event(50, 'A contradiction stands on the record until a person resolves it.', { discrepancy: 'u32', what: 'code', tube: 'code', resident: 'u32', detail: 'bytes' }),
  'discrepancy.resolved': event(51, 'A person resolved a discrepancy.', { discrepancy: 'u32', what: 'code', tube: 'code', resident: 'u32', resolution: 'code', identified: 'u32', note: 'text', beforeResident: 'id' }),
  'device.suspect': event(90, 'A device used a number again for other content: a restored copy, or two that call themselves the same. Told once for each storage.', { ordinal: 'u16', reused: 'u32' }),
  'device.paired': event(200, 'A device has a key, a role and a place. `again`: it had one before, which ended.', { name: 'code', role: 'code', round: 'code', area: 'code', site: 'code', station: 'code', again: 'u8' }),
  'device.moved': event(201, 'A device stands elsewhere from a time on.', { name: 'code', role: 'code', round: 'code', area: 'code', site: 'code', station: 'code', from: 'time' }),
  'device.revoked': event(202, 'A device may no longer speak.', { name: 'code', reason: 'code' }),
  'role.set': event(203, 'An account was made or changed. `state` 1 active, 2 locked; `changed` 1 roles, 2 password, 4 PIN, 8 card.', { account: 'code', state: 'u8', grants: 'text', changed: 'u8', card: 'code' }),
  'personal.revealed': event(204, 'Somebody looked at personal data in clear.', { what: 'code', round: 'code', area: 'code', resident: 'u32', count: 'u32', reason: 'code', secondBy: 'code' }),
  'box.opened': event(60, 'A box was taken for a trip; its number of trip stands for it from here on.', { box: 'code', trip: 'u32', site: 'u16', beforeBox: 'id' }),
  'tube.packed': event(61, 'A tube is in a box. `laboratory`: the box was sealed already, and this is where its manifest had gone.', { tube: 'code', box: 'code', trip: 'u32', station: 'u16', swabs: 'u8', firstSwabAt: 'time', laboratory: 'code', beforeTube: 'id', beforeBox: 'id' }),
  'tube.unpacked': event(62, 'A tube was taken out of a box.', { tube: 'code', box: 'code', trip: 'u32', reason: 'code', beforeTube: 'id', beforeBox: 'id' }),
  'box.sealed': event(63, 'A box was closed. `manifest`: JSON, a list of [tube, swabs, time of the first]; `counted` 65,535: nobody counted.', { box: 'code', trip: 'u32', count: 'u16', counted: 'u16', hash: 'code', laboratory: 'code', firstSwabAt: 'time', manifest: 'bytes', beforeBox: 'id' }),
  'box.handedOver': event(64, 'A box passes from one person to another. `confirmed`: 0 one of them says so, 1 both do, 2 by the manifest read from the other.', { box: 'code', trip: 'u32', leg: 'u8', from: 'code', to: 'code', confirmed: 'u8', beforeBox: 'id' }),
  'box.redirected': event(65, 'A box goes to another laboratory than its manifest was sent to.', { box: 'code', trip: 'u32', was: 'code', laboratory: 'code', manifest: 'bytes', beforeBox: 'id' }),
  'box.late': event(66, 'A box takes too long. `what`: amber or red on the road, unreconciled at the laboratory.', { box: 'code', trip: 'u32', what: 'code', since: 'time', beforeBox: 'id' }),
  'tube.late': event(67, 'A tube waits too long. `what`: unpacked, unresulted, unregistered.', { tube: 'code', what: 'code', since: 'time', beforeTube: 'id' }),
  'tube.leaked': event(68, 'A tube has leaked; its people are recalled.', { tube: 'code', station: 'u16', note: 'text', beforeTube: 'id' }),
  'tube.lost': event(69, 'A tube counts as lost; its people are recalled. `waited`: 1 if it was missing for too long, 0 if a person says so.', { tube: 'code', station: 'u16', waited: 'u8', note: 'text', beforeTube: 'id' }),
  'tube.found': event(70, 'A tube that was missing or lost is there. Those recalled stay recalled.', { tube: 'code', station: 'u16', note: 'text', beforeTube: 'id' }),
  'tube.missing': event(71, 'The laboratory has looked through a box and a tube of its manifest is not in it. From `lostAt` on it counts as lost.', { tube: 'code', box: 'code', laboratory: 'code', lostAt: 'time', beforeTube: 'id' }),
  'recall.opened': event(72, 'The people of a tube are called back for a single swab. `household` and `neighbours`: who lives and who queued beside them.', { recall: 'u32', tube: 'code', cause: 'code', dueAt: 'time', residents: 'u32s', household: 'u32s', neighbours: 'u32s', unidentified: 'u8', note: 'text', beforeTube: 'id' }),
  'resident.recalled': event(73, 'A resident is to come again and have a tube alone. `relation`: 1 in the tube, +2 by a second swab, +4 crossed out, +8 moved.', { resident: 'u32', recall: 'u32', tube: 'code', relation: 'u8', beforeResident: 'id' }),
  'contact.recorded': event(74, 'Somebody tried to reach a recalled person, or the person came.', { recall: 'u32', resident: 'u32', outcome: 'code', attempts: 'u8', found: 'u16', people: 'u16', note: 'text', beforeResident: 'id' }),
  'recall.settled': event(75, "A recalled person's single swab has its result.", { recall: 'u32', resident: 'u32', tube: 'code', result: 'code', settled: 'u16', people: 'u16', beforeResident: 'id' }),
  'recall.late': event(76, 'A recall is not done in time; `level` counts how often.', { recall: 'u32', tube: 'code', level: 'u8', people: 'u16', found: 'u16', settled: 'u16' }),
  'recall.closed': event(77, 'A recall ended: by the single swabs of its people, or by a person.', { recall: 'u32', tube: 'code', outcome: 'code', people: 'u16', found: 'u16', settled: 'u16', positives: 'u16', secondBy: 'code', note: 'text' }),
  'resident.freed': event(78, 'A recall asks nothing of a resident any more. `recall`: the one they still have to answer, 0 none; `recalled` 1: to come; `single`: must still have a tube alone.', { resident: 'u32', recall: 'u32', recalled: 'u8', single: 'u8', beforeResident: 'id' }),
  'box.received': event(80, 'A box is at a laboratory. `home`: the area it came from; `marks`: 1 no manifest had announced it, 8 a gap in its custody.', { box: 'code', trip: 'u32', home: 'code', laboratory: 'code', expected: 'u16', condition: 'code', marks: 'u8', beforeBox: 'id' }),
  'tube.received': event(81, 'The laboratory has a tube. `marks`: 1 no record has told of it yet, 2 not on the manifest of the box it came in.', { tube: 'code', box: 'code', home: 'code', laboratory: 'code', accession: 'code', marks: 'u8', beforeTube: 'id' }),
  'tube.rejected': event(82, 'The laboratory cannot test a tube; its people are recalled. `reason`: HL7 table 0490.', { tube: 'code', box: 'code', home: 'code', laboratory: 'code', reason: 'code', accession: 'code', note: 'text', beforeTube: 'id' }),
  'box.reconciled': event(83, 'A box was compared with its manifest. `missing` and `extra`: tube codes with a blank between them.', { box: 'code', trip: 'u32', home: 'code', laboratory: 'code', expected: 'u16', received: 'u16', missing: 'text', extra: 'text', note: 'text', beforeBox: 'id' }),
  'result.released': event(84, 'The result of a tube leaves the laboratory, or in the area of its people, the record. A correction is a later one.', result),
  'result.waits': event(85, 'A negative has arrived and stays on the record until the tube is as it should be; `why`.', result),
  'result.held': event(86, 'A result stays in the laboratory until two people have looked at it; `why`.', result),
  'result.parked': event(87, 'A result stays in the laboratory until its tube is there and an area has told of it; `why`.', result),
  'box.expected': event(88, "An area has told a laboratory of a box, or of single tubes (no code). `state`: 1 on its way, 2 here already, 3 compared already, 4 goes elsewhere.", { box: 'code', trip: 'u32', home: 'code', laboratory: 'code', count: 'u16', state: 'u8', condition: 'code', beforeBox: 'id' }),
  'tube.registered': event(89, 'An area has told of a tube the laboratory had taken in unknown. `state`: 1 received, 2 rejected.', { tube: 'code', box: 'code', home: 'code', laboratory: 'code', state: 'u8', reason: 'code', accession: 'code', beforeTube: 'id' }),
  'tube.claimed': event(91, 'A foreign tube code belongs to a cell from now on.', { tube: 'code', cell: 'code' }),
  'records.carried': event(93, 'A device handed in records that another one could not send: `count` of them, between these numbers of its own.', { name: 'code', epoch: 'code', first: 'u32', last: 'u32', count: 'u16' }),
  'claim.lost': event(92, 'A foreign tube code was opened in a second cell: both are told.', { tube: 'code', cell: 'code', holder: 'code' }),
} as const satisfies Record<string, EventLayout>;

export type EventName = keyof typeof events;
export const eventNames = Object.keys(events) as EventName[];

type Decoded<T extends FieldType> = T extends 'code' | 'text' | 'id' ? string : T extends 'bytes' ? Uint8Array : T extends 'u16s' | 'u32s' ? number[] : number;
type DecodedFields<F extends Record<string, FieldType>> = { -readonly [K in keyof F]: Decoded<F[K]> };

/** An event as TypeScript sees it: its name, its position on the stream, its header and its own fields. */
export type LedgerEvent<N extends EventName = EventName> = {
  [K in N]: { event: K; id: string } & Omit<DecodedFields<typeof header>, 'kind'> & DecodedFields<(typeof events)[K]['fields']>;
}[N];
