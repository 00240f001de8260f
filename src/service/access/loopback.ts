import type { IncomingHttpHeaders } from 'node:http';

/** An address of this machine alone, as sockets report it: `127.0.0.1`, `::1`, `::ffff:127.0.0.1`. */
function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/i, '');
  return plain === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain);
}

/** A name to listen on that only this machine reaches. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isLoopbackAddress(host);
}

/** What proxies, balancers and tunnels add to a request, by the families of their names. */
const handedOn = new RegExp(
  `^(${[
    'forwarded(-for)?|via|cdn-loop|proxy-.*|client-ip',
    'x-forward.*|x-original.*|x-proxy.*|x-envoy-.*|x-scheme|x-host|x-url-scheme|x-varnish',
    '(x-)?(real|client|cluster-client|remote|true-client|originating|coming-from)-(ip|addr)',
    'cf-.*|fly-.*|fastly-.*|akamai-.*|x-akamai-.*|x-amz.*|x-azure-.*|x-arr-.*|x-appengine-.*|x-goog-.*',
    'tailscale-.*|ngrok-.*|x-authenticated-.*|x-auth-request-.*|remote-(user|groups|email|name)',
  ].join('|')})$`,
);

/**
 * Whether a request comes from a program of this machine that meant this machine. A page whose name
 * was made to point here (DNS rebinding) has another `Host`; what a proxy hands on comes from anywhere,
 * and not every proxy says so: nginx sets `Host` to this machine, but leaves the page's own
 * `Origin` and `Referer`, and speaks HTTP/1.0 by default.
 */
export function isLocalRequest({
  address,
  headers,
  httpVersion,
}: {
  readonly address: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly httpVersion: string;
}): boolean {
  if (!isLoopbackAddress(address) || httpVersion === '1.0') return false;
  if (Object.keys(headers).some((name) => handedOn.test(name))) return false;
  const pages = [headers.origin, headers.referer].filter((page) => page !== undefined);
  if (!pages.every(isLoopbackPage)) return false;
  const host = headers.host?.match(/^(\[[0-9a-f:.]+\]|[^:]+)(:\d+)?$/i)?.[1];
  return host !== undefined && isLoopbackHost(withoutBrackets(host.toLowerCase()));
}

function isLoopbackPage(address: string): boolean {
  return URL.canParse(address) && isLoopbackHost(withoutBrackets(new URL(address).hostname));
}

const withoutBrackets = (host: string) => host.replace(/^\[(.*)\]$/, '$1');
