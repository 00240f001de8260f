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

/** A span of footage with an event, or of an odd minute. */
interface JudgedSpan extends Span {
  readonly id: string;
}

/** What is recorded to learn a model of a preset. */
export const recordingFor = (preset: LearningSettings['preset'], folder: string): Recording => ({
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

  get all(): RecordedFile[] {
    return this.#context.store.footage(this.#camera);
  }

  /** @param span when the footage of this learning was collected */
  toLearn(span: Span): RecordedFile[] {
    return footageToLearn(this.all, span, this.#judged());
  }

  /** Events judged normal that a learning of this span sees. */
  learnedAsNormal(span: Span): string[] {
    const files = this.toLearn(span);
    return this.#judged()
      .normal.filter(({ from, to }) => files.some((file) => from <= file.to && to >= file.from))
      .map(({ id }) => id);
  }

  /** Spans in which everything was confirmed as normal. */
  confirmed(): Span[] {
    return this.#judged().normal.map(({ from, to }) => ({ from, to }));
  }

  /** @param learnings the one under way, if there is one, and the last */
  dropUseless(learnings: Pick<FootageKnowledge, 'begun' | 'learned'>): void {
    const { files } = this.#context;
    const knowledge = { ...learnings, ...this.#judged() };
    for (const { path } of footageToDrop(this.all, knowledge, Date.now()))
      files.removeFootage(path);
  }

  dropAll(): void {
    for (const { path } of this.all) this.#context.files.removeFootage(path);
  }

  /** What people said of its footage. */
  #judged(): Record<'normal' | 'open' | 'excluded', readonly JudgedSpan[]> {
    const { store } = this.#context;
    const oldest = this.all[0]?.from ?? Date.now();
    const events = store
      .eventsBetween(this.#camera, oldest, Number.MAX_SAFE_INTEGER)
      .filter(({ kind, verdict }) => kind === 'alarm' || verdict !== 'open')
      .map(({ id, start, end, verdict }) => ({ id, from: start, to: end ?? Date.now(), verdict }));
    const odd = store
      .oddMinutes(this.#camera)
      .map(({ id, time, verdict }) => ({ id, from: time, to: time + MINUTE, verdict }));
    const judged = [...events, ...odd];
    return {
      normal: judged.filter(({ verdict }) => verdict === 'normal'),
      open: judged.filter(({ verdict }) => verdict === 'open'),
      excluded: [
        ...judged.filter(({ verdict }) => verdict === 'real'),
        ...odd.filter(({ verdict }) => verdict === 'open'),
      ],
    };
  }
}
