import { UnknownCase, UserError } from '../../errors.ts';
import type { NotificationChannel, NotificationSettings } from '../contract/notification.ts';
import { maskAddress, requireUnambiguousLogin } from './address.ts';

const hidden = '***';

/** Channels as they may be shown: no password, no token. */
export function maskNotifications(settings: NotificationSettings): NotificationSettings {
  return { ...settings, channels: settings.channels.map(maskChannel) };
}

function maskChannel(channel: NotificationChannel): NotificationChannel {
  switch (channel.kind) {
    case 'push':
      return channel;
    case 'email':
      return channel.password === undefined ? channel : { ...channel, password: hidden };
    case 'ntfy': {
      const url = maskAddress(channel.url);
      return channel.token === undefined ? { ...channel, url } : { ...channel, url, token: hidden };
    }
    case 'telegram':
      return { ...channel, url: maskAddress(channel.url), token: hidden };
    default:
      throw new UnknownCase(channel satisfies never);
  }
}

/**
 * Channels that came back from outside, with the secrets of those before where they say `***`.
 * @throws UserError where there is nothing to keep, or it would go to another host
 */
export function keepNotificationSecrets(
  settings: NotificationSettings,
  before: NotificationSettings,
): NotificationSettings {
  return {
    ...settings,
    channels: settings.channels.map((channel) => keepChannelSecrets(channel, before.channels)),
  };
}

/** One channel with the secrets of the one of its name. @throws UserError as {@link keepNotificationSecrets} */
export function keepChannelSecrets(
  channel: NotificationChannel,
  before: readonly NotificationChannel[],
): NotificationChannel {
  const last = before.find(({ name, kind }) => name === channel.name && kind === channel.kind);
  switch (channel.kind) {
    case 'push':
      return channel;
    case 'email':
      if (channel.password !== hidden) return channel;
      return { ...channel, password: kept(channel, last, 'password') };
    case 'ntfy': {
      const url = keptUrl(channel, last);
      if (channel.token !== hidden) return { ...channel, url };
      return { ...channel, url, token: kept({ ...channel, url }, last, 'token') };
    }
    case 'telegram': {
      const url = keptUrl(channel, last);
      if (channel.token !== hidden) return { ...channel, url };
      return { ...channel, url, token: kept({ ...channel, url }, last, 'token') };
    }
    default:
      throw new UnknownCase(channel satisfies never);
  }
}

/** Where a channel's secret goes to. */
function hostOf(channel: NotificationChannel): string {
  switch (channel.kind) {
    case 'push':
      return '';
    case 'email':
      return `${channel.host}:${channel.port} ${channel.security}`;
    case 'ntfy':
    case 'telegram':
      return new URL(channel.url).origin;
    default:
      throw new UnknownCase(channel satisfies never);
  }
}

function kept(
  channel: NotificationChannel,
  last: NotificationChannel | undefined,
  key: 'password' | 'token',
): string {
  const secret = last && key in last ? (last as { [key]?: string })[key] : undefined;
  if (secret === undefined)
    throw new UserError(`channel ${channel.name}: no ${key} is kept of it; write it again`);
  if (hostOf(channel) !== hostOf(last!))
    throw new UserError(`channel ${channel.name}: the host is another; write the ${key} again`);
  return secret;
}

function keptUrl(
  channel: NotificationChannel & { readonly url: string },
  last: NotificationChannel | undefined,
): string {
  const { url } = channel;
  const before = last && 'url' in last ? last.url : undefined;
  if (before !== undefined && url === maskAddress(before)) return before;
  if (url.includes(hidden))
    throw new UserError(`channel ${channel.name}: write its address again, with user and password`);
  requireUnambiguousLogin(url);
  return url;
}
