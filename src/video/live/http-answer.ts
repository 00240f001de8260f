import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { authorization, type Login } from './login.ts';
import { StreamLost } from './stream.ts';

/** Redirects and logins that one request may take. */
const mostSteps = 6;

export interface AskOptions {
  readonly signal: AbortSignal;
  /** Keep connections for the next request; both or neither. */
  readonly agents?: { readonly http: HttpAgent; readonly https: HttpsAgent } | undefined;
}

/**
 * Asks an http(s) address with GET: logs in as its server wants, follows redirects to other http(s)
 * addresses, and gives user and password to no other server. Certificates are not checked: cameras
 * sign their own.
 * @returns an answer of status 200, which is to be read or destroyed
 * @throws StreamLost why there is none
 */
export async function ask(address: string, options: AskOptions): Promise<IncomingMessage> {
  let url = new URL(address);
  const { origin } = url;
  const login = loginOf(url);
  let authorized: string | undefined;
  for (let step = 0; step < mostSteps; step++) {
    const answer = await get(url, authorized, options);
    const { statusCode = 0, headers } = answer;
    if (statusCode === 200) return answer;
    answer.destroy();
    if (statusCode >= 300 && statusCode < 400 && headers.location) {
      url = redirected(headers.location, url);
      authorized = undefined;
    } else if (statusCode === 401 && login && !authorized && url.origin === origin) {
      authorized = authorization(login, {
        challenges: answer.headersDistinct['www-authenticate'] ?? [],
        method: 'GET',
        path: url.pathname + url.search,
      });
      if (!authorized) throw new StreamLost('wants a login of a kind that is not known');
    } else throw new StreamLost(refusal(statusCode));
  }
  throw new StreamLost('redirects without end');
}

function loginOf(url: URL): Login | undefined {
  if (!url.username && !url.password) return undefined;
  return { user: unescaped(url.username), password: unescaped(url.password) };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that nobody escaped.
    return text;
  }
}

function redirected(location: string, from: URL): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new StreamLost('redirects to a non-HTTP address');
  return url;
}

function refusal(status: number): string {
  if (status === 401 || status === 403) return 'user or password is wrong, or missing';
  if (status === 404) return 'has nothing at this address (404)';
  return `answers with status ${status}`;
}

function get(
  url: URL,
  authorized: string | undefined,
  { signal, agents }: AskOptions,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const answered = (answer: IncomingMessage) => {
    // One that is not being read may break, too; its reader still gets the error.
    answer.on('error', () => undefined);
    resolve(answer);
  };
  const headers = { accept: '*/*', ...(authorized ? { authorization: authorized } : {}) };
  // User and password go into that header alone.
  const { hostname, port, pathname, search } = url;
  const target = {
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    path: pathname + search,
    headers,
    signal,
  };
  const sent =
    url.protocol === 'https:'
      ? httpsRequest({ ...target, agent: agents?.https, rejectUnauthorized: false }, answered)
      : httpRequest({ ...target, agent: agents?.http }, answered);
  sent.on('error', (error: NodeJS.ErrnoException) => reject(new StreamLost(reasonOf(error))));
  sent.end();
  return promise;
}

/** A fault of a connection, in FFmpeg's words where it has some. */
export function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'Connection refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EHOSTUNREACH')
    return 'cannot be reached: there is no such host';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the connection broke';
  return message;
}
