import type {
  BudgetPreview,
  CameraSettings,
  CameraSource,
  CameraStatus,
  LearningSettings,
  OddMinute,
  ScoreSeries,
  SourceTest,
} from './contract/camera.ts';
import type { AnomalyEvent, EventFilter, EventPage, Verdict } from './contract/event.ts';
import type { LiveMessage } from './contract/live.ts';
import type { ServiceSettings, ServiceStatus } from './contract/settings.ts';

/** A file that a route sends: it may be gone by then, which is a 404. */
export interface StoredFile {
  readonly path: string;
  readonly type: 'image/jpeg' | 'image/png' | 'video/mp4';
}

/** Settings of a camera that are to change; the others stay as they are by then. */
export type CameraChange = { readonly [K in keyof CameraSettings]?: CameraSettings[K] | undefined };

/** A cut of a camera: `time` in ms since 1970. */
export interface LivePicture {
  readonly time: number;
  readonly jpeg: Uint8Array;
}

/**
 * All that the outside can ask of the service; the API is its only caller, and knows nothing else of
 * it. An id that does not exist gives `undefined` (a 404); what makes no sense throws a `UserError`
 * (a 400 with its one line); what the configuration file holds throws `SetInFile` (a 409).
 */
export interface ServiceCommands {
  status(): ServiceStatus;
  /** Everything that is needed for a start: false, with the reason, until it is there. */
  ready(): { readonly ready: boolean; readonly reason: string };
  settings(): ServiceSettings;
  setSettings(settings: ServiceSettings): ServiceSettings;
  /** Keys of the settings that the configuration file holds. */
  settingsFromFile(): readonly (keyof ServiceSettings)[];

  cameras(): readonly CameraStatus[];
  camera(id: string): CameraStatus | undefined;
  addCamera(settings: CameraSettings): Promise<CameraStatus>;
  /**
   * Each key that is given is replaced as a whole. An address whose user and password are *** keeps
   * those that it has (`keepSourceSecrets`).
   */
  changeCamera(id: string, change: CameraChange): Promise<CameraStatus | undefined>;
  /** With its events, clips, footage and models. */
  removeCamera(id: string): Promise<boolean>;
  startCamera(id: string): Promise<CameraStatus | undefined>;
  stopCamera(id: string): Promise<CameraStatus | undefined>;
  /** Learns anew; what it knows stays in use until that is done. */
  learnCamera(id: string, learning: LearningSettings): Promise<CameraStatus | undefined>;
  testSource(source: CameraSource): Promise<SourceTest>;
  picture(id: string): LivePicture | undefined;
  scores(id: string, from: number, to: number, points: number): ScoreSeries | undefined;
  previewBudget(id: string, alarmsPerDay: number): BudgetPreview | undefined;
  oddMinutes(id: string): readonly OddMinute[] | undefined;
  judgeOddMinute(id: string, odd: string, verdict: Verdict): OddMinute | undefined;
  oddMinutePicture(id: string, odd: string): StoredFile | undefined;

  events(filter: EventFilter): EventPage;
  event(id: string): AnomalyEvent | undefined;
  judgeEvent(id: string, verdict: Verdict): AnomalyEvent | undefined;
  removeEvent(id: string): boolean;
  eventFile(id: string, kind: 'thumbnail' | 'heatmap' | 'clip'): StoredFile | undefined;

  /** Prometheus's text. */
  metrics(): Promise<string>;
  /** @returns stops the listening */
  listen(listener: (message: LiveMessage) => void): () => void;
}

/** What the configuration file holds cannot be changed from outside. */
export class SetInFile extends Error {
  override readonly name = 'SetInFile';
}
