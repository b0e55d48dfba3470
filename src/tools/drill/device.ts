// A device of the drill: gives out its numbers, keeps its own clock, and enters every answer in the books.

import type { BodyInput, Mode, StepName } from '../../domain/requests.js';
import type { Account, Books } from './books.js';
import { type Answer, type Door, DoorFault, type Line, type Parcel, type Receipt, type Sent } from './door.js';

export class Device {
  readonly account: Account;
  readonly #books: Books;
  /** What its clock shows at the opening, ms. */
  readonly opening: number;
  readonly #by: string;
  /** When it last spoke, simulated ms. */
  spokeAt = 0;

  /** `opening`: the cell's clock at the beginning of the day; `ahead`: how far this device's clock is from it. Both ms. */
  constructor(books: Books, { name, epoch, opening, ahead = 0, by }: { name: string; epoch: string; opening: number; ahead?: number; by: string }) {
    this.#books = books;
    this.opening = opening + ahead;
    this.#by = by;
    this.account = books.openAccount(name, epoch);
  }

  /** A request under the next number, done at `at` (ms of the simulated day). `body` as the door takes it. */
  request<Step extends StepName>(step: Step, body: BodyOf<Step>, at: number, mode: Mode = 'ask'): Sent {
    return { number: ++this.account.assigned, step, mode, claimedAt: Math.round(at) + this.opening, by: this.#by, body };
  }

  /** The number the next request will bear. */
  get nextNumber(): number {
    return this.account.assigned + 1;
  }

  /** Requests as they leave at `at`. `all`: how many have been given out is told too. */
  parcel(requests: readonly Sent[], at: number, { all = false } = {}): Parcel {
    const { device, epoch, assigned } = this.account;
    return { device, epoch, now: Math.round(at) + this.opening, ...(all ? { assigned } : {}), requests };
  }

  /** Enters a receipt's answers. */
  hear(requests: readonly Sent[], receipt: Receipt, at: number): Answer[] {
    this.spokeAt = at;
    this.#books.dataEpochs.add(receipt.dataEpoch);
    if (receipt.answers.length !== requests.length) {
      throw new DoorFault(`${this.account.device} sent ${requests.length} requests and was given ${receipt.answers.length} answers`);
    }
    requests.forEach((sent, i) => this.#books.answered(this.account, sent, receipt.answers[i] as Answer));
    return receipt.answers;
  }

  /** Sends over an open line. @throws LineBroken */
  async send(line: Line, requests: readonly Sent[], at: number): Promise<Answer[]> {
    return this.hear(requests, await line.send(this.parcel(requests, at)), at);
  }

  /** Takes one step alone, by its own route. */
  async step<Step extends StepName>(door: Door, step: Step, body: BodyOf<Step>, at: number): Promise<Answer> {
    const sent = this.request(step, body, at);
    const parcel = this.parcel([sent], at) as Parcel & { requests: readonly [Sent] };
    return this.hear([sent], await door.step(parcel), at)[0] as Answer;
  }

  /** Sends through the outbox route, in parcels the door takes, and tells how many numbers there are. */
  async outbox(door: Door, requests: readonly Sent[], at: number, size = 50): Promise<{ answers: Answer[]; receipt: Receipt }> {
    const answers: Answer[] = [];
    let receipt: Receipt | undefined;
    for (let from = 0; from === 0 || from < requests.length; from += size) {
      const some = requests.slice(from, from + size);
      receipt = await door.outbox(this.parcel(some, at, { all: true }));
      answers.push(...this.hear(some, receipt, at));
    }
    return { answers, receipt: receipt as Receipt };
  }

  /** The same with requests that nobody may refuse. @throws DoorFault */
  async must(door: Door, requests: readonly Sent[], at: number): Promise<Answer[]> {
    const { answers } = await this.outbox(door, requests, at, 100);
    const no = answers.findIndex(({ outcome }) => outcome !== 'applied');
    if (no >= 0) throw new DoorFault(`${requests[no]?.step} ${JSON.stringify(requests[no]?.body)} was answered ${JSON.stringify(answers[no])}`);
    return answers;
  }
}

/** A body as the door takes it: that of the record, but a walk-in goes over the wire in clear and is sealed there. */
export type BodyOf<Step extends StepName> = Step extends 'registerWalkIn' ? WalkInBody : BodyInput<Step>;

export interface WalkInBody {
  document?: { number: string; kind?: string };
  name: string;
  phone: string;
  village: string;
  household: string;
  risk: string;
  priority: string;
  single: boolean;
}
