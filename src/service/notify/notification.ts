import type { LinkedAction } from '../contract/notification.ts';

/** A button of a notification: one address that does one thing, once. */
export interface NotificationAction {
  readonly action: LinkedAction;
  readonly words: string;
  /** Of the page that asks once more; a POST to `post` does it at once. */
  readonly page: string;
  readonly post: string;
}

/** What a person is sent, before a channel gives it its form. */
export interface Notification {
  readonly title: string;
  readonly text: string;
  /** The event's page. */
  readonly link: string | undefined;
  /** A JPEG. */
  readonly picture: Buffer | undefined;
  readonly actions: readonly NotificationAction[];
  /** Later ones of the same take the place of earlier ones. */
  readonly tag: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Why the other side did not take it. */
export class NotTaken extends Error {
  override readonly name = 'NotTaken';
  /** Whether another message may do better. */
  readonly ofTheMessage: boolean;

  constructor(message: string, ofTheMessage: boolean) {
    super(message);
    this.ofTheMessage = ofTheMessage;
  }
}
