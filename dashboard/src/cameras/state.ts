import type {
  CameraState,
  CameraStatus,
  SceneChange,
} from '../../../src/service/contract/camera.ts';
import { counted } from '../format/number.ts';

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet' | 'alarm';
export type Shape = 'dot' | 'ring' | 'triangle' | 'cross' | 'square' | 'diamond';

/** A state as it is shown: a word, a colour and a shape, so that it does not hang on the colour. */
export interface StateLook {
  readonly word: string;
  readonly tone: Tone;
  readonly shape: Shape;
}

const LOOKS: Record<CameraState, StateLook> = {
  learning: { word: 'Learning', tone: 'busy', shape: 'ring' },
  calibrating: { word: 'Calibrating', tone: 'busy', shape: 'ring' },
  watching: { word: 'Watching', tone: 'good', shape: 'dot' },
  offline: { word: 'Offline', tone: 'bad', shape: 'cross' },
  'scene changed': { word: 'Scene changed', tone: 'warn', shape: 'triangle' },
  stopped: { word: 'Stopped', tone: 'quiet', shape: 'square' },
};

const ALARM: StateLook = { word: 'Alarm', tone: 'alarm', shape: 'diamond' };
const ON_TRIAL: StateLook = { word: 'On trial', tone: 'warn', shape: 'ring' };

/** @param shadow nobody is told of alarms, since too little was seen */
export function stateLook(state: CameraState, alarm: boolean, shadow = false): StateLook {
  if (state !== 'watching') return LOOKS[state];
  if (alarm) return ALARM;
  return shadow ? ON_TRIAL : LOOKS.watching;
}

/** What a changed scene means, and what can be done. */
export const SCENES: Record<SceneChange, string> = {
  moved: 'The camera looks elsewhere than it did when it learned.',
  blocked: 'Something covers the view, or the lens is dirty.',
  dark: 'The picture is too dark to see anything.',
  frozen: 'The picture stands still: the camera sends the same one again and again.',
};

export const PHASES = {
  collecting: 'Collecting normal footage',
  training: 'Training the model',
  calibrating: 'Setting the threshold',
} as const;

/** Whether a learning cannot go on as its camera is now: it collects, and no pictures of its scene come. */
export const learningWaits = ({ state, progress }: CameraStatus): boolean =>
  progress?.phase === 'collecting' && state !== 'learning' && state !== 'watching';

/** `2 watching, 1 offline`, what is troubled first. */
export function summary(cameras: readonly CameraStatus[]): string {
  const order: CameraState[] = [
    'offline',
    'scene changed',
    'learning',
    'calibrating',
    'watching',
    'stopped',
  ];
  return order
    .map((state) => [cameras.filter((camera) => camera.state === state).length, state] as const)
    .filter(([count]) => count)
    .map(([count, state]) => `${count} ${state}`)
    .join(', ');
}

/** Why a camera lags, in words; null while it keeps up. */
export function lag(counts: CameraStatus['counts']): string | null {
  const { frames, dropped, latencyMs } = counts;
  const share = frames ? dropped / frames : 0;
  const late = latencyMs !== null && latencyMs > 1500;
  if (share < 0.01 && !late) return null;
  const said = [];
  if (share >= 0.01)
    said.push(`${counted(dropped, 'frame')} dropped (${(share * 100).toFixed(0)} %)`);
  if (late) said.push(`${(latencyMs / 1000).toFixed(1)} s behind`);
  return said.join(', ');
}
