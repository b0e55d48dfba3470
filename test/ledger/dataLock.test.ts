// One Swabline per data folder, also after the one before died without a word.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { lockData } from '../../src/ledger/dataLock.js';

t.test('a second start is told where the first one is', async (t) => {
  const dir = t.testdir();
  const lock = lockData(dir);
  t.throws(() => lockData(dir), { name: 'AlreadyRunning', message: `Swabline is already starting on ${dir} (process ${process.pid}).` });
  lock.serving('http://127.0.0.1:3000');
  t.throws(() => lockData(dir), { message: `Swabline is already running at http://127.0.0.1:3000 (process ${process.pid}).`, address: 'http://127.0.0.1:3000' });
  lock.release();
  t.strictSame(readdirSync(dir), [], 'nothing is left behind');
  lockData(dir).release();
});

t.test('a folder that does not exist yet is made', async (t) => {
  lockData(join(t.testdir(), 'data')).release();
});

t.test('the lock of a process that is gone is taken over', async (t) => {
  const dir = t.testdir();
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: child.pid, started: 'x/1', since: '', address: 'http://127.0.0.1:3000' }));
  lockData(dir).serving('http://127.0.0.1:4000');
  t.equal((JSON.parse(readFileSync(join(dir, 'lock'), 'utf8')) as { pid: number }).pid, process.pid);
});

t.test('a process number that somebody else has now does not hold the lock', async (t) => {
  const dir = t.testdir();
  writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: process.pid, started: 'another boot/1', since: '', address: 'http://127.0.0.1:3000' }));
  lockData(dir).release();
});

t.test('half a lock file, as a full disk leaves it, holds nothing', async (t) => {
  const dir = t.testdir({ lock: '{"pid": 12' });
  lockData(dir).release();
});

t.test('of eight that find the same stale lock exactly one gets it', async (t) => {
  const dir = t.testdir({ lock: '{}' });
  const program = `import { lockData } from ${JSON.stringify(new URL('../../src/ledger/dataLock.js', import.meta.url).href)};
    process.stdin.once('data', () => {
      try { lockData(${JSON.stringify(dir)}); console.log('got it'); } catch { console.log('refused'); }
      process.stdin.once('data', () => process.exit());
    });
    console.log('ready');`;
  const children = Array.from({ length: 8 }, () => spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] }));
  const say = (): Promise<string[]> => Promise.all(children.map(async (child) => String(await once(child.stdout, 'data')).trim()));
  const ready = say();
  t.ok((await ready).every((word) => word === 'ready'));
  const answers = say();
  for (const child of children) child.stdin.write('go');
  t.equal((await answers).filter((word) => word === 'got it').length, 1);
  const ends = children.map((child) => once(child, 'exit'));
  for (const child of children) child.stdin.end('end');
  await Promise.all(ends);
});

t.test('a lock taken over by another is not released by the one before', async (t) => {
  const dir = t.testdir();
  const lock = lockData(dir);
  writeFileSync(join(dir, 'lock'), JSON.stringify({ pid: process.ppid, started: 'other', since: '' }));
  lock.release();
  t.ok(existsSync(join(dir, 'lock')));
});
