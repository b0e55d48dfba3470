// What holds for the whole of the source, and the table of threats: every control that SECURITY.md names has a test that is there.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? sources(join(folder, entry.name)) : /\.(ts|js)$/.test(entry.name) ? [join(folder, entry.name)] : []));
const rooms = ['api', 'domain', 'jobs', 'ledger', 'live', 'vault'].flatMap((room) => sources(`src/${room}`));

t.test('the sixteen threats each have a control, and a test that is there', async (t) => {
  const text = readFileSync('SECURITY.md', 'utf8');
  const rows = [...text.matchAll(/^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$/gm)];
  t.same(rows.map(([, number]) => Number(number)), Array.from({ length: 16 }, (_, i) => i + 1));
  for (const [, number, threat, , tests = ''] of rows) {
    const named = [...tests.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, file]) => file as string);
    t.ok(named.length > 0, `${number} ${threat}: a test`);
    for (const file of named) t.ok(existsSync(file), file);
  }
});

t.test('the service calls nobody: no address it is given can make it', async (t) => {
  // Redis, and the pipe to its own Redis, are the only lines it opens itself.
  const mayConnect = new Set(['src/ledger/embedded.ts', 'src/ledger/redis.ts']);
  for (const file of rooms) {
    if (mayConnect.has(file) || file.includes('/page/') || file.includes('/docs/') || file.includes('/enter/')) continue;
    const text = readFileSync(file, 'utf8');
    t.notMatch(text, /^import (?!type).* from '(node:)?(https?|tls|dgram|dns|undici)'/m, file);
    t.notMatch(text, /\bfetch\(/, file);
  }
});

t.test('nothing is run that came from outside', async (t) => {
  for (const file of rooms) {
    const text = readFileSync(file, 'utf8');
    t.notMatch(text, /\beval\(|new Function\(|node:vm|\bexecSync\(|\bexec\(`/, file);
    if (!['src/ledger/embedded.ts'].includes(file)) t.notMatch(text, /node:child_process/, file);
    t.notMatch(text, /innerHTML|outerHTML|document\.write|insertAdjacentHTML/, file);
  }
});

t.test('no pattern of ours can be made to hang', { timeout: 120_000 }, async (t) => {
  // A pattern that hangs does so on a long run of what it repeats with a wrong end. Each is run on such texts in a thread that is given up
  // on after a time in which every good pattern is done a hundred times over.
  const patterns = new Map<string, string>();
  for (const file of rooms.concat(sources('src/tools'))) {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (/^\s*(\/\/|\*)/.test(line)) continue;
      for (const [, body = '', flags = ''] of line.matchAll(/(?<=[(=:,!&|?\s[])\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuy]*)(?=[\s.,;)\]}])/g)) {
        if (body.startsWith('*') || body.startsWith('/')) continue;
        try { new RegExp(body, flags); } catch { continue; }
        patterns.set(`/${body}/${flags}`, file);
      }
    }
  }
  t.ok(patterns.size > 60, `${patterns.size} patterns`);
  const worker = startWorker();
  t.teardown(() => worker.terminate());
  for (const [pattern, file] of patterns) {
    const done = await isDone(worker, pattern, 20_000);
    if (!done) return t.fail(`${pattern} in ${file} hangs`);
  }
});

t.test('and one that hangs would be seen', async (t) => {
  const worker = startWorker();
  t.teardown(() => worker.terminate());
  t.notOk(await isDone(worker, '/^(a+)+$/', 1000));
});

function startWorker(): Worker {
  return new Worker(
    `const { parentPort } = require('node:worker_threads');
     const runs = ['a', 'A', '0', ' ', '.', '-', '_', '"', ',', ';', '\\n', '\\t', '中', '1a', 'a0.', '=', '/', 'x.', '0-', '\\u200b', '#', '(', '甄1', 'A1', '9,', ': '];
     parentPort.on('message', ({ body, flags }) => {
       const pattern = new RegExp(body, flags.replace('g', '').replace('y', ''));
       for (const run of runs) for (const end of ['', '!', '\\u0000', '"']) pattern.test(run.repeat(Math.floor(30000 / run.length)) + end);
       parentPort.postMessage('done');
     });`,
    { eval: true },
  );
}

function isDone(worker: Worker, pattern: string, patienceMs: number): Promise<boolean> {
  const slash = pattern.lastIndexOf('/');
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), patienceMs);
    worker.once('message', () => { clearTimeout(late); resolve(true); });
    worker.postMessage({ body: pattern.slice(1, slash), flags: pattern.slice(slash + 1) });
  });
}
