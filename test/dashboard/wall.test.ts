import { describe, expect, test } from 'vitest';
import {
  arranged,
  stirringFirst,
  wallGroups,
  wallOrder,
} from '../../dashboard/src/cameras/wall.ts';
import type { CameraStatus } from '../../src/service/contract/camera.ts';
import { eventually, hasBrowser, LONG, Pages, PHONE, WIDE } from './browser.ts';

/** What a wall reads of a camera. */
const camera = (
  id: string,
  wall?: { group?: string; place?: number },
  state: CameraStatus['state'] = 'watching',
) =>
  ({
    id,
    state,
    settings: { name: id.toUpperCase(), wall },
    threshold: { threshold: 8 },
  }) as CameraStatus;

const ids = (cameras: readonly CameraStatus[]) => cameras.map(({ id }) => id);

test('cameras stand by place, then by name; groups by their first camera, the others last', () => {
  const all = [camera('d'), camera('c'), camera('b', { group: 'Yard', place: 3 })];
  const more = [camera('a', { group: 'Yard', place: 9 }), camera('e', { group: 'Hall', place: 1 })];
  const groups = wallGroups([...all, ...more]);
  expect(groups.map(({ name, cameras }) => [name, ids(cameras)])).toEqual([
    ['Hall', ['e']],
    ['Yard', ['b', 'a']],
    [null, ['c', 'd']],
  ]);
  expect(ids(wallOrder(all))).toEqual(['b', 'c', 'd']);
});

test('what stirs comes first: alarms, then scores near the threshold, in steps', () => {
  const all = ['a', 'b', 'c', 'd'].map((id) => camera(id));
  const scores: Record<string, number | null> = { a: 1, b: 1.4, c: 6.5, d: null };
  const first = (alarms: readonly string[]) =>
    ids(stirringFirst(all, new Set(alarms), (id) => scores[id]!));
  expect(first([])).toEqual(['c', 'a', 'b', 'd']);
  expect(first(['d'])).toEqual(['d', 'c', 'a', 'b']);
  const off = [camera('x', undefined, 'offline'), camera('y')];
  expect(ids(stirringFirst(off, new Set(), () => 0.1))).toEqual(['y', 'x']);
});

test('a camera moves within its group and into another one', () => {
  const all = ['a', 'b', 'c'].map((id) => camera(id));
  const down = arranged(all, 'a', { by: 1 });
  expect([...down]).toEqual([
    ['b', { place: 0 }],
    ['a', { place: 1 }],
    ['c', { place: 2 }],
  ]);
  const grouped = arranged(all, 'c', { group: 'Yard' });
  expect(grouped.get('c')).toEqual({ group: 'Yard', place: 0 });
  const yard = [camera('a', { group: 'Yard', place: 0 }), camera('b', { place: 1 })];
  expect(arranged(yard, 'b', { group: 'Yard' })).toEqual(
    new Map([['b', { group: 'Yard', place: 1 }]]),
  );
  expect(arranged(yard, 'a', { group: null }).get('a')).toEqual({ place: 1 });
  expect(arranged(yard, 'a', { by: -1 }).size).toBe(0);
  expect(arranged(yard, 'nobody', { by: 1 }).size).toBe(0);
});

describe.skipIf(!hasBrowser)('the wall', () => {
  const pages = Pages.ofThisFile(5);
  const wallOf = (id: string) => pages.service.cameras.status(id)!.settings.wall;

  for (const [name, look] of [
    ['wide', WIDE],
    ['on a phone', PHONE],
  ] as const)
    test(`is arranged in groups, fills the screen, and shows what stirs first, ${name}`, {
      timeout: LONG,
    }, async () => {
      await pages.with('/', look, async (page) => {
        const tiles = page.locator('.wall h2');
        await page.getByRole('button', { name: 'Arrange' }).click();
        await page.getByLabel('Group of Tool shed').fill('Garden');
        await page.keyboard.press('Enter');
        await eventually(() => wallOf('shed')?.group).toBe('Garden');
        await eventually(() => tiles.first().textContent()).toBe('Tool shed');
        // The configuration file has this one: what is set here stands over it.
        await page.getByLabel('Group of Entrance').fill('Garden');
        await page.keyboard.press('Enter');
        await eventually(() => wallOf('entrance')?.group).toBe('Garden');
        await page.getByRole('button', { name: 'Move Entrance up' }).focus();
        await page.keyboard.press('Enter');
        await eventually(() => tiles.first().textContent()).toBe('Entrance');
        expect(pages.service.cameras.status('entrance')!.overlay).toEqual(['wall']);
        await page.getByRole('button', { name: 'Done' }).click();
        await page.getByRole('heading', { name: 'Garden' }).waitFor();

        const { scoring } = pages.opened.staged;
        const now = Date.now();
        scoring.onScore('yard', {
          time: now,
          score: 2.9,
          appearance: 1,
          motion: 1.9,
          regions: [],
          heatmap: { width: 1, height: 1, data: new Uint8Array(1) },
          timeScale: null,
        });
        await page.getByRole('button', { name: 'Stirring first' }).click();
        await eventually(() => tiles.first().textContent()).toBe('Back yard');
        await page.getByRole('button', { name: 'Stirring first' }).click();
        await eventually(() => tiles.first().textContent()).toBe('Entrance');

        await page.locator('main').focus();
        await page.keyboard.press('f');
        const leave = page.locator('.leave').getByRole('button', { name: 'Leave full screen' });
        await leave.waitFor();
        const box = (await page.locator('.screen').boundingBox())!;
        expect(box).toMatchObject({ x: 0, y: 0, width: look.viewport.width });
        await leave.click();
        await leave.waitFor({ state: 'detached' });

        await page.getByRole('button', { name: 'Arrange' }).click();
        for (const one of ['Tool shed', 'Entrance']) {
          await page.getByLabel(`Group of ${one}`).fill('');
          await page.keyboard.press('Enter');
          const id = one === 'Entrance' ? 'entrance' : 'shed';
          await eventually(() => wallOf(id)?.group).toBeUndefined();
        }
      });
    });
});
