import type { NotificationChannel } from '../../contract/notification.ts';
import { sendTaken } from '../http.ts';
import type { Notification } from '../notification.ts';

type NtfyChannel = NotificationChannel & { readonly kind: 'ntfy' };

/**
 * Publishes to a topic: the picture as the body, all else in headers (https://docs.ntfy.sh/publish).
 * @returns what the server said. @throws NotTaken
 */
export async function sendNtfy(
  channel: NtfyChannel,
  { title, text, link, picture, actions }: Notification,
  signal: AbortSignal,
): Promise<string> {
  const { url, topic, token, priority } = channel;
  const { username, password, origin, pathname } = new URL(url);
  const login = username
    ? `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`
    : undefined;
  const authorization = token === undefined ? login : `Bearer ${token}`;
  const buttons = actions.map(
    ({ words, post }) => `http, ${words}, ${post}, method=POST, clear=true`,
  );
  const headers: Record<string, string> = {
    'user-agent': 'm2s2l',
    title: encoded(title),
    priority: String(priority),
    tags: 'rotating_light',
    ...(authorization !== undefined && { authorization }),
    ...(link !== undefined && { click: link }),
    ...(buttons.length > 0 && { actions: buttons.join('; ') }),
    ...(picture && { message: encoded(text), filename: 'event.jpg' }),
  };
  const base = `${origin}${pathname.endsWith('/') ? pathname : `${pathname}/`}`;
  const { status } = await sendTaken(
    `${base}${topic}`,
    { method: 'PUT', body: picture ?? text, headers },
    signal,
  );
  return `answered ${status}`;
}

/** Headers are ASCII; what is not is written by RFC 2047, which ntfy reads. */
function encoded(text: string): string {
  const line = text.replaceAll(/[\r\n]+/g, ' ');
  return /^[\x20-\x7e]*$/.test(line) ? line : `=?UTF-8?B?${Buffer.from(line).toString('base64')}?=`;
}
