import { z } from 'zod';
import { pictureRegions } from '../../detector/regions.ts';
import { type SceneChange, sceneChanges } from '../../scoring/scene/scene.ts';
import { lightName } from './event.ts';
import { address, givenName } from './text.ts';

/** Where a camera's pictures come from. Addresses never reach a shell or FFmpeg's option parser. */
export const cameraSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file').describe('A video file, played in a loop at its own pace'),
    path: z.string().min(1),
  }),
  z.strictObject({
    kind: z.literal('folder').describe('A folder of frames, played in a loop'),
    path: z.string().min(1),
    fps: z.number().min(0.1).max(60).default(10),
  }),
  z.strictObject({
    kind: z.literal('rtsp'),
    url: address(/^rtsps?$/).describe('rtsp:// or rtsps://, with user and password'),
    transport: z.enum(['tcp', 'udp']).default('tcp'),
  }),
  z.strictObject({
    kind: z.literal('http').describe('MJPEG, HLS, or any video over HTTP'),
    url: address(/^https?$/),
  }),
  z.strictObject({
    kind: z.literal('usb').describe('A camera of Video4Linux'),
    device: z.string().regex(/^\/dev\/video\d+$/),
  }),
]);
export type CameraSource = z.infer<typeof cameraSource>;

export const learningSettings = z.strictObject({
  /** Where the footage comes from: the camera itself, in minutes, or a file. */
  collectMinutes: z
    .number()
    .min(1)
    .max(7 * 24 * 60)
    .default(60),
  /** A video file, or a folder of videos, of this camera; instead of collecting. */
  file: z.string().min(1).optional(),
  trainMinutes: z
    .number()
    .min(0.1)
    .max(24 * 60)
    .default(20),
  preset: z.enum(['tiny', 'small', 'base']).default('small'),
  nightAndDay: z
    .boolean()
    .optional()
    .describe('A model each for day and night where the footage has two lights; default true'),
});
export type LearningSettings = z.infer<typeof learningSettings>;

const alarmBudget = z.strictObject({
  alarmsPerDay: z.number().min(0.01).max(1000).default(4),
  /** Whether alarms are sent before enough footage was seen to trust the threshold. */
  call: z.enum(['when trusted', 'always']).default('when trusted'),
  /** Seconds between two alarms below which they are one. */
  grouping: z.number().min(2).max(3600).default(60),
});

export const cameraSettings = z.strictObject({
  name: givenName,
  source: cameraSource,
  /** Frames a second that are scored; a faster camera is thinned. */
  fps: z.number().min(1).max(30).default(10),
  /** A model folder that is there already, instead of learning one: a shipped one by its name. */
  model: z.string().min(1).optional(),
  learning: learningSettings.prefault({}),
  budget: alarmBudget.prefault({}),
  clip: z
    .strictObject({
      /** Seconds before the start and after the end of an event. */
      before: z.number().min(0).max(30).default(5),
      after: z.number().min(0).max(30).default(5),
    })
    .prefault({}),
  regions: pictureRegions.default([]).describe('Parts of the picture: ignored ones, and zones'),
  wall: z
    .strictObject({
      group: z.string().trim().min(1).max(40).optional(),
      place: z.number().int().min(0).max(10_000).optional().describe('Lower ones come first'),
    })
    .optional()
    .describe('Where it stands on the wall of the page: in which group, and at which place'),
});
export type CameraSettings = z.infer<typeof cameraSettings>;
export type CameraSettingsInput = z.input<typeof cameraSettings>;

const { shape } = cameraSettings;

/** What is to change; each key is replaced as a whole, and the others stay. */
export const cameraChange = z.strictObject({
  name: shape.name.optional(),
  source: shape.source.optional().describe('*** for its user and password: they stay'),
  fps: shape.fps.unwrap().optional(),
  model: shape.model,
  learning: learningSettings.optional(),
  budget: alarmBudget.optional(),
  clip: shape.clip.unwrap().optional(),
  regions: pictureRegions.optional(),
  wall: shape.wall,
});
export type CameraChange = z.infer<typeof cameraChange>;

/** What the page may change of a camera that the configuration file has; it stands over the file. */
export const cameraOverlay = cameraChange.pick({ budget: true, regions: true, wall: true });

/** What of that can go back to the file by itself. */
export const overlayKey = cameraOverlay.keyof();
export type OverlayKey = z.infer<typeof overlayKey>;
export type CameraOverlay = z.infer<typeof cameraOverlay>;

export const cameraState = z.enum([
  'learning',
  'calibrating',
  'watching',
  'offline',
  'scene changed',
  'stopped',
]);
export type CameraState = z.infer<typeof cameraState>;

/** What a scene can have become, in which nothing can be judged. */
const sceneChange = z.enum(sceneChanges);

export type { SceneChange };

/** The threshold in use, and what is known of it. */
export const thresholdInForce = z.object({
  threshold: z.number(),
  alarmsPerDay: z.number().describe('The budget it was made for'),
  hours: z.number().describe('Hours of footage it rests on'),
  expectedAlarmsPerDay: z.number(),
  confidence: z.number().describe('Of the bound by which the budget holds'),
  hoursNeeded: z
    .number()
    .describe('Hours of footage after which the budget holds without extrapolation'),
  time: z.number(),
});
export type ThresholdInForce = z.infer<typeof thresholdInForce>;

