// The vault: what it seals opens only where it belongs, the same person is found again, and what was forgotten stays forgotten.

import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { MasterKeyProblem, readOrMakeMasterKey } from '../../src/vault/masterKey.js';
import { SealFault } from '../../src/vault/sealing.js';
import { openVault, replaceMasterKey, type KeyShelf, type RoundVault, type Vault } from '../../src/vault/vault.js';
import { shelfInMemory } from './shelfInMemory.js';

interface Bench {
  file: string;
  shelf: KeyShelf;
  open: (more?: { mayCreate?: boolean; now?: () => number }) => Promise<Vault>;
}

async function bench(t: Test): Promise<Bench> {
  const directory = await mkdtemp(join(tmpdir(), 'vault-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const file = join(directory, 'keys', 'master.key');
  const shelf = shelfInMemory();
  return { file, shelf, open: (more = {}) => openVault({ file, shelf, mayCreate: true, ...more }) };
}

async function ready(vault: Vault, round: string): Promise<RoundVault> {
  await vault.prepare(round);
  const opened = await vault.round(round);
  if (opened === 'erased') throw new Error('a fresh round is not erased');
  return opened;
}

const place = (area: string, owner: string) => ({ area, owner: Buffer.from(owner) });

t.test('what is sealed opens again, and only with its own round, area and person', async (t) => {
  const { open } = await bench(t);
  const vault = await open();
  const one = await ready(vault, 'r1');
  const two = await ready(vault, 'r2');
  const plain = { name: '李小明', document: '11010519491231002X' };
  const sealed = one.seal(place('east', 'p1'), plain);
  t.same(one.open(place('east', 'p1'), sealed), plain);
  t.notOk(sealed.includes('李小明') || sealed.includes('11010519491231002X'), 'nothing shows through');
  t.throws(() => one.open(place('east', 'p2'), sealed), { name: 'SealFault', message: /does not belong/ }, 'moved to another person');
  t.throws(() => one.open(place('west', 'p1'), sealed), { name: 'SealFault', message: /does not belong/ }, 'moved to another area');
  t.throws(() => two.open(place('east', 'p1'), sealed), { name: 'SealFault', message: /another key/ }, 'moved to another round');
  t.throws(
    () => one.openBytes('upload', place('east', 'p1'), sealed),
    { name: 'SealFault', message: /does not belong/ },
    'taken for another purpose',
  );
  t.throws(
    () => one.open({ area: 'easta', owner: 'p1'.slice(1) }, sealed),
    { name: 'SealFault', message: /does not belong/ },
    'words do not run together',
  );
});

t.test('every changed or missing byte is noticed', async (t) => {
  const { open } = await bench(t);
  const one = await ready(await open(), 'r1');
  const sealed = one.seal(place('east', 'p1'), { name: '某某' });
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    t.throws(() => one.open(place('east', 'p1'), changed), SealFault);
    t.throws(() => one.open(place('east', 'p1'), sealed.subarray(0, at)), SealFault);
  }
});

t.test('any content comes back, and the same content in the same place gives the same bytes', async (t) => {
  const { open } = await bench(t);
  const one = await ready(await open(), 'r1');
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })), fc.string(), (plain, owner) => {
      const there = { area: 'east', owner };
      const sealed = one.seal(there, plain);
      t.same(one.open(there, sealed), plain);
      return sealed.equals(one.seal(there, plain)) && !sealed.equals(one.seal({ area: 'east', owner: `${owner}.` }, plain));
    }),
  );
  const bytes = one.sealBytes('quarantine', place('east', 'd1'), Buffer.from('{not json'));
  t.notOk(
    bytes.equals(one.sealBytes('quarantine', place('east', 'd1'), Buffer.from('{not json'))),
    'raw records show nothing, not even that they are equal',
  );
  t.equal(one.openBytes('quarantine', place('east', 'd1'), bytes).toString(), '{not json');
});

t.test('a person is found by the same 16 bytes in a round, by others in the next', async (t) => {
  const { open } = await bench(t);
  const vault = await open();
  const one = await ready(vault, 'r1');
  const two = await ready(vault, 'r2');
  t.equal(one.indexOf('id:11010519491231002X').length, 16);
  t.same(one.indexOf('id:11010519491231002X'), one.indexOf('id:11010519491231002X'));
  t.notSame(one.indexOf('id:11010519491231002X'), two.indexOf('id:11010519491231002X'));
  const again = await ready(await open({ mayCreate: false }), 'r1');
  t.same(again.indexOf('id:11010519491231002X'), one.indexOf('id:11010519491231002X'), 'after a restart too');
});

t.test('a forgotten round answers "erased", everywhere and for good', async (t) => {
  const { open } = await bench(t);
  let now = 1_000_000;
  const [vault, elsewhere] = [await open(), await open({ now: () => now })];
  const one = await ready(vault, 'r1');
  const sealed = one.seal(place('east', 'p1'), { name: '某某' });
  t.same(await elsewhere.open('r1', place('east', 'p1'), sealed), { ok: true, value: { name: '某某' } });
  await vault.forget('r1');
  t.same(await vault.open('r1', place('east', 'p1'), sealed), { ok: false, reason: 'erased' });
  t.same(await vault.indexOf('r1', 'id:1'), { ok: false, reason: 'erased' });
  t.equal(await vault.prepare('r1'), 'erased', 'it does not come back to life');
  now += 60_001;
  t.same(await elsewhere.open('r1', place('east', 'p1'), sealed), { ok: false, reason: 'erased' }, 'another process forgets within a minute');
  t.same(await (await open()).seal('r1', place('east', 'p1'), {}), { ok: false, reason: 'erased' });
});

