import type { ScoredFrame } from '../detector/frame-scorer.ts';
import type { VideoSource } from '../video/frame.ts';
import { openVideoWriter, type VideoWriter } from '../video/write.ts';
import { Canvas, type Colour } from './canvas.ts';

/** Smaller pictures are enlarged by a whole number until they are so wide, in pixels. */
const smallestWidth = 480;
/** Height of the curve's strip under the picture, as a share of the picture's. */
const stripShare = 0.25;
/** Thresholds above and below 0 at which the strip ends. */
const highest = 2;
const lowest = -0.25;

const background: Colour = [24, 26, 30];
const calm: Colour = [96, 165, 250];
const alarmed: Colour = [239, 68, 68];
const regionColour: Colour = [250, 204, 21];
const levelColour: Colour = [229, 231, 235];

/**
 * Draws scored frames into a video: the regions in the picture, a frame around it during an alarm,
 * and under it the curve of the score, newest at the right, with the threshold as a line.
 */
export class OverlayVideo {
  readonly #writer: VideoWriter;
  readonly #source: VideoSource;
  readonly #threshold: number;
  readonly #canvas: Canvas;
  readonly #pictureHeight: number;
  readonly #past: { readonly score: number; readonly alarm: boolean }[] = [];

  private constructor(
    writer: VideoWriter,
    source: VideoSource,
    threshold: number,
    canvas: Canvas,
    pictureHeight: number,
  ) {
    this.#writer = writer;
    this.#source = source;
    this.#threshold = threshold;
    this.#canvas = canvas;
    this.#pictureHeight = pictureHeight;
  }

  /** @throws UserError when it may not be written. */
  static async open(path: string, source: VideoSource, threshold: number): Promise<OverlayVideo> {
    const enlarged = Math.ceil(smallestWidth / source.source.width);
    const width = even(source.source.width * enlarged);
    const height = even(source.source.height * enlarged);
    const canvas = new Canvas(width, height + even(height * stripShare));
    const writer = await openVideoWriter(path, {
      width,
      height: canvas.height,
      fps: source.fps,
    });
    return new OverlayVideo(writer, source, threshold, canvas, height);
  }

  /** @param frame with its original picture */
  async add(frame: ScoredFrame): Promise<void> {
    const canvas = this.#canvas;
    const { width } = canvas;
    const height = this.#pictureHeight;
    canvas.picture(frame.original!, { width, height });
    const x = (value: number) => Math.round((value * width) / this.#source.source.width);
    const y = (value: number) => Math.round((value * height) / this.#source.source.height);
    for (const r of frame.regions)
      canvas.outline(x(r.x), y(r.y), x(r.x + r.width), y(r.y + r.height), 2, regionColour);
    if (frame.alarm) canvas.outline(0, 0, width, height, 4, alarmed);
    this.#past.push({ score: frame.score, alarm: frame.alarm });
    if (this.#past.length > width) this.#past.shift();
    this.#drawCurve();
    // As in the video that was scored, gaps and all.
    await this.#writer.write(canvas.data, frame.time);
  }

  #drawCurve(): void {
    const canvas = this.#canvas;
    const { width, height } = canvas;
    const top = this.#pictureHeight;
    // A threshold at or under 0 can only come of very even footage; it needs a scale all the same.
    const unit = Math.max(this.#threshold, 1);
    const row = (value: number) => {
      const share = (highest - value / unit) / (highest - lowest);
      return Math.round(top + Math.min(1, Math.max(0, share)) * (height - 1 - top));
    };
    canvas.fill(0, top, width, height, background);
    const first = width - this.#past.length;
    for (const [i, { score, alarm }] of this.#past.entries())
      canvas.fill(first + i, row(score), first + i + 1, height, alarm ? alarmed : calm);
    const level = row(this.#threshold);
    canvas.fill(0, level, width, level + 1, levelColour);
  }

  async close(): Promise<void> {
    await this.#writer.close();
  }

  /** Gives up; nothing is left of it. Does nothing after {@link close}. */
  async abort(): Promise<void> {
    await this.#writer.abort();
  }
}

const even = (value: number): number => 2 * Math.max(1, Math.round(value / 2));
