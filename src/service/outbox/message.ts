import { version } from '../../version.ts';
import type { CameraStatus } from '../contract/camera.ts';
import type { AnomalyEvent } from '../contract/event.ts';
import { randomId } from '../contract/random-id.ts';
import type { ServiceSettings } from '../contract/settings.ts';

/** Body of a webhook. */
export type WebhookMessage =
  | { readonly kind: 'alarm'; readonly event: AnomalyEvent }
  | { readonly kind: 'camera'; readonly camera: CameraStatus }
  | {
      readonly kind: 'camera removed';
      readonly camera: { readonly id: string; readonly name: string };
    };

/** By what a webhook asks for a message. */
const askedBy = {
  alarm: 'alarm',
  camera: 'camera',
  'camera removed': 'camera',
} as const satisfies Record<WebhookMessage['kind'], 'alarm' | 'camera'>;

/**
 * A message ready for the outbox, once for each webhook that wants its kind. Its id is the same
 * for all of them and for every attempt.
 */
export function webhookMessages(
  webhooks: ServiceSettings['webhooks'],
  message: WebhookMessage,
  time: number,
): { url: string; body: string }[] {
  const id = randomId();
  const body = JSON.stringify({ id, time, service: { name: 'm2s2l', version }, ...message });
  return webhooks
    .filter(({ kinds }) => kinds.includes(askedBy[message.kind]))
    .map(({ url }) => ({ url, body }));
}
