// A pairing code becomes a place of this device: the service gives the browser a key it cannot read, and the outbox its name.

import { post, type Problem } from '../door/http.js';
import { whoAmI } from '../door/session.js';
import type { Outbox, Place } from '../outbox/outbox.js';

/** What the address, a scan or a thumb gave: the code alone. */
export const codeIn = (text: string): string => text.trim().replace(/^.*#/, '').replace(/\s/g, '');

interface Offer {
  device: string;
  role: string;
  round?: string;
  area?: string;
  site?: string;
  station?: string;
}

export type Redeemed = { ok: true; place: Place | undefined; offer: Offer } | { ok: false; problem: Problem };

/** Good once. A wall sends no records, and the service takes none from it, so it gets no place in the outbox. */
export async function redeem(outbox: Outbox, code: string): Promise<Redeemed> {
  const reply = await post<Offer>('/api/pairing/redeem', { code: codeIn(code), keep: 'cookie' });
  if (!reply.ok) return reply;
  const { device, role, round, area, site, station } = reply.value;
  await whoAmI();
  const place: Place | undefined = round && area && role !== 'wall' ? { device, role, round, area, site, station } : undefined;
  if (place) await outbox.pair(place);
  return { ok: true, place, offer: reply.value };
}