/** How far the threshold in force can be trusted. */
const thresholdTrust = z.object({
  line: z.string().describe('The same in one line'),
  shadow: z.boolean().describe('Alarms are listed but not sent'),
  hours: z.number().describe('Hours of footage seen'),
  hoursOfDay: z.number().describe('Different hours of the day of which something was seen'),
  hoursNeeded: z.number().describe('Hours that the budget needs'),
  hoursOfDayNeeded: z.number(),
  alarmsLeft: z.number().describe('Alarms that the budget has room for now'),
  most: z.number().describe('Alarms beyond budget times time, at most, whatever comes'),
});
export type ThresholdTrust = z.infer<typeof thresholdTrust>;

/** Times are milliseconds since 1970 everywhere. */
export const cameraStatus = z.object({
  id: z.string(),
  settings: cameraSettings.describe('Passwords in addresses are replaced by ***'),
  fromFile: z.boolean().describe('Set in the configuration file'),
  overlay: z
    .array(z.string())
    .optional()
    .describe('Keys that were changed here and stand over the configuration file'),
  state: cameraState,
  since: z.number(),
  /** One line: what it does, waits for, or suffers from. */
  detail: z.string(),
  scene: sceneChange.nullable(),
  /** While learning or calibrating. */
  progress: z
    .object({
      phase: z.enum(['collecting', 'training', 'calibrating']),
      share: z.number().min(0).max(1),
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  threshold: thresholdInForce.nullable(),
  trust: thresholdTrust.nullable().describe('Null while no model watches'),
  snoozedUntil: z
    .number()
    .nullable()
    .describe('Until then its events are listed, and nobody is told of them'),
  light: lightName
    .nullable()
    .optional()
    .describe('Which model is in use: of the day or of the night; null where there is one for all'),
  otherRegions: z
    .boolean()
    .optional()
    .describe('Other parts of the picture are left out than when its model was learned'),
  verdictsWaiting: z.number().describe('Verdicts that the next learning takes into account'),
  learnAgain: z
    .object({
      possible: z.boolean(),
      line: z.string().describe('On what footage, or why it is not possible'),
    })
    .describe('Whether the last learning can be done again at once, without collecting footage'),
  /** Size of the camera's own pictures. */
  size: z.object({ width: z.number(), height: z.number() }).nullable(),
  counts: z.object({
    frames: z.number().describe('Frames that came in since the service started'),
    dropped: z.number(),
    scored: z.number(),
    reconnects: z.number(),
    /** Milliseconds from a frame's arrival to its score, the mean of the last seconds. */
    latencyMs: z.number().nullable(),
    framesPerSecond: z.number(),
  }),
  lastScore: z.number().nullable(),
  oddMinutes: z.number().describe('Odd minutes of its footage that wait to be confirmed'),
});
export type CameraStatus = z.infer<typeof cameraStatus>;

/** A minute of the learned footage that was left out, because it is unlike the rest. */
export const oddMinute = z.object({
  id: z.string(),
  camera: z.string(),
  time: z.number(),
  score: z.number(),
  verdict: z.enum(['open', 'normal', 'real']),
});
export type OddMinute = z.infer<typeof oddMinute>;

/** What a budget would have meant on the footage that was seen. */
export const budgetPreview = thresholdInForce.extend({
  alarms: z
    .array(
      z.object({
        time: z.number(),
        peak: z.number(),
        event: z.string().nullable().describe('The event or near miss that is kept of it'),
      }),
    )
    .describe('The alarms it would have given, the latest first; at most 200'),
  totalAlarms: z.number(),
  /** The scores that these alarms were counted on. */
  seen: z.object({
    hours: z.number(),
    from: z.number().nullable(),
    to: z.number().nullable(),
    highest: z.number().nullable(),
  }),
  inForce: z.number().nullable().describe('The threshold in force now'),
  effect: z.string().describe('What it would do to apply this budget, in a sentence'),
  trust: thresholdTrust,
});
export type BudgetPreview = z.infer<typeof budgetPreview>;

const alarmsSeen = z.object({
  threshold: z.number(),
  totalAlarms: z.number(),
  alarms: z
    .array(
      z.object({
        time: z.number(),
        peak: z.number(),
        event: z.string().nullable().describe('The event or near miss that is kept of it'),
      }),
    )
    .describe('The latest first; at most 200'),
});

/** What other regions would have meant on the footage that was seen. */
export const regionPreview = z.object({
  before: alarmsSeen.describe('With the regions and the threshold in force'),
  after: alarmsSeen.describe('With the regions asked about, and the threshold that follows'),
  hours: z.number().describe('Hours of footage seen in the last week'),
  rescoredHours: z
    .number()
    .describe('Hours of it that can be scored again; the rest stays as it was'),
});
export type RegionPreview = z.infer<typeof regionPreview>;

export const scoreSeries = z.object({
  /** Milliseconds between two points; each is the highest score of its span, null where there is none. */
  step: z.number(),
  from: z.number(),
  scores: z.array(z.number().nullable()),
  threshold: z.number().nullable(),
});
export type ScoreSeries = z.infer<typeof scoreSeries>;

export const sourceTest = z.object({
  width: z.number(),
  height: z.number(),
  fps: z.number(),
  codec: z.string(),
  picture: z.string().describe('A JPEG as a data: URL'),
});
export type SourceTest = z.infer<typeof sourceTest>;
