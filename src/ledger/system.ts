// The system's own cell: which devices are paired and where they stand, which accounts there are, who looked at whom. It is taken
// through the same run function as every other cell, by the service itself, as the device `service`; whoever asked stands in `by`.
//
// What is asked at every request (whose key is this?) is remembered by the process and forgotten the moment the cell's stream tells of a
// change; without news from the stream for a few seconds nothing is believed from memory.

import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { LedgerEvent } from '../domain/events.js';
import { bodies, type Body, type BodyInput, systemCell } from '../domain/requests.js';
import type { Held, Role } from '../domain/roles.js';
import { decode } from './codec.js';
import { keyOf } from './keys.js';
import type { Answer, Ledger } from './ledger.js';
import { cellState } from './reads.js';
import * as records from './records.js';
import { awaitEvents, lastPosition } from './stream.js';

export type SystemStep = 'pairDevice' | 'moveDevice' | 'revokeDevice' | 'setRole' | 'recordReveal';

/** Where a device has stood, and from when on. */
export interface DevicePlace {
  from: number;
  role: Role;
  round: string;
  area: string;
  site?: string | undefined;
  station?: string | undefined;
}

export interface PairedDevice {
  device: string;
  state: 'paired' | 'revoked';
  /** SHA-256 of its key. */
  secret: Buffer;
  /** Oldest first; the last may lie in the future. */
  places: readonly DevicePlace[];
  changedAt: number;
}

export interface Account {
  account: string;
  state: 'active' | 'locked';
  grants: readonly Held[];
  /** Hashes; empty: none was set. */
  password: string;
  pin: string;
  card: string;
  changedAt: number;
}

export interface System {
  /** Takes a step in the system's cell on behalf of `by`. Throws only when the record cannot be reached. */
  take<S extends SystemStep>(step: S, body: BodyInput<S>, by: string): Promise<Answer>;
  /** A paired device, remembered until the stream tells otherwise. */
  device(name: string): Promise<PairedDevice | undefined>;
  /** The same without asking anybody: undefined where the memory does not know or may not be believed. */
  remembered(name: string): PairedDevice | undefined;
  account(name: string): Promise<Account | undefined>;
  accountOfCard(card: string): Promise<string | undefined>;
  administrators(): Promise<number>;
  /** All paired devices, and all accounts, page by page; `cursor` '0' begins and ends. */
  devices(cursor?: string): Promise<{ cursor: string; devices: PairedDevice[] }>;
  accounts(cursor?: string): Promise<{ cursor: string; accounts: Account[] }>;
  /** Told of every change, after the memory was cleared; undefined: anything may have changed. */
  onChange(heard: (event: LedgerEvent | undefined) => void): void;
  close(): Promise<void>;
}

/** Without news from the stream for this long, what is remembered counts for nothing. */
const believedMs = 5000;
const pageSize = 500;

/**
 * Opens the system's cell (made at the first start) and follows it. `following` is a connection of its own, made for waiting; it is
 * closed with this.
 */
