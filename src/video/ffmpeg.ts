import { UserError } from '../errors.ts';

/** The FFmpeg libraries, as `node-av` binds them. */
export type FFmpeg = typeof import('node-av');

/**
 * Loads FFmpeg when the first video is met (a folder of JPEGs needs none), with its own messages
 * switched off: our errors report the relevant ones.
 * @throws UserError on a Node.js below 22, where the binding would silently give no frames.
 */
export async function loadFFmpeg(): Promise<FFmpeg> {
  requireNode(process.versions.node);
  const ffmpeg = await import('node-av');
  ffmpeg.Log.setLevel(ffmpeg.AV_LOG_QUIET);
  return ffmpeg;
}

/** @throws UserError where `version` of Node.js is too old for the FFmpeg binding. */
export function requireNode(version: string): void {
  if (Number.parseInt(version, 10) < 22) {
    throw new UserError(
      `Node.js ${version} cannot read videos; run with Node.js 22 or newer (24 is installed beside this package: npx node)`,
    );
  }
}
