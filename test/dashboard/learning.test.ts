import { describe, expect, test } from 'vitest';
import type { Rehearsed } from '../../src/service/parts.ts';
import { eventually, expectSound, hasBrowser, LONG, Pages, PHONE, seen, WIDE } from './browser.ts';

const title = hasBrowser ? 'learning' : 'learning (skipped: no Chromium for this platform)';

const rehearsed: Rehearsed = {
  hours: 1 / 6,
  budgetPerDay: 4,
  alarms: 1,
  alarmsPerDay: 144,
  worstDay: 1,
  worstHour: 1,
  hoursOverBudget: 1,
  guarantee: 4,
  shadow: { hours: 1 / 6, alarms: 1 },
  withheld: 2,
  threshold: { first: 9, median: 8.5, last: 7, least: 7, most: 9 },
  peaks: [{ time: Date.now() - 23 * 3_600_000, score: 12.5 }],
  drill: {
    inserted: 20,
    found: 14,
    medianDelaySeconds: 1.8,
    kinds: {
      fast: { inserted: 7, found: 7 },
      lying: { inserted: 7, found: 5 },
      left: { inserted: 6, found: 2 },
    },
    blockDifference: { found: 3 },
  },
};

describe.skipIf(!hasBrowser)(title, () => {
  const pages = Pages.ofThisFile(60);

  test('a rehearsal is asked for, watched, and read', { timeout: LONG }, async () => {
    const { rehearser } = pages.opened.staged;
    await pages.with('/cameras/yard', WIDE, async (page) => {
      const panel = page.locator('section', { hasText: 'Rehearsal and fire drill' }).last();
      await panel.getByLabel('Odd things put in').selectOption('10');
      await panel.getByText('It learned from all of it').waitFor();
      expect(await panel.getByLabel('Footage').locator('option:checked').textContent()).toContain(
        'all: 10 min',
      );
      await panel.getByRole('button', { name: 'Rehearse' }).click();
      await panel.getByText('Waits for its turn').waitFor();
      await eventually(() => rehearser.jobs.length).toBe(1);
      expect(rehearser.jobs[0]!.job).toMatchObject({ drill: 10, alarmsPerDay: 4 });
      expect(rehearser.jobs[0]!.job.footage).toHaveLength(10);
      rehearser.progress(0.4);
      await panel.getByText('40 %').waitFor();
      await expectSound(page, 'rehearsal-running');
      await panel.getByRole('button', { name: 'Cancel' }).click();
      await panel.getByRole('button', { name: 'Rehearse' }).click();
      await eventually(() => rehearser.jobs.length).toBe(2);
      rehearser.progress(0.9);
      rehearser.jobs[1]!.end.resolve(rehearsed);
      await panel.getByText('14 of 20 odd things would have been noticed (70 %)').waitFor();
      await panel.getByText('Somebody running').waitFor();
      await panel.getByRole('button', { name: 'Rehearse again' }).waitFor();
      await expectSound(page, 'rehearsal-wide');
    });
    await pages.with('/cameras/yard', PHONE, async (page) => {
      await seen(page, 'half of those within 1.8 s');
      await page.getByRole('heading', { name: 'Fire drill', exact: true }).scrollIntoViewIfNeeded();
      await expectSound(page, 'rehearsal-phone');
    });
  });

  test('verdicts that wait are learned at once, or the page says why not', {
    timeout: LONG,
  }, async () => {
    const { service } = pages;
    const judge = (camera: string) => {
      const [event] = service.events.page({ camera, kind: 'alarm', limit: 1 }).events;
      service.events.judge(event!.id, 'normal');
    };
    judge('yard');
    judge('gate');
    await pages.with('/cameras/yard', WIDE, async (page) => {
      await page.getByText('from the 10 min of footage that it learned from').waitFor();
      await expectSound(page, 'verdicts-wait');
      await page.getByRole('button', { name: 'Learn it now' }).click();
      await seen(page, /the learning under way takes/);
      await eventually(() => service.cameras.status('yard')!.progress?.phase).toBe('training');
    });
    await pages.with('/cameras/gate', PHONE, async (page) => {
      await seen(page, /not at once: its model was not learned here/);
      await page.getByRole('button', { name: 'Learn again from the camera' }).waitFor();
      await expectSound(page, 'verdicts-wait-phone');
    });
  });
});
