// How a tablet at a table starts: its outbox is opened, its place is found (or taken over from the badge the browser holds), its pages are
// kept, and its state is told to whatever shows it. All pages of tables start here.
//
//   void startTablet({ roles: ['station'], quiet: () => table.pool === undefined });
//   render(<Tablets title={words.title}>{(tablet) => <Station tablet={tablet} />}</Tablets>, ...)       // frame.tsx

import { effect, type ReadonlySignal, signal, type Signal } from '@preact/signals';
import { tellCondition, tellConditionSometimes } from '../door/condition.js';
import { deviceBadge, whoAmI } from '../door/session.js';
import { keepPages } from '../offline/register.js';
import { openSecondCopy, type SecondCopy } from '../outbox/copy.js';
import { openLine } from '../outbox/line.js';
import { openOutbox, type Outbox, type Place, SaveFailed, type Status } from '../outbox/outbox.js';
import { openTakeOver, type TakeOver } from './takeOver.js';

export interface Tablet {
  outbox: Outbox;
  /** Where it stands; changes when the command post moves it. */
  place: ReadonlySignal<Place & { epoch: string }>;
  status: ReadonlySignal<Status>;
  /** The service's time, a second at a time. */
  clock: ReadonlySignal<number>;
  /** The staff card scanned last: it stands on every record from there on. */
  staff: Signal<string | undefined>;
  /** Locked for a break; a page that is opened anew is still locked. `by`: the card that was in use. */
  locked: Signal<{ by: string | undefined } | undefined>;
  /** The journal that was in use when the command post revoked this device; it stays so on a page that is opened anew without a network. */
  revoked: Signal<string | undefined>;
  /** Unsent records that leave this tablet for another one, or come from one. */
  copy: SecondCopy;
  takeOver: TakeOver;
}

export type Started = { state: 'starting' } | { state: 'unpaired' } | { state: 'cannotSave'; fault: SaveFailed } | { state: 'ready'; tablet: Tablet };

export const started = signal<Started>({ state: 'starting' });

const staffKept = 'swabline.staff';
const lockKept = 'swabline.lock';
const revokedKept = 'swabline.revoked';

/** A signal whose value outlives the page. */
function kept<Value>(name: string): Signal<Value | undefined> {
  const text = localStorage.getItem(name);
  const it = signal<Value | undefined>(text === null ? undefined : (JSON.parse(text) as Value));
  effect(() => {
    if (it.value === undefined) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(it.value));
  });
  return it;
}

/** The place of this browser's badge, if it holds one of a device with a cell. */
function badgePlace(): Place | undefined {
  const badge = deviceBadge();
  if (!badge?.round || !badge.area || badge.role === 'wall') return undefined;
  const { device, round, area, role, site, station } = badge;
  return { device, round, area, role, site, station };
}

const same = (one: Place, other: Place): boolean => (['device', 'round', 'area', 'role', 'site', 'station'] as const).every((field) => one[field] === other[field]);

export async function startTablet({ quiet = () => true }: { quiet?: () => boolean } = {}): Promise<Tablet | undefined> {
  let outbox: Outbox;
  try {
    outbox = await openOutbox({ line: openLine() });
    if (!outbox.place) {
      // Storage is new while the browser still holds its key: the same device, with new numbers.
      await whoAmI();
      const found = badgePlace();
      if (found) await outbox.pair(found);
    }
  } catch (fault) {
    if (!(fault instanceof SaveFailed)) throw fault;
    started.value = { state: 'cannotSave', fault };
    return undefined;
  }
  if (!outbox.place) {
    await outbox.close();
    started.value = { state: 'unpaired' };
    return undefined;
  }

  const place = signal(outbox.place);
  const status = signal(outbox.status);
  const clock = signal(outbox.now());
  const copy = openSecondCopy({ outbox });
  const tablet: Tablet = {
    outbox, place, status, clock, staff: kept<string>(staffKept), locked: kept<{ by: string | undefined }>(lockKept), revoked: kept<string>(revokedKept), copy, takeOver: openTakeOver(copy),
  };
  let wasOnline = false;
  outbox.subscribe((now) => {
    status.value = now;
    if (now.state === 'revoked') tablet.revoked.value = outbox.place?.epoch;
    else if (now.state === 'online') tablet.revoked.value = undefined;
    if (now.state === 'online' && !wasOnline) void moved().then(() => tellCondition(outbox.status.clockOff));
    else if (now.state === 'online') tellConditionSometimes(now.clockOff);
    wasOnline = now.state === 'online';
  });
  setInterval(() => { clock.value = outbox.now(); }, 1000);

  /** The command post may have moved this device to another table. */
  async function moved(): Promise<void> {
    const reply = await whoAmI();
    const [at, before] = [reply.ok ? badgePlace() : undefined, outbox.place];
    if (!at || !before || at.device !== before.device || same(at, before)) return;
    await outbox.pair(at);
    if (outbox.place) place.value = outbox.place;
  }

  void keepPages(() => status.value.waiting === 0 && status.value.state !== 'saveFailed' && tablet.takeOver.view.value === undefined && quiet());
  started.value = { state: 'ready', tablet };
  return tablet;
}

/** Was the device revoked, with the place it has now? */
export const isRevoked = ({ revoked, place }: Tablet): boolean => revoked.value !== undefined && revoked.value === place.value.epoch;

/** Whole minutes since the service was last heard; undefined while it answers. */
export function offlineMinutes({ state, lastAnswerAt }: Status, now: number): number | undefined {
  return state === 'online' ? undefined : Math.max(0, Math.floor((now - (lastAnswerAt ?? now)) / 60_000));
}
