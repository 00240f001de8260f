/**
 * The parts that a camera's life is put together from, each an interface before its implementation.
 * None of them knows another; `service.ts` wires them. Times are milliseconds since 1970.
 */

import type { KeeperState } from '../scoring/budget/keeper.ts';
import type { RememberedEvent, Signature } from '../scoring/budget/verdict-memory.ts';
import type { Region } from '../scoring/heatmap.ts';
import type { PlaceMap } from '../scoring/regions/place-map.ts';
import type { PictureRegion } from '../scoring/regions/regions.ts';
import type { AlarmThreshold } from '../scoring/threshold.ts';
import type { FrameFormat, Size } from '../video/frame.ts';
import type {
  CameraSettings,
  CameraSource,
  LearningSettings,
  OddMinute,
  SceneChange,
  SourceTest,
  ThresholdInForce,
} from './contract/camera.ts';
import type { AnomalyEvent, EventFilter, EventKind, EventPage, Verdict } from './contract/event.ts';
import type { AccessToken, Role, ServiceSettings } from './contract/settings.ts';

/* ---------------------------------------------------------------- decoder */

/** A frame in the model's format, on its way to inference. */
export interface CameraFrame {
  readonly time: number;
  /** Planar bytes `[channels, height, width]`. */
  readonly data: Uint8Array;
  /** Frames of one camera follow each other without a break while this number stays; it only grows. */
  readonly stretch: number;
}

/** A picture with what it shows laid over it: the local scores of its peak. */
export interface Heatmap {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0 at nothing, 255 at twice the level of a region. */
  readonly data: Uint8Array;
}

/** Where footage is recorded, and in which format. */
export interface Recording {
  readonly folder: string;
  readonly format: FrameFormat;
}

/** From one time to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Footage that was recorded, in one file that is whole. */
export interface RecordedFile {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly frames: number;
}

/** A picture of a camera for people to look at: `time` in ms since 1970. */
export interface LivePicture {
  readonly time: number;
  readonly jpeg: Uint8Array;
}

export interface DecoderListener {
  /** Its first picture after a start, a reconnect, or a change of its size. */
  onOnline(info: { readonly size: Size; readonly fps: number; readonly codec: string }): void;
  /** An attempt failed or the pictures stopped; it tries again by itself after `retryIn` ms. */
  onOffline(reason: string, retryIn: number): void;
  onFrame(frame: CameraFrame): void;
  /** For the page, at most five a second, at most 640 pixels wide. */
  onPicture(picture: LivePicture): void;
  onScene(change: SceneChange | null): void;
  /** Whether the scene is being judged: just after a break, or while it seems to change. */
  onDoubt(doubtful: boolean): void;
  onRecorded(file: RecordedFile): void;
  /** Recording failed, as on a full disk; it has stopped. */
  onRecordingFailed(reason: string): void;
}

/** Decodes one camera in a process of its own, for ever. */
export interface CameraDecoder {
  start(): void;
  stop(): Promise<void>;
  /** The format of the frames it gives; none are given while it is null. */
  setFormat(format: FrameFormat | null): void;
  /**
   * Records frames into files of about a minute in a folder, in the format of what will learn from
   * them; null ends it, and the last file is told.
   */
  record(folder: string | null, format?: FrameFormat): void;
  /** Parts of the picture that the judgement of the scene leaves out. */
  ignore(regions: readonly PictureRegion[]): void;
  /** Takes how the scene looks now (half a minute of it) as how it should look, and keeps it in its file. */
  learnScene(): void;
  /**
   * Writes `thumbnail.jpg` of the kept picture nearest to `time` and `heatmap.png` (RGBA, to be
   * laid over it) into a folder, each whole or not at all.
   * @throws UserError where no picture is kept of that time, or the disk is full
   */
  thumbnail(time: number, heatmap: Heatmap, folder: string): Promise<void>;
  /**
   * Writes an MP4 (H.264, at most 640 wide) of the kept pictures from one time to another; about a
   * minute back is kept. Waits until `to` has passed.
   * @throws UserError where nothing is kept, or the disk is full
   */
  clip(from: number, to: number, path: string): Promise<void>;
  readonly counts: {
    readonly frames: number;
    /** Left out because the pipe was full. */
    readonly dropped: number;
    readonly reconnects: number;
    readonly framesPerSecond: number;
  };
  /** Memory of its process, in bytes; 0 while there is none. */
  readonly residentBytes: number;
}

