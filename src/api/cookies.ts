// Cookies: two, both unreadable for a page's scripts and never sent by another site's page. Over TLS their names carry __Host-, so that
// no neighbour on the same domain can plant one.

export interface CookieNames {
  session: string;
  device: string;
}

export const cookieNames = (secure: boolean): CookieNames =>
  secure ? { session: '__Host-swabline', device: '__Host-swabline-device' } : { session: 'swabline', device: 'swabline-device' };

/** The value of a cookie in a Cookie header; the first of its name, as browsers put the most exact first. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

/** A Set-Cookie line. Without `seconds` it goes with the browser; 0 takes it away. */
export function writeCookie(name: string, value: string, seconds?: number): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${name.startsWith('__Host-') ? '; Secure' : ''}${seconds === undefined ? '' : `; Max-Age=${seconds}`}`;
}
