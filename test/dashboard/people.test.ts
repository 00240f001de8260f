import type { BrowserContext } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { HttpReceiver, PushBrowser } from '../service/notify/receivers.ts';
import { eventually, expectSound, hasBrowser, LONG, Pages, PHONE, seen, WIDE } from './browser.ts';

const title = hasBrowser ? 'people and phones' : 'people and phones (skipped: no Chromium)';

describe.skipIf(!hasBrowser)(title, () => {
  const pages = Pages.ofThisFile(40, () => ({ anyPushService: true }));
  const notify = (channels: object[]) => {
    const { settings } = pages.service;
    const before = settings.current();
    settings.set({
      ...before,
      notifications: { ...before.notifications, channels: channels as never },
    });
  };

  for (const [name, size] of [
    ['wide', WIDE],
    ['phone', PHONE],
  ] as const)
    test(`the settings are sound with channels of each kind, ${name}`, {
      timeout: LONG,
    }, async () => {
      notify([{ kind: 'push', name: 'Browsers' }]);
      await pages.with('/settings', size, async (page) => {
        await seen(page, 'Who did what');
        for (const kind of ['E-mail', 'ntfy', 'Telegram'])
          await page.getByRole('button', { name: kind, exact: true }).click();
        await page.getByRole('heading', { name: 'Notifications' }).scrollIntoViewIfNeeded();
        await expectSound(page, `settings-${name}`);
      });
    });

  test('a channel is added, tried, and its answer shown before it is saved', {
    timeout: LONG,
  }, async () => {
    notify([]);
    const ntfy = await HttpReceiver.listen();
    ntfy.status = 403;
    ntfy.answer = '{"error":"forbidden"}';
    await pages.with('/settings', WIDE, async (page) => {
      await page.getByRole('button', { name: 'ntfy', exact: true }).click();
      await page.getByLabel('Server', { exact: true }).fill(ntfy.url);
      await page.getByLabel('Topic', { exact: true }).last().fill('alarms');
      await page.getByLabel('Token', { exact: true }).fill('tk_secret');
      await page.getByRole('button', { name: 'Send a test by ntfy' }).click();
      await seen(page, 'Answered 403: {"error":"forbidden"}');
      expect(pages.service.settings.current().notifications.channels).toEqual([]);
      ntfy.status = 200;
      await page.getByRole('button', { name: 'Send a test by ntfy' }).click();
      await seen(page, 'Sent. Answered 200.');
      const form = page.locator('form[aria-labelledby=notify-title]');
      await form.getByRole('button', { name: 'Save' }).click();
      await form.getByText('Saved.').waitFor();
      expect(pages.service.settings.current().notifications.channels).toMatchObject([
        { kind: 'ntfy', topic: 'alarms', token: 'tk_secret' },
      ]);
      await eventually(() => page.getByLabel('Token', { exact: true }).inputValue()).toBe('***');
    });
  });

  test('a phone subscribes, is told, and its button judges', { timeout: LONG }, async () => {
    notify([{ kind: 'push', name: 'Browsers' }]);
    const push = await HttpReceiver.listen();
    push.status = 201;
    const phone = new PushBrowser();
    const event = pages.service.events
      .page({ kind: 'alarm', verdict: 'open', limit: 50 })
      .events.find(({ thumbnail }) => thumbnail)!;
    // Stand-ins: no push service of a browser can be reached from here, and without a screen
    // Chromium refuses every notification.
    const before = async (context: BrowserContext) => {
      await context.grantPermissions(['notifications']);
      await context.addInitScript(
        ({ endpoint, keys }) => {
          Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
          Notification.requestPermission = async () => 'granted';
          PushManager.prototype.subscribe = async () =>
            ({ toJSON: () => ({ endpoint, keys }), unsubscribe: async () => true }) as never;
        },
        { endpoint: `${push.url}/1`, keys: phone.keys },
      );
    };
    await pages.with('/settings', { ...PHONE, before }, async (page) => {
      await page.getByRole('button', { name: 'Notify this browser of alarms' }).click();
      await seen(page, 'This browser is notified by');
      const manifest = await page.evaluate(async () => {
        const link = document.querySelector<HTMLLinkElement>('link[rel=manifest]')!;
        return (await fetch(link.href)).json() as Promise<{ icons: { src: string }[] }>;
      });
      for (const { src } of manifest.icons)
        expect((await page.request.get(new URL(src, pages.opened.origin).href)).ok()).toBe(true);
    });
    pages.service.store.addMessages(pages.service.notifier.messagesOf(event, 'start'));
    await eventually(() => push.taken.length).toBe(1);
    const told = phone.read(push.taken[0]!) as {
      path: string;
      actions: { action: string; post: string }[];
    };
    expect(told.path).toBe(`events/${event.id}`);
    const { post } = told.actions.find(({ action }) => action === 'normal')!;
    await pages.with(`/act/${post.split('/').at(-1)}`, PHONE, async (page) => {
      await seen(page, event.cameraName);
      await expectSound(page, 'act-phone');
      await page.getByRole('button', { name: 'Yes, it is normal' }).click();
      await seen(page, 'Done');
    });
    expect(pages.service.events.get(event.id)!.verdict).toBe('normal');
  });

  test('a person is let in by a link, and sees their camera alone', { timeout: LONG }, async () => {
    let link = '';
    await pages.with('/settings', WIDE, async (page) => {
      await page.getByLabel('Name of a new person').fill('Anna');
      await page.getByLabel('What they may do').selectOption('operator');
      const form = page.locator('form', { has: page.getByLabel('Name of a new person') });
      await form.getByLabel('All cameras').uncheck();
      await form.getByLabel('Back yard').check();
      await form.getByRole('button', { name: 'Add the person' }).click();
      await page.getByAltText('QR code of the link').waitFor();
      link = (await page.locator('.fresh code').textContent())!;
    });
    await pages.with(new URL(link).pathname, PHONE, async (page) => {
      await expectSound(page, 'sign-in-phone');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Back yard' }).waitFor();
      await eventually(() => page.getByRole('heading', { name: 'Entrance' }).count()).toBe(0);
      await page.goto(`${pages.opened.origin}/inbox`);
      await page.locator('ul.rows > li').first().getByRole('button', { name: 'Real' }).click();
      await seen(page, /judged real/);
      const [deed] = pages.service.store.deeds({ limit: 1 });
      expect(deed).toMatchObject({ who: 'Anna', detail: 'real' });
      await page.goto(`${pages.opened.origin}/settings`);
      await seen(page, 'You are an operator');
      await page.getByLabel('New password').fill('correct horse battery');
      await page.getByRole('button', { name: 'Set the password' }).click();
      await seen(page, 'Set.');
    });
  });

  test('a camera of the file has its budget changed here, and goes back to the file', {
    timeout: LONG,
  }, async () => {
    await pages.with('/cameras/entrance', WIDE, async (page) => {
      await seen(page, 'Set in the configuration file');
      await page.getByRole('slider').focus();
      await page.keyboard.press('Home');
      await page.getByRole('button', { name: 'Apply' }).click();
      await seen(page, 'Set here, over what the configuration file says.');
      expect(pages.service.cameras.status('entrance')!.overlay).toEqual(['budget']);
      await page.getByRole('button', { name: 'Back to the file' }).click();
      const budget = () => pages.service.cameras.status('entrance')!.settings.budget;
      await expect.poll(() => budget().alarmsPerDay, { timeout: 20_000 }).toBe(4);
      await seen(page, 'Set in the configuration file');
    });
  });
});
