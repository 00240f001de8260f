import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { presetConfiguration } from '../../model/presets.ts';
import type { FrameFormat } from '../../video/frame.ts';
import type { LearningSettings } from '../contract/camera.ts';
import { ifRoom } from '../disk/if-room.ts';
import type { CameraDecoder, RecordedFile, Recording, Span } from '../parts.ts';
import type { CameraContext } from './context.ts';
import { type FootageKnowledge, footageToDrop, footageToLearn } from './footage.ts';

/** Milliseconds after which recording is tried again when it failed. */
const RETRY = 30_000;

/** Milliseconds of an odd minute. */
const MINUTE = 60_000;

/** What a camera records while it watches: in the format of its next model. */
export const recordingFor = ({ preset }: LearningSettings, folder: string): Recording => ({
  folder,
  format: presetConfiguration(preset).input as FrameFormat,
});

/** The footage of one camera: what is recorded of it, what of that is kept, and what is learned from. */
export class CameraFootage {
  readonly #camera: string;
  readonly #context: Pick<CameraContext, 'store' | 'files'>;
  #decoder: Pick<CameraDecoder, 'record'> | undefined;
  #wanted: Recording | undefined;
  #recording: Recording | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(camera: string, context: Pick<CameraContext, 'store' | 'files'>) {
    this.#camera = camera;
    this.#context = context;
  }

  /** From now on this is recorded, and nothing else. */
  record(decoder: Pick<CameraDecoder, 'record'> | undefined, wanted: Recording | undefined): void {
    this.#wanted = wanted;
    const same = isDeepStrictEqual(wanted, this.#recording);
    if (same && decoder === this.#decoder) return;
    this.#decoder = decoder;
    this.#recording = wanted;
    decoder?.record(wanted?.folder ?? null, wanted?.format);
  }

  /** Its decoder is gone. */
  close(): void {
    clearTimeout(this.#retry);
    this.#decoder = this.#wanted = this.#recording = undefined;
  }

  /** @returns whether a file that was recorded could be stored */
  recorded(file: RecordedFile): boolean {
    const { files, store } = this.#context;
    if (!ifRoom(() => store.addFootage(this.#camera, file))) {
      rmSync(file.path, { force: true });
      this.failed();
      return false;
    }
    files.footageWritten(file.path);
    return true;
  }

  /** Recording has stopped by itself; it is tried again. */
  failed(): void {
    this.#recording = undefined;
    clearTimeout(this.#retry);
    if (!this.#decoder) return;
    this.#retry = setTimeout(() => this.record(this.#decoder, this.#wanted), RETRY);
  }

  /** @param begun when the collecting for this learning began */
  toLearn(begun: number): RecordedFile[] {
    return footageToLearn(this.#context.store.footage(this.#camera), this.#knowledge(begun));
  }

  /** Spans in which everything was confirmed as normal. */
  confirmed(): Span[] {
    return this.#knowledge(0).normal.map(({ from, to }) => ({ from, to }));
  }

  /** @param begun when the collecting for a learning under way began; infinity where there is none */
  dropUseless(begun: number): void {
    const { files, store } = this.#context;
    const all = store.footage(this.#camera);
    for (const { path } of footageToDrop(all, this.#knowledge(begun), Date.now()))
      files.removeFootage(path);
  }

  dropAll(): void {
    const { files, store } = this.#context;
    for (const { path } of store.footage(this.#camera)) files.removeFootage(path);
  }

  #knowledge(begun: number): FootageKnowledge {
    const { store } = this.#context;
    const oldest = store.footage(this.#camera)[0]?.from ?? Date.now();
    const events = store
      .eventsBetween(this.#camera, oldest, Number.MAX_SAFE_INTEGER)
      .filter(({ kind, verdict }) => kind === 'alarm' || verdict !== 'open')
      .map(({ start, end, verdict }) => ({ from: start, to: end ?? Date.now(), verdict }));
    const odd = store
      .oddMinutes(this.#camera)
      .map(({ time, verdict }) => ({ from: time, to: time + MINUTE, verdict }));
    const judged = [...events, ...odd];
    return {
      begun,
      normal: judged.filter(({ verdict }) => verdict === 'normal'),
      open: judged.filter(({ verdict }) => verdict === 'open'),
      excluded: [
        ...judged.filter(({ verdict }) => verdict === 'real'),
        ...odd.filter(({ verdict }) => verdict === 'open'),
      ],
    };
  }
}
