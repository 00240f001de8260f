import {
  blendLooks,
  edgeCorrelation,
  isShifted,
  lookOf,
  lookWithout,
  type SceneLook,
  scenePicture,
} from './look.ts';

/** What a scene can have become, in which nothing can be judged. */
export const sceneChanges = ['moved', 'blocked', 'dark', 'frozen'] as const;
export type SceneChange = (typeof sceneChanges)[number];

/** What is kept of a scene, from one run to the next. */
export interface LearnedScene {
  readonly look: SceneLook;
  /** Milliseconds of the longest run of equal pictures that was no fault. */
  readonly longestStill: number;
  /** Share of the pictures that differed from the one before. */
  readonly changing: number;
}

/** Time constant with which a look follows daylight and seasons, in milliseconds. */
const adapting = 3_600_000;
/** Milliseconds between two pictures after which those before say nothing. */
const longestGap = 10_000;

/** What is waited for, in milliseconds. */
export interface SceneTimes {
  /** Of pictures that a scene is learned from; default 30,000. */
  readonly learning: number;
  /** Of pictures that are averaged to judge it, so that who walks by leaves a faint trace; default 5000. */
  readonly averaging: number;
  /** How long a change must last to be reported, and be gone to be over; default 6000. */
  readonly lasting: number;
  /** That equal pictures last at least before they are called frozen; default 60,000. */
  readonly freezing: number;
}

/** Pictures summed up. */
class Sum {
  readonly start: number;
  readonly picture = new Float32Array(scenePicture.width * scenePicture.height);
  count = 0;

  constructor(start: number) {
    this.start = start;
  }

  add(picture: ArrayLike<number>, count = 1): void {
    for (let i = 0; i < this.picture.length; i++) this.picture[i]! += picture[i]!;
    this.count += count;
  }

  look(ignored?: Uint8Array): SceneLook {
    return lookOf(
      this.picture.map((value) => value / this.count),
      ignored,
    );
  }
}

/**
 * Judges whether a camera still shows the scene that it learned. Its state is bounded: sums of the
 * last seconds, and one look.
 */
export class Scene {
  readonly #times: SceneTimes;
  #learned: LearnedScene | undefined;
  #ignored: Uint8Array | undefined;
  #wantsLearning: boolean;
  /** What is being learned. */
  #lesson: { readonly sum: Sum; changed: number; longestStill: number } | undefined;
  /** One a second, the last one still growing. */
  #seconds: Sum[] = [];
  #last: number | undefined;
  /** Since the last break. */
  #judged = false;
  #stillSince: number | undefined;
  #change: SceneChange | null | undefined;
  #suspect: { readonly change: SceneChange | null; readonly since: number } | undefined;

  /** @param learned as it was kept; where there is none, the first half minute is learned */
  constructor(learned?: LearnedScene, times: Partial<SceneTimes> = {}) {
    this.#times = { learning: 30_000, averaging: 5000, lasting: 6000, freezing: 60_000, ...times };
    this.#learned = learned;
    this.#wantsLearning = !learned;
  }

  /** 1 for each pixel that the judgement leaves out `[36, 64]`; undefined: none. */
  set ignored(ignored: Uint8Array | undefined) {
    this.#ignored = ignored;
  }

  /** Null where the scene is as it was learned; undefined until that was judged. */
  get change(): SceneChange | null | undefined {
    return this.#change;
  }

