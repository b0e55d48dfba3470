// Which of a device's open pages sends: the first, for as long as it is open. The others may write, and take over when it closes.

export interface Pages {
  /** Is another page of this device the sender? */
  readonly second: boolean;
  /** Tells the other pages. */
  tell(what: 'written' | 'answered' | 'paired'): void;
  close(): void;
}

/** `begin` is called when this page becomes the sender, now or later; `heard` when another page has told something. */
export async function openPages(
  name: string, locks: LockManager | undefined, { begin, heard }: { begin(): void; heard(what: unknown): void },
): Promise<Pages> {
  let second = false;
  let closed = false;
  const quit = new AbortController();
  const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`${name}-outbox`);
  if (channel) {
    channel.onmessage = ({ data }) => heard(data);
    // In Node, a listener would keep the process alive.
    (channel as { unref?: () => void }).unref?.();
  }

  const whileOpen = (): Promise<void> | undefined => {
    if (closed) return undefined;
    second = false;
    begin();
    return new Promise((resolve) => quit.signal.addEventListener('abort', () => resolve()));
  };

  // Where there are no locks (a page without TLS) it counts as the only one.
  if (!locks) void whileOpen();
  else {
    const lock = `${name}-outbox`;
    const got = await new Promise<boolean>((resolve) => {
      const failed = (): void => { void whileOpen(); resolve(true); };
      locks.request(lock, { ifAvailable: true }, (held) => {
        resolve(held !== null);
        return held ? whileOpen() : undefined;
      }).catch(failed);
    });
    if (!got) {
      second = true;
      void locks.request(lock, { signal: quit.signal }, whileOpen).catch(() => undefined);
    }
  }

  return {
    get second() { return second; },
    tell(what) { if (!closed) channel?.postMessage(what); },
    close() {
      closed = true;
      channel?.close();
      quit.abort();
    },
  };
}
