import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { UserError } from '../../errors.ts';
import { listPictures } from '../../video/folder.ts';
import type { Frame, FrameFormat } from '../../video/frame.ts';
import { openVideo } from '../../video/open.ts';
import {
  type Conversion,
  frameName,
  listNames,
  readAs,
  requireFrames,
  writeLabels,
  writeMasks,
} from './building.ts';

const name = 'UCSDped1 or UCSDped2, as downloaded,';

/**
 * UCSD Ped1 or Ped2 (Mahadevan et al., CVPR 2010; UCSD_Anomaly_Dataset.v1p2): `Train/TrainNNN`
 * and `Test/TestNNN` of TIFF frames, `Test/UCSDped*.m` with the anomalous frames of each test
 * clip, and `Test/TestNNN_gt` of BMP masks for all clips (Ped2) or some (Ped1).
 */
export async function importUcsd({ from, to, onProgress, onNote }: Conversion): Promise<void> {
  const inside = (await readdir(from)).filter((entry) => /^UCSDped\d$/.test(entry)).sort();
  if (inside.length > 0) {
    const choices = inside.map((entry) => join(from, entry)).join(' or ');
    throw new UserError(`${from}: holds several data sets; give ${choices}`);
  }
  const archive = join(from, 'UCSD_Anomaly_Dataset.v1p2');
  if (await stat(archive).catch(() => undefined))
    return importUcsd({ from: archive, to, onProgress, onNote });
  const training = (await listNames(join(from, 'Train'), name)).filter((n) => /^Train\d+$/.test(n));
  const inTest = await listNames(join(from, 'Test'), name);
  const testing = inTest.filter((entry) => /^Test\d+$/.test(entry));
  const truthName = inTest.find((entry) => /^UCSDped\d\.m$/i.test(entry));
  if (!truthName) throw new UserError(`${join(from, 'Test')}: holds no UCSDped1.m or UCSDped2.m`);
  const truthPath = join(from, 'Test', truthName);
  const text = await readFile(truthPath, 'utf8');
  const truth = await readAs(truthPath, () => parseRanges(text));
  if (truth.length !== testing.length) {
    throw new UserError(
      `${truthPath}: is for ${truth.length} clips but ${join(from, 'Test')} has ${testing.length}`,
    );
  }
  const total = training.length + testing.length;
  let done = 0;
  for (const clip of training) {
    const folder = join(from, 'Train', clip);
    await convertFrames(folder, join(to, 'training', 'frames', number(clip)), onNote);
    onProgress(++done, total, clip);
  }
  const labels = new Map<string, number[]>();
  for (const [i, clip] of testing.entries()) {
    const folder = join(from, 'Test', clip);
    const frames = await convertFrames(folder, join(to, 'testing', 'frames', number(clip)), onNote);
    labels.set(number(clip), labelsOf(truth[i]!, frames, clip, truthPath));
    const masks = `${clip}_gt`;
    if (inTest.includes(masks)) {
      await convertMasks(join(from, 'Test', masks), to, number(clip), frames);
    }
    onProgress(++done, total, clip);
  }
  await writeLabels(to, `${truthName} (official)`, labels);
}

/** `Test007` is clip `07`. */
function number(clip: string): string {
  return String(Number(/\d+/.exec(clip)![0])).padStart(2, '0');
}

/**
 * The stretches of anomalous frames of each clip, from lines such as
 * `TestVideoFile{end+1}.gt_frame = [5:90, 140:200];`: 1-based, both ends within.
 */
export function parseRanges(text: string): [first: number, last: number][][] {
  const code = text.replace(/%.*$/gm, '');
  return Array.from(code.matchAll(/gt_frame\s*=\s*\[([^\]]*)\]/g), ([, list]) => {
    const parts = list!.split(/[\s,;]+/).filter((part) => part !== '');
    return parts.map((part): [number, number] => {
      const range = /^(\d+)(?::(\d+))?$/.exec(part);
      if (!range) throw new Error(`"${part}" is not a range of frames`);
      return [Number(range[1]), Number(range[2] ?? range[1])];
    });
  });
}

function labelsOf(
  ranges: readonly [number, number][],
  frames: number,
  clip: string,
  truthPath: string,
): number[] {
  const labels = Array<number>(frames).fill(0);
  for (const [first, last] of ranges) {
    if (first < 1 || last > frames) {
      throw new UserError(`${truthPath}: frames ${first}:${last} but ${clip} has ${frames} frames`);
    }
    labels.fill(1, first - 1, last);
  }
  return labels;
}

/**
 * TIFF to PNG, which loses nothing and which everything reads. The official archive of Ped1 has a
 * picture that is cut off: for such a one the picture before stands in, or the next good one.
 */
async function convertFrames(
  from: string,
  to: string,
  onNote: (note: string) => void,
): Promise<number> {
  const pictures = await listPictures(from);
  if (pictures.length === 0) throw new UserError(`${from}: holds no pictures`);
  await mkdir(to, { recursive: true });
  let good: Buffer | undefined;
  /** Numbers of damaged pictures at the front. */
  const waiting: number[] = [];
  const write = (index: number, png: Buffer) =>
    writeFile(join(to, `${frameName(index, pictures.length)}.png`), png);
  for (const [index, path] of pictures.entries()) {
    const bytes = await readFile(path);
    const png = await toPng(bytes).catch(() => undefined);
    if (!png) {
      const other = good ? 'the picture before' : 'the next one';
      onNote(`${path}: the picture is damaged; ${other} stands in for it`);
    }
    good = png ?? good;
    if (!good) waiting.push(index);
    else for (const at of [...waiting.splice(0), index]) await write(at, good);
  }
  if (!good) throw new UserError(`${from}: holds no picture that is whole; download it again`);
  return pictures.length;
}

// Async, since sharp throws at once for a file without a byte.
async function toPng(bytes: Uint8Array): Promise<Buffer> {
  return await sharp(bytes, { failOn: 'warning' }).png().toBuffer();
}

async function convertMasks(from: string, to: string, clip: string, frames: number) {
  const { source, ...masks } = await openVideo(from, { width: 8, height: 8, channels: 1 });
  requireFrames(from, masks.expectedFrames ?? 0, clip, frames);
  const format: FrameFormat = { ...source, channels: 1 };
  const pictures = (await openVideo(from, format))[Symbol.asyncIterator]();
  await writeMasks(to, clip, frames, source, async (index) => {
    const next = await pictures.next();
    if (next.done || next.value.corrupt) {
      throw new UserError(`${from}: mask ${index + 1} is damaged; download it again`);
    }
    const { data }: Frame = next.value;
    return data.map((level) => (level > 127 ? 1 : 0));
  });
}