t.test('keys are made when a round is opened and never later', async (t) => {
  const { open, shelf } = await bench(t);
  const vault = await open();
  await t.rejects(vault.seal('r9', place('east', 'p1'), {}), /no keys/);
  t.same(await shelf.rounds(), []);
  await Promise.all([vault.prepare('r9'), vault.prepare('r9'), (await open()).prepare('r9')]);
  const [one, two] = [await ready(vault, 'r9'), await ready(await open(), 'r9')];
  t.same(one.indexOf('x'), two.indexOf('x'), 'three who make them at once end up with the same');
});

t.test('the master key is made once, readable by its owner only, and the sentence says to copy it', async (t) => {
  const { file } = await bench(t);
  const said: string[] = [];
  const keys = await Promise.all([1, 2, 3].map(() => readOrMakeMasterKey({ file, mayCreate: true, say: (sentence) => said.push(sentence) })));
  t.equal(new Set(keys.map(({ id }) => id)).size, 1, 'three starts at once share one key');
  t.equal((await stat(file)).mode & 0o777, 0o600);
  t.equal((await readFile(file)).length, 32);
  t.match(said[0], /Copy it now/);
  const before = said.length;
  await readOrMakeMasterKey({ file, mayCreate: true, say: (sentence) => said.push(sentence) });
  t.equal(said.length, before, 'the second start says nothing');
});

t.test('a missing, damaged, readable or foreign master key stops the start with a sentence', async (t) => {
  const { file, open } = await bench(t);
  await t.rejects(open({ mayCreate: false }), { name: 'MasterKeyProblem', message: /is missing, and the record already holds personal data/ });
  await ready(await open(), 'r1');
  const right = await readFile(file);
  await writeFile(file, Buffer.alloc(31));
  await t.rejects(open(), /31 bytes instead of 32/);
  await writeFile(file, Buffer.alloc(32, 7));
  await t.rejects(open(), /Put the right key file/);
  await writeFile(file, right);
  await chmod(file, 0o644);
  await t.rejects(open(), /can be read by other accounts/);
  await chmod(file, 0o600);
  await t.resolves(open({ mayCreate: false }));
});

t.test('replacing the master key changes nothing of a person, and the old key opens nothing that is wrapped anew', async (t) => {
  const { file, open, shelf } = await bench(t);
  const vault = await open();
  const one = await ready(vault, 'r1');
  await ready(vault, 'r2');
  await vault.forget('r2');
  const sealed = one.seal(place('east', 'p1'), { name: '某某' });
  const old = await readFile(file);
  t.same(await replaceMasterKey({ file, shelf }), { rounds: 1 });
  t.notSame(await readFile(file), old);
  t.equal((await stat(file)).mode & 0o777, 0o600);
  t.same(await readFile(`${file}.old`), old);
  const after = await open({ mayCreate: false });
  t.same(await after.open('r1', place('east', 'p1'), sealed), { ok: true, value: { name: '某某' } });
  t.same(await after.open('r2', place('east', 'p1'), sealed), { ok: false, reason: 'erased' });
  await writeFile(file, old);
  await t.rejects(open(), MasterKeyProblem);
});

t.test('a replacement that was cut short still starts, and is finished by running it again', async (t) => {
  const { file, open, shelf } = await bench(t);
  const vault = await open();
  const one = await ready(vault, 'r1');
  await ready(vault, 'r2');
  const sealed = one.seal(place('east', 'p1'), { name: '某某' });
  let puts = 0;
  const cutShort: KeyShelf = {
    ...shelf,
    put: async (...entry) => (puts++ === 1 ? Promise.reject(new Error('the power went')) : shelf.put(...entry)),
  };
  await t.rejects(replaceMasterKey({ file, shelf: cutShort }), /power/);
  const between = await open({ mayCreate: false });
  t.same(await between.open('r1', place('east', 'p1'), sealed), { ok: true, value: { name: '某某' } });
  await replaceMasterKey({ file, shelf });
  const after = await open({ mayCreate: false });
  t.same(await after.open('r1', place('east', 'p1'), sealed), { ok: true, value: { name: '某某' } });
  t.not(await after.round('r2'), 'erased');
});

t.test('the master key is replaced while a service runs, which goes on reading and opening rounds', async (t) => {
  const { file, open, shelf } = await bench(t);
  let now = 0;
  const serving = await open({ now: () => now });
  const one = await ready(serving, 'r1');
  const sealed = one.seal(place('east', 'p1'), { name: '某某' });
  // In the middle of the replacement the service prepares a round, having seen nothing of it yet.
  let prepared: Promise<unknown> | undefined;
  const busy: KeyShelf = {
    ...shelf,
    put: async (...entry) => {
      prepared ??= serving.prepare('r2');
      await prepared;
      return shelf.put(...entry);
    },
  };
  await replaceMasterKey({ file, shelf: busy });
  t.equal(await serving.prepare('r3'), 'ready');
  now += 120_000;
  t.same(await serving.open('r1', place('east', 'p1'), sealed), { ok: true, value: { name: '某某' } }, 'without a restart');
  await rm(`${file}.old`);
  const after = await open({ mayCreate: false });
  for (const round of ['r1', 'r2', 'r3']) t.not(await after.round(round), 'erased', `${round} opens with the new key alone`);
});
