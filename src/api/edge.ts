// The edge: what every answer carries so that a browser does nothing with it that we do not mean, and how long a client may take.

import type { FastifyInstance } from 'fastify';

/**
 * Nothing from elsewhere, nothing inline, no frame around us. Scripts may compile WebAssembly (the camera's decoder), connect to our own
 * host, and run workers and images they made themselves.
 */
export const pagePolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; " +
  "worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Pages for residents: forms to ourselves, one small script and one style sheet of ours, and nothing else. */
export const residentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Data is not a page: should a browser ever show it as one, it can do nothing. */
const dataPolicy = "default-src 'none'; frame-ancestors 'none'";

/** Milliseconds a client may take: to send its headers, to send a whole request (a roster over a bad line), to say nothing between two. */
export const patience = { headers: 15_000, request: 120_000, idle: 75_000 } as const;

/** Puts the headers on whatever is sent; a route that knows better has set its own already. */
export function guardEdge(app: FastifyInstance, { secure }: { secure: boolean }): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    const set = (name: string, value: string): void => { if (!reply.hasHeader(name)) reply.header(name, value); };
    const type = reply.getHeader('content-type');
    set('x-content-type-options', 'nosniff');
    set('cross-origin-resource-policy', 'same-origin');
    if (secure) set('strict-transport-security', 'max-age=31536000');
    if (typeof type === 'string' && type.startsWith('text/html')) {
      set('content-security-policy', pagePolicy);
      set('referrer-policy', 'no-referrer');
      set('cross-origin-opener-policy', 'same-origin');
      set('permissions-policy', 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()');
    } else if (typeof type === 'string' && type.startsWith('text/javascript')) {
      // A worker is held to the policy of its own script: the one that keeps the pages fetches them, the camera's reader compiles its decoder.
      set('content-security-policy', pagePolicy);
    } else {
      set('content-security-policy', dataPolicy);
    }
    done(null, payload);
  });
  app.server.headersTimeout = patience.headers;
  app.server.maxHeadersCount = 100;
}
