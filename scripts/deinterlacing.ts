/**
 * What interlaced video does to the score, woven and deinterlaced by `bwdif`:
 *
 *     node scripts/deinterlacing.ts [MODEL DATA] [--frames 1000] [--doubled]
 *
 * Interlaces the testing clips of a data set as a camera does: the even rows of a picture show one
 * moment, the odd rows the next. Scores the even moments as whole pictures, the interlaced pictures as they
 * are, and the interlaced pictures through the filter that the product uses, and prints how far the scores
 * of the last two are from those of the first. Without `--doubled` the moments are the pictures of the clip, so
 * that the rate is halved; with it FFmpeg's `minterpolate` makes up those in between. MODEL and DATA are by
 * default models/upcam-tiny and demo/upcam. Figures are of at most so many frames of each clip.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Frame as DecodedFrame } from 'node-av';
import { readDataset, type TestingClip } from '../src/datasets/layout.ts';
import { loadModel, type Model } from '../src/detector/model.ts';
import { rocAuc } from '../src/evaluation/ranking.ts';
import { PictureConverter } from '../src/video/convert.ts';
import { openVideoFile } from '../src/video/decode.ts';
import { loadFFmpeg } from '../src/video/ffmpeg.ts';
import { FilterChain } from '../src/video/filter-chain.ts';
import { openFrameFolder } from '../src/video/folder.ts';
import type { Frame, VideoSource } from '../src/video/frame.ts';
import type { Reel } from '../src/video/reel.ts';
import { Upright } from '../src/video/upright.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    frames: { type: 'string', default: '1000' },
    doubled: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '..');
const [folder = join(root, 'models', 'upcam-tiny'), data = join(root, 'demo', 'upcam')] =
  positionals;
const most = Number(values.frames);
if (!(most > 0)) throw new Error('--frames is a number above 0');

const ways = ['progressive', 'woven', 'bwdif'] as const;
type Way = (typeof ways)[number];

const ffmpeg = await loadFFmpeg();
const model = await loadModel(folder);
const { testing } = await readDataset(data);
const scores: Record<Way, number[]> = { progressive: [], woven: [], bwdif: [] };
const labels: number[] = [];
let labelled = true;
for (const clip of testing) {
  const scored = await scoreClip(model, clip);
  const { length } = scored.progressive;
  for (const way of ways) scores[way].push(...scored[way]);
  const step = values.doubled ? 1 : 2;
  if (clip.labels) labels.push(...Array.from({ length }, (_, i) => Number(clip.labels![i * step])));
  else labelled = false;
  process.stderr.write(`${clip.name}: ${length} frames\n`);
}
await model.release();
report();

/** Scores a clip in each of the ways: as many frames of each, at the same moments. */
async function scoreClip(model: Model, clip: TestingClip): Promise<Record<Way, number[]>> {
  const reel = statSync(clip.path).isDirectory()
    ? await openFrameFolder(clip.path, undefined)
    : await openVideoFile(clip.path);
  const pictures: Record<Way, Uint8Array[]> = { progressive: [], woven: [], bwdif: [] };
  const converter = new PictureConverter(ffmpeg);
  const upright = new Upright(ffmpeg, {
    sampleAspectRatio: new ffmpeg.Rational(0, 1),
    codecId: ffmpeg.AV_CODEC_ID_H264,
  });
  const { format } = model.detector;
  const keep = (way: Way, picture: DecodedFrame) =>
    pictures[way].push(converter.toFormat(picture, format));
  const source = { width: 0, height: 0 };
  for await (const [earlier, later] of momentPairs(reel)) {
    keep('progressive', earlier);
    Object.assign(source, { width: earlier.width, height: earlier.height });
    weave(earlier, later);
    keep('woven', earlier);
    earlier.setFlags(ffmpeg.AV_FRAME_FLAG_INTERLACED, ffmpeg.AV_FRAME_FLAG_TOP_FIELD_FIRST);
    for (const { picture } of upright.push(earlier, undefined)) if (picture) keep('bwdif', picture);
  }
  for (const { picture } of upright.flush()) if (picture) keep('bwdif', picture);
  converter.free();
  upright.free();
  const fps = values.doubled ? reel.fps : reel.fps / 2;
  const scored: Record<Way, number[]> = { progressive: [], woven: [], bwdif: [] };
  for (const way of ways) {
    const frames = async function* (): AsyncGenerator<Frame> {
      for (const [index, bytes] of pictures[way].entries())
        yield { index, time: index / fps, stretch: 0, corrupt: false, data: bytes };
    };
    const video: VideoSource = {
      name: clip.name,
      source,
      format,
      fps,
      expectedFrames: undefined,
      [Symbol.asyncIterator]: frames,
    };
    for await (const { score } of model.score(video)) scored[way].push(score);
  }
  return scored;
}