export interface DecoderFactory {
  open(
    options: {
      /** The camera's name, for messages. */
      readonly name: string;
      readonly source: CameraSource;
      readonly fps: number;
      /** Where the look of the scene is kept. */
      readonly sceneFile: string;
      /** Parts of the picture that the judgement of the scene leaves out. */
      readonly ignored: readonly PictureRegion[];
    },
    listener: DecoderListener,
  ): CameraDecoder;
  /** One picture of a source, in a process that ends with it. @throws UserError why there is none. */
  test(source: CameraSource): Promise<SourceTest>;
}

/* -------------------------------------------------------------- inference */

/** What is said of one frame of a camera. */
export interface CameraScore {
  readonly time: number;
  readonly score: number;
  readonly appearance: number;
  readonly motion: number;
  /** In pixels of the camera's own pictures, the worst first. */
  readonly regions: readonly Region[];
  readonly heatmap: Heatmap;
  /** Seconds of the time scale whose change stands out most where it is worst; null where none does. */
  readonly timeScale: number | null;
  /** Middle of the place that is worst, as shares of the picture's width and height. */
  readonly place?: { readonly x: number; readonly y: number };
  /** The picture there and how it changes, as features whose scale says nothing. */
  readonly look?: readonly number[];
  /** Zone of that place; null where it lies in none. */
  readonly zone?: string | null;
  /** What is seen with the zones whose alarms are off, where there are any. */
  readonly seen?: CameraScore;
  /** Of the minute before, with the first score of another. */
  readonly placeMap?: PlaceMap;
}

export interface InferenceListener {
  onScore(camera: string, score: CameraScore): void;
  /** Its process was lost; the cameras pause until it is back, which it is by itself unless given up. */
  onLost(reason: string, givenUp: boolean): void;
  onReady(): void;
  /** A camera's model cannot be used any more (deleted, damaged): why, in one line. */
  onModelFailed(camera: string, reason: string): void;
}

/** Scores the frames of all cameras, in one process. */
export interface Inference {
  start(): void;
  stop(): Promise<void>;
  /** From now on this camera is scored by this model; after a lost process, too. */
  watch(
    camera: string,
    folder: string,
    size: Size,
    fps: number,
    regions: readonly PictureRegion[],
  ): void;
  /** Other regions, from the next frame on; nothing where the camera is not watched. */
  setRegions(camera: string, regions: readonly PictureRegion[]): void;
  unwatch(camera: string): void;
  /** Never waits: two frames of a camera are kept at most, the oldest is dropped and counted. */
  push(camera: string, frame: CameraFrame): void;
  /** Memory of its process, in bytes; 0 while there is none. */
  readonly residentBytes: number;
  counts(camera: string): {
    readonly dropped: number;
    readonly scored: number;
    /** From arrival to score, the mean of the last seconds. */
    readonly latencyMs: number | null;
  };
}

/** What the service needs to know of a model folder that was found good. */
export interface CheckedModel {
  readonly format: FrameFormat;
  readonly preset: string;
  /** What was measured of its held-out footage: the threshold of any budget follows from it. */
  readonly threshold: AlarmThreshold;
}

/* --------------------------------------------------------------- learning */

/** Scores of footage without a break: the highest of each second. */
export interface ScoredStretch {
  readonly from: number;
  /** One a second; NaN in the warm-up. */
  readonly peaks: Float32Array;
}

