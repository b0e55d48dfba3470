// What a device says of itself now and then: the version of its pages, how wrong its clock is, its battery where the browser tells. The command
// post sees it beside when the device was last heard. Nothing waits for it, and one that does not arrive is no matter.

import { post } from './http.js';
import { deviceBadge, whoAmI } from './session.js';
import { version } from './version.js';

interface Battery { level: number }

/** Often enough for a clock that drifts and a battery that runs down, seldom enough to cost nothing. */
const everyMs = 5 * 60_000;
let last = Number.NEGATIVE_INFINITY;

async function batteryLeft(): Promise<number | undefined> {
  try {
    const battery = await (navigator as Navigator & { getBattery?(): Promise<Battery> }).getBattery?.();
    return battery && Math.round(battery.level * 100);
  } catch {
    return undefined;
  }
}

/** Says it at once. `behind`: by how many ms the device's clock is behind the service's, as the outbox counts it; undefined: not known. */
export async function tellCondition(behind: number | undefined): Promise<void> {
  last = performance.now();
  const battery = await batteryLeft();
  await post('/api/devices/me/condition', { version, ...(behind === undefined ? {} : { clockAhead: Math.round(-behind) }), ...(battery === undefined ? {} : { battery }) });
}

/** Says it again when it is time. */
export function tellConditionSometimes(behind: number | undefined): void {
  if (performance.now() - last >= everyMs) void tellCondition(behind);
}

/** For a screen that hangs and sends no records: at once and from then on, where it is a paired device. */
export function tellWhileShown(): void {
  const tell = async (): Promise<void> => {
    const asked = Date.now();
    const reply = await whoAmI();
    // The answer was made about half-way between.
    if (reply.ok && deviceBadge()) await tellCondition(reply.value.now - (asked + Date.now()) / 2);
  };
  void tell();
  setInterval(() => void tell(), everyMs);
}
