import type { IncomingHttpHeaders } from 'node:http';

/**
 * What a browser says of the page that sends a request: `unknown` where it is none, or an old one.
 * @param host that the browser asked, which a trusted proxy hands on
 */
export function originOf(
  headers: IncomingHttpHeaders,
  host: string | undefined = headers.host,
): 'same' | 'other' | 'unknown' {
  const site = headers['sec-fetch-site'];
  // No page can forge it, and a proxy that changes `Host` does not spoil it.
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'same' : 'other';
  const { origin } = headers;
  if (origin === undefined) return 'unknown';
  return URL.canParse(origin) && new URL(origin).host === host ? 'same' : 'other';
}
