import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { eventually, expectSound, hasBrowser, LONG, Pages, PHONE, seen, WIDE } from './browser.ts';

const title = hasBrowser ? 'judging' : 'judging (skipped: no Chromium for this platform)';

describe.skipIf(!hasBrowser)(title, () => {
  const pages = Pages.ofThisFile(150);
  const openAlarms = () =>
    pages.service.events.page({ kind: 'alarm', verdict: 'open', limit: 500 }).events;
  const reopen = () => {
    for (const { id, verdict } of pages.service.events.page({ limit: 500 }).events)
      if (verdict !== 'open') pages.service.events.judge(id, 'open');
  };

  for (const [name, size] of [
    ['wide', WIDE],
    ['phone', PHONE],
  ] as const) {
    test(`the inbox is sound, ${name}`, { timeout: LONG }, async () => {
      await pages.with('/inbox', size, async (page) => {
        await seen(page, 'that nobody has judged');
        await page.locator('ul.rows > li').first().waitFor();
        await expectSound(page, `inbox-${name}`);
      });
    });

    test(`the calendar over the events is sound, ${name}`, { timeout: LONG }, async () => {
      await pages.with('/events', size, async (page) => {
        await page.getByRole('article').first().waitFor();
        await page.locator('button.date').click();
        await page.locator('.calendar .dot').first().waitFor();
        await expectSound(page, `events-${name}`);
      });
    });

    test(`an event with keep and share is sound, ${name}`, { timeout: LONG }, async () => {
      const { id } = openAlarms().find(({ clip }) => clip)!;
      await pages.with(`/events/${id}`, size, async (page) => {
        await page.getByRole('heading', { name: 'Keep and share' }).scrollIntoViewIfNeeded();
        await expectSound(page, `event-${name}`);
      });
    });
  }

  test('the title and the tile count what waits, and a verdict lowers them', {
    timeout: LONG,
  }, async () => {
    const before = openAlarms();
    const yard = before.filter(({ camera }) => camera === 'yard').length;
    await pages.with('/', WIDE, async (page) => {
      await eventually(() => page.title()).toBe(`(${before.length}) Cameras – m2s2l`);
      await page.getByRole('link', { name: `${yard} to judge` }).click();
      await page.waitForURL('**/inbox?camera=yard');
      const row = page.locator('ul.rows > li').first();
      await row.getByRole('button', { name: 'Normal', exact: true }).click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
      await eventually(() => openAlarms().length).toBeLessThan(before.length);
      await eventually(() => page.title()).toBe(`(${openAlarms().length}) Inbox – m2s2l`);
      await page.keyboard.press('u');
      await eventually(() => openAlarms().length).toBe(before.length);
      await eventually(() => page.title()).toBe(`(${before.length}) Inbox – m2s2l`);
    });
  });

  test('several rows are selected and judged together', { timeout: LONG }, async () => {
    await pages.with('/inbox', WIDE, async (page) => {
      const before = openAlarms().length;
      const picks = page.locator('ul.rows > li input[type=checkbox]');
      await picks.nth(0).check();
      await picks.nth(2).check();
      await seen(page, /events? in 2 rows/);
      await page.locator('.bar').getByRole('button', { name: 'Real' }).click();
      await seen(page, /events judged real/);
      await eventually(() => openAlarms().length).toBeLessThanOrEqual(before - 2);
      reopen();
    });
  });

  test('all like these are normal', { timeout: LONG }, async () => {
    const [pattern, like] = openAlarms().filter(({ camera }) => camera === 'gate');
    const signatures = [{ x: 0.4, y: 0.4, features: [1, 2, 3], score: 5 }];
    for (const { id } of [pattern!, like!]) pages.service.store.updateEvent(id, { signatures });
    await pages.with('/inbox?camera=gate', WIDE, async (page) => {
      const row = page.locator('ul.rows > li').first();
      await row.getByRole('button', { name: 'All like it are normal' }).click();
      await eventually(() => pages.service.events.get(like!.id)!.verdict).toBe('normal');
      await page.getByRole('button', { name: 'Undo' }).click();
      await eventually(() => pages.service.events.get(like!.id)!.verdict).toBe('open');
    });
  });

  test('a sweep to the left is normal, one to the right is real, a short one nothing', {
    timeout: LONG,
  }, async () => {
    await pages.with('/inbox', PHONE, async (page) => {
      const sweep = async (by: number) => {
        const row = page.locator('ul.rows > li').first();
        const box = (await row.boundingBox())!;
        const touch = (type: string, x: number) =>
          row.dispatchEvent(type, {
            pointerType: 'touch',
            pointerId: 7,
            clientX: box.x + 200 + x,
            clientY: box.y + 20,
            bubbles: true,
          });
        await touch('pointerdown', 0);
        await touch('pointermove', by / 2);
        await touch('pointermove', by);
        await touch('pointerup', by);
      };
      await page.locator('ul.rows > li').first().waitFor();
      const before = openAlarms().length;
      await sweep(40);
      await sweep(-120);
      await seen(page, /judged normal/);
      await eventually(() => openAlarms().length).toBeLessThan(before);
      await page.getByRole('button', { name: 'Undo' }).click();
      await eventually(() => openAlarms().length).toBe(before);
      await eventually(() => page.locator('.undo').count()).toBe(0);
      await sweep(120);
      await seen(page, /judged real/);
      await page.getByRole('button', { name: 'Undo' }).click();
      await eventually(() => openAlarms().length).toBe(before);
    });
  });

  test('a day is chosen in the calendar, and its time line shows a picture', {
    timeout: LONG,
  }, async () => {
    const newest = openAlarms().find(({ thumbnail }) => thumbnail)!;
    await pages.with('/events', WIDE, async (page) => {
      await page.getByRole('button', { name: 'Day before' }).click();
      await page.waitForURL('**/events?from=*');
      const asked = new URL(page.url()).searchParams;
      const day = { from: Number(asked.get('from')), to: Number(asked.get('to')) };
      expect(day.to - day.from).toBe(24 * 3_600_000);
      const there = pages.service.events.page({ ...day, limit: 500 });
      await seen(page, new RegExp(`^${there.total} events? match`));
      await page.locator('button.date').click();
      const label = new RegExp(
        `^${new Date(newest.start).getDate() === new Date().getDate() ? 'Today' : 'Yesterday'}`,
      );
      await page.locator('.calendar').getByRole('button', { name: label }).click();
      const mark = page.locator(`.line a[href$="/events/${newest.id}"]`);
      await mark.hover({ force: true });
      await page.locator('.preview img').first().waitFor();
      await seen(page, newest.cameraName);
    });
  });

  test('an event is kept, noted, saved and shown by a link to somebody without a token', {
    timeout: LONG,
  }, async () => {
    const { id, cameraName } = openAlarms().find(({ clip, kept }) => clip && !kept)!;
    let link = '';
    await pages.with(`/events/${id}`, WIDE, async (page) => {
      await page.getByRole('button', { name: 'Keep', exact: true }).click();
      await page.getByRole('button', { name: 'Kept', pressed: true }).waitFor();
      await page.getByLabel('Note').fill('The fox again');
      await page.getByRole('button', { name: 'Save the note' }).click();
      await seen(page, 'Saved.');
      expect(pages.service.events.get(id)).toMatchObject({ kept: true, note: 'The fox again' });
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Clip' }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/_alarm\.mp4$/);
      expect((await readFile(await download.path())).length).toBeGreaterThan(1000);
      await page.getByRole('button', { name: 'Make a link' }).click();
      link = (await page.locator('.fresh code').textContent())!;
    });
    const shared = new URL(link).pathname;
    await pages.with(shared, PHONE, async (page) => {
      await seen(page, `Alarm at ${cameraName}`);
      await seen(page, 'The fox again');
      expect(await page.getByRole('navigation').count()).toBe(0);
      await expectSound(page, 'shared-phone');
    });
    await pages.with(`/events/${id}`, WIDE, async (page) => {
      await page.getByRole('button', { name: 'Take it back' }).click();
      await eventually(() => page.getByText('Link until').count()).toBe(0);
    });
    await pages.with(shared, PHONE, (page) => seen(page, 'This link does not work'));
  });
});