export async function openSystem(ledger: Ledger, following: Redis): Promise<System> {
  const { redis } = ledger;
  const key = { paired: keyOf(systemCell, 'paired'), accounts: keyOf(systemCell, 'accounts') };
  if (!(await cellState(redis, systemCell))) {
    // Several processes may start at once: the same number with the same content, so one opens it and the others hear the same answer.
    const body = bodies.openRound.parse({ name: 'system' });
    await ledger.take(systemCell, [{ device: 'service', epoch: 'opening', requests: [{ number: 1, step: 'openRound', mode: 'ask', claimedAt: 0, body }] }]);
  }

  const epoch = randomBytes(8).toString('hex');
  let number = 0;
  const take: System['take'] = async (step, body, by) => {
    const request = { number: ++number, step, mode: 'ask' as const, claimedAt: Date.now(), by, body: bodies[step].parse(body) as Body<SystemStep> };
    const send = async () => (await ledger.take(systemCell, [{ device: 'service', epoch, requests: [request] }]))[0]?.answers[0] as Answer;
    // The answer may have been lost and not the step: the same number hears it again.
    const answer = await send().catch(send);
    if (answer.outcome === 'applied') for (const event of answer.events) forget(event);
    return answer;
  };

  const devices = new Map<string, PairedDevice>();
  const accounts = new Map<string, Account>();
  const listeners: ((event: LedgerEvent | undefined) => void)[] = [];
  /** Changes with every piece of news, so that what was read before it is not remembered after it. */
  let news = 0;
  let heardAt = Date.now();
  const believed = () => Date.now() - heardAt < believedMs;

  function forget(event: LedgerEvent | undefined): void {
    news++;
    if (!event) { devices.clear(); accounts.clear(); }
    else if (event.event === 'device.paired' || event.event === 'device.moved' || event.event === 'device.revoked') devices.delete(event.name);
    else if (event.event === 'role.set') accounts.delete(event.account);
    for (const heard of listeners) heard(event);
  }

  async function remembered<Thing>(memory: Map<string, Thing>, name: string, read: () => Promise<Thing | undefined>): Promise<Thing | undefined> {
    const known = memory.get(name);
    if (known && believed()) return known;
    const before = news;
    const found = await read();
    // Somebody who tries endless names must not fill the memory: only what exists is kept.
    if (found && before === news) memory.set(name, found);
    return found;
  }

  let closing = false;
  const loop = (async () => {
    let position = await lastPosition(redis, systemCell);
    while (!closing) {
      try {
        const found = await awaitEvents(following, [{ cell: systemCell, position }], 1000);
        heardAt = Date.now();
        for (const event of found.get(0) ?? []) {
          position = event.id;
          forget(event);
        }
      } catch {
        if (closing) return;
        // The connection was lost, and with it perhaps news, or the record went back to a copy: begin again from what stands there now.
        await new Promise((resolve) => setTimeout(resolve, 200));
        position = await lastPosition(redis, systemCell).catch(() => position);
        forget(undefined);
      }
    }
  })();
  loop.catch(() => undefined);

  return {
    take,
    device: (name) => remembered(devices, name, async () => toDevice(name, await redis.hgetBuffer(key.paired, name))),
    remembered: (name) => (believed() ? devices.get(name) : undefined),
    account: (name) => remembered(accounts, name, async () => toAccount(name, await redis.hgetBuffer(key.accounts, name))),
    accountOfCard: async (card) => (await redis.hget(key.accounts, `card:${card}`)) ?? undefined,
    administrators: async () => Number((await redis.hget(key.accounts, '#administrators')) ?? 0),
    async devices(cursor = '0') {
      const [next, pairs] = await page(redis, key.paired, cursor);
      return { cursor: next, devices: pairs.flatMap(([name, bytes]) => toDevice(name, bytes) ?? []) };
    },
    async accounts(cursor = '0') {
      const [next, pairs] = await page(redis, key.accounts, cursor);
      return { cursor: next, accounts: pairs.filter(([name]) => !/^card:|^#/.test(name)).flatMap(([name, bytes]) => toAccount(name, bytes) ?? []) };
    },
    onChange: (heard) => void listeners.push(heard),
    async close() {
      closing = true;
      following.disconnect();
      await loop.catch(() => undefined);
    },
  };
}

async function page(redis: Redis, key: string, cursor: string): Promise<[string, [string, Buffer][]]> {
  const [next, flat] = (await redis.callBuffer('HSCAN', key, cursor, 'COUNT', pageSize)) as unknown as [Buffer, Buffer[]];
  const pairs: [string, Buffer][] = [];
  for (let i = 0; i < flat.length; i += 2) pairs.push([(flat[i] as Buffer).toString(), flat[i + 1] as Buffer]);
  return [next.toString(), pairs];
}

function toDevice(device: string, bytes: Buffer | null): PairedDevice | undefined {
  if (!bytes) return undefined;
  const { values } = decode(records.paired, bytes);
  const places = (values['places'] as string).split('\n').map((line): DevicePlace => {
    const { from, role, round, area, site, station } = JSON.parse(line) as Record<string, string>;
    return { from: Number(from), role: role as Role, round: round ?? '', area: area ?? '', site: site || undefined, station: station || undefined };
  });
  return {
    device, places, state: values['state'] === 1 ? 'paired' : 'revoked',
    secret: Buffer.from(values['secret'] as string, 'hex'), changedAt: values['changedAt'] as number,
  };
}

function toAccount(account: string, bytes: Buffer | null): Account | undefined {
  if (!bytes) return undefined;
  const { values } = decode(records.account, bytes);
  return {
    account, state: values['state'] === 1 ? 'active' : 'locked', grants: JSON.parse(values['grants'] as string) as Held[],
    password: values['password'] as string, pin: values['pin'] as string, card: values['card'] as string, changedAt: values['changedAt'] as number,
  };
}
