// `node src/setup/run.mjs <part> [arguments]`: sets up what is missing, then becomes dist/<part>.js in this same process, so that
// Ctrl-C and SIGTERM reach the program itself.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { say, stop } from './say.mjs';
import { prepareProgram } from './setup.mjs';

const [part = 'main', ...args] = process.argv.slice(2);
await prepareProgram();
const file = resolve('dist', `${part}.js`);
if (!existsSync(file)) stop(`There is no ${part} in this version: src/${part}.ts does not exist.`);
stopWithNpm();
process.argv = [process.execPath, file, ...args];
await import(pathToFileURL(file).href);

/** A signal sent to npm alone ends npm and never reaches this process; it is noticed here, and passed on. */
function stopWithNpm() {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return;
  // Ctrl-C reaches both. A program that is stopping already must not be told again: a second signal means "at once". Whoever listens
  // for a signal takes its ordinary effect away, so this joins only a program that listens itself.
  let stopping = false;
  const heard = () => {
    stopping = true;
  };
  process.on('newListener', (signal, listener) => {
    if (['SIGINT', 'SIGTERM'].includes(signal) && listener !== heard && !process.listeners(signal).includes(heard)) process.on(signal, heard);
  });
  const parents = ancestors();
  const watch = setInterval(() => {
    if (ancestors().join() === parents.join()) return;
    clearInterval(watch);
    if (stopping) return;
    say('npm has ended; stopping.');
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}

/** The parent, and where the system tells, its parent: npm may have a shell in between. */
function ancestors() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    return [process.ppid, stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]];
  } catch {
    return [process.ppid];
  }
}
