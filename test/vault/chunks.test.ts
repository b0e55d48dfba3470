// Sealed files: any length comes back whole, and any cut, exchange or foreign piece is noticed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openStream, sealStream } from '../../src/vault/chunks.js';
import { openVault, type RoundVault } from '../../src/vault/vault.js';
import { shelfInMemory } from './shelfInMemory.js';

async function roundOf(t: Test): Promise<RoundVault> {
  const directory = await mkdtemp(join(tmpdir(), 'chunks-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const vault = await openVault({ file: join(directory, 'master.key'), shelf: shelfInMemory(), mayCreate: true });
  await vault.prepare('r1');
  const round = await vault.round('r1');
  if (round === 'erased') throw new Error('a fresh round is not erased');
  return round;
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

async function* inParts(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const place = { area: 'east', owner: 'upload1' };
const piece = 64 * 1024;

t.test('a file of any length comes back, however it is cut on the way', async (t) => {
  const vault = await roundOf(t);
  for (const length of [0, 1, piece - 1, piece, piece + 1, 3 * piece, 200_001]) {
    const plain = Buffer.alloc(length, 'roster ');
    const sealed = await collect(sealStream(vault, 'upload', place, inParts(plain, 1000)));
    t.notOk(sealed.includes('roster'), 'nothing shows through');
    for (const size of [7777, 1_000_000])
      t.ok((await collect(openStream(vault, 'upload', place, inParts(sealed, size)))).equals(plain), `${length} bytes`);
  }
});

t.test('a cut, lengthened, changed or rearranged file does not open', async (t) => {
  const vault = await roundOf(t);
  const plain = Buffer.alloc(2 * piece + 100, 'x');
  const sealed = await collect(sealStream(vault, 'upload', place, inParts(plain, piece)));
  const other = await collect(sealStream(vault, 'upload', place, inParts(plain, piece)));
  const pieceLength = 5 + sealed.readUInt32BE(16);
  const first = sealed.subarray(16, 16 + pieceLength);
  const second = sealed.subarray(16 + pieceLength, 16 + 2 * pieceLength);
  const rest = sealed.subarray(16 + 2 * pieceLength);
  const mark = sealed.subarray(0, 16);
  const changed = Buffer.from(sealed);
  changed[100] = (changed[100] ?? 0) ^ 1;
  const bad: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    'cut in a piece': sealed.subarray(0, sealed.length - 5),
    'without its last piece': Buffer.concat([mark, first, second]),
    'without its first piece': Buffer.concat([mark, second, rest]),
    'two pieces exchanged': Buffer.concat([mark, second, first, rest]),
    'a piece of another file': Buffer.concat([mark, other.subarray(16, 16 + pieceLength), second, rest]),
    'something behind the end': Buffer.concat([sealed, Buffer.from('x')]),
    'a whole piece behind the end': Buffer.concat([sealed, rest]),
    'a changed byte': changed,
    'an endless length': Buffer.concat([mark, Buffer.from('ffffffff00', 'hex'), Buffer.alloc(100)]),
  };
  for (const [what, file] of Object.entries(bad))
    await t.rejects(collect(openStream(vault, 'upload', place, inParts(file, 5000))), { name: 'SealFault' }, what);
  await t.rejects(
    collect(openStream(vault, 'upload', { ...place, owner: 'upload2' }, inParts(sealed, 5000))),
    { name: 'SealFault' },
    'another upload',
  );
});