  /** Whether nothing was judged since the last break, or what is seen may be a change. */
  get doubtful(): boolean {
    if (!this.#learned || this.#wantsLearning) return false;
    return !this.#judged || this.#suspect !== undefined;
  }

  /** What is to be kept; undefined until it has learned. It follows the light slowly. */
  get learned(): LearnedScene | undefined {
    return this.#learned;
  }

  get learning(): boolean {
    return this.#wantsLearning;
  }

  /** Takes the look of the next half minute as how the scene should look. */
  learn(): void {
    this.#wantsLearning = true;
    this.#lesson = undefined;
  }

  /** The stream broke: what comes next has nothing to do with the last seconds. */
  interrupt(): void {
    this.#lesson = undefined;
    this.#seconds = [];
    this.#last = undefined;
    this.#stillSince = undefined;
    this.#suspect = undefined;
    this.#judged = false;
  }

  /**
   * Takes one picture, some a second.
   * @param picture luminance `[36, 64]`
   * @param time in milliseconds
   * @param same whether it is bit for bit the picture before, at its full size
   */
  push(picture: Uint8Array, time: number, same: boolean): void {
    const gap = time - (this.#last ?? time);
    if (gap < 0 || gap > longestGap) this.interrupt();
    this.#last = time;
    if (same) this.#stillSince ??= time;
    else this.#stir(time);
    if (this.#wantsLearning) this.#learnFrom(picture, time, same);
    let second = this.#seconds.at(-1);
    if (second && time - second.start >= 1000) {
      if (this.#seconds.length * 1000 >= this.#times.averaging) {
        this.#judge(time);
        this.#seconds.shift();
      }
      second = undefined;
    }
    if (!second) this.#seconds.push((second = new Sum(time)));
    second.add(picture);
  }

  /** A run of equal pictures is over: if nothing was wrong with it, one as long is normal. */
  #stir(time: number): void {
    const still = time - (this.#stillSince ?? time);
    this.#stillSince = undefined;
    if (!this.#learned || this.#change === 'frozen') return;
    if (still > this.#learned.longestStill)
      this.#learned = { ...this.#learned, longestStill: still };
  }

  #learnFrom(picture: Uint8Array, time: number, same: boolean): void {
    this.#lesson ??= { sum: new Sum(time), changed: 0, longestStill: 0 };
    const { sum } = this.#lesson;
    sum.add(picture);
    if (!same) this.#lesson.changed++;
    const still = time - Math.max(sum.start, this.#stillSince ?? time);
    this.#lesson.longestStill = Math.max(this.#lesson.longestStill, still);
    if (time - sum.start < this.#times.learning) return;
    const { changed, longestStill } = this.#lesson;
    this.#learned = { look: sum.look(), longestStill, changing: changed / sum.count };
    this.#wantsLearning = false;
    this.#lesson = undefined;
    this.#change = null;
    this.#suspect = undefined;
  }

  #judge(time: number): void {
    // While it learns again, its last judgement stands.
    if (!this.#learned || this.#wantsLearning) return;
    this.#judged = true;
    const sum = new Sum(time);
    for (const second of this.#seconds) sum.add(second.picture, second.count);
    const look = sum.look();
    const seen = this.#isFrozen(this.#learned, time) ? 'frozen' : this.#compare(sum, look);
    if (seen === null) this.#change ??= null;
    if (seen === this.#change) {
      this.#suspect = undefined;
      if (seen === null) {
        const share = 1 - Math.exp(-1000 / adapting);
        this.#learned = { ...this.#learned, look: blendLooks(this.#learned.look, look, share) };
      }
      return;
    }
    const goesOn = this.#suspect && (this.#suspect.change === null) === (seen === null);
    this.#suspect = { change: seen, since: goesOn ? this.#suspect!.since : time };
    if (time - this.#suspect.since < this.#times.lasting) return;
    this.#change = seen;
    this.#suspect = undefined;
  }

  #compare(sum: Sum, look: SceneLook): SceneChange | null {
    const ignored = this.#ignored;
    const learned = lookWithout(this.#learned!.look, ignored);
    return compare(learned, ignored ? sum.look(ignored) : look);
  }

  #isFrozen({ changing, longestStill }: LearnedScene, time: number): boolean {
    // Compressed video of a quiet scene repeats pictures, and a still repeats nothing else.
    const still = time - (this.#stillSince ?? time);
    return changing > 0.02 && still > Math.max(this.#times.freezing, 4 * longestStill);
  }
}

/**
 * What became of a scene, by its looks alone. Edges of one view in other light, at day and night,
 * correlate by 0.4 and more with each other; those of another view by 0.2 and less.
 */
function compare(learned: SceneLook, look: SceneLook): 'moved' | 'blocked' | 'dark' | null {
  const isDark = ({ luminance, contrast }: SceneLook) => luminance < 20 && contrast < 6;
  if (isDark(look)) return isDark(learned) ? null : 'dark';
  // A scene without edges cannot lose them, nor be told from another.
  if (learned.texture < 1) return null;
  // Less light makes edges fainter, too: only what is fainter than the light says is lost.
  const perLight = ({ texture, luminance }: SceneLook) => texture / (luminance + 10);
  const left = Math.max(look.texture / learned.texture, perLight(look) / perLight(learned));
  if (left < 0.25) return 'blocked';
  const correlation = edgeCorrelation(learned, look);
  // Out of focus, or behind a wet or dirty glass.
  if (correlation < 0.3) return left < 0.6 ? 'blocked' : 'moved';
  return correlation < 0.6 && isShifted(learned, look, correlation) ? 'moved' : null;
}
