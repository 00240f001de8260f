import type { CameraStatus } from '../contract/camera.ts';
import type { CameraDecoder, Inference } from '../parts.ts';

/** What a camera's decoder and inference have counted together. */
export function countsOf(
  decoder: CameraDecoder['counts'] | undefined,
  inference: ReturnType<Inference['counts']>,
): CameraStatus['counts'] {
  return {
    frames: decoder?.frames ?? 0,
    dropped: (decoder?.dropped ?? 0) + inference.dropped,
    scored: inference.scored,
    reconnects: decoder?.reconnects ?? 0,
    latencyMs: inference.latencyMs,
    framesPerSecond: decoder?.framesPerSecond ?? 0,
  };
}
