import type { IncomingHttpHeaders } from 'node:http';

/** What a browser says of the page that sends a request: `unknown` where it is none, or an old one. */
export function originOf(headers: IncomingHttpHeaders): 'same' | 'other' | 'unknown' {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'other';
  const { origin } = headers;
  if (origin === undefined) return site === undefined ? 'unknown' : 'same';
  return URL.canParse(origin) && new URL(origin).host === headers.host ? 'same' : 'other';
}
