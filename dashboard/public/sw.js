// Shows push messages of m2s2l, and does what their buttons say.
const base = new URL(self.registration.scope);

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

// A page that can be installed answers requests; nothing is kept, since live pictures grow old.
self.addEventListener('fetch', () => {});

self.addEventListener('push', (event) => {
  const { title, text, tag, time, path, picture, actions } = event.data.json();
  event.waitUntil(
    self.registration.showNotification(title, {
      body: text,
      tag,
      timestamp: time,
      renotify: true,
      icon: new URL('icon-192.png', base).href,
      badge: new URL('icon-192.png', base).href,
      ...(picture && { image: new URL(picture, base).href }),
      actions: actions.map(({ action, words }) => ({ action, title: words })),
      data: { path, actions },
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  const { notification, action } = event;
  const { path, actions } = notification.data;
  notification.close();
  const button = actions.find((one) => one.action === action);
  event.waitUntil(button ? act(button, path) : open(path));
});

async function act({ post }, path) {
  const answer = await fetch(new URL(post, base), { method: 'POST' });
  // Where it no longer works, the event's page can still do it.
  if (!answer.ok) await open(path);
}

async function open(path) {
  const address = new URL(path ?? '', base).href;
  const pages = await self.clients.matchAll({ type: 'window' });
  const there = pages.find((page) => page.url.startsWith(base.href));
  if (!there) return self.clients.openWindow(address);
  await there.focus();
  return there.navigate(address);
}
