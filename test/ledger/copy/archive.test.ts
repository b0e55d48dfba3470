// An archive says what was done to it: one byte changed, a line lost, moved or added, a segment taken away, a signature by a stranger.

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t, { type Test } from 'tap';
import type { CellName } from '../../../src/domain/requests.js';
import { ArchiveDamaged, ArchiveReader, isArchive, keysIn, nameOf } from '../../../src/ledger/copy/archive.js';
import { chainStart, readLine, writeLine } from '../../../src/ledger/copy/lines.js';
import { keyId, publicKeyText, readOrMakeSigner } from '../../../src/ledger/copy/signing.js';
import { copying, folder } from '../../jobs/archive/copying.js';
import { seeded, traffic } from '../../live/traffic.js';
import { build } from '../../support.js';

/** An archive of a cell with closed segments and an open one, and nobody at it any more. */
async function anArchive(t: Test): Promise<{ dir: string; cell: CellName }> {
  const one = await copying(t);
  const rig = await build(t, { redis: one.redis, stations: ['a', 'b', 'c'], residents: 60 });
  for (const segmentBytes of [5000, 5000, undefined]) {
    await traffic(rig, 40, seeded(9));
    const archiver = one.start(segmentBytes ? { segmentBytes } : {});
    await archiver.caughtUp();
    await archiver.close();
  }
  return { dir: one.dir, cell: rig.cell };
}

/** Reads all of it as `verify` does; gives what is wrong, or undefined. */
async function wrongWith(dir: string, cell: CellName): Promise<ArchiveDamaged | undefined> {
  try {
    if (!isArchive(dir)) throw new Error('there is no archive');
    const reader = new ArchiveReader(dir, cell, keysIn(dir));
    for await (const _ of reader.changes());
    if (reader.end.torn > 0) return new ArchiveDamaged('000003.jsonl', reader.end.lines + 1, 'cut short');
    return undefined;
  } catch (fault) {
    if (fault instanceof ArchiveDamaged) return fault;
    throw fault;
  }
}

