import { createTransport } from 'nodemailer';
import type { NotificationChannel } from '../../contract/notification.ts';
import { type Notification, NotTaken } from '../notification.ts';

type EmailChannel = NotificationChannel & { readonly kind: 'email' };

/** @returns what the mail server said. @throws NotTaken */
export async function sendEmail(
  channel: EmailChannel,
  notification: Notification,
  signal: AbortSignal,
): Promise<string> {
  const { host, port, security, username, password, from, to } = channel;
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const cut = () => transport.close();
  signal.addEventListener('abort', cut, { once: true });
  try {
    const { title, picture, time } = notification;
    const { response } = await transport.sendMail({
      from: { name: 'm2s2l', address: from },
      to: [...to],
      subject: title,
      date: new Date(time),
      text: plain(notification),
      html: html(notification),
      ...(picture && {
        attachments: [{ filename: 'event.jpg', content: picture, cid: 'picture@m2s2l' }],
      }),
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return response;
  } catch (error) {
    const { responseCode = 0, message } = error as Error & { responseCode?: number };
    throw new NotTaken(message.replaceAll(/\s+/g, ' '), responseCode >= 500 && responseCode < 535);
  } finally {
    signal.removeEventListener('abort', cut);
    transport.close();
  }
}

function plain({ text, link, actions }: Notification): string {
  const lines = [text, ''];
  if (link) lines.push(`Look at it: ${link}`);
  for (const { words, page } of actions) lines.push(`${words}: ${page}`);
  return lines.join('\n');
}

const escaped = (text: string) =>
  text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);

function html({ text, title, link, actions, picture }: Notification): string {
  const button = (words: string, address: string) =>
    `<a href="${escaped(address)}" style="display:inline-block;margin:4px 8px 4px 0;padding:10px 16px;border-radius:8px;background:#0c6b63;color:#fff;text-decoration:none">${escaped(words)}</a>`;
  const buttons = [
    ...(link ? [button('Look at it', link)] : []),
    ...actions.map(({ words, page }) => button(words, page)),
  ];
  return [
    '<!doctype html><html lang="en"><body style="font-family:sans-serif">',
    `<h2>${escaped(title)}</h2><p>${escaped(text)}</p>`,
    picture
      ? '<p><img src="cid:picture@m2s2l" alt="The picture of the event" style="max-width:100%"></p>'
      : '',
    `<p>${buttons.join('')}</p></body></html>`,
  ].join('');
}
