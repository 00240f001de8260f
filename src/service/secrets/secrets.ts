import { UserError } from '../../errors.ts';
import type { CameraSettings, CameraSource, CameraStatus } from '../contract/camera.ts';
import type { ServiceSettings } from '../contract/settings.ts';
import { maskAddress, requireUnambiguousLogin, withParameters } from './address.ts';
import { keepNotificationSecrets, maskNotifications } from './notifications.ts';

/** What stands where a secret is kept: coming back, it means unchanged. */
export const hiddenSecret = '***';

/** Settings of a camera as they may be shown: no user, no password. */
export function maskCameraSettings(settings: CameraSettings): CameraSettings {
  const { source } = settings;
  if (!('url' in source)) return settings;
  return { ...settings, source: { ...source, url: maskAddress(source.url) } };
}

/** A camera as it may be shown. */
export function shownCamera(camera: CameraStatus): CameraStatus {
  return { ...camera, settings: maskCameraSettings(camera.settings) };
}

/**
 * A source that came back from outside, with the secrets of the one before where it says `***`.
 * @throws UserError where there is nothing to keep, or the host is another: a password never goes
 *   where it was not given for
 */
export function keepSourceSecrets(source: CameraSource, before?: CameraSource): CameraSource {
  if (!('url' in source)) return source;
  return { ...source, url: keepAddressSecrets(source.url, urlOf(before)) };
}

const urlOf = (source: CameraSource | undefined) =>
  source && 'url' in source ? source.url : undefined;

/** Settings of the service as they may be shown. */
export function maskSettings(settings: ServiceSettings): ServiceSettings {
  const { mqtt } = settings;
  return {
    ...settings,
    notifications: maskNotifications(settings.notifications),
    webhooks: settings.webhooks.map((webhook) => ({
      ...webhook,
      url: maskAddress(webhook.url),
      secret: hiddenSecret,
    })),
    mqtt: mqtt && {
      ...mqtt,
      url: maskAddress(mqtt.url),
      ...(mqtt.password === undefined ? {} : { password: hiddenSecret }),
    },
  };
}

/**
 * Settings that came back from outside, with the secrets of those before where they say `***`.
 * @throws UserError where there is nothing to keep, or it would go to another host
 */
export function keepSettingsSecrets(
  settings: ServiceSettings,
  before: ServiceSettings,
): ServiceSettings {
  const webhooks = settings.webhooks.map((webhook) => {
    const same = keptWebhook(webhook, settings, before);
    const url = keepAddressSecrets(webhook.url, same?.url);
    if (webhook.secret !== hiddenSecret) return { ...webhook, url };
    if (!same) throw new UserError(`webhook ${maskAddress(url)}: is new, so it needs a secret`);
    return { ...webhook, url, secret: same.secret };
  });
  return {
    ...settings,
    webhooks,
    mqtt: keepMqttSecrets(settings.mqtt, before.mqtt),
    notifications: keepNotificationSecrets(settings.notifications, before.notifications),
  };
}

/** That from before which a webhook is: of several that look alike, the one of the same place among them. */
function keptWebhook(
  webhook: ServiceSettings['webhooks'][number],
  settings: ServiceSettings,
  before: ServiceSettings,
): ServiceSettings['webhooks'][number] | undefined {
  const likely = before.webhooks.filter(({ url }) => sameAddress(webhook.url, url));
  const alike = settings.webhooks.filter(({ url }) => url === webhook.url);
  const hides = webhook.url.includes(hiddenSecret) || webhook.secret === hiddenSecret;
  if (likely.length > 1 && alike.length !== likely.length && hides)
    throw new UserError(
      `webhook ${maskAddress(webhook.url)}: which of ${likely.length} it was is ambiguous; enter its address and secret again`,
    );
  return likely[alike.indexOf(webhook)];
}

function keepMqttSecrets(
  mqtt: ServiceSettings['mqtt'],
  before: ServiceSettings['mqtt'],
): ServiceSettings['mqtt'] {
  if (!mqtt) return null;
  const url = keepAddressSecrets(mqtt.url, before?.url);
  if (mqtt.password !== hiddenSecret) return { ...mqtt, url };
  if (before?.password === undefined || new URL(url).host !== new URL(before.url).host)
    throw new UserError(`mqtt.password: the host is another; write the password again`);
  return { ...mqtt, url, password: before.password };
}

const sameAddress = (shown: string, kept: string) => shown === kept || shown === maskAddress(kept);

function keepAddressSecrets(url: string, before: string | undefined): string {
  if (!url.includes(hiddenSecret)) {
    // What was stored before this was asked still works.
    if (url !== before) requireUnambiguousLogin(url);
    return url;
  }
  if (before !== undefined && url === maskAddress(before)) return before;
  const next = new URL(url);
  const last = before === undefined ? undefined : new URL(before);
  const kept = (part: string | undefined): string => {
    if (part && last?.host === next.host) return part;
    throw new UserError(
      `${maskAddress(url)}: no user and password are kept for this host; write them again`,
    );
  };
  let shown = url;
  if (next.username === hiddenSecret) {
    const login = last?.password ? `${last.username}:${last.password}` : last?.username;
    shown = shown.replace(`${hiddenSecret}@`, () => `${kept(login)}@`);
  }
  const parameters = new Map<string, string>();
  withParameters(before ?? '', (name, value) => {
    parameters.set(name, value);
    return undefined;
  });
  return withParameters(shown, (name, value) =>
    value === hiddenSecret ? kept(parameters.get(name)) : undefined,
  );
}
