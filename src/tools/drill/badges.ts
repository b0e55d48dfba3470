// Who the drill's screens are at the gate. Each tablet is paired by a code of its own and shows its own key; the command post's people have
// accounts, sign in and carry a session. The key the drill was given is used for nothing but making codes and accounts.

import { randomBytes } from 'node:crypto';
import type { CellName } from '../../domain/requests.js';
import type { Role } from '../../domain/roles.js';
import { DoorFault } from './door.js';

export type Headers = Record<string, string>;

/** A request beside the cell's own; the headers of its answer hold a cookie where there is one. */
export type Ask = (method: 'POST' | 'PUT', path: string, headers: Headers, content: object) => Promise<{ status: number; body: unknown; cookie: string | undefined }>;

export interface Badges {
  /** The name under which a screen speaks. It is paired, or its person signs in, when it first does. */
  screen(name: string, role: Role, place?: { site?: string; station?: string }): string;
  /** Who confirms beside a person of the command post. */
  readonly second: string;
  /** What a device shows; ready for one that has spoken before, so that it waits for nothing. */
  headersOf(device: string): Headers | Promise<Headers>;
  /** What is shown for reads. */
  forReads(): Headers | Promise<Headers>;
  /** A session goes on under another cookie. */
  renewed(device: string, cookie: string): void;
}

/** A confirmation is good for five minutes; it is asked for anew after four. */
const confirmedMs = 4 * 60_000;
const pin = '730518';
/** These sign in; the others are devices. */
const persons: readonly Role[] = ['command_post', 'lab_reviewer'];

/** Without a key nothing is shown, for a service without a gate. */
export function makeBadges(ask: Ask, { round, area }: CellName, key: string | undefined): Badges {
  const own = randomBytes(4).toString('hex');
  const second = `second.${own}`;
  const administrator: Headers = key === undefined ? {} : key.startsWith('tool.') ? { authorization: `Bearer ${key}` } : { cookie: key, 'x-swabline': '1' };
  const expected = new Map<string, () => Promise<Headers>>();
  const ready = new Map<string, Headers>();
  const coming = new Map<string, Promise<Headers>>();
  const password = randomBytes(18).toString('base64url');
  let reader = '';
  let helper: Promise<unknown> | undefined;

  async function must<Reply>(what: string, method: 'POST' | 'PUT', path: string, headers: Headers, content: object): Promise<{ body: Reply; cookie: string | undefined }> {
    const { status, body, cookie } = await ask(method, path, headers, content);
    if (status >= 300) throw new DoorFault(`${what} was answered ${status} ${(body as { word?: string } | undefined)?.word ?? ''}`);
    return { body: body as Reply, cookie };
  }

  async function pair(device: string, role: Role, place: object): Promise<Headers> {
    const { body: { code } } = await must<{ code: string }>('a pairing code', 'POST', '/api/pairing', administrator, { device, role, round, area, ...place });
    const { body: { key } } = await must<{ key: string }>('the pairing', 'POST', '/api/pairing/redeem', {}, { code, keep: 'key' });
    return { authorization: `Bearer ${key}` };
  }

  async function signUp(account: string, role: Role): Promise<Headers> {
    const { body: { link } } = await must<{ link: string }>('an account', 'PUT', `/api/accounts/${account}`, administrator, { grants: [{ role, round, area }] });
    const { cookie } = await must('the one-time link', 'POST', '/api/enter', {}, { link: link.split('#')[1], password });
    return { cookie: cookie ?? '', 'x-swabline': '1' };
  }

  /** A person with an account, and a second beside them. */
  async function person(account: string, role: Role): Promise<Headers> {
    const headers = await signUp(account, role);
    helper ??= signUp(second, 'supervisor').then((theirs) => must('a PIN', 'POST', '/api/session/pin', theirs, { password, pin }));
    await helper;
    await confirm(headers);
    return headers;
  }

  async function confirm(headers: Headers): Promise<void> {
    const { body: { confirmation } } = await must<{ confirmation: string }>('the second person', 'POST', '/api/pin', headers, { who: second, pin });
    headers['x-swabline-second'] = confirmation;
    setTimeout(() => void confirm(headers).catch(() => undefined), confirmedMs).unref();
  }

  return {
    second,
    screen(name, role, place = {}) {
      if (key === undefined) return name;
      const account = `${name}.${own}`;
      const isPerson = persons.includes(role);
      const device = isPerson ? `person.${account}` : account;
      if (role === 'command_post') reader ||= device;
      expected.set(device, () => (isPerson ? person(account, role) : pair(device, role, place)));
      return device;
    },
    headersOf(device) {
      if (key === undefined) return {};
      const there = ready.get(device) ?? coming.get(device);
      if (there) return there;
      const make = expected.get(device);
      if (!make) throw new DoorFault(`${device} speaks and nobody has named it`);
      const made = make().then((headers) => {
        ready.set(device, headers);
        return headers;
      });
      coming.set(device, made);
      return made;
    },
    forReads() {
      return reader === '' ? administrator : this.headersOf(reader);
    },
    renewed(device, cookie) {
      const headers = ready.get(device || reader);
      if (headers?.['cookie']) headers['cookie'] = cookie;
    },
  };
}
