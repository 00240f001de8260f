import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { videoExtensions } from '../../video/folder.ts';
import {
  type Conversion,
  copy,
  countFrames,
  listNames,
  readAs,
  requireFrames,
  writeLabels,
  writeMasks,
} from './building.ts';
import { type MatlabArray, type NumericArray, readMatlabVariable } from './matlab.ts';

const name = 'CUHK Avenue, as downloaded,';

/**
 * CUHK Avenue (Lu et al., ICCV 2013): `training_videos/NN.avi`, `testing_videos/NN.avi`, and
 * `testing_label_mask/N_label.mat`, whose `volLabel` has one mask a frame. A frame is anomalous
 * where its mask is not empty.
 */
export async function importAvenue({ from, to, onProgress }: Conversion): Promise<void> {
  const training = await videosIn(join(from, 'training_videos'));
  const testing = await videosIn(join(from, 'testing_videos'));
  const masks = new Set(await listNames(join(from, 'testing_label_mask'), name));
  const total = training.length + testing.length;
  let done = 0;
  for (const video of training) {
    await copy(join(from, 'training_videos', video), join(to, 'training', 'videos', video));
    onProgress(++done, total, video);
  }
  const labels = new Map<string, number[]>();
  for (const video of testing) {
    const clip = video.slice(0, -extname(video).length);
    const path = join(from, 'testing_videos', video);
    const truthName = `${Number(clip)}_label.mat`;
    const truthPath = join(from, 'testing_label_mask', truthName);
    if (!masks.has(truthName)) throw new UserError(`${truthPath}: is missing`);
    const file = await readFile(truthPath);
    const truth = readAs(truthPath, () => maskCells(readMatlabVariable(file, 'volLabel')));
    const { frames, source } = await countFrames(path);
    requireFrames(truthPath, truth.length, path, frames);
    for (const { dimensions } of truth) {
      const [height, width] = dimensions;
      if (width !== source.width || height !== source.height) {
        throw new UserError(
          `${truthPath}: has a mask of ${width}x${height} but ${video} is ${source.width}x${source.height}`,
        );
      }
    }
    await copy(path, join(to, 'testing', 'videos', video));
    labels.set(
      clip,
      truth.map(({ data }) => Number(Array.prototype.some.call(data, Boolean))),
    );
    await writeMasks(to, clip, frames, source, (index) =>
      Uint8Array.from({ length: source.width * source.height }, (_, i) => {
        const column = i % source.width;
        const row = Math.floor(i / source.width);
        return truth[index]!.data[column * source.height + row] ? 1 : 0;
      }),
    );
    onProgress(++done, total, video);
  }
  await writeLabels(to, 'testing_label_mask/*.mat (official): any(mask)', labels);
}

async function videosIn(folder: string): Promise<string[]> {
  const names = await listNames(folder, name);
  const known: readonly string[] = videoExtensions;
  const videos = names.filter((entry) => known.includes(extname(entry).toLowerCase()));
  if (videos.length === 0) throw new UserError(`${folder}: holds no videos`);
  return videos;
}

function maskCells(array: MatlabArray): NumericArray[] {
  if (array.kind !== 'cell') throw new Error('volLabel is no cell array of masks');
  return array.cells.map((cell) => {
    if (cell.kind !== 'numeric') throw new Error('a cell of volLabel is no mask');
    return cell;
  });
}
