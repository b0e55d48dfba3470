// The real door, from outside: HTTP for desks, outboxes and reads, a WebSocket for each table.
//
// A service that cannot be reached for a moment is asked again under the same number, as tablets do: repeats are free.

import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { LedgerEvent } from '../../domain/events.js';
import type { CellName } from '../../domain/requests.js';
import type { PersonalResult, RecallState } from '../../ledger/custody.js';
import type { LaboratoryLine, Reconciliation as AreaLedger } from '../../ledger/reconciliation.js';
import type { CellState, DeviceState, DiscrepancyState, ResidentState, StationState, TubeState } from '../../ledger/reads.js';
import { type Headers, makeBadges } from './badges.js';
import { type Answer, type Door, DoorFault, eventsInPage, type Line, LineBroken, type LiveCounts, type Parcel, type Receipt } from './door.js';

/** How long a service that cannot be reached is waited for, ms. */
const patienceMs = 60_000;

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: unknown;
}

type Method = 'GET' | 'POST' | 'PUT';

/** The cookie an answer sets, as it is sent back. */
const cookieIn = (headers: IncomingHttpHeaders): string | undefined => headers['set-cookie']?.at(-1)?.split(';')[0];

type Problem = { status?: number; word?: string; en?: string };

/** The door of a cell at `url`, such as http://127.0.0.1:3000. `key`: what the drill shows at the gate, where there is one. */
export function httpDoor(url: string, { round, area }: CellName, key?: string): Door {
  const base = new URL(url);
  const secure = base.protocol === 'https:';
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 64, scheduling: 'lifo' });
  const open = secure ? httpsRequest : httpRequest;
  const cell = `${base.pathname.replace(/\/$/, '')}/api/cells/${round}/${area}`;

  function once(method: Method, path: string, headers: Record<string, string | number>, body?: string | Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = open({ method, host: base.hostname, port: base.port || (secure ? 443 : 80), path, agent, headers }, (response: IncomingMessage) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).toString('utf8');
          try {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) });
          } catch {
            reject(new DoorFault(`${method} ${path} was answered ${response.statusCode} with something that is not JSON`));
          }
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async function patiently(method: Method, path: string, headers: Record<string, string | number> = {}, body?: string | Buffer): Promise<Reply> {
    const until = Date.now() + patienceMs;
    for (;;) {
      let wait = 250;
      try {
        const reply = await once(method, path, headers, body);
        if (reply.status !== 503 || Date.now() > until) return reply;
        wait = Math.min(2, Number(reply.headers['retry-after'] ?? 1)) * 1000;
      } catch (fault) {
        if (fault instanceof DoorFault || Date.now() > until) throw fault;
      }
      await sleep(wait);
    }
  }

  function json(method: Method, path: string, badge: Headers, content?: object): Promise<Reply> {
    if (content === undefined) return patiently(method, path, badge);
    const body = Buffer.from(JSON.stringify(content), 'utf8');
    return patiently(method, path, { ...badge, 'content-type': 'application/json', 'content-length': body.length }, body);
  }

  const root = base.pathname.replace(/\/$/, '');
  const badges = makeBadges(async (method, path, headers, content) => {
    const { status, body, headers: told } = await json(method, root + path, headers, content);
    return { status, body, cookie: cookieIn(told) };
  }, { round, area }, key);

  /** The same in the name of a device, whose session may go on under another cookie. */
  async function as(device: string, method: Method, path: string, content?: object): Promise<Reply> {
    const badge = await (device === '' ? badges.forReads() : badges.headersOf(device));
    const reply = await json(method, path, badge, content);
    const cookie = cookieIn(reply.headers);
    if (cookie) badges.renewed(device, cookie);
    return reply;
  }

  async function read<Value>(path: string): Promise<Value> {
    const { status, body } = await as('', 'GET', `${cell}${path}`);
    if (status !== 200) throw new DoorFault(`GET ${path} was answered ${status} ${(body as Problem | undefined)?.word ?? ''}`);
    return body as Value;
  }

  return {
    screen: badges.screen,
    second: badges.second,
    async step({ requests: [sent], ...sender }) {
      const { step, ...one } = sent;
      const { status, body } = await as(sender.device, 'POST', `${cell}/steps/${step}`, { ...sender, ...one });
      const { answer, ...head } = body as Receipt & { answer: Answer };
      if (status === 200) return { ...head, answers: [answer] };
      const refusal = body as Receipt & Extract<Answer, { outcome: 'refused' }>;
      // Without a receipt it is no refusal of the record, but the door's own, which a drill never earns.
      if (refusal.dataEpoch === undefined) throw new DoorFault(`${step} was answered ${status} ${refusal.word}: ${(body as Problem).en ?? ''}`);
      const { word, detail, again } = refusal;
      return { ...refusal, answers: [{ number: sent.number, outcome: 'refused', word, detail: detail ?? {}, ...(again ? { again } : {}) }] };
    },
    async outbox(parcel) {
      const { status, body } = await as(parcel.device, 'POST', `${cell}/outbox`, parcel);
      if (status !== 200) throw new DoorFault(`an outbox was answered ${status} ${(body as Problem).word ?? ''}`);
      return body as Receipt;
    },
    line: async (device) => openLine(`${secure ? 'wss' : 'ws'}://${base.host}${cell}/socket`, await badges.headersOf(device)),
    enrol,
    state: () => read<CellState>(''),
    stations: async () => (await read<{ stations: StationState[] }>('/stations')).stations,
    devices: async () => (await read<{ devices: DeviceState[] }>('/devices')).devices,
    residents: async (from, count) => (await read<{ residents: ResidentState[] }>(`/residents?from=${from}&count=${count}`)).residents,
    tubes: (cursor) => read<{ cursor: string; tubes: TubeState[] }>(`/tubes?cursor=${cursor}&count=1000`),
    discrepancies: async (from) => (await read<{ discrepancies: DiscrepancyState[] }>(`/discrepancies?from=${from}&count=1000`)).discrepancies,
    unfinished: async (from) => (await read<{ unfinished: { what: string; since: number }[] }>(`/unfinished?from=${from}&count=1000`)).unfinished,
    events: async (after) => (await read<{ events: LedgerEvent[] }>(`/events?after=${after}&count=${eventsInPage}`)).events,
    ledger: () => read<AreaLedger>('/reconciliation'),
    laboratoryLedger: async () => (await read<{ areas: LaboratoryLine[] }>('/laboratory/reconciliation')).areas,
    recalls: async (from) => (await read<{ recalls: RecallState[] }>(`/recalls?from=${from}&count=500`)).recalls,
    personalResult: (resident) => read<PersonalResult>(`/residents/${resident}/result`),
    counts: async () => toCounts(await read<object>('/counts?fresh=1')),
    close: async () => agent.destroy(),
  };

  async function enrol(file: Buffer, name: string, onProgress: (share: number) => void): Promise<{ enrolled: number; already: number }> {
    const edge = `swabline-drill-${Date.now().toString(36)}`;
    const head = `--${edge}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${edge}--\r\n`)]);
    const headers = { 'content-type': `multipart/form-data; boundary=${edge}`, 'content-length': body.length };
    // First the dry run, as a person would have it, then the import of what it found good.
    const { status, body: said } = await patiently('POST', `${cell}/roster?task=check`, { ...(await badges.forReads()), ...headers }, body);
    if (status !== 202) throw new DoorFault(`the roster was answered ${status} ${(said as Problem | undefined)?.word ?? ''}`);
    const { upload, job } = said as { upload: string; job: string };
    const checked = await outcomeOf(job, ({ share }) => onProgress(share * 0.3));
    if (checked.rows?.bad !== 0) throw new DoorFault(`the dry run finds ${checked.rows?.bad} bad rows in the drill's own roster`);
    const started = await as('', 'POST', `${cell}/roster/${upload}/import`, {});
    if (started.status !== 202) throw new DoorFault(`the import was answered ${started.status}`);
    const { enrolled = 0, already = 0 } = await outcomeOf((started.body as { job: string }).job, ({ phase, share, done, of }) =>
      onProgress(phase === 'reading' ? 0.3 + share * 0.2 : 0.5 + (done / Math.max(1, of ?? 1)) * 0.5),
    );
    onProgress(1);
    return { enrolled, already };
  }

  async function outcomeOf(job: string, onProgress: (at: RosterProgress) => void): Promise<RosterOutcome> {
    for (;;) {
      const at = await read<{ state: string; progress: RosterProgress | null; outcome: RosterOutcome | null }>(`/roster/${job}`);
      if (at.state === 'failed' || at.state === 'unknown') throw new DoorFault(`the job ${job} is ${at.state}`);
      if (at.state === 'done' && at.outcome) {
        if (!at.outcome.ok) throw new DoorFault(`the roster was refused: ${at.outcome.en}`);
        return at.outcome;
      }
      if (at.progress) onProgress(at.progress);
      await sleep(50);
    }
  }
}

