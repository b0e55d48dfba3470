// A call of the function library, written in one piece.
//
// A call names a cell's whole fixed group of keys, which never changes for a cell: that part is kept as bytes and copied. What differs
// is a few dozen short strings, joined once. ioredis would build a string of every argument and encode it anew; on the swab's route that
// was a fifth of the service's time (profile in the README).

import { Command } from 'ioredis';

/** Calls of one cell begin alike: FCALL, the function, the number of keys, the fixed group. */
export interface CallPrefix {
  bytes: Buffer;
  /** Words in `bytes`. */
  words: number;
  firstKey: string;
}

const word = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** The beginning of calls with `more` keys behind the fixed group. */
export function callPrefix(run: string, group: readonly string[], more: number): CallPrefix {
  const words = ['FCALL', run, String(group.length + more), ...group];
  return { bytes: Buffer.from(words.map(word).join('')), words: words.length, firstKey: group[0] as string };
}

/** One FCALL for `redis.sendCommand`; replies come as Buffers. */
export class LibraryCall extends Command {
  readonly #bytes: Buffer;
  readonly #key: string;

  constructor(prefix: CallPrefix, rest: readonly string[]) {
    super('FCALL', [], { replyEncoding: null });
    let text = '';
    let ascii = true;
    for (const argument of rest) {
      const length = Buffer.byteLength(argument);
      if (length !== argument.length) ascii = false;
      text += `$${length}\r\n${argument}\r\n`;
    }
    const head = `*${prefix.words + rest.length}\r\n`;
    const size = head.length + prefix.bytes.length + (ascii ? text.length : Buffer.byteLength(text));
    const bytes = Buffer.allocUnsafe(size);
    let at = bytes.write(head, 'latin1');
    at += prefix.bytes.copy(bytes, at);
    bytes.write(text, at, ascii ? 'latin1' : 'utf8');
    this.#bytes = bytes;
    this.#key = prefix.firstKey;
  }

  override toWritable(): Buffer {
    return this.#bytes;
  }

  /** For a cluster: all keys of a call share the cell's hash tag, so one tells the slot. */
  override getKeys(): string[] {
    return [this.#key];
  }
}
