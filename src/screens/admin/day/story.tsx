// A story from the stream: events of a resident, a tube or a box, latest first.

import { Table } from '../../parts/showing.js';
import type { EventName } from '../../../domain/events.js';
import { common } from '../../words/everywhere.js';
import { say } from '../../words/language.js';
import { dayAndClock } from '../../words/time.js';
import { eventWords } from './events.js';
import { factsOf, type StationNames } from './fields.js';
import { words } from './words.js';

export type StoryEvent = { id: string; event: EventName; at: number; reported?: number } & Record<string, unknown>;

/** Done without an answer and told afterwards: worth knowing of what hands have done. What one cell tells another is always told so. */
const byHand: ReadonlySet<EventName> = new Set(['swab.taken', 'swab.voided', 'swab.moved', 'tube.opened', 'tube.sealed', 'tube.voided', 'tube.packed', 'tube.unpacked', 'box.opened', 'box.sealed', 'box.handedOver', 'resident.registered', 'ticket.issued', 'contact.recorded'] satisfies EventName[]);

export function Story({ events, stations }: { events: readonly StoryEvent[] | undefined; stations: StationNames }) {
  return (
    <Table caption={words.story} empty={events ? common.nothingHere : common.loading} rows={events ?? []} rowKey={({ id }) => id} columns={[
      { head: words.time, cell: (row) => <span class="nowrap">{dayAndClock(row.at)}</span> },
      { head: words.happened, cell: (row) => <><b>{say(eventWords[row.event])}</b>{row.reported && byHand.has(row.event) ? <small class="quiet"> · {say(words.wasReported)}</small> : null}</> },
      { head: words.details, cell: (row) => <ul class="inline">{factsOf(row, stations).map(({ name, value }) => <li key={name}><span class="quiet">{name}</span> <span class="name">{value}</span></li>)}</ul> },
    ]} />
  );
}
