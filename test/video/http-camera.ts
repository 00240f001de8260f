import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The ways in which cameras send pictures. */
export type Manner =
  | 'plain'
  | 'no first boundary'
  | 'image/jpg'
  | 'no part type'
  | 'wrong lengths'
  | 'no type at all'
  | 'every second cut off'
  | 'snapshot'
  | 'snapshot without type'
  | 'slow snapshot';

export interface HttpCameraOptions {
  readonly login?: { user: string; password: string; algorithm?: string; qop?: boolean };
}

/** A camera on a free port of loopback that goes through its pictures, one every 30 ms. */
export async function httpCamera(
  manner: Manner,
  pictures: readonly Buffer[],
  { login }: HttpCameraOptions = {},
) {
  let next = 0;
  let requests = 0;
  const picture = () => pictures[next++ % pictures.length]!;
  const server = createServer((request, response) => {
    requests++;
    if (request.url === '/moved') {
      response.writeHead(302, { location: '/' }).end();
      return;
    }
    if (request.url === '/elsewhere') {
      response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      return;
    }
    if (login && !isLoggedIn(request, login)) {
      challenge(response, login);
      return;
    }
    if (manner.includes('snapshot')) {
      const type = manner === 'snapshot without type' ? {} : { 'content-type': 'image/jpeg' };
      const jpeg =
        manner === 'slow snapshot'
          ? pictures[Math.floor(requests / 5) % pictures.length]!
          : picture();
      response.writeHead(200, { ...type, 'content-length': jpeg.length }).end(jpeg);
      return;
    }
    send(manner, response, picture);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    get requests() {
      return requests;
    },
    /** Ends all connections. */
    drop() {
      server.closeAllConnections();
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function send(manner: Manner, response: ServerResponse, picture: () => Buffer): void {
  const type = { 'content-type': 'multipart/x-mixed-replace;boundary=frame' };
  response.writeHead(200, manner === 'no type at all' ? {} : type);
  let sent = 0;
  const timer = setInterval(() => {
    const jpeg = picture();
    const cut = manner === 'every second cut off' && sent % 2 === 1;
    const boundary = manner === 'no first boundary' && sent === 0 ? '' : '--frame\r\n';
    const part = manner === 'image/jpg' ? 'image/jpg' : 'image/jpeg';
    const header = manner === 'no part type' ? '' : `Content-Type: ${part}\r\n`;
    const length = manner === 'wrong lengths' ? 17 : jpeg.length;
    response.write(`${boundary}${header}Content-Length: ${length}\r\n\r\n`);
    // In two writes, so that pictures come in pieces.
    response.write(jpeg.subarray(0, 100));
    response.write(jpeg.subarray(100, cut ? jpeg.length >> 1 : jpeg.length));
    response.write('\r\n');
    sent++;
  }, 30);
  response.on('close', () => clearInterval(timer));
}

const nonce = 'b7102dd2f0e8b11d0f600bfb0c093dcd';
const realm = 'a "quoted" camera, really';

function challenge(
  response: ServerResponse,
  { algorithm, qop }: { algorithm?: string; qop?: boolean },
) {
  const quoted = realm.replaceAll('"', '\\"');
  const digest =
    `Digest realm="${quoted}", nonce="${nonce}"${qop ? ', qop="auth,auth-int"' : ''}` +
    `${algorithm && algorithm !== 'basic' ? `, algorithm=${algorithm}` : ''}, opaque="xyz"`;
  const basic = `Basic realm="${quoted}"`;
  response
    .writeHead(401, { 'www-authenticate': algorithm === 'basic' ? [basic] : [basic, digest] })
    .end();
}

function isLoggedIn(
  request: IncomingMessage,
  { user, password, algorithm = 'MD5', qop }: NonNullable<HttpCameraOptions['login']>,
): boolean {
  const header = request.headers.authorization ?? '';
  if (algorithm === 'basic')
    return header === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const field = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)`).exec(header)?.[1] ?? '';
  const h = (...parts: string[]) =>
    createHash(algorithm.startsWith('SHA-256') ? 'sha256' : 'md5')
      .update(parts.join(':'))
      .digest('hex');
  let secret = h(user, realm, password);
  if (algorithm.endsWith('-sess')) secret = h(secret, nonce, field('cnonce'));
  const wanted = h('GET', request.url!);
  const expected = qop
    ? h(secret, nonce, field('nc'), field('cnonce'), 'auth', wanted)
    : h(secret, nonce, wanted);
  return (
    header.startsWith('Digest ') && field('response') === expected && field('opaque') === 'xyz'
  );
}
