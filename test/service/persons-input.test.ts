import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { cameraSettings } from '../../src/service/contract/camera.ts';
import { serviceSettings } from '../../src/service/contract/settings.ts';
import { requireAllowedSource, requireFootageThere } from '../../src/service/secrets/address.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';

const temporary = temporaryFolders();
const source = { kind: 'file', path: '/a.mp4' };

test('a scheme in capitals is the same scheme', () => {
  const { source } = cameraSettings.parse({
    name: 'Yard',
    source: { kind: 'http', url: ' HTTP://Host/Live.MJPG' },
  });
  expect(source).toMatchObject({ url: 'http://Host/Live.MJPG' });
  requireAllowedSource(source);
  const { webhooks, mqtt } = serviceSettings.parse({
    webhooks: [{ url: 'HTTPS://Host/Hook', secret: 'x'.repeat(9) }],
    mqtt: { url: 'MQTTS://host' },
  });
  expect([webhooks[0]!.url, mqtt!.url]).toEqual(['https://Host/Hook', 'mqtts://host']);
});

test('a device or a pipe is no footage', async () => {
  const folder = await temporary();
  const pipe = join(folder, 'pipe.mp4');
  execFileSync('mkfifo', [pipe]);
  for (const path of ['/dev/zero', '/dev/null', pipe, join(folder, 'none'), 'a\u0000b', 'a\nb']) {
    expect(() => requireFootageThere(path)).toThrow(UserError);
    expect(() => requireFootageThere(path)).toThrow(/^\P{Cc}+$/u);
  }
  requireFootageThere(folder);
});

test('a name is on one line, as it looks', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 70 }), (text) => {
      const { name } = cameraSettings.parse({ name: `a${text}b`, source });
      expect(name).toMatch(/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]+$/u);
    }),
  );
  expect(cameraSettings.parse({ name: ' Front\t\ndoor ', source }).name).toBe('Front door');
  expect(cameraSettings.safeParse({ name: '\u0000\n', source }).success).toBe(false);
});
