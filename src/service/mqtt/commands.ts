import type { ProfileChoice, Snooze } from '../contract/profile.ts';
import type { MqttSettings } from './topics.ts';

/** What a program may ask for by MQTT. */
export type MqttCommand =
  | { readonly kind: 'snooze'; readonly camera: string; readonly snooze: Snooze | null }
  | { readonly kind: 'profile'; readonly choice: ProfileChoice };

/** Minutes of a snooze that is only switched on. */
const SWITCHED_ON = 60;

const LONGEST = 7 * 24 * 60;

/** What Home Assistant's list calls the clock, and no profile. */
export const BY_CLOCK = 'By the clock';
export const NO_PROFILE = 'None';

export const commandTopics = ({ topic }: MqttSettings): string[] => [
  `${topic}/+/snooze/set`,
  `${topic}/profile/set`,
];

/** @returns undefined where it is no command that is known here */
export function commandOf(
  { topic: root }: MqttSettings,
  topic: string,
  payload: string,
): MqttCommand | undefined {
  if (topic === `${root}/profile/set`) {
    if (payload === BY_CLOCK) return { kind: 'profile', choice: { by: 'clock' } };
    const profile = payload === NO_PROFILE ? null : payload;
    return { kind: 'profile', choice: { by: 'choice', profile } };
  }
  const [, camera, set] = topic.slice(root.length).split('/');
  if (!topic.startsWith(`${root}/`) || camera === undefined || set !== 'snooze') return undefined;
  const snooze = snoozeOf(payload.trim());
  return snooze === undefined ? undefined : { kind: 'snooze', camera, snooze };
}

/** `ON` for an hour, `OFF`, minutes, or `morning`. */
function snoozeOf(payload: string): Snooze | null | undefined {
  switch (payload) {
    case 'ON':
      return { for: SWITCHED_ON };
    case 'OFF':
      return null;
    case 'morning':
      return { for: 'morning' };
    default: {
      const minutes = Number(payload);
      return minutes >= 1 && minutes <= LONGEST ? { for: minutes } : undefined;
    }
  }
}
