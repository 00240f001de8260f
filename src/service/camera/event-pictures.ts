import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { eventFileNames } from '../files/sweep.ts';
import type { CameraDecoder, CameraScore } from '../parts.ts';
import type { EventChange } from './event-log.ts';

/** Milliseconds from an event's start to its first thumbnail: its peak is seldom its first frame. */
const THUMBNAIL_DELAY = 1000;

/** How far the score must rise above that of the thumbnail for another to be taken. */
const WORTH_ANOTHER = 1.25;

/** Milliseconds from such a peak to its thumbnail: it may rise further. */
const ANOTHER_DELAY = 5000;

/** Milliseconds of a clip at most: decoders keep a minute. */
const LONGEST_CLIP = 50_000;

export interface EventPicturesOptions {
  readonly decoder: Pick<CameraDecoder, 'thumbnail' | 'clip'>;
  /** Of this event. */
  readonly folder: string;
  readonly start: number;
  /** Seconds before and after. */
  readonly clip: { readonly before: number; readonly after: number };
  /** When an alarm that may go on was last above its threshold, and a moment more. */
  readonly soundsUntil: () => number;
  /** Why no clip may be made now, as the disk is full; undefined where it may. */
  readonly noClips: () => string | undefined;
  readonly onChange: (change: EventChange) => void;
}

type Peak = Pick<CameraScore, 'time' | 'score' | 'heatmap'>;

/** The thumbnail and the clip of one event, taken while it goes on and after it. */
export class EventPictures {
  readonly #options: EventPicturesOptions;
  #peak: Peak;
  #shown = Number.NEGATIVE_INFINITY;
  #hurried = false;
  #clip: Promise<void> | undefined;
  #thumbnail: Promise<void> | undefined;
  #thumbnailTimer: NodeJS.Timeout | undefined;
  #clipTimer: NodeJS.Timeout | undefined;

  constructor(options: EventPicturesOptions, peak: Peak) {
    this.#options = options;
    this.#peak = peak;
    this.#thumbnailLater(THUMBNAIL_DELAY);
    const from = options.start - options.clip.before * 1000;
    const wait = Math.max(0, from + LONGEST_CLIP - Date.now());
    this.#clipTimer = setTimeout(() => this.#takeClip(options.soundsUntil()), wait);
  }

  peak(peak: Peak): void {
    this.#peak = peak;
    if (this.#isWorthAnother) this.#thumbnailLater(ANOTHER_DELAY);
  }

  /** From now on nothing is waited for. */
  hurry(): void {
    this.#hurried = true;
  }

  /** @returns settles when all is taken that can be */
  async end(time: number): Promise<void> {
    clearTimeout(this.#thumbnailTimer);
    this.#takeClip(time);
    await this.#thumbnail;
    if (this.#isWorthAnother) this.#takeThumbnail();
    await Promise.all([this.#thumbnail, this.#clip]);
  }

  get #isWorthAnother(): boolean {
    return this.#peak.score > WORTH_ANOTHER * this.#shown;
  }

  #thumbnailLater(delay: number): void {
    this.#thumbnailTimer ??= setTimeout(() => {
      this.#thumbnailTimer = undefined;
      if (this.#isWorthAnother) this.#takeThumbnail();
    }, delay);
  }

  #takeThumbnail(): void {
    const { decoder, folder, onChange } = this.#options;
    const { time, score, heatmap } = this.#peak;
    this.#thumbnail = decoder.thumbnail(time, heatmap, folder).then(
      () => {
        this.#shown = score;
        onChange({ thumbnail: true });
      },
      // An event without its picture is still one; it is tried again where the peak rises, and at the end.
      () => undefined,
    );
  }

  #takeClip(end: number): void {
    clearTimeout(this.#clipTimer);
    this.#clip ??= this.#writeClip(this.#options.clip, end);
  }

  async #writeClip({ before, after }: EventPicturesOptions['clip'], end: number): Promise<void> {
    const { decoder, start, folder, noClips, onChange } = this.#options;
    const from = start - before * 1000;
    const to = Math.min(end + (this.#hurried ? 0 : after * 1000), from + LONGEST_CLIP);
    const path = join(folder, eventFileNames.clip);
    try {
      const reason = noClips();
      if (reason !== undefined) throw new UserError(reason);
      await decoder.clip(from, to, path);
    } catch (error) {
      onChange({ clipMissing: (error as Error).message.replace(`${path}: `, '') });
      return;
    }
    onChange({ clip: true, clipMissing: null });
  }
}
