import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { listPictures } from '../../video/folder.ts';
import { type ClipSource, clipsOf } from '../layout.ts';
import {
  type Conversion,
  copy,
  countFrames,
  readAs,
  requireFrames,
  writeLabels,
  writeMasks,
} from './building.ts';
import { type NpyArray, readNpy } from './npy.ts';

/**
 * ShanghaiTech Campus (Luo et al., ICCV 2017): `training/videos/NN_NNN.avi`,
 * `testing/frames/NN_NNNN/NNN.jpg`, `testing/test_frame_mask/NN_NNNN.npy` (one label a frame) and,
 * if it is there, `testing/test_pixel_mask/NN_NNNN.npy` (`[frames, height, width]`). Frames and
 * videos are both taken in either part.
 */
export async function importShanghaiTech({ from, to, onProgress }: Conversion): Promise<void> {
  const training = await clipsOf(join(from, 'training'));
  const testing = await clipsOf(join(from, 'testing'));
  for (const [part, clips] of [['training', training] as const, ['testing', testing] as const]) {
    if (clips.length > 0) continue;
    throw new UserError(`${join(from, part)}: holds no clips in videos/ or frames/`);
  }
  const total = training.length + testing.length;
  let done = 0;
  for (const clip of training) {
    await copyClip(clip, join(to, 'training'));
    onProgress(++done, total, clip.name);
  }
  const labels = new Map<string, number[]>();
  for (const clip of testing) {
    const { frames, source } = await countFrames(clip.path);
    const truthPath = join(from, 'testing', 'test_frame_mask', `${clip.name}.npy`);
    const truth = await readTruth(truthPath);
    if (!truth) throw new UserError(`${truthPath}: is missing`);
    requireFrames(truthPath, truth.data.length, clip.path, frames);
    labels.set(
      clip.name,
      Array.from(truth.data, (value) => Number(Boolean(value))),
    );
    await copyClip(clip, join(to, 'testing'));
    const maskPath = join(from, 'testing', 'test_pixel_mask', `${clip.name}.npy`);
    const masks = await readTruth(maskPath);
    if (masks) {
      const [count, height, width] = masks.shape;
      requireFrames(maskPath, count ?? 0, clip.path, frames);
      if (masks.shape.length !== 3 || height !== source.height || width !== source.width) {
        throw new UserError(
          `${maskPath}: is of shape ${masks.shape.join('x')} but the frames are ${source.width}x${source.height}`,
        );
      }
      const area = width * height;
      await writeMasks(to, clip.name, frames, source, (index) =>
        Uint8Array.from({ length: area }, (_, i) => (masks.data[index * area + i] ? 1 : 0)),
      );
    }
    onProgress(++done, total, clip.name);
  }
  await writeLabels(to, 'test_frame_mask/*.npy (official)', labels);
}

async function copyClip({ path, name }: ClipSource, part: string): Promise<void> {
  if (!(await stat(path)).isDirectory()) {
    await copy(path, join(part, 'videos', basename(path)));
    return;
  }
  for (const picture of await listPictures(path)) {
    await copy(picture, join(part, 'frames', name, basename(picture)));
  }
}

async function readTruth(path: string): Promise<NpyArray | undefined> {
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return file && (await readAs(path, () => readNpy(file)));
}
