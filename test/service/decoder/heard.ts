import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SceneChange } from '../../../src/scoring/scene/scene.ts';
import type { CameraFrame, DecoderListener, RecordedFile } from '../../../src/service/parts.ts';

/** A listener that keeps all it hears. */
export function hearing() {
  const heard = {
    online: [] as Parameters<DecoderListener['onOnline']>[0][],
    offline: [] as { reason: string; retryIn: number }[],
    frames: [] as CameraFrame[],
    pictures: [] as { time: number; jpeg: Uint8Array }[],
    doubts: [] as boolean[],
    scenes: [] as (SceneChange | null)[],
    recorded: [] as RecordedFile[],
    recordingFailed: [] as string[],
  };
  const listener: DecoderListener = {
    onOnline: (info) => heard.online.push(info),
    onOffline: (reason, retryIn) => heard.offline.push({ reason, retryIn }),
    onFrame: (frame) => heard.frames.push(frame),
    onPicture: (picture) => heard.pictures.push(picture),
    onScene: (change) => heard.scenes.push(change),
    onDoubt: (doubtful) => heard.doubts.push(doubtful),
    onRecorded: (file) => heard.recorded.push(file),
    onRecordingFailed: (reason) => heard.recordingFailed.push(reason),
  };
  return { heard, listener };
}

/** Waits until something holds; the limit is far away, for a machine that is busy. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 100_000; !holds(); ) {
    if (Date.now() > end) expect.fail(`it never came: ${what}`);
    await sleep(20);
  }
}
