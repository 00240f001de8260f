import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import type { CameraDecoder, CameraScore } from '../parts.ts';
import type { EventChange } from './event-log.ts';

/** Milliseconds from an event's start to its first thumbnail: its peak is seldom its first frame. */
const THUMBNAIL_DELAY = 1000;

/** How far the score must rise above that of the thumbnail for another to be taken at the end. */
const WORTH_ANOTHER = 1.25;

/** Milliseconds of a clip at most: decoders keep a minute. */
const LONGEST_CLIP = 50_000;

export interface EventPicturesOptions {
  readonly decoder: Pick<CameraDecoder, 'thumbnail' | 'clip'>;
  /** Of this event. */
  readonly folder: string;
  readonly start: number;
  /** Seconds before and after, or null where there is to be no clip. */
  readonly clip: { readonly before: number; readonly after: number } | null;
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
    this.#thumbnailTimer = setTimeout(() => this.#takeThumbnail(), THUMBNAIL_DELAY);
    if (options.clip) {
      const from = options.start - options.clip.before * 1000;
      const wait = Math.max(0, from + LONGEST_CLIP - Date.now());
      this.#clipTimer = setTimeout(() => this.#takeClip(Number.POSITIVE_INFINITY), wait);
    }
  }

  peak(peak: Peak): void {
    this.#peak = peak;
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
    if (this.#peak.score > WORTH_ANOTHER * this.#shown) this.#takeThumbnail();
    await Promise.all([this.#thumbnail, this.#clip]);
  }

  #takeThumbnail(): void {
    const { decoder, folder, onChange } = this.#options;
    const { time, score, heatmap } = this.#peak;
    this.#thumbnail = decoder.thumbnail(time, heatmap, folder).then(
      () => {
        this.#shown = score;
        onChange({ thumbnail: true });
      },
      // An event without its picture is still one; the next try is at its end.
      () => undefined,
    );
  }

  #takeClip(end: number): void {
    clearTimeout(this.#clipTimer);
    const { clip } = this.#options;
    if (clip) this.#clip ??= this.#writeClip(clip, end);
  }

  async #writeClip(
    { before, after }: NonNullable<EventPicturesOptions['clip']>,
    end: number,
  ): Promise<void> {
    const { decoder, start, folder, noClips, onChange } = this.#options;
    const from = start - before * 1000;
    const to = Math.min(end + (this.#hurried ? 0 : after * 1000), from + LONGEST_CLIP);
    try {
      const reason = noClips();
      if (reason !== undefined) throw new UserError(reason);
      await decoder.clip(from, to, join(folder, 'clip.mp4'));
      onChange({ clip: true, clipMissing: null });
    } catch (error) {
      onChange({ clipMissing: (error as Error).message });
    }
  }
}
