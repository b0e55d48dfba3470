// Finds a Chromium for the tests of the screens, or installs Debian's with fonts that have Chinese characters, and notes where it is in
// .cache/browser.json (test/screens/browser.ts reads that). Without one those tests are skipped, and a sentence says so.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { lastLines, run, say } from './say.mjs';

const note = resolve('.cache/browser.json');
const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Notes the browser's path, or null. */
export function provideBrowser() {
  const path = known() ?? (hasFonts() ? onPath() : (fromDebian() ?? onPath()));
  if (path === undefined) say('No Chromium was found and none could be installed: the tests of the screens are skipped. Install it with `sudo apt-get install chromium fonts-noto-cjk` and run the tests again.');
  mkdirSync('.cache', { recursive: true });
  writeFileSync(note, `${JSON.stringify({ path: path ?? null })}\n`);
}

const runs = (path) => run(path, ['--version'], { timeout: 20_000 }).ok;

function known() {
  if (!existsSync(note)) return undefined;
  const { path } = JSON.parse(readFileSync(note, 'utf8'));
  return path && existsSync(path) ? path : undefined;
}

function onPath() {
  for (const name of names) {
    const found = run('sh', ['-c', `command -v ${name}`]).out.trim();
    if (found && runs(found)) return found;
  }
  return undefined;
}

/** Without such a font Chinese is drawn as boxes, which no test of a page's size means anything with. Elsewhere than on Debian this is not looked into. */
function hasFonts() {
  return !run('dpkg', ['--version']).ok || run('dpkg', ['-s', 'fonts-noto-cjk']).ok;
}

function fromDebian() {
  if (process.getuid?.() !== 0 || !run('apt-get', ['--version']).ok) return undefined;
  say('Installing chromium and fonts-noto-cjk with apt-get, for the tests of the screens. This happens once.');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  run('apt-get', ['update', '-q', ...wait], { env });
  const done = run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...wait, 'chromium', 'fonts-noto-cjk', 'poppler-utils'], { env });
  if (!done.ok) say(`apt-get could not install chromium:\n${lastLines(done.said, 4)}`);
  return onPath();
}
