// A flow of acts at a steady rate, whatever their answers take: what is slow is then seen as slow by everybody who comes after it.

import type { StationTablet } from './crowd.js';
import { Latencies } from './latencies.js';
import type { SocketLine } from './lines.js';

const tickMs = 1;

/**
 * Calls `act` so often a second, in the turn of each thousandth; `due` is when it should have been called (performance.now), so that a time
 * taken from it counts the generator's own delay too. Gives what ends it.
 */
export function flow(perSecond: number, act: (due: number) => void): () => number {
  const began = performance.now();
  let [done, ended] = [0, false];
  const turn = () => {
    if (ended) return;
    const ticks = Math.floor((performance.now() - began) / tickMs);
    for (const target = Math.floor((ticks * tickMs * perSecond) / 1000); done < target; done++) act(began + Math.floor(((done / perSecond) * 1000) / tickMs + 1) * tickMs);
    setTimeout(turn, Math.max(0.5, began + (ticks + 1) * tickMs - performance.now()));
  };
  turn();
  return () => {
    ended = true;
    return done;
  };
}

/** The body of a frame or an outbox. */
export const outboxOf = (device: string, requests: readonly object[]): string => JSON.stringify({ device, epoch: 'e1', now: Date.now(), requests });

/** What came of swabs that were sent: those acknowledged as `resident tube`, and what else was said. */
export class Swabs {
  readonly times = new Latencies();
  readonly acknowledged: string[] = [];
  readonly bad: string[] = [];
  readonly underWay = new Set<Promise<void>>();

  /** Sends the next swab of a tablet over its line. */
  send(line: SocketLine, tablet: StationTablet, due: number, times = this.times): void {
    const requests = tablet.swabs(1);
    const { resident, tube } = requests.at(-1)?.body as { resident: string; tube: string };
    const asked = line.ask(outboxOf(tablet.device, requests)).then((answer) => {
      this.underWay.delete(asked);
      times.add(performance.now() - due);
      if (answer && !answer.includes('"refused"') && !answer.includes('"problem"') && !answer.includes('"fault"')) this.acknowledged.push(`${resident} ${tube}`);
      else this.bad.push(answer?.toString('utf8', 0, 500) ?? 'the line ended');
    });
    this.underWay.add(asked);
  }

  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }
}
