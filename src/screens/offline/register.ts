// Keeps the pages on the tablet, and lets a newer version take over only when nothing is under way: no open tube, no record that waits.

import { signal } from '@preact/signals';

/** A newer version is on the tablet and waits for a quiet moment. */
export const newerVersion = signal(false);

/** Registers the service worker; `isQuiet` says whether pages may change now. Where there is no HTTPS there is none, and nothing is kept. */
export async function keepPages(isQuiet: () => boolean): Promise<boolean> {
  if (!('serviceWorker' in navigator)) return false;
  let registration: ServiceWorkerRegistration;
  try {
    registration = await navigator.serviceWorker.register('/sw.js');
  } catch {
    return false;
  }
  const hadOne = navigator.serviceWorker.controller !== null;
  let reloading = false;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    // The first worker takes a page over that it has not served: that is no change of version.
    if (!hadOne || reloading) return;
    reloading = true;
    location.reload();
  });
  const look = (): void => {
    newerVersion.value = registration.waiting !== null && hadOne;
    if (newerVersion.value && isQuiet()) registration.waiting?.postMessage('takeOver');
  };
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look));
  setInterval(look, 5000);
  setInterval(() => void registration.update().catch(() => undefined), 15 * 60_000);
  look();
  return true;
}
