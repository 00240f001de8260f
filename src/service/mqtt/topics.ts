import type { ServiceSettings } from '../contract/settings.ts';

export type MqttSettings = NonNullable<ServiceSettings['mqtt']>;

/** The topics of a camera. */
export interface CameraTopics {
  readonly state: string;
  readonly score: string;
  readonly alarm: string;
  readonly event: string;
  /** Whether it is judged at all: `online` or `offline`. */
  readonly availability: string;
  /** JPEG of the last event. */
  readonly picture: string;
  /** Whether its alarms are snoozed: `ON` or `OFF`; `set` below it changes that. */
  readonly snooze: string;
}

/** Topic of the profile in force; `set` below it chooses another. */
export function profileTopic({ topic }: MqttSettings): string {
  return `${topic}/profile`;
}

/** The topic that says whether the service is there: `online` or `offline`. */
export function statusTopic({ topic }: MqttSettings): string {
  return `${topic}/status`;
}

export function cameraTopics({ topic }: MqttSettings, camera: string): CameraTopics {
  const of = (name: string) => `${topic}/${camera}/${name}`;
  return {
    state: of('state'),
    score: of('score'),
    alarm: of('alarm'),
    event: of('event'),
    availability: of('availability'),
    picture: of('picture'),
    snooze: of('snooze'),
  };
}

/** What Home Assistant calls a camera; two services on one broker differ in their topic. */
export const deviceOf = ({ topic }: MqttSettings, camera: string): string =>
  `${topic}_${camera}`.replaceAll(/[^\w-]/g, '_');

/** Where Home Assistant looks for a camera. */
export const configTopic = (settings: MqttSettings, camera: string): string =>
  `${settings.discovery}/device/${deviceOf(settings, camera)}/config`;

/** Topics under which version 0.1 announced each entity to Home Assistant. */
export const formerConfigTopics = (settings: MqttSettings, camera: string): string =>
  `${settings.discovery}/+/${deviceOf(settings, camera)}/+/config`;

/** Whether two settings publish to the same topics of the same broker. */
export const sameTopics = (a: MqttSettings, b: MqttSettings): boolean =>
  a.url === b.url && a.topic === b.topic && a.discovery === b.discovery;
