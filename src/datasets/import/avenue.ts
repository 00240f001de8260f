import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { videoExtensions } from '../../video/folder.ts';
import type { Size } from '../../video/frame.ts';
import {
  type Conversion,
  copy,
  countFrames,
  listNames,
  partOf,
  readAs,
  requireFrames,
  writeLabels,
  writeMasks,
} from './building.ts';
import { type MatlabArray, type NumericArray, readMatlabVariable } from './matlab.ts';
import { isMatlab73, readMatlab73 } from './matlab73.ts';

const name = 'CUHK Avenue, as downloaded,';

/**
 * CUHK Avenue (Lu et al., ICCV 2013): `training_videos/NN.avi`, `testing_videos/NN.avi`, and
 * `testing_label_mask/N_label.mat` (or the same in `ground_truth_demo`, as its archive has it), whose `volLabel` has one mask a frame. A frame is anomalous
 * where its mask is not empty.
 */
export async function importAvenue({ from, to, onProgress }: Conversion): Promise<void> {
  const training = await videosIn(join(from, 'training_videos'));
  const testing = await videosIn(join(from, 'testing_videos'));
  // The labels are an archive of their own, with a folder around this one.
  const folder = await partOf(from, [
    'testing_label_mask',
    join('ground_truth_demo', 'testing_label_mask'),
  ]);
  const masks = new Set(await listNames(folder, name));
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
    const truthPath = join(folder, truthName);
    if (!masks.has(truthName)) throw new UserError(`${truthPath}: is missing`);
    const truth = await readAs(truthPath, async () => maskCells(await readLabels(truthPath)));
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
    const marked: number[] = [];
    await writeMasks(to, clip, frames, source, (index) => {
      const mask = byRows(truth[index]!, source);
      marked.push(mask ? 1 : 0);
      return mask;
    });
    labels.set(clip, marked);
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

/** `volLabel` of a file of MATLAB 5 or 7.3. */
async function readLabels(path: string): Promise<MatlabArray> {
  const file = await readFile(path);
  return isMatlab73(file) ? readMatlab73(path, 'volLabel') : readMatlabVariable(file, 'volLabel');
}

/** A mask, which MATLAB keeps column by column, `[height, width]`; undefined where nothing is marked. */
function byRows({ data }: NumericArray, { width, height }: Size): Uint8Array | undefined {
  let rows: Uint8Array | undefined;
  // A plain loop: there are hundreds of millions of these in a download.
  for (let column = 0, at = 0; column < width; column++) {
    for (let row = 0; row < height; row++, at++) {
      if (!data[at]) continue;
      rows ??= new Uint8Array(width * height);
      rows[row * width + column] = 1;
    }
  }
  return rows;
}

function maskCells(array: MatlabArray): NumericArray[] {
  if (array.kind !== 'cell') throw new Error('volLabel is not a cell array of masks');
  return array.cells.map((cell) => {
    if (cell.kind !== 'numeric') throw new Error('a cell of volLabel is not a mask');
    return cell;
  });
}
