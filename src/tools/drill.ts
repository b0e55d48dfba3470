// `npm run drill -- [--url http://host:port] [--key-file file] [--seed text] [--residents N] [--prevalence P] [--speed max|60] [--json]`
//
// Replays a township's day through the real doors of a running service, or of one it starts itself, and proves from the outside that
// nothing was lost and nothing doubled. The round it opens is a rehearsal and stays on the service's record as one. Ends with 0 when
// everything adds up, with 1 when not, with 2 when it could not be run.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DoorFault } from './drill/door.js';
import { runDrill } from './drill/drill.js';
import { page, progressOn } from './drill/report.js';
import { type Service, startService } from './drill/service.js';

const usage = `npm run drill -- [options]
  --url URL          a running service, such as http://127.0.0.1:3000; without it one is started and stopped again
  --key-file FILE    the key to show at that service's gate
  --seed TEXT        the same seed gives the same township and the same day (default: township)
  --residents N      people in the township, from 200 (default: 28000)
  --prevalence P     share of people who are infected, 0 to 0.2 (default: 0.001)
  --speed max|N      as fast as it goes, or N simulated seconds a second (default: max)
  --json             one JSON object on standard output`;

class Misuse extends Error {}

function readOptions() {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' }, 'key-file': { type: 'string' }, seed: { type: 'string', default: 'township' }, residents: { type: 'string', default: '28000' },
      prevalence: { type: 'string', default: '0.001' }, speed: { type: 'string', default: 'max' }, json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  const residents = Number(values.residents);
  if (!Number.isInteger(residents) || residents < 200 || residents > 280_000) throw new Misuse('--residents must be a whole number from 200 to 280000.');
  const prevalence = Number(values.prevalence);
  if (!(prevalence >= 0 && prevalence <= 0.2)) throw new Misuse('--prevalence must be a number from 0 to 0.2.');
  const speed = values.speed === 'max' ? Number.POSITIVE_INFINITY : Number(values.speed);
  if (!(speed > 0)) throw new Misuse('--speed must be max or a number above 0.');
  if (values.url !== undefined && !/^https?:\/\/[^/]+/.test(values.url)) throw new Misuse('--url must be an address such as http://127.0.0.1:3000.');
  const keyFile = values['key-file'];
  return { ...values, residents, prevalence, speed, key: keyFile === undefined ? undefined : readFileSync(keyFile, 'utf8').trim() };
}

/** Something has to answer before an hour's drill is planned with it. */
async function reach(url: string): Promise<void> {
  const answer = await fetch(new URL('/healthz', url)).catch(() => undefined);
  if (answer?.status !== 200) throw new Misuse(`No Swabline answers at ${url}${answer ? ` (it says ${answer.status})` : ''}.`);
}

async function main(): Promise<number> {
  const { url, key, seed, residents, prevalence, speed, json, help } = readOptions();
  if (help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  let service: Service | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void (service?.stop() ?? Promise.resolve()).finally(() => process.exit(130)));
  }
  const progress = progressOn(process.stderr);
  try {
    if (url === undefined) service = await startService();
    else await reach(url);
    const { report, found } = await runDrill({ url: url ?? (service as Service).address, key: key ?? service?.key, seed, residents, prevalence, speed, onProgress: progress.show });
    progress.end();
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : page(report, found.checks));
    return report.ok ? 0 : 1;
  } finally {
    progress.end();
    await service?.stop();
  }
}

try {
  process.exitCode = await main();
} catch (fault) {
  const { code, message, stack } = fault as Error & { code?: string };
  if (code?.startsWith('ERR_PARSE_ARGS')) process.stderr.write(`${message}\n\n${usage}\n`);
  else if (fault instanceof Misuse) process.stderr.write(`${message}\n`);
  else process.stderr.write(`The drill could not be run: ${fault instanceof DoorFault ? message : stack}\n`);
  process.exitCode = 2;
}
