// Who this screen is to the service: a paired device, a person who is signed in, or nobody yet.

import { signal } from '@preact/signals';
import type { Role } from '../../domain/roles.js';
import { setZone } from '../words/time.js';
import { ask, get, post, type Reply } from './http.js';

export interface Place {
  round?: string;
  area?: string;
  site?: string;
  station?: string;
}
export interface DeviceBadge extends Place {
  kind: 'device';
  device: string;
  role: Role;
}
export interface PersonBadge {
  kind: 'person';
  account: string;
  /** The name under which this person's screens speak to the record. */
  device: string;
  grants: (Place & { role: Role })[];
}
export type ScreenBadge = DeviceBadge | PersonBadge;

/** Undefined until the service was asked; empty: nobody. */
export const badges = signal<readonly ScreenBadge[] | undefined>(undefined);
export const deviceBadge = (): DeviceBadge | undefined => badges.value?.find((badge) => badge.kind === 'device');
export const personBadge = (): PersonBadge | undefined => badges.value?.find((badge) => badge.kind === 'person');

/** Asks the service who this is. A silent service leaves what was known. */
export async function whoAmI(): Promise<Reply<{ badges: ScreenBadge[]; now: number; timeZone: string }>> {
  const reply = await get<{ badges: ScreenBadge[]; now: number; timeZone: string }>('/api/session');
  if (reply.ok) {
    setZone(reply.value.timeZone);
    badges.value = reply.value.badges;
  } else if (reply.problem.status === 401 || reply.problem.status === 403) badges.value = [];
  return reply;
}

export async function signIn(account: string, password: string): Promise<Reply<unknown>> {
  const reply = await post('/api/session', { account, password });
  if (reply.ok) await whoAmI();
  return reply;
}

export async function signOut(): Promise<void> {
  await ask('/api/session', { method: 'DELETE' });
  badges.value = badges.value?.filter(({ kind }) => kind !== 'person') ?? [];
}
