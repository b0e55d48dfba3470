// A tablet whose storage was cleared in the middle of a tube: the vial on the table is still open, and the service knows who is in it. The
// answer is kept, so that the page knows it again without a network.

import { cellPath, get } from '../door/http.js';
import type { Tablet } from '../tablet/device.js';
import type { Act } from './table.js';

interface OpenTube {
  tube: string;
  size: number;
  risk: string;
  openedAt: number;
  firstSwabAt: number;
  members: { resident: number; active: boolean }[];
}

/** Acts with numbers below 1: they are nobody's records here. */
export async function leftOpen({ outbox, place, status }: Tablet): Promise<readonly Act[]> {
  const key = `leftOpen ${place.value.epoch}`;
  const kept = (await outbox.db.get('roster', key)) as Act[] | undefined;
  if (kept) return kept;
  if ((await outbox.rows({ last: 1 })).length > 0 || status.value.state === 'revoked') return [];
  const reply = await get<{ tubes: OpenTube[] }>(`${cellPath(place.value)}/me/open`);
  if (!reply.ok) return [];
  const acts = reply.value.tubes.flatMap(({ tube, size, risk, openedAt, firstSwabAt, members }): Omit<Act, 'number'>[] => [
    { step: 'openTube', body: { tube, size, risk }, at: openedAt },
    ...members.filter(({ resident, active }) => active && resident > 0).map(({ resident }): Omit<Act, 'number'> => ({ step: 'takeSwab', body: { resident: String(resident), tube }, at: firstSwabAt })),
  ]).map((act, i, all) => ({ ...act, number: i - all.length }));
  await outbox.db.put('roster', acts, key);
  return acts;
}