export interface LearningJob {
  readonly camera: string;
  /** Video files or folders of videos, with the time at which each starts. */
  readonly footage: readonly { readonly path: string; readonly from: number }[];
  /** Spans in which everything was confirmed as normal: none of it is odd. */
  readonly confirmed: readonly { readonly from: number; readonly to: number }[];
  /** The model folder to be made; where it holds an unfinished training of the same job, that goes on. */
  readonly out: string;
  readonly learning: LearningSettings;
  readonly alarmsPerDay: number;
  /** Drawn when it begins: what does not count is neither learned as odd nor calibrated on. */
  readonly regions?: readonly PictureRegion[];
  /** Pictures of odd minutes go here as `<id>.jpg`. */
  readonly oddFolder: string;
}

export interface Learned {
  readonly model: CheckedModel;
  /** Held-out footage, without its odd minutes. */
  readonly heldOut: readonly ScoredStretch[];
  readonly oddMinutes: readonly Omit<OddMinute, 'verdict'>[];
}

export interface Learner {
  /**
   * Jobs run one after another. @throws UserError why it cannot be learned (too little footage, a
   * full disk); the folder keeps its checkpoint. A lost process is started again and goes on.
   */
  learn(
    job: LearningJob,
    onProgress: (progress: {
      readonly phase: 'training' | 'calibrating';
      readonly share: number;
      readonly secondsLeft: number | null;
    }) => void,
    signal: AbortSignal,
  ): Promise<Learned>;
  /** @throws UserError with one line where a folder is no model that can be used: truncated, huge, newer, NaN. */
  check(folder: string): Promise<CheckedModel>;
  /** Memory of the process of the job under way, in bytes; 0 while there is none. */
  readonly residentBytes: number;
  stop(): Promise<void>;
}

/* ------------------------------------------------------------------ store */

/** A camera as it is stored: the life below what is seen. */
export interface StoredCamera {
  readonly id: string;
  readonly settings: CameraSettings;
  readonly life: 'learning' | 'calibrating' | 'watching' | 'stopped';
  /** What `stopped` goes back to. */
  readonly resumed: 'learning' | 'calibrating' | 'watching';
  /** The model in use, and the threshold with it. */
  readonly model: string | null;
  readonly threshold: ThresholdInForce | null;
  /** What is being learned: how, the folder that is being made, and since when it is footage of it. */
  readonly learning: {
    readonly settings: LearningSettings;
    readonly out: string;
    readonly begun: number;
  } | null;
  readonly created: number;
}

/** An event as it is written; what its files are is written when they are there. */
export type NewEvent = Omit<
  AnomalyEvent,
  'cameraName' | 'thumbnail' | 'clip' | 'clipMissing' | 'verdict' | 'effect' | 'retracted'
> & {
  /** What it looked like and how it moved: what a verdict on it is remembered by. */
  readonly signatures: readonly Signature[];
};

/** What keeps a camera's alarms within its budget, as it is stored. */
export interface StoredKeeper {
  /** The model that its scores are of. */
  readonly model: string;
  /** When that came into use; 0 where it is not known. */
  readonly since: number;
  readonly keeper: KeeperState;
  readonly memory: readonly RememberedEvent[];
  /** Events and odd minutes judged since then: the next learning takes them into account. */
  readonly waiting: readonly string[];
  /** What its scores leave out, by the key of the regions then in force. */
  readonly regions?: string;
}

/** A message that must get out at least once. */
export interface OutboxEntry {
  readonly id: string;
  readonly url: string;
  readonly body: string;
  readonly attempts: number;
  readonly due: number;
  readonly created: number;
}

/**
 * SQLite, WAL: each call is durable when it returns.
 * @throws StoreFull where the disk is full, StoreDamaged where the database is damaged; nothing is
 *   half-written then
 */
export interface Store {
  cameras(): StoredCamera[];
  saveCamera(camera: StoredCamera): void;
  removeCamera(id: string): void;

