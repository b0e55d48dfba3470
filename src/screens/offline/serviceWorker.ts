// The service worker: a tablet's pages and what they need stay on the tablet as one version, so that a page always gets the chunks it was
// built with, with or without a network. A new version is fetched whole, waits, and takes over only when a page says that nothing is under
// way (register.ts). What goes to /api is never touched.

/** What the build writes in: the name of this version, and its addresses as JSON. */
const version = '__VERSION__';
const files = JSON.parse('__FILES__') as string[];
const cacheName = `swabline-${version}`;

interface Fetching { request: Request; respondWith(answer: Promise<Response>): void }
interface Waiting { waitUntil(work: Promise<unknown>): void }
interface Worker {
  addEventListener(kind: 'fetch', heard: (event: Fetching) => void): void;
  addEventListener(kind: 'install' | 'activate', heard: (event: Waiting) => void): void;
  addEventListener(kind: 'message', heard: (event: { data: unknown }) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
}
const worker = self as unknown as Worker;

worker.addEventListener('install', (event) => event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: 'reload' }))))));

worker.addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('swabline-') && name !== cacheName) await caches.delete(name);
  await worker.clients.claim();
})()));

worker.addEventListener('message', ({ data }) => { if (data === 'takeOver') void worker.skipWaiting(); });

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin || url.pathname.startsWith('/api/')) return;
  const path = url.pathname.replace(/(.)\/$/, '$1');
  const isPage = request.mode === 'navigate';
  if (isPage ? files.includes(path) : url.pathname.startsWith('/assets/')) event.respondWith(answer(isPage ? path : url.pathname, request));
});

async function answer(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const found = await cache.match(path, { ignoreSearch: true });
  if (found) return found;
  const fetched = await fetch(request);
  // The camera's decoder, kept from the first time on.
  if (fetched.ok && path.endsWith('.wasm')) await cache.put(path, fetched.clone());
  return fetched;
}
