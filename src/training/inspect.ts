import { type CachedClip, openClips } from '../datasets/cache.ts';
import { type Clip, unbroken } from '../datasets/clip.ts';
import { fingerprint } from '../datasets/content.ts';
import { readDatasets } from '../datasets/several.ts';
import { type ModelDescription, readModel } from '../detector/model-file.ts';
import { UserError } from '../errors.ts';
import { Inspector, overlapAtStart } from '../inspection/inspect.ts';
import type { Inspection } from '../inspection/inspection.ts';
import { type InspectedPicture, inspectedPictures } from '../inspection/pictures.ts';
import { clipLength } from '../model/configuration.ts';
import { TrainedNet } from '../nn/parameters.ts';
import { checkOptions, untilAborted } from '../options.ts';
import type { Device } from '../runtime/session.ts';
import { trainingConfiguration } from './configuration.ts';
import { inspectedClips } from './held-out-clips.ts';
import { holdOut, type Segment } from './hold-out.ts';
import { inspectOptions } from './options.ts';
import { spread } from './spread.ts';

/** Default number of frames. */
export const INSPECTED_FRAMES = 200;
/** Of them, those used for ablations and for the overlap of the untrained parts. */
const ABLATED_FRAMES = 40;
const START_FRAMES = 40;
/** Pictures in a report. */
const PICTURES = 4;

export interface InspectModelOptions {
  /** Frames to inspect, spread evenly over the footage; default 200. */
  readonly frames?: number | undefined;
  /** Whether to return pictures of attention, fusion and parts as well. */
  readonly pictures?: boolean | undefined;
  /** Frame rate of footage that has none. */
  readonly fps?: number | undefined;
  readonly device?: Device | undefined;
  /** Aborts at the next frame with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onDecode?: ((done: number, total: number, what: string) => void) | undefined;
  /** Passes through the model, done and in all. */
  readonly onInspecting?: ((done: number, total: number) => void) | undefined;
  /** Called for each clip with frames that could not be decoded. They are left out. */
  readonly onCorrupt?: ((clip: Clip) => void) | undefined;
}

export interface ModelInspection {
  readonly inspection: Inspection;
  /** Whether the data is the training footage, of which only held-out frames are used. */
  readonly heldOut: boolean;
  readonly dataset: string;
  readonly description: ModelDescription;
  readonly pictures: readonly InspectedPicture[];
}

/**
 * Measures what a model's scales, parts and memories do on normal footage.
 *
 *     const { inspection } = await inspect('out/model', 'demo/upcam');
 *     console.log(inspection.time?.entropy);
 *
 * @param folder of the model
 * @param data a data set folder, of which the training clips are used, a video, a folder of videos or
 *   frames, or several. Of the training footage, only the held-out part is used.
 * @throws UserError on a bad model, or bad data or device.
 */
export async function inspect(
  folder: string,
  data: string | readonly string[],
  options: InspectModelOptions = {},
): Promise<ModelInspection> {
  checkOptions(inspectOptions, options, 'inspect');
  options.signal?.throwIfAborted();
  const { description, weights } = await readModel(folder);
  const { configuration: c, provenance } = description;
  const dataset = await readDatasets(data);
  if (dataset.training.length === 0)
    throw new UserError(
      `${dataset.path}: has no training clips; give normal footage: a data set with training/, a video or a folder`,
    );
  const { signal } = options;
  const clips = await openClips(dataset.training, c.input, {
    fps: options.fps,
    onProgress: untilAborted(signal, options.onDecode),
  });
  try {
    for (const clip of clips) if (clip.corrupt.length > 0) options.onCorrupt?.(clip);
    const { heldOut, segments } = footageOf(clips, description);
    const count = options.frames ?? INSPECTED_FRAMES;
    const looked = inspectedClips(clips, segments, c, count);
    if (looked.length === 0)
      throw new UserError(
        `${dataset.path}: its clips are too short, the model needs at least ${clipLength(c)} frames`,
      );
    const ablated = spread(looked, ABLATED_FRAMES);
    const inspector = await Inspector.create(c, {
      netOn: (graph) => new TrainedNet(graph, weights),
      device: options.device,
    });
    try {
      const total = inspector.passes(looked.length, ablated.length);
      let done = 0;
      const onInspecting = untilAborted(signal, options.onInspecting);
      const start = await overlapAtStart(c, provenance.seed, spread(looked, START_FRAMES));
      const { inspection, moving, parts } = await inspector.inspect(looked, {
        ablated,
        overlapAtStart: start,
        calibration: description,
        onPass: () => onInspecting(++done, total),
      });
      const shown = options.pictures ? liveliest(looked, moving) : [];
      const pictures = await inspectedPictures(c, weights, shown, parts);
      return { inspection, heldOut, dataset: dataset.name, description, pictures };
    } finally {
      await inspector.release();
    }
  } finally {
    await Promise.all(clips.map((clip) => clip.close()));
  }
}

/** The held-out part if this is the training footage and the same rule still divides it; otherwise all of it. */
function footageOf(
  clips: readonly CachedClip[],
  { provenance, training, configuration }: ModelDescription,
): { heldOut: boolean; segments: readonly Segment[] } {
  const frames = (list: readonly Segment[]) =>
    list.reduce((sum, { start, end }) => sum + end - start, 0);
  if (fingerprint(clips) === provenance.dataFingerprint) {
    const share = trainingConfiguration.parse({ heldOut: training.settings.heldOut }).heldOut;
    const { heldOut } = holdOut(clips, share, clipLength(configuration));
    if (frames(heldOut) === provenance.heldOutFrames) return { heldOut: true, segments: heldOut };
  }
  const segments = clips.flatMap((clip, i) =>
    unbroken(clip, 0, clip.frames).map((stretch) => ({ clip: i, ...stretch })),
  );
  return { heldOut: false, segments };
}

/** The frame with most movement of each part of the footage, since still frames show little. */
function liveliest<Frame>(frames: readonly Frame[], moving: readonly number[]): Frame[] {
  const count = Math.min(PICTURES, frames.length);
  return Array.from({ length: count }, (_, i) => {
    const [start, end] = [i, i + 1].map((at) => Math.floor((at * frames.length) / count));
    let best = start!;
    for (let frame = best; frame < end!; frame++) if (moving[frame]! > moving[best]!) best = frame;
    return frames[best]!;
  });
}
