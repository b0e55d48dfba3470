// Everything that must be there before the code can run: dependencies, a Redis, the built code. Plain Node without any dependency,
// since on a fresh clone there are none. Each part is done once and again only when what it depends on has changed.
import { createHash } from 'node:crypto';
import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { provideBrowser } from './browser.mjs';
import { provideRedis } from './redis.mjs';
import { lastLines, run, say, stop } from './say.mjs';

/** For `npm start` and everything that runs the built program. */
export async function prepareProgram() {
  await prepare(async () => {
    dependencies();
    redis('REDIS_URL');
    compile('tsconfig.build.json');
    await screens();
  });
}

/** For `npm test` and the benches: everything in build/, tap made ready, and a browser for the tests of the screens. */
export async function prepareTests({ browser = true } = {}) {
  await prepare(async () => {
    dependencies();
    tap();
    redis('SWABLINE_TEST_REDIS_URL');
    if (browser) provideBrowser();
    compile('tsconfig.test.json');
    compile('src/screens/tsconfig.json');
    compile('test/screens/tsconfig.json');
    await screens();
    removeOrphans();
  });
}

async function prepare(parts) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.versions.node} is too old; Swabline needs 20.19 or newer.`);
  const release = await takeTurn();
  try {
    await parts();
  } finally {
    release();
  }
}

/** Two commands started at once must not install into the same folder: the second waits for the first. */
async function takeTurn() {
  mkdirSync('.cache', { recursive: true });
  const file = join('.cache', 'setup.lock');
  const mine = `${file}.${process.pid}`;
  for (let told = false; ; ) {
    try {
      // A link appears whole: nobody finds the lock still empty and takes it for a stale one.
      writeFileSync(mine, String(process.pid));
      linkSync(mine, file);
      const release = () => rmSync(file, { force: true });
      process.once('exit', release);
      return () => {
        process.off('exit', release);
        release();
      };
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(mine, { force: true });
    }
    if (!isRunning(Number(readIfThere(file)))) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) say('Another command is setting up; waiting for it.');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function isRunning(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

function dependencies() {
  if (dependenciesAreInPlace()) return;
  say('Installing dependencies with npm ci. This happens once.');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const done = npm?.endsWith('.js') ? run(process.execPath, [npm, ...args]) : run('npm', args);
  if (!done.ok) stop(`npm ci failed:\n${lastLines(done.said, 30)}`);
}

/** npm notes what it installed; every package of the lockfile must be there in its version, but for those of other platforms. */
function dependenciesAreInPlace() {
  const note = join('node_modules', '.package-lock.json');
  if (!existsSync(note)) return false;
  const installed = JSON.parse(readFileSync(note, 'utf8')).packages;
  const wanted = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => path === '' || (installed[path] === undefined ? optional : installed[path].version === version));
}

/** tap builds itself anew when its list of plugins is not the default; without this the first run fails. */
function tap() {
  const stampFile = join('node_modules', '.swabline-tap');
  const stamp = createHash('sha256').update(process.version);
  for (const file of ['.taprc', 'node_modules/tap/package.json']) stamp.update(readFileSync(file));
  const wanted = stamp.digest('hex');
  if (readIfThere(stampFile) === wanted) return;
  say('Preparing the test runner. This happens once.');
  const done = run(process.execPath, ['node_modules/tap/dist/esm/run.mjs', 'build']);
  if (!done.ok) stop(`tap could not be prepared:\n${lastLines(done.said, 30)}`);
  writeFileSync(stampFile, wanted);
}

/** `setting` names a Redis of the user's own: then none is looked for. */
function redis(setting) {
  if (process.env[setting]) return;
  const sentence = provideRedis(setting);
  if (sentence !== undefined) stop(sentence);
}

function compile(project) {
  const done = run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project]);
  if (!done.ok) stop(`The code does not compile:\n${done.said}`);
}

/** Loaded only now: Vite is one of the dependencies that may just have been installed. */
async function screens() {
  const { buildScreens } = await import('./screens.mjs');
  const wrong = await buildScreens();
  if (wrong !== undefined) stop(`The screens cannot be built:\n${wrong}`);
}

/** A test or bench whose source is gone must not run from its old output. */
function removeOrphans() {
  for (const room of ['test', 'bench']) {
    const built = join('build', room);
    if (!existsSync(built)) continue;
    for (const name of readdirSync(built, { recursive: true })) {
      if (name.endsWith('.js') && !existsSync(join(room, name.replace(/\.js$/, '.ts')))) rmSync(join(built, name));
    }
  }
}
