// Who is served when there is too much: swabs always, reads as long as there is room. A city's system that collapsed on its first day
// did so under refreshes and retries; here a screen that asks too much is told to look again later, and no tablet notices.
//
// The measure is work that waits for Redis, not the event loop's delay: a slow disk shows here first, and a burst of swabs shrinks the
// room for reads before anything is slow.

/** Reads at work at once. Each holds at most a page, so this also bounds the memory of reads. */
const readsMax = 64;
/** Room for reads while many steps wait for their answer. */
const readsMaxBusy = 4;
/** From this many parcels of steps at work the service is busy; a quiet day has fewer than ten. */
const stepsBusy = 256;

export interface Pressure {
  steps: number;
  reads: number;
  /** Is there room for one more read? */
  roomForRead(): boolean;
}

export function pressure(): Pressure {
  return {
    steps: 0,
    reads: 0,
    roomForRead() {
      return this.reads < (this.steps >= stepsBusy ? readsMaxBusy : readsMax);
    },
  };
}
