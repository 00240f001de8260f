import { describe, expect, test } from 'vitest';
import type { CameraSource } from '../../../src/service/contract/camera.ts';
import { cameraSettings } from '../../../src/service/contract/camera.ts';
import { serviceSettings } from '../../../src/service/contract/settings.ts';
import {
  keepSettingsSecrets,
  keepSourceSecrets,
  maskCameraSettings,
  maskSettings,
} from '../../../src/service/secrets/secrets.ts';

const rtsp = (url: string): CameraSource => ({ kind: 'rtsp', url, transport: 'tcp' });
const shown = (source: CameraSource) =>
  maskCameraSettings(cameraSettings.parse({ name: 'A', source })).source;

describe('an address', () => {
  test.each([
    'rtsp://user:pass@host:8554/stream',
    'rtsp://user@host/stream',
    'rtsp://host/stream?user=admin&password=p%26w&channel=1',
    'rtsp://us%40er:pa%24%26ss@host/live?token=abc',
    'rtsp://host/plain',
    'rtsp://[::1]:554/x?pwd=1;login=2',
    'rtsp://admin:@host/x?user=a&user=b',
    'rtsp://host/user=admin_password=a_b.c$&_channel=1_stream=0.sdp?real_stream',
    'rtsp://host/user=admin&password=x&channel=1?token=y',
  ])('%s comes back as it was', (url) => {
    const before = rtsp(url);
    expect(keepSourceSecrets(shown(before), before)).toEqual(before);
  });

  test('changed around its secrets keeps them', () => {
    const before = rtsp('rtsp://user:pass@host/one?password=x');
    const next = rtsp('rtsp://***@host/two?channel=2&password=***');
    expect(keepSourceSecrets(next, before)).toEqual(
      rtsp('rtsp://user:pass@host/two?channel=2&password=x'),
    );
  });

  test.each([
    ['another host', 'rtsp://***@evil/one'],
    ['another port', 'rtsp://***@host:99/one'],
    ['a parameter that is not kept', 'rtsp://host/one?token=***'],
    ['a parameter of another host', 'rtsp://evil/one?password=***'],
  ])('with %s gets none of them', (_, url) => {
    const before = rtsp('rtsp://user:pass@host/one?password=x');
    expect(() => keepSourceSecrets(rtsp(url), before)).toThrow(/write them again/);
    expect(() => keepSourceSecrets(rtsp(url))).toThrow(/write them again/);
  });
});

describe('settings', () => {
  const before = serviceSettings.parse({
    webhooks: [
      { url: 'https://one.example/?token=abcd', secret: 'secret-one' },
      { url: 'https://u:p@two.example/', secret: 'secret-two' },
    ],
    mqtt: { url: 'mqtt://u:p@broker', username: 'house', password: 'secret-three' },
  });

  test('come back as they were, in any order', () => {
    const masked = maskSettings(before);
    expect(JSON.stringify(masked)).not.toMatch(/secret-|abcd|u:p/);
    expect(keepSettingsSecrets(masked, before)).toEqual(before);
    const turned = { ...masked, webhooks: masked.webhooks.toReversed() };
    expect(keepSettingsSecrets(turned, before).webhooks).toEqual(before.webhooks.toReversed());
  });

  test('of webhooks that look alike are not mixed up', () => {
    const alike = serviceSettings.parse({
      webhooks: ['a', 'b'].map((token) => ({
        url: `https://one.example/?token=${token}`,
        secret: `secret of ${token}`,
      })),
    });
    const masked = maskSettings(alike);
    expect(keepSettingsSecrets(masked, alike)).toEqual(alike);
    const webhooks = masked.webhooks.slice(1);
    expect(() => keepSettingsSecrets({ ...masked, webhooks }, alike)).toThrow(/which of 2 it was/);
    const written = { ...masked, webhooks: alike.webhooks.slice(1) };
    expect(keepSettingsSecrets(written, alike)).toEqual(written);
  });

  test('with a new secret take it', () => {
    const masked = maskSettings(before);
    const webhooks = [{ ...masked.webhooks[1]!, secret: 'a new one' }];
    expect(keepSettingsSecrets({ ...masked, webhooks, mqtt: null }, before)).toMatchObject({
      webhooks: [{ url: 'https://u:p@two.example/', secret: 'a new one' }],
      mqtt: null,
    });
  });

  test('never send a secret elsewhere', () => {
    const masked = maskSettings(before);
    const webhooks = [{ ...masked.webhooks[0]!, url: 'https://evil.example/' }];
    expect(() => keepSettingsSecrets({ ...masked, webhooks }, before)).toThrow(/needs a secret/);
    const mqtt = { ...masked.mqtt!, url: 'mqtt://evil' };
    expect(() => keepSettingsSecrets({ ...masked, mqtt }, before)).toThrow(/password again/);
  });
});
