import { describe, expect, test } from 'vitest';
import type { ServiceSettings } from '../../src/service/contract/settings.ts';
import { hasBrowser, LONG, Pages, seen, WIDE } from './browser.ts';

const title = hasBrowser ? 'webhooks' : 'webhooks (skipped: no Chromium)';

describe.skipIf(!hasBrowser)(title, () => {
  const pages = Pages.ofThisFile(0);
  const webhooks = () => pages.service.settings.current().webhooks;
  const begin = (given: readonly ServiceSettings['webhooks'][number][]) => {
    const { settings } = pages.service;
    settings.set({ ...settings.current(), webhooks: [...given] });
  };

  test('a new one is signed by Standard Webhooks alone; the old signature is a choice', {
    timeout: LONG,
  }, async () => {
    begin([]);
    await pages.with('/settings', WIDE, async (page) => {
      const form = page.locator('form[aria-labelledby=hooks-title]');
      const save = async () => {
        await form.getByRole('button', { name: 'Save' }).click();
        await form.getByText('Saved.').waitFor();
      };
      const old = form.getByRole('group', { name: 'Signature' }).getByRole('checkbox');
      await form.getByRole('button', { name: 'Add a webhook' }).click();
      await form.getByLabel('Address').fill('https://example.org/alarms');
      await form.getByLabel('Secret').fill('long enough');
      expect(await old.isChecked()).toBe(false);
      await save();
      expect(webhooks()).toMatchObject([{ secret: 'long enough', signature: 'standard' }]);

      await old.check();
      await save();
      expect(webhooks()).toMatchObject([{ secret: 'long enough', signature: 'both' }]);
      await old.uncheck();
      await save();
      expect(webhooks()).toMatchObject([{ secret: 'long enough', signature: 'standard' }]);
    });
  });

  test('one from before the choice has both signatures, and keeps them', {
    timeout: LONG,
  }, async () => {
    const before = { url: 'https://example.org/before', secret: 'long enough' };
    begin([{ ...before, kinds: ['alarm'] }]);
    await pages.with('/settings', WIDE, async (page) => {
      await seen(page, 'Signature');
      const form = page.locator('form[aria-labelledby=hooks-title]');
      const group = form.getByRole('group', { name: 'Signature' });
      expect(await group.getByRole('checkbox').isChecked()).toBe(true);
      await form.getByRole('group', { name: 'Sent' }).getByLabel('states of cameras').check();
      await form.getByRole('button', { name: 'Save' }).click();
      await form.getByText('Saved.').waitFor();
      expect(webhooks()).toMatchObject([{ ...before, kinds: ['alarm', 'camera'] }]);
      expect(webhooks()[0]!.signature ?? 'both').toBe('both');
    });
  });
});
