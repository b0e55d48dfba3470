// A story from the stream: events of a resident, a tube or a box, latest first.

import { Table } from '../../parts/showing.js';
import type { EventName } from '../../../domain/events.js';
import { say } from '../../words/language.js';
import { dayAndClock } from '../../words/time.js';
import { eventWords, toldFields } from './events.js';
import { words } from './words.js';

export type StoryEvent = { id: string; event: EventName; at: number; reported?: number } & Record<string, unknown>;

const shown = (value: unknown): string => (value === undefined || value === null || value === '' || value === 0 ? '' : String(value));

export function Story({ events }: { events: readonly StoryEvent[] }) {
  return (
    <Table caption={words.story} rows={events} rowKey={({ id }) => id} columns={[
      { head: words.time, cell: (row) => dayAndClock(row.at) },
      { head: words.happened, cell: (row) => <b>{say(eventWords[row.event])}</b> },
      { head: words.state, cell: (row) => <span class="name">{toldFields.filter((field) => shown(row[field])).map((field) => `${field} ${shown(row[field])}`).join(' · ')}</span> },
    ]} />
  );
}