interface RosterProgress {
  phase: 'reading' | 'enrolling';
  share: number;
  done: number;
  of: number | null;
}

interface RosterOutcome {
  ok: boolean;
  en?: string;
  rows?: { good: number; bad: number };
  enrolled?: number;
  already?: number;
}

function toCounts(body: object): LiveCounts {
  const { counts } = body as { counts: { total: Record<string, number>; discrepancies: { open: number } } };
  const number = (name: string): number => counts.total[name] ?? Number.NaN;
  return {
    residents: number('residents'), sampled: number('sampled'), excused: number('excused'), swabs: number('swabs') + number('unidentified'), walkIns: number('walkIns'),
    discrepanciesOpen: counts.discrepancies.open,
  };
}

// Lines ------------------------------------------------------------------------------------------------------------------------------

interface Pending {
  parcel: Parcel;
  until: number;
  resolve(receipt: Receipt): void;
  reject(fault: Error): void;
}

function openLine(address: string, headers: Record<string, string>): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { perMessageDeflate: false, headers });
    const pending = new Map<number, Pending>();
    let next = 0;
    const post = (one: Pending): void => {
      const id = ++next;
      pending.set(id, one);
      socket.send(frameOf(id, one.parcel));
    };
    socket.on('message', (data: Buffer) => {
      const { id, problem, ...receipt } = JSON.parse(data.toString('utf8')) as Receipt & { id?: number; problem?: Problem };
      const one = id === undefined ? undefined : pending.get(id);
      if (id !== undefined) pending.delete(id);
      if (!problem) one?.resolve(receipt);
      else if (problem.status === 503 && one && Date.now() < one.until) setTimeout(() => (socket.readyState === socket.OPEN ? post(one) : one.reject(new LineBroken())), 1000);
      else one?.reject(new DoorFault(`a frame was answered ${problem.word}: ${problem.en ?? ''}`));
    });
    socket.on('close', () => {
      for (const one of pending.values()) one.reject(new LineBroken());
      pending.clear();
    });
    socket.once('error', reject);
    socket.once('open', () => {
      socket.off('error', reject);
      // What a broken line means is told by 'close'.
      socket.on('error', () => undefined);
      resolve({
        send: (parcel) =>
          new Promise((answer, fail) => {
            if (socket.readyState !== socket.OPEN) fail(new LineBroken());
            else post({ parcel, until: Date.now() + patienceMs, resolve: answer, reject: fail });
          }),
        cut: () => socket.terminate(),
        close: () =>
          new Promise((closed) => {
            if (socket.readyState === socket.CLOSED) closed();
            socket.once('close', () => closed());
            socket.close();
          }),
      });
    });
  });
}

const frameOf = (id: number, parcel: Parcel): string => JSON.stringify({ id, ...parcel });
