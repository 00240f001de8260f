import { type CameraOptions, isCameraAddress, openCamera } from './camera.ts';
import type { FrameFormat, VideoSource } from './frame.ts';
import { openVideo } from './open.ts';

/**
 * Opens whatever a text names: a camera by its address, see {@link openCamera}, else a video file or
 * a folder of frames, see {@link openVideo}.
 * @param options `fps` is the rate that a camera is thinned to, and that of a video that has none
 * @throws UserError what is wrong with it
 */
export function openSource(
  text: string,
  format: FrameFormat,
  options: CameraOptions = {},
): Promise<VideoSource> {
  return isCameraAddress(text)
    ? openCamera(text, format, options)
    : openVideo(text, format, { fps: options.fps, original: options.original });
}