/** The moments of a clip, two by two: those of the two fields of each interlaced picture. */
async function* momentPairs(reel: Reel): AsyncGenerator<[DecodedFrame, DecodedFrame]> {
  let earlier: DecodedFrame | undefined;
  let pairs = 0;
  for await (const picture of values.doubled ? doubled(reel) : ownPictures(reel)) {
    if (!earlier) {
      earlier = picture;
      continue;
    }
    yield [earlier, picture];
    earlier.free();
    picture.free();
    earlier = undefined;
    if (++pairs === most) return;
  }
  earlier?.free();
}

/** Copies of the pictures of a clip. */
async function* ownPictures({ shots }: Reel): AsyncGenerator<DecodedFrame> {
  for await (const { picture } of shots()) {
    if (!picture) continue;
    const copy = picture.clone()!;
    ffmpeg.FFmpegError.throwIfError(copy.makeWritable(), 'copy picture');
    yield copy;
  }
}

/** The same with a picture between each two of them. */
async function* doubled(reel: Reel): AsyncGenerator<DecodedFrame> {
  let chain: FilterChain | undefined;
  let index = 0;
  const ready = function* () {
    for (let picture = chain!.receive(); picture; picture = chain!.receive()) {
      const copy = picture.clone()!;
      ffmpeg.FFmpegError.throwIfError(copy.makeWritable(), 'copy picture');
      yield copy;
    }
  };
  try {
    for await (const picture of ownPictures(reel)) {
      const options = `fps=${2 * reel.fps}:scd=none`;
      chain ??= new FilterChain(ffmpeg, picture, [{ filter: 'minterpolate', options }]);
      picture.pts = BigInt(Math.round((index++ * 1e6) / reel.fps));
      chain.send(picture);
      picture.free();
      yield* ready();
    }
    chain?.send(null);
    if (chain) yield* ready();
  } finally {
    chain?.free();
  }
}

/** Puts the odd rows of another picture into a picture, of colour too. */
function weave(picture: DecodedFrame, other: DecodedFrame): void {
  const rows = other.data!;
  for (const [plane, to] of picture.data!.entries()) {
    const stride = picture.linesize[plane]!;
    for (let at = stride; at < to.length; at += 2 * stride)
      to.set(rows[plane]!.subarray(at, at + stride), at);
  }
}

function report(): void {
  const { progressive } = scores;
  const rows = ways.map((way) => {
    const apart = scores[way].map((score, i) => Math.abs(score - progressive[i]!));
    const cells = [
      way,
      median(scores[way]).toFixed(3),
      correlation(scores[way], progressive).toFixed(4),
      median(apart).toFixed(3),
      apart.reduce((a, b) => Math.max(a, b), 0).toFixed(2),
      labelled ? (rocAuc(scores[way], labels)?.toFixed(4) ?? '-') : '-',
    ];
    return `| ${cells.join(' | ')} |\n`;
  });
  process.stdout.write(
    `${progressive.length} frames\n\n| pictures | median score | correlation | median difference | largest | AUC |\n` +
      `| --- | --- | --- | --- | --- | --- |\n${rows.join('')}`,
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Pearson's. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    ab += (value - meanA) * (b[i]! - meanB);
    aa += (value - meanA) ** 2;
    bb += (b[i]! - meanB) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
