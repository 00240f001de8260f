import { basename, resolve } from 'node:path';
import { option, UserError } from '../errors.ts';
import { checkOptions } from '../options.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';
import type { VideoSource } from '../video/frame.ts';
import { openSource } from '../video/open-source.ts';
import { Detector, type DetectorOptions } from './detector.ts';
import type { ScoredFrame } from './frame-scorer.ts';
import { type LiveOptions, LiveScoring } from './live.ts';
import { type ModelDescription, readModel } from './model-file.ts';
import { detectorOptions, liveOptions, scoreOptions } from './options.ts';
import { scoreSource } from './score.ts';

export interface ScoreOptions {
  /** Frames a second of a folder of frames, or of a video that has none; of a camera, at most. */
  readonly fps?: number | undefined;
  /** Give each result the picture at its own size, too. */
  readonly original?: boolean | undefined;
  /**
   * Ends the scoring at the next frame, with the signal's reason; of a camera, also where no frame
   * comes.
   */
  readonly signal?: AbortSignal | undefined;
  /** Parts of the picture that do not count, or whose name is given with what happens in them. */
  readonly regions?: readonly PictureRegion[] | undefined;
}

/**
 * A trained model, ready to score. It holds sessions of the runtime until it is released, by
 * {@link Model.release} or by `await using`.
 */
export class Model {
  /** What the user calls it: the folder's name. */
  readonly name: string;
  readonly description: ModelDescription;
  readonly detector: Detector;

  private constructor(name: string, description: ModelDescription, detector: Detector) {
    this.name = name;
    this.description = description;
    this.detector = detector;
  }

  /** See {@link loadModel}. */
  static async load(folder: string, options: DetectorOptions = {}): Promise<Model> {
    checkOptions(detectorOptions, options, 'loadModel');
    const { description, weights } = await readModel(folder);
    const { configuration, quantisation } = description;
    if (quantisation && (options.device ?? 'cpu') !== 'cpu')
      throw new UserError(
        `${folder}: is a model in int8, which computes on the CPU; leave out ${option('device')}, or use the model that it was made from`,
      );
    const int8 = quantisation && new Map(Object.entries(quantisation.ranges));
    const detector = await Detector.create(configuration, weights, options, int8);
    return new Model(basename(resolve(folder)), description, detector);
  }

  /**
   * Scores a video, one result a frame; see {@link scoreSource}.
   * @param video path of a video file or of a folder of frames, address of a camera (`rtsp://`,
   *   `http://`, `/dev/video0`), or a source that is open in the detector's format
   * @throws UserError when it is no video, or shorter than the model needs.
   */
  async *score(
    video: string | VideoSource,
    options: ScoreOptions = {},
  ): AsyncGenerator<ScoredFrame> {
    checkOptions(scoreOptions, options, 'score');
    const source =
      typeof video === 'string' ? await openSource(video, this.detector.format, options) : video;
    yield* scoreSource(this.detector, this.description, source, options);
  }

  /** Scores any number of cameras as their frames come; see {@link LiveScoring}. */
  live(options: LiveOptions = {}): LiveScoring {
    checkOptions(liveOptions, options, 'live');
    return new LiveScoring(this.detector, this.description, options);
  }

  /** Frees the runtime's sessions once the frames under way are scored. A second call does nothing more. */
  release(): Promise<void> {
    return this.detector.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/**
 * Loads a model.
 *
 *     await using model = await loadModel('out/model');
 *     for await (const { frame, score, alarm } of model.score('video.mp4')) …
 *
 * @param folder the path of a model folder, or the name of a model that comes with m2s2l
 * @throws UserError when it is no whole model folder, is of a newer version, or the device cannot be
 *   used.
 */
export function loadModel(folder: string, options: DetectorOptions = {}): Promise<Model> {
  return Model.load(folder, options);
}
