import { describe, expect, test } from 'vitest';
import {
  draftOf,
  draftProblem,
  emptyDraft,
  type SourceDraft,
  sourceOf,
  suggestedName,
  withLogin,
} from '../../dashboard/src/cameras/source.ts';
import { cameraSource } from '../../src/service/contract/camera.ts';

const draft = (change: Partial<SourceDraft>): SourceDraft => ({ ...emptyDraft(), ...change });

describe('a source that a person fills in', () => {
  test('has user and password in its address, whatever letters they have', () => {
    const url = withLogin('rtsp://10.0.0.2:554/a?b=c', 'me@home%41', 'p:/?#@ß%');
    const read = new URL(url);
    expect(decodeURIComponent(read.username)).toBe('me@home%41');
    expect(decodeURIComponent(read.password)).toBe('p:/?#@ß%');
    expect([read.host, read.pathname, read.search]).toEqual(['10.0.0.2:554', '/a', '?b=c']);
    expect(withLogin('rtsp://10.0.0.2/a', '', '')).toBe('rtsp://10.0.0.2/a');
  });

  test('is told what is not right, at its field', () => {
    expect(draftProblem(draft({ url: '' }))?.field).toBe('url');
    expect(draftProblem(draft({ url: 'http://10.0.0.2/' }))?.problem).toContain('rtsp://');
    expect(draftProblem(draft({ url: 'rtsp://' }))?.field).toBe('url');
    expect(draftProblem(draft({ kind: 'usb', device: '/dev/sda' }))?.field).toBe('device');
    expect(draftProblem(draft({ kind: 'file', path: ' ' }))?.field).toBe('path');
  });

  test('is one that the service takes, and comes back as it was', () => {
    for (const one of [
      draft({ url: ' rtsp://10.0.0.2/a ', user: 'me', transport: 'udp' }),
      draft({ kind: 'http', url: 'https://example.org/live.m3u8' }),
      draft({ kind: 'usb', device: '/dev/video2' }),
      draft({ kind: 'file', path: '/videos/gate.mp4' }),
      draft({ kind: 'folder', path: '/frames', fps: 5 }),
    ]) {
      expect(draftProblem(one)).toBeNull();
      const source = cameraSource.parse(sourceOf(one));
      expect(source).toEqual(sourceOf(one));
      expect(sourceOf(draftOf(source))).toEqual(source);
    }
  });

  test('is given a name to begin with', () => {
    expect(suggestedName({ kind: 'file', path: '/videos/North gate.mp4' })).toBe('North gate');
    expect(suggestedName({ kind: 'rtsp', url: 'rtsp://a:b@10.0.0.2/x', transport: 'tcp' })).toBe(
      '10.0.0.2',
    );
  });
});
