import type { NotificationChannel } from '../../contract/notification.ts';
import { sendTaken, startOf } from '../http.ts';
import type { Notification } from '../notification.ts';

type TelegramChannel = NotificationChannel & { readonly kind: 'telegram' };

/**
 * Sends a photo with a caption, or a text (https://core.telegram.org/bots/api).
 * @returns what the server said. @throws NotTaken, in which the token does not stand
 */
export async function sendTelegram(
  channel: TelegramChannel,
  notification: Notification,
  signal: AbortSignal,
): Promise<string> {
  const { url, token, chat } = channel;
  const { title, text, link, picture, actions } = notification;
  const words = `${title}\n${text}`.slice(0, 1000);
  const buttons = [
    ...(link === undefined ? [] : [[{ text: 'Look at it', url: link }]]),
    actions.map(({ words: label, page }) => ({ text: label, url: page })),
  ].filter((row) => row.length > 0);
  const form = new FormData();
  form.set('chat_id', chat);
  if (buttons.length > 0) form.set('reply_markup', JSON.stringify({ inline_keyboard: buttons }));
  if (picture) {
    form.set('caption', words);
    form.set('photo', new Blob([Uint8Array.from(picture)], { type: 'image/jpeg' }), 'event.jpg');
  } else {
    form.set('text', words);
  }
  const whole = new Response(form);
  const { status } = await sendTaken(
    `${url.replace(/\/$/, '')}/bot${token}/${picture ? 'sendPhoto' : 'sendMessage'}`,
    {
      method: 'POST',
      body: new Uint8Array(await whole.arrayBuffer()),
      headers: { 'content-type': whole.headers.get('content-type')!, 'user-agent': 'm2s2l' },
    },
    signal,
    descriptionOf,
  );
  return `answered ${status}`;
}

/** `{"ok": false, "description": "Bad Request: chat not found"}` */
function descriptionOf(text: string): string {
  try {
    const { description } = JSON.parse(text) as { description?: unknown };
    return typeof description === 'string' ? startOf(description) : '';
  } catch {
    return startOf(text);
  }
}
