import type { Frame as DecodedFrame, FilterContext, FilterGraph } from 'node-av';
import type { FFmpeg } from './ffmpeg.ts';
import type { FilterStep } from './orientation.ts';

/** Filters of FFmpeg's in a row, for pictures of one size, format and colour. */
export class FilterChain {
  readonly #ffmpeg: FFmpeg;
  readonly #graph: FilterGraph;
  readonly #source: FilterContext;
  readonly #sink: FilterContext;
  readonly #output: DecodedFrame;

  /** @param picture any of those that will be sent */
  constructor(ffmpeg: FFmpeg, picture: DecodedFrame, steps: readonly FilterStep[]) {
    this.#ffmpeg = ffmpeg;
    this.#graph = new ffmpeg.FilterGraph();
    this.#graph.alloc();
    this.#graph.nbThreads = 1;
    this.#output = new ffmpeg.Frame();
    this.#output.alloc();
    const { num, den } = picture.sampleAspectRatio;
    const options =
      `video_size=${picture.width}x${picture.height}:pix_fmt=${picture.format}:time_base=1/1000000` +
      `:pixel_aspect=${num}/${Math.max(1, den)}:colorspace=${picture.colorSpace}:range=${picture.colorRange}`;
    try {
      this.#source = this.#add({ filter: 'buffer', options });
      const row = [...steps, { filter: 'buffersink' }].map((step) => this.#add(step));
      this.#sink = row.reduce(this.#link, this.#source);
      ffmpeg.FFmpegError.throwIfError(this.#graph.configSync(), 'configure filters');
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /** @param picture null at the end */
  send(picture: DecodedFrame | null): void {
    const { FFmpegError, AV_BUFFERSRC_FLAG_KEEP_REF } = this.#ffmpeg;
    const sent = this.#source.buffersrcAddFrameSync(picture, AV_BUFFERSRC_FLAG_KEEP_REF);
    FFmpegError.throwIfError(sent, 'filter picture');
  }

  /** The next picture that is ready, valid until the next call. */
  receive(): DecodedFrame | undefined {
    const { FFmpegError, AVERROR_EAGAIN, AVERROR_EOF } = this.#ffmpeg;
    this.#output.unref();
    const received = this.#sink.buffersinkGetFrameSync(this.#output);
    if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return undefined;
    FFmpegError.throwIfError(received, 'filter picture');
    return this.#output;
  }

  free(): void {
    this.#output.free();
    this.#graph.free();
  }

  #add({ filter, options }: FilterStep): FilterContext {
    const found = this.#ffmpeg.Filter.getByName(filter);
    const name = `${filter}${this.#graph.nbFilters}`;
    const added = found && this.#graph.createFilter(found, name, options ?? null);
    if (!added) throw new Error(`FFmpeg makes no filter ${filter} of ${options}`);
    return added;
  }

  #link = (from: FilterContext, to: FilterContext): FilterContext => {
    this.#ffmpeg.FFmpegError.throwIfError(from.link(0, to, 0), 'link filters');
    return to;
  };
}
