// What set-up says to the person at the console. It goes to the standard error stream, so that `npm run drill -- --json` prints JSON only.
import { spawnSync } from 'node:child_process';

/** One sentence. */
export const say = (sentence) => process.stderr.write(`swabline: ${sentence}\n`);

/** Ends with a sentence on what to do. */
export function stop(sentence) {
  say(sentence);
  process.exit(1);
}

/** Runs a command to its end; its output is kept and shown only by those who need it. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024, ...options });
  return { ok: done.status === 0, out: done.stdout ?? '', said: `${done.stdout ?? ''}${done.stderr ?? ''}`.trim() };
}

export const lastLines = (text, count = 12) => text.split('\n').slice(-count).join('\n');
