import type { CameraSource } from '../../../src/service/contract/camera.ts';

export type SourceKind = CameraSource['kind'];

/** What a person fills in; only what its kind asks for is used. */
export interface SourceDraft {
  kind: SourceKind;
  path: string;
  fps: number;
  url: string;
  user: string;
  password: string;
  transport: 'tcp' | 'udp';
  device: string;
}

export const emptyDraft = (): SourceDraft => ({
  kind: 'rtsp',
  path: '',
  fps: 10,
  url: '',
  user: '',
  password: '',
  transport: 'tcp',
  device: '/dev/video0',
});

interface Kind {
  title: string;
  hint: string;
  examples: string[];
  /** The field that says where it is. */
  field: 'url' | 'device' | 'path';
}

export const KINDS: Record<SourceKind, Kind> = {
  rtsp: {
    title: 'Network camera (RTSP)',
    hint: 'Most surveillance cameras and recorders',
    examples: ['rtsp://192.168.1.20/stream1', 'rtsp://192.168.1.20:554/h264Preview_01_sub'],
    field: 'url',
  },
  http: {
    title: 'Web stream (HTTP)',
    hint: 'MJPEG, HLS, or a video at an address',
    examples: ['http://192.168.1.21/video.mjpg', 'https://example.org/live/index.m3u8'],
    field: 'url',
  },
  usb: {
    title: 'USB camera',
    hint: 'Plugged into the machine that runs the service',
    examples: ['/dev/video0'],
    field: 'device',
  },
  file: {
    title: 'Video file',
    hint: 'Played in a loop, to try things out',
    examples: ['/home/me/videos/gate.mp4'],
    field: 'path',
  },
  folder: {
    title: 'Folder of frames',
    hint: 'Numbered pictures, played in a loop',
    examples: ['/home/me/frames'],
    field: 'path',
  },
};

const SCHEMES = { rtsp: /^rtsps?:$/, http: /^https?:$/ };

/** The address with user and password in it, as the service takes it. */
export function withLogin(url: string, user: string, password: string): string {
  if (!user && !password) return url;
  const address = new URL(url);
  if (user) address.username = encodeURIComponent(user);
  if (password) address.password = encodeURIComponent(password);
  return address.href;
}

/** What of a draft is not right yet: one line, at the field it is of; null where all is. */
export function draftProblem(draft: SourceDraft): { field: string; problem: string } | null {
  switch (draft.kind) {
    case 'rtsp':
    case 'http': {
      const schemes = draft.kind === 'rtsp' ? 'rtsp:// or rtsps://' : 'http:// or https://';
      if (!draft.url.trim()) return { field: 'url', problem: `Enter an address: ${schemes}…` };
      const url = URL.canParse(draft.url.trim()) ? new URL(draft.url.trim()) : null;
      if (!url?.host || !SCHEMES[draft.kind].test(url.protocol)) {
        return {
          field: 'url',
          problem: `The address starts with ${schemes}, then the camera's host.`,
        };
      }
      return null;
    }
    case 'usb':
      return /^\/dev\/video\d+$/.test(draft.device.trim())
        ? null
        : { field: 'device', problem: 'A USB camera is /dev/video and a number, as /dev/video0.' };
    case 'file':
    case 'folder':
      return draft.path.trim()
        ? null
        : { field: 'path', problem: 'Enter a path on the machine that runs the service.' };
    default:
      throw new Error(`unknown kind of source: ${draft.kind satisfies never}`);
  }
}

/** The source of a draft that has no problem. */
export function sourceOf(draft: SourceDraft): CameraSource {
  switch (draft.kind) {
    case 'rtsp':
      return {
        kind: 'rtsp',
        url: withLogin(draft.url.trim(), draft.user, draft.password),
        transport: draft.transport,
      };
    case 'http':
      return { kind: 'http', url: withLogin(draft.url.trim(), draft.user, draft.password) };
    case 'usb':
      return { kind: 'usb', device: draft.device.trim() };
    case 'file':
      return { kind: 'file', path: draft.path.trim() };
    case 'folder':
      return { kind: 'folder', path: draft.path.trim(), fps: draft.fps };
    default:
      throw new Error(`unknown kind of source: ${draft.kind satisfies never}`);
  }
}

/** A draft that changes a source which is there. */
export function draftOf(source: CameraSource): SourceDraft {
  return { ...emptyDraft(), ...source };
}

/** One line of where it comes from. */
export function sourceWords(source: CameraSource): string {
  if (source.kind === 'usb') return source.device;
  return 'url' in source ? source.url : source.path;
}

/** A name to begin with: the host, or the last part of the path. */
export function suggestedName(source: CameraSource): string {
  if (source.kind === 'usb') return 'USB camera';
  if ('url' in source) return new URL(source.url).hostname;
  const last = source.path.split('/').filter(Boolean).at(-1) ?? '';
  return last.replace(/\.\w+$/, '').slice(0, 80) || 'Camera';
}
