import type { LightName } from '../../scoring/light/clusters.ts';
import type { CameraState, SceneChange } from '../contract/camera.ts';
import type { StoredCamera } from '../parts.ts';
import type { Contact } from './presence.ts';

/** All that says how a camera stands. */
export interface Situation {
  readonly life: StoredCamera['life'];
  readonly contact: Contact;
  readonly contactReason: string;
  readonly scene: SceneChange | null;
  /** Why its model cannot be used. */
  readonly modelTrouble: string | undefined;
  readonly scoringLost: { readonly reason: string; readonly givenUp: boolean } | undefined;
  readonly learning: { readonly detail: string; readonly failure: string | undefined } | undefined;
  readonly watch:
    | {
        readonly alarm: boolean;
        readonly keeper: { readonly shadow: boolean };
        /** Of its model, where there is one for each. */
        readonly light?: LightName | undefined;
        /** No frame was scored since the last break. */
        readonly warmingUp: boolean;
        /** Frames a second that are scored; undefined until that can be said. */
        readonly pace: number | undefined;
        /** Frames came that were not scored. */
        readonly dropping: boolean;
      }
    | undefined;
  /** Frames a second that come to be scored. */
  readonly expectedPace: number;
}

/** What became of a scene, in words. */
export const sceneWords: Readonly<Record<SceneChange, string>> = {
  moved: 'The camera shows another view than the one it learned',
  blocked: 'The view is blocked',
  dark: 'The picture is dark',
  frozen: 'The picture is frozen',
};

/** A pace below this share of what comes is worth a word. */
const FULL_PACE = 0.8;

/** The state a person sees, and one line of what the camera does, waits for, or suffers from. */
export function describe(situation: Situation): {
  readonly state: CameraState;
  readonly detail: string;
} {
  const { life, contact, contactReason, scene, modelTrouble, scoringLost, learning } = situation;
  if (life === 'stopped') return { state: 'stopped', detail: 'Stopped' };
  const also = learning ? `; ${sentencePart(learning.detail)}` : '';
  if (contact === 'offline')
    return {
      state: 'offline',
      detail: `No pictures: ${contactReason}; tries again by itself${also}`,
    };
  if (scene !== null)
    return {
      state: 'scene changed',
      detail: `${sceneWords[scene]}: nothing is judged until it is back; if it stays so, learn again${also}`,
    };
  if (life !== 'watching')
    return { state: life, detail: learning?.detail ?? 'Nothing is learned yet; learn again' };
  if (modelTrouble !== undefined)
    return { state: 'offline', detail: `The model cannot be used: ${modelTrouble}${also}` };
  if (scoringLost?.givenUp)
    return { state: 'offline', detail: `Nothing is scored: ${scoringLost.reason}${also}` };
  return { state: 'watching', detail: `${watching(situation)}${also}` };
}

function watching({ contact, contactReason, scoringLost, watch, expectedPace }: Situation): string {
  if (contact === 'connecting') return 'Connects to the camera';
  if (contact === 'reconnecting') return `Reconnecting: ${contactReason}`;
  if (scoringLost) return `Scoring restarts: ${scoringLost.reason}`;
  if (!watch) return 'Opens its model';
  if (watch.warmingUp) return 'Warms up';
  const watches = watch.light ? `Watches with its model of the ${watch.light}` : 'Watches';
  const quiet = watch.keeper.shadow ? 'On trial: alarms are listed but not sent' : watches;
  const doing = watch.alarm ? 'Something is not normal' : quiet;
  if (watch.pace === undefined || watch.pace >= FULL_PACE * expectedPace) return doing;
  const [scored, all] = [watch.pace, expectedPace].map((pace) => Number(pace.toPrecision(2)));
  const why = watch.dropping ? 'the machine has no time for more' : 'no more come from the camera';
  return `${doing}, scores ${scored} of ${all} frames a second: ${why}`;
}

const sentencePart = (sentence: string) => sentence[0]!.toLowerCase() + sentence.slice(1);