const filesIn = (dir: string): string[] => readdirSync(dir, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map((one) => relative(dir, join(one.parentPath, one.name)));

t.test('whichever byte is changed, in whichever file, the file is named, and the line where there are lines', async (t) => {
  const { dir, cell } = await anArchive(t);
  t.equal(await wrongWith(dir, cell), undefined);
  const files = filesIn(dir);
  t.equal(files.filter((file) => file.endsWith('.gz')).length, 2);
  const random = seeded(Number(process.argv[2]) || Math.floor(Math.random() * 2 ** 31));
  for (const file of files) {
    const path = join(dir, file);
    const bytes = readFileSync(path);
    // The first and the last ones, where formats keep what is easily overlooked, and some between.
    const places = [...Array.from({ length: 12 }, (_, i) => i), ...Array.from({ length: 12 }, (_, i) => bytes.length - 1 - i), ...Array.from({ length: 60 }, () => Math.floor(random() * bytes.length))].filter((at) => at >= 0 && at < bytes.length);
    for (const at of places) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << Math.floor(random() * 8));
      writeFileSync(path, changed);
      const wrong = await wrongWith(dir, cell);
      const named = file.startsWith('libraries/') ? wrong?.message.includes(file) : file.endsWith('.sha256') ? wrong?.file === file.replace('.sha256', '.jsonl.gz') : wrong?.file.endsWith(file.replace(/^.*\//, ''));
      if (!named) t.fail(`byte ${at} of ${file}: ${wrong?.message ?? 'not noticed'}`);
      if (!file.endsWith('.jsonl')) continue;
      // A changed line end joins two lines, and then the second cannot be told from the first.
      const line = changed.subarray(0, at).filter((byte) => byte === 10).length + 1;
      if (bytes[at] !== 10 && changed[at] !== 10) t.equal(wrong?.line, line, `byte ${at} of ${file}: ${wrong?.message}`);
    }
    writeFileSync(path, bytes);
  }
  t.equal(await wrongWith(dir, cell), undefined);
});

t.test('lines and segments cannot be taken away, moved or put elsewhere', async (t) => {
  const { dir, cell } = await anArchive(t);
  const open = `${cell.round}+${cell.area}/000003.jsonl`;
  const lines = readFileSync(join(dir, open), 'utf8').trimEnd().split('\n');
  const attempts: [what: string, attempt: (at: string) => void, named: RegExp][] = [
    ['a line is lost', (at) => writeFileSync(join(at, open), `${lines.filter((_, i) => i !== 3).join('\n')}\n`), /000003.jsonl, line 4: /],
    ['two lines change places', (at) => writeFileSync(join(at, open), `${[...lines.slice(0, 3), lines[4], lines[3], ...lines.slice(5)].join('\n')}\n`), /000003.jsonl, line 4: /],
    ['a line stands there twice', (at) => writeFileSync(join(at, open), `${[...lines.slice(0, 4), lines[3], ...lines.slice(4)].join('\n')}\n`), /000003.jsonl, line 5: /],
    ['a segment is lost', (at) => rmSync(join(at, `${cell.round}+${cell.area}/000002.jsonl.gz`)), /000002, is missing/],
    ['a segment stands for another', (at) => cpSync(join(at, `${cell.round}+${cell.area}/000001.jsonl.gz`), join(at, `${cell.round}+${cell.area}/000002.jsonl.gz`)), /000002.jsonl.gz: it has been changed/],
    ['a closed segment has lost its checksum', (at) => rmSync(join(at, `${cell.round}+${cell.area}/000001.sha256`)), /000001.jsonl.gz: .*checksum is missing/],
    ['the steps have been rewritten', (at) => { for (const file of readdirSync(join(at, 'libraries'))) writeFileSync(join(at, 'libraries', file), '-- nothing'); }, /libraries\/swabline_\w+.lua is missing or has been changed/],
  ];
  for (const [what, attempt, named] of attempts) {
    const copy = folder(t);
    cpSync(dir, copy, { recursive: true });
    attempt(copy);
    t.match((await wrongWith(copy, cell))?.message, named, what);
  }
  const stolen = folder(t);
  cpSync(dir, stolen, { recursive: true });
  cpSync(join(stolen, `${cell.round}+${cell.area}`), join(stolen, 'other+north'), { recursive: true });
  t.match((await wrongWith(stolen, { round: 'other', area: 'north' }))?.message, /line 1: /, 'the lines of one cell are no lines of another');
});

t.test('whoever makes the chain fit again cannot sign it', async (t) => {
  const { dir, cell } = await anArchive(t);
  const file = join(dir, `${cell.round}+${cell.area}/000003.jsonl`);
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const head = JSON.parse(lines[0] as string) as { before: string };
  const forge = (sign: (line: Record<string, unknown>) => Record<string, unknown>) => {
    let before = head.before;
    writeFileSync(file, lines.map((line, i) => {
      const { h: _, ...content } = JSON.parse(line) as Record<string, unknown>;
      if (i === 2) content['of'] = 'nobody:e1';
      const written = writeLine(sign(content) as never, before);
      before = written.hash;
      return written.text;
    }).join(''));
  };
  forge((line) => line);
  t.match((await wrongWith(dir, cell))?.message, new RegExp(`line ${lines.length}: its signature does not fit`));

  const stranger = readOrMakeSigner(join(folder(t), 'stranger.key'));
  forge((line) => ('signature' in line ? { ...line, key: stranger.id, signature: stranger.sign('anything') } : line));
  t.match((await wrongWith(dir, cell))?.message, /signed by the key [0-9a-f]{8}, which is not a known one/);
  // With its key in the archive the stranger gets no further: what is signed is the chain.
  writeFileSync(join(dir, 'keys', `${stranger.id}.pem`), publicKeyText(stranger.publicKey));
  t.match((await wrongWith(dir, cell))?.message, /its signature does not fit/);
  t.equal(keyId(stranger.publicKey), stranger.id);
});

t.test('a line is read as it was written, whatever stands in it', async (t) => {
  const line = { s: '1-1', of: 'd:e', p: '', a: ['1-1', 'tube_full', '{"x":"\u2028 \\" ,\\"h\\":\\"00\\"}\u0000 采样"}'] };
  const before = chainStart(nameOf({ round: 'r', area: 'a' }));
  const { text, hash } = writeLine(line as never, before);
  t.equal(text.indexOf('\n'), text.length - 1);
  t.same(readLine(text.trimEnd(), before), { line, hash });
  t.type(readLine(text.trimEnd(), hash), 'string', 'only behind the line it was written behind');
  for (const nonsense of ['', '{}', '"h"', `${text.trimEnd()} `, '{"h":"00"}']) t.type(readLine(nonsense, before), 'string');
});
