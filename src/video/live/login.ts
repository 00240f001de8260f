import { createHash, randomBytes } from 'node:crypto';

/** A name and a password, as they were before they were escaped for an address. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** What is asked for: a page of a server, in answer to its challenge. */
export interface Challenged {
  /** The answer's `WWW-Authenticate` headers. */
  readonly challenges: readonly string[];
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly path: string;
}

/** Hashes of RFC 7616 that servers ask for, the strongest first; without a name it is MD5. */
const hashes: readonly (readonly [name: string, hash: string])[] = [
  ['SHA-512-256', 'sha512-256'],
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
];

/**
 * The `Authorization` header that answers a server: Digest (RFC 7616, RFC 2069 where it has no
 * `qop`) where the server takes it, else Basic (RFC 7617).
 * @returns undefined where the server wants neither
 */
export function authorization(login: Login, asked: Challenged): string | undefined {
  const challenges = asked.challenges.flatMap(parseChallenges);
  for (const [name, hash] of hashes)
    for (const { scheme, parameters } of challenges) {
      const algorithm = parameters.get('algorithm') ?? 'MD5';
      const plain = algorithm.replace(/-sess$/i, '');
      if (scheme === 'digest' && plain.toUpperCase() === name)
        return digest(login, asked, parameters, { algorithm, hash });
    }
  if (!challenges.some(({ scheme }) => scheme === 'basic')) return undefined;
  return `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
}

function digest(
  { user, password }: Login,
  { method, path }: Challenged,
  parameters: ReadonlyMap<string, string>,
  { algorithm, hash }: { algorithm: string; hash: string },
): string {
  const h = (...parts: string[]) => createHash(hash).update(parts.join(':')).digest('hex');
  const realm = parameters.get('realm') ?? '';
  const nonce = parameters.get('nonce') ?? '';
  const cnonce = randomBytes(8).toString('hex');
  const count = '00000001';
  const secret = h(user, realm, password);
  const session = /-sess$/i.test(algorithm) ? h(secret, nonce, cnonce) : secret;
  const wanted = h(method, path);
  const protects =
    parameters
      .get('qop')
      ?.split(/\s*,\s*/)
      .includes('auth') ?? false;
  const response = protects
    ? h(session, nonce, count, cnonce, 'auth', wanted)
    : h(session, nonce, wanted);
  const quoted = { username: user, realm, nonce, uri: path, response, cnonce };
  const opaque = parameters.get('opaque');
  const fields = Object.entries({ ...quoted, ...(opaque === undefined ? {} : { opaque }) }).map(
    ([name, value]) => `${name}="${value.replaceAll(/["\\]/g, '\\$&')}"`,
  );
  if (parameters.has('algorithm')) fields.push(`algorithm=${algorithm}`);
  if (protects) fields.push('qop=auth', `nc=${count}`);
  return `Digest ${fields.join(', ')}`;
}

interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The challenges of one header: schemes, each with parameters, all divided by commas. */
function parseChallenges(header: string): Challenge[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = [];
  const pieces =
    /(?:^|[\s,]+)(?:([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([\w-]+)(?=\s|,|$))/g;
  for (const [, name, quoted, token, scheme] of header.matchAll(pieces)) {
    if (scheme) found.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else if (name)
      found
        .at(-1)
        ?.parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '');
  }
  return found;
}
