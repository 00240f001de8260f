import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { eventFileNames } from '../files/sweep.ts';
import type { CameraDecoder, CameraScore, FilmUnderWay } from '../parts.ts';
import type { EventChange } from './event-log.ts';

/** Milliseconds from an event's start to its first thumbnail: its peak is seldom its first frame. */
const THUMBNAIL_DELAY = 1000;

/** How far the score must rise above that of the thumbnail for another to be taken. */
const WORTH_ANOTHER = 1.25;

/** Milliseconds from such a peak to its thumbnail: it may rise further. */
const ANOTHER_DELAY = 5000;

/** Milliseconds from its first picture after which a clip is written as it comes: decoders keep a minute. */
const FILMED_AFTER = 50_000;

/** Milliseconds between two looks at how far a clip reaches that is being written. */
const FOLLOW_EVERY = 5000;

/** Milliseconds of silence after which such a clip ends: what is older is hardly kept. */
const LONGEST_SILENCE = 65_000;

export interface EventPicturesOptions {
  readonly decoder: Pick<CameraDecoder, 'thumbnail' | 'clip' | 'film'>;
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
  #filmTimer: NodeJS.Timeout | undefined;
  #film: FilmUnderWay | undefined;

  constructor(options: EventPicturesOptions, peak: Peak) {
    this.#options = options;
    this.#peak = peak;
    this.#thumbnailLater(THUMBNAIL_DELAY);
    const wait = Math.max(0, this.#from + FILMED_AFTER - Date.now());
    this.#filmTimer = setTimeout(() => this.#begin(), wait);
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
    this.#endClip(time + (this.#hurried ? 0 : this.#after));
    await this.#thumbnail;
    // The event's regions are those of its peak, and are drawn on this picture.
    if (this.#peak.score > this.#shown) this.#takeThumbnail();
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

  get #from(): number {
    return this.#options.start - 1000 * this.#options.clip.before;
  }

  get #after(): number {
    return 1000 * this.#options.clip.after;
  }

  get #path(): string {
    return join(this.#options.folder, eventFileNames.clip);
  }

  /** An event that is not over yet: its first pictures would be forgotten. */
  #begin(): void {
    const { decoder, noClips } = this.#options;
    if (noClips() !== undefined) return;
    this.#film = decoder.film(this.#from, this.#path);
    this.#follow();
    this.#filmTimer = setInterval(() => this.#follow(), FOLLOW_EVERY);
  }

  /** Writes what surely belongs to the event: it may be silent, and sound again. */
  #follow(): void {
    const now = Date.now();
    const reach = this.#options.soundsUntil() + this.#after;
    if (now - reach > LONGEST_SILENCE) this.#endClip(reach);
    else this.#film?.until(Math.min(reach, now));
  }

  /** @param to time of its last picture */
  #endClip(to: number): void {
    clearInterval(this.#filmTimer);
    this.#clip ??= this.#writeClip(to);
  }

  async #writeClip(to: number): Promise<void> {
    const { decoder, noClips, onChange } = this.#options;
    const path = this.#path;
    try {
      const reason = noClips();
      if (reason !== undefined && !this.#film) throw new UserError(reason);
      await (this.#film ? this.#film.end(to) : decoder.clip(this.#from, to, path));
    } catch (error) {
      onChange({ clipMissing: (error as Error).message.replace(`${path}: `, '') });
      return;
    }
    onChange({ clip: true, clipMissing: null });
  }
}
