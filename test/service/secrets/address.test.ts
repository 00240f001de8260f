import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import type { CameraSource } from '../../../src/service/contract/camera.ts';
import { maskAddress, requireAllowedSource } from '../../../src/service/secrets/address.ts';
import { temporaryFolders } from '../../files/temporary-folder.ts';

const temporaryFolder = temporaryFolders();

test.each([
  ['rtsp://host:554/stream?channel=1&subtype=0', 'rtsp://host:554/stream?channel=1&subtype=0'],
  ['rtsp://admin:secret@host/stream', 'rtsp://***@host/stream'],
  ['rtsp://admin@host/stream', 'rtsp://***@host/stream'],
  ['http://host/a@b', 'http://host/a@b'],
  ['http://host/live#token=secret&x=1', 'http://host/live#token=***&x=1'],
  ['http://host/v.cgi?user=admin&pwd=secret&res=3', 'http://host/v.cgi?user=***&pwd=***&res=3'],
  [
    'rtsp://host/user=admin_password=tlJw_bo6_channel=1_stream=0.sdp?real_stream',
    'rtsp://host/user=***_password=***_channel=1_stream=0.sdp?real_stream',
  ],
  [
    'rtsp://host/user=admin&password=&channel=1&stream=0.sdp?',
    'rtsp://host/user=***&password=***&channel=1&stream=0.sdp?',
  ],
  // Not escaped, so that no parser knows where the password ends.
  ['rtsp://admin:pa/ss?w@rd@host/stream', 'rtsp://***@host/stream'],
  ['rtsp://admin:p@ss@host/stream', 'rtsp://***@host/stream'],
])('%s is shown as %s', (address, shown) => {
  expect(maskAddress(address)).toBe(shown);
});

test('no password is ever shown', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (password, path) => {
      const shown = maskAddress(`rtsp://admin:<${password}>@host/${encodeURIComponent(path)}`);
      expect(shown).not.toContain(`<${password}>`);
      expect(shown).not.toContain('admin');
    }),
  );
});

test('what may be opened passes', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'a.mp4'), '');
  requireAllowedSource({ kind: 'file', path: join(folder, 'a.mp4') });
  requireAllowedSource({ kind: 'folder', path: folder, fps: 10 });
  requireAllowedSource({ kind: 'rtsp', url: 'rtsps://u:p%40@host:322/x', transport: 'tcp' });
  requireAllowedSource({ kind: 'http', url: 'http://[::1]:80/x.m3u8' });
});

test.each<[CameraSource]>([
  [{ kind: 'http', url: 'file:///etc/passwd' }],
  [{ kind: 'http', url: 'rtsp://host/x' }],
  [{ kind: 'http', url: 'http,seekable=1://host/x' }],
  [{ kind: 'http', url: 'http:host' }],
  [{ kind: 'http', url: 'http://' }],
  [{ kind: 'http', url: 'http://host/\r\nX: y' }],
  [{ kind: 'http', url: 'concat:http://host/a|file:/etc/passwd' }],
  [{ kind: 'rtsp', url: 'rtsp://admin:secret@ho st/x', transport: 'tcp' }],
  [{ kind: 'rtsp', url: 'pipe:0', transport: 'tcp' }],
  [{ kind: 'usb', device: '/dev/video0;rm' }],
  [{ kind: 'usb', device: '/dev/video4095' }],
  [{ kind: 'file', path: '/does/not/exist.mp4' }],
  [{ kind: 'file', path: '/tmp' }],
  [{ kind: 'file', path: '/tmp/a\0b' }],
  [{ kind: 'folder', path: '/etc/passwd', fps: 10 }],
])('%j is refused in one line', (source) => {
  const refused = () => requireAllowedSource(source);
  expect(refused).toThrow(UserError);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(refused).toThrow(/^[^\x00-\x1f]+$/);
  expect(refused).not.toThrow(/secret/);
});

test('a source of a kind that is not known is refused', () => {
  const source = { kind: 'srt', url: 'file:///etc/passwd' } as unknown as CameraSource;
  expect(() => requireAllowedSource(source)).toThrow('unknown case: srt');
});
