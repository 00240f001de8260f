import type { AVCodecID, Frame as DecodedFrame, Rational } from 'node-av';
import type { FFmpeg } from './ffmpeg.ts';
import { FilterChain } from './filter-chain.ts';
import { type FilterStep, turnsOf } from './orientation.ts';
import type { Shot } from './reel.ts';

/** Interlaced pictures lose their combing, one picture for one; progressive ones pass unchanged. */
const deinterlace: FilterStep = {
  filter: 'bwdif',
  options: 'mode=send_frame:parity=auto:deint=interlaced',
};

/** What a stream notes of its pictures. */
export interface StreamNotes {
  /** Shape of the pixels, for pictures that note none; a container's word counts more than theirs. */
  readonly sampleAspectRatio: Rational;
  readonly codecId: AVCodecID;
}

/** Pixels that a picture needs in each direction to be deinterlaced: four of colour that is halved twice. */
const smallest = 16;

/**
 * Brings decoded pictures into the shape in which they are to be seen: deinterlaced and upright.
 * Pictures that are so already pass as they are. On the way a stream may change to other fields,
 * another size or format; what was held back then comes first. Oblong pixels stay, noted on the
 * picture: see `displaySize`.
 */
export class Upright {
  readonly #ffmpeg: FFmpeg;
  readonly #stream: StreamNotes;
  #state = '';
  #interlaced = false;
  #chain: FilterChain | undefined;
  /** Times of the pictures that the filters hold. */
  #times: (number | undefined)[] = [];

  constructor(ffmpeg: FFmpeg, stream: StreamNotes) {
    this.#ffmpeg = ffmpeg;
    this.#stream = stream;
  }

  /** @returns pictures that are ready, each valid until the next is taken; deinterlacing holds one back */
  *push(picture: DecodedFrame, seconds: number | undefined): Generator<Shot, undefined> {
    const shape = this.#stream.sampleAspectRatio;
    if (shape.num > 0 && shape.den > 0) picture.sampleAspectRatio = shape;
    const steps = this.#stepsFor(picture);
    const state = JSON.stringify([steps, traitsOf(picture)]);
    if (state !== this.#state) {
      yield* this.flush();
      this.#state = state;
      if (steps.length > 0) this.#chain = new FilterChain(this.#ffmpeg, picture, steps);
    }
    if (!this.#chain) {
      yield { picture, seconds };
      return;
    }
    this.#times.push(seconds);
    this.#chain.send(picture);
    yield* this.#receive(this.#chain);
  }

  /** What is held back. The next picture counts as the first of a stream. */
  *flush(): Generator<Shot, undefined> {
    const chain = this.#chain;
    this.#chain = undefined;
    this.#state = '';
    this.#interlaced = false;
    if (!chain) return;
    try {
      chain.send(null);
      yield* this.#receive(chain);
    } finally {
      this.#times = [];
      chain.free();
    }
  }

  free(): void {
    this.#chain?.free();
    this.#chain = undefined;
  }

  *#receive(chain: FilterChain): Generator<Shot, undefined> {
    for (let picture = chain.receive(); picture; picture = chain.receive())
      yield { picture, seconds: this.#times.shift() };
  }

  #stepsFor(picture: DecodedFrame): FilterStep[] {
    const { AV_FRAME_FLAG_INTERLACED, AV_FRAME_DATA_DISPLAYMATRIX, AV_CODEC_ID_HEVC } =
      this.#ffmpeg;
    if (picture.hasFlags(AV_FRAME_FLAG_INTERLACED)) {
      // H.265 codes each field as a picture of its own.
      const woven = this.#stream.codecId !== AV_CODEC_ID_HEVC;
      if (woven && Math.min(picture.width, picture.height) >= smallest) this.#interlaced = true;
      // swscale would take it for two fields of different pictures.
      else picture.clearFlags(AV_FRAME_FLAG_INTERLACED);
    }
    const turns = turnsOf(picture.getSideData(AV_FRAME_DATA_DISPLAYMATRIX));
    return this.#interlaced ? [deinterlace, ...turns] : turns;
  }
}

/** What all pictures of one chain of filters must have in common. */
function traitsOf(picture: DecodedFrame) {
  const { width, height, format, colorSpace, colorRange, sampleAspectRatio } = picture;
  return [width, height, format, colorSpace, colorRange, `${sampleAspectRatio}`];
}