  /** Adds an event with the messages that announce it, in one transaction. */
  addEvent(
    event: NewEvent,
    outbox: readonly { readonly url: string; readonly body: string }[],
  ): void;
  updateEvent(
    id: string,
    change: Partial<
      Pick<
        AnomalyEvent,
        | 'end'
        | 'peak'
        | 'cause'
        | 'timeScale'
        | 'regions'
        | 'zone'
        | 'thumbnail'
        | 'clip'
        | 'clipMissing'
        | 'verdict'
        | 'effect'
        | 'retracted'
      >
    > & { readonly signatures?: readonly Signature[] },
    outbox?: readonly { readonly url: string; readonly body: string }[],
  ): AnomalyEvent | undefined;
  event(id: string): AnomalyEvent | undefined;
  events(filter: EventFilter): EventPage;
  /** Events that were under way when the service ended. */
  openEvents(): AnomalyEvent[];
  /** Of one camera that overlap a span, the first first. */
  eventsBetween(camera: string, from: number, to: number, kind?: EventKind): AnomalyEvent[];
  removeEvent(id: string): boolean;
  /** Of an event. */
  signatures(id: string): readonly Signature[];

  keeper(camera: string): StoredKeeper | undefined;
  saveKeeper(camera: string, keeper: StoredKeeper): void;

  /** Adds the highest score of each second; NaN where there was none. */
  addScores(camera: string, stretch: ScoredStretch): void;
  scores(camera: string, from: number, to: number): ScoredStretch[];
  /** Puts scores in the place of those that are there. */
  replaceScores(camera: string, stretches: readonly ScoredStretch[]): void;
  /** With the place maps. */
  removeScores(camera: string, before: number): void;
  addPlaceMap(camera: string, map: PlaceMap): void;
  placeMaps(camera: string, from: number, to: number): PlaceMap[];
  removePlaceMaps(camera: string, before: number): void;

  /** Cameras of whose alarms nobody is told, and until when. */
  snoozes(): Map<string, number>;
  /** @param until null: it is over */
  saveSnooze(camera: string, until: number | null): void;
  /** The profile that a person chose; null: none is in force, undefined: it is left to the clock. */
  chosenProfile(): string | null | undefined;
  chooseProfile(name: string | null | undefined): void;

  addFootage(camera: string, file: RecordedFile): void;
  footage(camera: string): RecordedFile[];
  removeFootage(path: string): void;

  addOddMinutes(odd: readonly OddMinute[]): void;
  oddMinutes(camera: string): OddMinute[];
  judgeOddMinute(id: string, verdict: Verdict): OddMinute | undefined;

  /** Puts messages into the outbox that belong to no event. */
  addMessages(messages: readonly { readonly url: string; readonly body: string }[]): void;
  outbox(due: number, limit: number): OutboxEntry[];
  outboxState(): {
    readonly waiting: number;
    readonly oldest: number | null;
    readonly lastError: string | null;
  };
  outboxDone(id: string): void;
  outboxFailed(id: string, error: string, due: number): void;

  settings(): ServiceSettings;
  saveSettings(settings: ServiceSettings): void;

  tokens(): AccessToken[];
  /** @param hash SHA-256 of the token */
  addToken(token: AccessToken, hash: string): void;
  tokenByHash(hash: string): { readonly id: string; readonly role: Role } | undefined;
  tokenUsed(id: string, time: number): void;
  removeToken(id: string): boolean;

  close(): void;
}

/** What was to be stored is not, for a reason that may pass. */
export class CannotStore extends Error {
  override readonly name: string = 'CannotStore';
}

/** The disk is full. */
export class StoreFull extends CannotStore {
  override readonly name = 'StoreFull';
}

/** The database is damaged, or its file is gone: nothing is stored until the service starts with a good copy. */
export class StoreDamaged extends CannotStore {
  override readonly name = 'StoreDamaged';
}
