import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PHONE, type StagedPage, stagePage, unpackedBrowser, WIDE } from './staged-page.ts';

const { browser, remove } = await unpackedBrowser();
afterAll(remove);

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const title = browser ? 'a day at the desk' : 'a day at the desk (skipped: no Chromium)';

describe.skipIf(!browser)(title, () => {
  let desk: StagedPage;
  beforeAll(async () => {
    desk = await stagePage(browser!, { events: 60 });
  });
  afterAll(() => desk?.close());

  const settingsOf = (camera: string) => desk.staged.service.cameras.status(camera)!.settings;

  /** Of a whole page, in its present colours. */
  async function requireAccessible(page: Page): Promise<void> {
    await page.evaluate(axe);
    const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
      'axe.run().then((result) => result.violations)',
    );
    const serious = found.filter(({ impact }) => ['serious', 'critical'].includes(impact));
    expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    const sideways = await page.evaluate(() => {
      const main = document.querySelector('main')!;
      return main.scrollWidth - main.clientWidth;
    });
    expect(sideways).toBe(0);
  }

  for (const [name, look] of [
    ['wide and light', { ...WIDE, colorScheme: 'light' }],
    ['wide and dark', { ...WIDE, colorScheme: 'dark' }],
    ['on a phone and light', { ...PHONE, colorScheme: 'light' }],
    ['on a phone and dark', { ...PHONE, colorScheme: 'dark' }],
  ] as const) {
    test(`a region is drawn by pointer and by keys, ${name}`, async () => {
      await desk.withPage('/cameras/yard', look, async (page) => {
        await page.getByRole('button', { name: 'Edit regions' }).click();
        await page.getByRole('button', { name: 'Draw on the picture' }).click();
        const drawing = page.locator('.over');
        await drawing.scrollIntoViewIfNeeded();
        const at = async (x: number, y: number) => {
          const { width, height } = (await drawing.boundingBox())!;
          await drawing.click({ position: { x: x * width, y: y * height } });
        };
        for (const [x, y] of [
          [0.1, 0.1],
          [0.4, 0.1],
          [0.4, 0.5],
        ] as const)
          await at(x, y);
        await at(0.1, 0.1);
        await page.getByLabel('Name of region 1').fill('Clock');
        await page.getByText(/On the .* seen in the last week:/).waitFor();
        await page.getByRole('button', { name: 'Add a box' }).click();
        await page.getByLabel('Name of region 2').fill('Gate');
        await page.getByLabel('What Gate is').selectOption('zone');
        const corner = page.getByRole('button', { name: /^Corner 1 of Gate/ });
        await corner.focus();
        await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('Shift+ArrowUp');
        await page.keyboard.press('+');
        await page.getByRole('button', { name: /^Corner 5 of Gate/ }).focus();
        await page.keyboard.press('Delete');
        await requireAccessible(page);
        await page.getByRole('button', { name: 'Save regions' }).click();
        await page.getByText('Saved. What was seen is scored again.').waitFor();
        const [clock, gate, ...more] = settingsOf('yard').regions;
        expect(more).toEqual([]);
        expect(clock).toMatchObject({ name: 'Clock', kind: 'ignore' });
        expect(clock!.polygon).toHaveLength(3);
        for (const [k, [x, y]] of [
          [0.1, 0.1],
          [0.4, 0.1],
          [0.4, 0.5],
        ].entries()) {
          expect(clock!.polygon[k]![0]).toBeCloseTo(x!, 1);
          expect(clock!.polygon[k]![1]).toBeCloseTo(y!, 1);
        }
        expect(gate).toMatchObject({ name: 'Gate', kind: 'zone', alarms: true });
        expect(gate!.polygon).toEqual([
          [0.34, 0.3],
          [0.495, 0.325],
          [0.65, 0.35],
          [0.65, 0.65],
        ]);

        await page.getByRole('button', { name: 'Edit regions' }).click();
        await page.getByRole('button', { name: 'Remove Clock' }).click();
        await page.getByRole('button', { name: 'Remove Gate' }).click();
        await page.getByRole('button', { name: 'Save regions' }).click();
        await expect.poll(() => settingsOf('yard').regions).toEqual([]);
      });
    });

    test(`a camera is snoozed and woken, ${name}`, async () => {
      const until = () => desk.staged.service.cameras.status('yard')!.snoozedUntil;
      await desk.withPage('/cameras/yard', look, async (page) => {
        await page.getByRole('button', { name: 'Snooze 30 min' }).click();
        await page.getByText(/Snoozed until/).waitFor();
        expect(until()! - Date.now()).toBeGreaterThan(29 * 60_000);
        await page.getByRole('link', { name: 'Cameras', exact: true }).last().click();
        const tile = page.getByRole('article').filter({ hasText: 'Back yard' });
        await tile.getByText(/Snoozed until/).waitFor();
        await tile.getByRole('link', { name: 'Back yard', exact: true }).click();
        await page.getByRole('button', { name: 'End snooze' }).click();
        await page.getByRole('button', { name: 'Snooze Until morning' }).waitFor();
        expect(until()).toBeNull();
      });
    });

    test(`a profile is made, chosen and left to the clock, ${name}`, async () => {
      await desk.withPage('/schedule', look, async (page) => {
        await page.getByRole('button', { name: 'Add a profile' }).click();
        await page.getByLabel('Name').fill('night');
        await page.getByLabel('Alarms a day, at most, of each camera').fill('1');
        await page.getByLabel('Who is told of alarms').selectOption('nobody');
        await page.getByRole('button', { name: 'Add times' }).click();
        for (const day of ['Sat', 'Sun'])
          await page.getByRole('button', { name: day, exact: true }).click();
        await requireAccessible(page);
        await page.getByRole('button', { name: 'Save profiles' }).click();
        await page.getByText('Saved.').waitFor();
        const { profiles } = desk.staged.service.settings.current();
        expect(profiles).toEqual([
          {
            name: 'night',
            alarmsPerDay: 1,
            notify: [],
            times: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '22:00', to: '06:00' }],
          },
        ]);
        const { schedule } = desk.staged.service;
        await page.getByRole('button', { name: 'night', exact: true }).click();
        await page.getByText('chosen by a person').waitFor();
        expect(schedule.quiet('yard')).toBe('profile');
        await page.getByRole('button', { name: 'None', exact: true }).click();
        await page.getByText('No profile: every camera as it is set').waitFor();
        await page.getByRole('button', { name: 'By the clock' }).click();
        await page.getByRole('button', { name: 'By the clock', pressed: true }).waitFor();
        await page.getByRole('button', { name: 'Remove night' }).click();
        await page.getByRole('button', { name: 'Save profiles' }).click();
        await expect.poll(() => desk.staged.service.settings.current().profiles).toEqual([]);
      });
    });
  }

  test('a snooze at an event is its camera’s', async () => {
    const [event] = desk.staged.service.events.page({ kind: 'alarm', limit: 1 }).events;
    await desk.withPage(`/events/${event!.id}`, PHONE, async (page) => {
      await page.getByRole('button', { name: 'Snooze 1 h' }).click();
      await page.getByText(/Snoozed until/).waitFor();
      const { schedule } = desk.staged.service;
      expect(schedule.quiet(event!.camera)).toBe('snoozed');
      await page.getByRole('button', { name: 'End snooze' }).click();
      await expect.poll(() => schedule.quiet(event!.camera)).toBeNull();
    });
  });
});
