import type { IncomingHttpHeaders } from 'node:http';

/** An address of this machine alone, as a socket tells it: `127.0.0.1`, `::1`, `::ffff:127.0.0.1`. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain);
}

/** A name to listen on that only this machine reaches. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

/**
 * Whether a request comes from a program of this machine that meant this machine. A page whose name
 * was made to point here (DNS rebinding) has another `Host`; what a proxy hands on comes from
 * anywhere.
 */
export function isLocalRequest(address: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (!isLoopbackAddress(address)) return false;
  const handedOn = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];
  if (handedOn.some((name) => headers[name] !== undefined)) return false;
  const host = headers.host?.match(/^(\[[0-9a-f:.]+\]|[^:]+)(:\d+)?$/i)?.[1];
  return host !== undefined && isLoopbackHost(host.toLowerCase().replace(/^\[(.*)\]$/, '$1'));
}
