// R3: a tube was counted at the laboratory. While the service answers, it is asked now and then for the tubes this device still keeps.

import { cellPath, get } from '../door/http.js';
import type { Tablet } from './device.js';

const everyMs = 60_000;
const atOnce = 5;

/** `tubes`: those that are closed, oldest first. */
export function watchIntake({ outbox, status, place }: Tablet, tubes: () => readonly string[]): () => void {
  const done = new Set<string>();
  let next = 0;
  async function look(): Promise<void> {
    const open = tubes().filter((tube) => !done.has(tube));
    if (status.value.state !== 'online' || open.length === 0) return;
    const reached: string[] = [];
    for (let i = 0; i < Math.min(atOnce, open.length); i++) {
      const tube = open[next++ % open.length] as string;
      const reply = await get<{ lab: string }>(`${cellPath(place.value)}/tubes/${tube}`);
      if (!reply.ok) break;
      if (reply.value.lab !== 'none') reached.push(tube);
    }
    if (reached.length > 0) await outbox.reconciled(reached);
    for (const tube of reached) done.add(tube);
  }
  const timer = setInterval(() => void look().catch(() => undefined), everyMs);
  return () => clearInterval(timer);
}
