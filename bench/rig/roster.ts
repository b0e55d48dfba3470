// The command post at its roster: opens a round, sends a file, has it judged, has the good rows enrolled, and waits for each.

import { setTimeout as sleep } from 'node:timers/promises';
import type { CellName } from '../../src/domain/requests.js';
import { contentOf, type HttpLine, type Reply } from './lines.js';

/** How often the progress is asked for, as a page does. */
const askEveryMs = 20;

export interface RosterRun {
  /** Seconds until the dry run's report was there, and until everybody was enrolled. */
  judged: number;
  enrolled: number;
  people: number;
}

export async function sendRoster(line: HttpLine, { round, area }: CellName, file: Buffer, name: string): Promise<RosterRun> {
  const cell = `/api/cells/${round}/${area}`;
  const now = Date.now();
  good(await line.post(`${cell}/steps/openRound`, JSON.stringify({ device: 'post', epoch: 'e1', number: 1, claimedAt: now, body: { name: 'bench', sites: [{ site: 's1', name: 'Site' }] } })), 200);
  const edge = 'swabline-bench-edge';
  const head = `--${edge}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${edge}--\r\n`)]);
  const began = performance.now();
  const sent = good(await line.post(`${cell}/roster?task=check`, body, `multipart/form-data; boundary=${edge}`), 202) as { upload: string; job: string };
  const report = await outcome(sent.job);
  if (report.rows?.bad !== 0) throw new Error(`the bench's own roster has bad rows: ${JSON.stringify(report)}`);
  const judged = (performance.now() - began) / 1000;
  const started = good(await line.post(`${cell}/roster/${sent.upload}/import`, '{}'), 202) as { job: string };
  const { enrolled = 0 } = await outcome(started.job);
  return { judged, enrolled: (performance.now() - began) / 1000, people: enrolled };

  async function outcome(job: string): Promise<{ rows?: { bad: number }; enrolled?: number }> {
    for (;;) {
      const at = good(await line.get(`${cell}/roster/${job}`), 200) as { state: string; outcome: { ok: boolean; rows?: { bad: number }; enrolled?: number } | null };
      if (at.state === 'failed' || (at.outcome && !at.outcome.ok)) throw new Error(`the job ended: ${JSON.stringify(at)}`);
      if (at.state === 'done' && at.outcome) return at.outcome;
      await sleep(askEveryMs);
    }
  }
}

function good(reply: Reply, status: number): unknown {
  if (reply.status !== status) throw new Error(`answered ${reply.bytes.toString('utf8', 0, 600)}`);
  return contentOf(reply);
}
