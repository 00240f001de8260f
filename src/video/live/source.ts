import { UnknownCase } from '../../errors.ts';

/** What pictures can come from without an end. */
export type LiveSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string; readonly fps: number }
  | { readonly kind: 'rtsp'; readonly url: string; readonly transport: 'tcp' | 'udp' }
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'usb'; readonly device: string };

/** What FFmpeg needs to open a source: each kind reaches its own protocols and no others. */
export interface Input {
  readonly url: string;
  readonly format?: string;
  readonly options: Readonly<Record<string, string>>;
}

/** Pictures that it watches to find their rate: by default 20, which of a slow camera take too long. */
const fewProbed = { fpsprobesize: '3' };

/** @param patience milliseconds after which a read has taken too long */
export function inputOf(source: Exclude<LiveSource, { kind: 'folder' }>, patience: number): Input {
  const microseconds = String(patience * 1000);
  switch (source.kind) {
    case 'file':
      return {
        url: `file:${source.path}`,
        options: { protocol_whitelist: 'file', pattern_type: 'none' },
      };
    case 'rtsp':
      return {
        url: smallScheme(source.url),
        options: {
          protocol_whitelist: 'rtsp,rtp,udp,tcp,tls,crypto',
          rtsp_transport: source.transport,
          allowed_media_types: 'video',
          ...fewProbed,
          timeout: microseconds,
        },
      };
    case 'http':
      return {
        url: smallScheme(source.url),
        options: {
          // Without `file` a playlist cannot make this machine's files part of the video.
          protocol_whitelist: 'http,https,tcp,tls,crypto,hls',
          rw_timeout: microseconds,
          ...fewProbed,
        },
      };
    case 'usb':
      return { url: source.device, format: 'v4l2', options: {} };
    default:
      throw new UnknownCase(source satisfies never);
  }
}

/** FFmpeg knows protocols by small letters only. */
const smallScheme = (url: string): string =>
  url.replace(/^[a-z]+/i, (scheme) => scheme.toLowerCase());
