// How far each device's numbers are archived without a hole: what the receipt calls safe.

import type { LedgerEvent } from '../../domain/events.js';
import { decodeEvent } from '../stream.js';
import { type CopyEntry, decodeEntry } from './entries.js';
import type { Marks } from './lines.js';

export class DeviceMarks {
  readonly #devices = new Map<string, { mark: number; ahead: Set<number> }>();

  constructor(marks: Marks = {}) {
    for (const [of, [mark, ahead]] of Object.entries(marks)) this.#devices.set(of, { mark, ahead: new Set(ahead) });
  }

  /** An entry has been archived; gives the devices whose mark may have risen. */
  archived(copied: CopyEntry): string[] {
    const entry = decodeEntry(copied.bytes);
    if (entry.kind !== 'request' && entry.kind !== 'refusal') return [];
    this.#received(copied.of, entry.number);
    if (entry.kind !== 'request' || entry.step !== 'writeOffDevice') return [copied.of];
    // Numbers nobody waits for any more leave no hole.
    const writtenOff = copied.events.map(({ id, bytes }) => decodeEvent(id, bytes)).find((event): event is LedgerEvent<'device.writtenOff'> => event.event === 'device.writtenOff');
    const of = `${entry.args[0]}:${entry.args[1]}`;
    const device = this.#device(of);
    device.mark += device.ahead.size + (writtenOff?.lost ?? 0);
    device.ahead.clear();
    return [copied.of, of];
  }

  /** Highest number of the device without a hole below it. */
  mark(of: string): number {
    return this.#devices.get(of)?.mark ?? 0;
  }

  all(): Marks {
    return Object.fromEntries([...this.#devices].map(([of, { mark, ahead }]): [string, [number, number[]]] => [of, [mark, [...ahead].sort((a, b) => a - b)]]));
  }

  #device(of: string): { mark: number; ahead: Set<number> } {
    const device = this.#devices.get(of) ?? { mark: 0, ahead: new Set<number>() };
    this.#devices.set(of, device);
    return device;
  }

  #received(of: string, number: number): void {
    const device = this.#device(of);
    // A report of a number that was refused, or that was written off, comes a second time.
    if (number <= device.mark) return;
    device.ahead.add(number);
    while (device.ahead.delete(device.mark + 1)) device.mark++;
  }
}
