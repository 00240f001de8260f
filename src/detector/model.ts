import { basename, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { VideoSource } from '../video/frame.ts';
import { openSource } from '../video/open-source.ts';
import { Detector, type DetectorOptions } from './detector.ts';
import type { ScoredFrame } from './frame-scorer.ts';
import { type LiveOptions, LiveScoring } from './live.ts';
import { type ModelDescription, readModel } from './model-file.ts';
import { scoreSource } from './score.ts';

export interface ScoreOptions {
  /** Frames a second of a folder of frames, or of a video that tells none; of a camera, at most. */
  readonly fps?: number | undefined;
  /** Give each result the picture at its own size, too. */
  readonly original?: boolean | undefined;
  /** Ends a camera, whose frames never end by themselves, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A trained model, ready to score. It holds a session of the runtime until it is released. */
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
    const { description, weights } = await readModel(folder);
    const { configuration, quantisation } = description;
    if (quantisation && (options.device ?? 'cpu') !== 'cpu')
      throw new UserError(
        `${folder}: is a model in int8, which computes on the CPU; leave --device out, or use the model that it was made from`,
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
    const source =
      typeof video === 'string' ? await openSource(video, this.detector.format, options) : video;
    yield* scoreSource(this.detector, this.description, source);
  }

  /** Scores any number of cameras as their frames come; see {@link LiveScoring}. */
  live(options: LiveOptions = {}): LiveScoring {
    return new LiveScoring(this.detector, this.description, options);
  }

  async release(): Promise<void> {
    await this.detector.release();
  }
}

/**
 * Loads a model folder.
 *
 *     const model = await loadModel('out/model');
 *     for await (const { frame, score, alarm } of model.score('video.mp4')) …
 *     await model.release();
 *
 * @throws UserError when it is no whole model folder, is of a newer version, or the device cannot be
 *   used.
 */
export function loadModel(folder: string, options: DetectorOptions = {}): Promise<Model> {
  return Model.load(folder, options);
}
