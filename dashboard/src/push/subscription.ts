import { addressOf } from '../shell/base.ts';

/** Why this browser cannot take push messages; null where it can. */
export function pushTrouble(): string | null {
  if (!isSecureContext)
    return 'Push needs HTTPS: reach this page by https://, or by localhost on the machine itself.';
  if (!('serviceWorker' in navigator) || !('PushManager' in window))
    return 'This browser has no push. On an iPhone or iPad, add this page to the home screen and open it from there.';
  if (Notification.permission === 'denied')
    return 'Notifications of this page are blocked; allow them in the browser’s settings of this page.';
  return null;
}

const worker = async (): Promise<ServiceWorkerRegistration> => {
  await navigator.serviceWorker.register(addressOf('/sw.js'), { scope: addressOf('/') });
  return navigator.serviceWorker.ready;
};

/** What this browser is subscribed with; null where it is not. */
export async function currentSubscription(): Promise<PushSubscription | null> {
  const registered = await navigator.serviceWorker.getRegistration(addressOf('/'));
  return (await registered?.pushManager.getSubscription()) ?? null;
}

/** Asks for the permission and subscribes. @param publicKey base64url */
export async function subscribe(publicKey: string): Promise<PushSubscription> {
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('The browser was not allowed to show notifications.');
  const { pushManager } = await worker();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey });
}

/** The parts of a subscription that the service needs. */
export function partsOf(subscription: PushSubscription): {
  endpoint: string;
  keys: { p256dh: string; auth: string };
} {
  const { endpoint, keys } = subscription.toJSON();
  return { endpoint: endpoint!, keys: { p256dh: keys!.p256dh!, auth: keys!.auth! } };
}

/** A name by which a person knows this browser again. */
export function deviceName(agent: string): string {
  const browser = ['Edg', 'Firefox', 'Chrome', 'Safari'].find((name) => agent.includes(name));
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'].find((name) =>
    agent.includes(name),
  );
  return [browser === 'Edg' ? 'Edge' : browser, system && `on ${system}`].filter(Boolean).join(' ');
}
