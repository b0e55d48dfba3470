// Takes a copied cell again in an empty Redis, entry by entry, by the library that took it first. The result is the record as it was: every
// event in its place and byte for byte the same, or the replay stops and says at which entry it comes out otherwise (replay.lua).

import type { Redis } from 'ioredis';
import { type CellName, isSystemCell } from '../domain/requests.js';
import { type CopyEntry, decodeEntry, type Entry } from './copy/entries.js';
import { journalOf, keyOf, systemKeys } from './keys.js';
import { functionsOf, keysOfLibrary, type Library } from './library.js';

/** An archived request comes out otherwise than it did, or cannot be taken here at all; `position` says which. */
export class ReplayDiffers extends Error {
  override name = 'ReplayDiffers';
  readonly position: string;

  constructor(position: string, what: string) {
    super(what);
    this.position = position;
  }
}

/** Requests in one call: the target serves nobody else meanwhile, so this only bounds the size of a call. */
const entriesPerCall = 250;
const bytesPerCall = 4_000_000;
/** Calls that are under way at once: enough that Redis never waits for us, and few enough that none waits for long. */
const callsAtOnce = 4;

export interface Replay {
  /** Takes the next entries of the cell, in order. @throws ReplayDiffers */
  take(entries: readonly CopyEntry[]): Promise<void>;
  /** Says that the cell is complete and may be used. */
  finish(): Promise<void>;
}

/**
 * Replays a cell into `redis`, where it must not exist. `libraryOf` gives the code of a library by its name; `own` is this build's.
 */
export function replayCell(redis: Redis, cell: CellName, own: Library, libraryOf: (name: string) => Promise<string>): Replay {
  let after = '';
  let library = own.name;
  let group = keysOfLibrary(own.code).map((key) => keyOf(cell, key));
  const loaded = new Set<string>();

  async function use(name: string): Promise<void> {
    const code = name === own.name ? own.code : await libraryOf(name);
    if (!loaded.has(name)) {
      await redis.function('LOAD', code).catch((fault: Error) => {
        if (!/already exists/.test(fault.message)) throw new Error(`the library ${name} was not accepted: ${fault.message}`);
      });
      loaded.add(name);
    }
    library = name;
    group = keysOfLibrary(code).map((key) => keyOf(cell, key));
  }

  /** Sends one call; calls leave one behind the other without waiting, and each names the entry it goes on from. */
  async function send(entries: readonly CopyEntry[], read: readonly Entry[]): Promise<void> {
    const journals: string[] = [];
    const placeOf = (of: string) => {
      const colon = of.lastIndexOf(':');
      const name = journalOf(cell, of.slice(0, colon), of.slice(colon + 1));
      const at = journals.indexOf(name);
      return at < 0 ? journals.push(name) : at + 1;
    };
    const argv: (string | Buffer | number)[] = [after, entries.length];
    entries.forEach(({ position, bytes, of, events, answer }, i) => {
      const entry = read[i] as Entry;
      const writtenOff = entry.kind === 'request' && entry.step === 'writeOffDevice' ? placeOf(`${entry.args[0]}:${entry.args[1]}`) : 0;
      argv.push(position, bytes, of === '' ? 0 : placeOf(of), writtenOff, of, answer?.id ?? '', answer?.word ?? '', answer?.detail ?? '', events.length);
      for (const event of events) argv.push(event.id, event.bytes);
    });
    after = entries.at(-1)?.position ?? after;
    const keys = [...group, ...journals];
    const reply = (await redis.call('FCALL', functionsOf(library).replay, keys.length, ...keys, ...argv)) as [string, number, string];
    if (reply[0] !== 'taken') throw new ReplayDiffers(entries[reply[1] - 1]?.position ?? after, reply[2].replace(/^.*differs: /, ''));
  }

  return {
    async take(entries) {
      const calls: Promise<void>[] = [];
      const arrived = async (left: number) => { while (calls.length > left) await calls.shift(); };
      let batch: CopyEntry[] = [];
      let read: Entry[] = [];
      let size = 0;
      const flush = () => {
        if (batch.length === 0) return;
        const call = send(batch, read);
        // Awaited below; a call that fails before that is no fault of the process.
        call.catch(() => undefined);
        calls.push(call);
        [batch, read, size] = [[], [], 0];
      };
      for (const one of entries) {
        const entry = decodeEntry(one.bytes);
        if (entry.kind === 'library') {
          flush();
          await use(entry.library);
        }
        batch.push(one);
        read.push(entry);
        size += one.bytes.length + one.events.reduce((sum, { bytes }) => sum + bytes.length, 0);
        if (batch.length >= entriesPerCall || size >= bytesPerCall) flush();
        await arrived(callsAtOnce);
      }
      flush();
      await arrived(0);
    },
    async finish() {
      if (!isSystemCell(cell)) await redis.sadd(systemKeys.cells, `${cell.round}:${cell.area}`);
      await redis.hdel(keyOf(cell, 'cell'), 'halted');
    },
  };
}
