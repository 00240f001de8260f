import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import {
  type BrowserContextOptions,
  type Browser as Chromium,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Server } from '../../src/service/api/server.ts';
import type { AnomalyEvent } from '../../src/service/contract/event.ts';
import { findBrowser } from '../chromium.ts';
import { memoryTokens } from '../service/memory-tokens.ts';
import { type Staged, stageService } from '../service/staged-service.ts';
import { buildPage } from './build-page.ts';

const unpacked = await mkdtemp(join(tmpdir(), 'm2s2l-dashboard-'));
const browser = await findBrowser(unpacked);
afterAll(() => rm(unpacked, { recursive: true, force: true }));

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const EVENTS = 10_000;
const WIDE = { viewport: { width: 1600, height: 1000 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const title = browser ? 'the page' : 'the page (skipped: no Chromium for this platform)';

describe.skipIf(!browser)(title, () => {
  let built: Awaited<ReturnType<typeof buildPage>>;
  let staged: Staged;
  let service: Staged['service'];
  let server: Server;
  let guarded: Server;
  let token: string;
  let origin: string;
  let guardedOrigin: string;
  let running: Chromium;

  beforeAll(async () => {
    built = await buildPage();
    staged = await stageService({ events: EVENTS });
    ({ service } = staged);
    const options = {
      service,
      host: '127.0.0.1',
      port: 0,
      logger: pino({ level: 'silent' }),
      page: built.folder,
      limits: { perAddress: 30 },
    };
    server = new Server({ ...options, tokens: memoryTokens(), requireToken: false });
    guarded = new Server({ ...options, tokens: memoryTokens(), requireToken: true });
    token = guarded.access.firstToken()!;
    origin = await server.listen();
    guardedOrigin = await guarded.listen();
    running = await chromium.launch(browser!);
  });
  afterAll(async () => {
    await running?.close();
    await server?.close();
    await guarded?.close();
    await staged?.close();
    await built?.remove();
  });

  /** Opens a page of ours, and fails where it asks another host, or says an error in its console. */
  async function withPage(
    path: string,
    options: BrowserContextOptions & { from?: string },
    use: (page: Page) => Promise<void>,
  ): Promise<void> {
    const { from = origin, ...rest } = options;
    const context = await running.newContext({ reducedMotion: 'reduce', ...rest });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const wrong: string[] = [];
      page.on('request', (request) => {
        const { origin: asked, protocol } = new URL(request.url());
        if (protocol !== 'data:' && asked !== from) wrong.push(`asks ${request.url()}`);
      });
      page.on('pageerror', (error) => wrong.push(error.message));
      page.on('console', (message) => {
        // Refusals, as of a camera without a picture, are told by the page itself.
        const refused = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !refused) wrong.push(message.text());
      });
      await page.goto(from + path);
      await use(page).catch((error: Error) => {
        throw wrong.length ? new Error(`${error.message}\n${wrong.join('\n')}`) : error;
      });
      expect(wrong).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const seen = (page: Page, text: string | RegExp) =>
    page.getByText(text).filter({ visible: true }).first().waitFor();

  const seriousFaults = async (page: Page, rules?: string[]): Promise<string[]> => {
    // Past the page's Content-Security-Policy, as a debugger does it.
    await page.evaluate(axe);
    const found = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
      `axe.run(${rules ? JSON.stringify({ runOnly: rules }) : ''}).then((result) => result.violations)`,
    );
    return found
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  };

  const anEvent = () =>
    service.events.page({ kind: 'alarm', limit: 50 }).events.find((one) => one.clip)!;

  const PAGES: readonly { path: () => string; shows: string }[] = [
    { path: () => '/', shows: 'Latest alarms' },
    { path: () => '/events', shows: 'Entrance' },
    { path: () => `/events/${anEvent().id}`, shows: 'Score around it' },
    { path: () => '/cameras/new', shows: 'Where do its pictures come from?' },
    { path: () => '/cameras/entrance', shows: 'already seen' },
    { path: () => '/cameras/yard', shows: 'Settings of this camera' },
    { path: () => '/cameras/gate', shows: 'No events while this lasts' },
    { path: () => '/cameras/warehouse', shows: 'No pictures' },
    { path: () => '/cameras/car-park', shows: 'Training the model' },
    { path: () => '/settings', shows: 'Home Assistant' },
    { path: () => '/no/such/page', shows: 'There is no such page' },
  ];

  for (const [name, size] of [
    ['wide', WIDE],
    ['a phone', PHONE],
  ] as const) {
    test(`each page is whole and axe finds nothing serious, light and dark, ${name}`, async () => {
      for (const { path, shows } of PAGES) {
        await withPage(path(), size, async (page) => {
          await seen(page, shows);
          for (const details of await page.locator('details:visible').all()) {
            await details.evaluate((one: HTMLDetailsElement) => {
              one.open = true;
            });
          }
          expect(await seriousFaults(page), path()).toEqual([]);
          await page.emulateMedia({ colorScheme: 'dark' });
          expect(await seriousFaults(page, ['color-contrast']), `${path()}, dark`).toEqual([]);
          const sideways = await page.evaluate(() => {
            const main = document.querySelector('main')!;
            return main.scrollWidth - main.clientWidth;
          });
          expect(sideways, `${path()} scrolls sideways`).toBe(0);
        });
      }
    });
  }

  test('signs in where a token is needed', async () => {
    await withPage('/', { ...PHONE, from: guardedOrigin }, async (page) => {
      await page.getByRole('button', { name: 'Token', exact: true }).click();
      await page.getByLabel('Access token').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await seen(page, 'This token is not known.');
      expect(await seriousFaults(page)).toEqual([]);
      await page.getByLabel('Access token').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Cameras', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in to m2s2l' }).waitFor();
    });
  });

  test('a viewer is shown nothing that only an admin may do', async () => {
    const { token: viewer } = guarded.access.addToken('looks', 'viewer');
    await withPage('/', { ...WIDE, from: guardedOrigin }, async (page) => {
      await page.getByRole('button', { name: 'Token', exact: true }).click();
      await page.getByLabel('Access token').fill(viewer);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await seen(page, 'Latest alarms');
      expect(await page.getByText('Add a camera').count()).toBe(0);
      await page.getByRole('link', { name: 'Entrance' }).first().click();
      await seen(page, 'Alarm budget');
      expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
      expect(await page.getByText('Settings of this camera').count()).toBe(0);
      expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
      await page.goto(`${guardedOrigin}/settings`);
      await seen(page, 'You are a viewer');
    });
  });

  test('a camera is added with the keyboard alone', async () => {
    await withPage('/', WIDE, async (page) => {
      await seen(page, 'Latest alarms');
      const press = (...keys: string[]) =>
        keys.reduce(
          (before, key) => before.then(() => page.keyboard.press(key)),
          Promise.resolve(),
        );
      const tabTo = async (name: string) => {
        for (let tries = 0; tries < 80; tries++) {
          await press('Tab');
          const focused = page.locator(':focus');
          if ((await focused.count()) && (await focused.textContent())?.includes(name)) return;
          const label = await focused.evaluate(
            (one: HTMLInputElement) => one.labels?.[0]?.textContent ?? '',
          );
          if (label.includes(name)) return;
        }
        throw new Error(`Tab does not reach ${name}`);
      };
      await tabTo('Add a camera');
      await press('Enter');
      await seen(page, 'Where do its pictures come from?');
      await tabTo('Network camera');
      await press('Tab', 'Tab', 'Enter');
      await tabTo('Address');
      await page.keyboard.type('http://wrong.example');
      await press('Enter');
      await seen(page, 'The address starts with rtsp://');
      await press('Control+a');
      await page.keyboard.type('rtsp://offline/1');
      await press('Enter');
      await seen(page, 'no answer within 10 s');
      await tabTo('Back');
      await press('Enter');
      await tabTo('Address');
      await press('Control+a');
      await page.keyboard.type('rtsp://10.0.0.9/stream');
      await press('Tab');
      await page.keyboard.type('me');
      await press('Tab');
      await page.keyboard.type('p@ss/word');
      await press('Enter');
      await seen(page, 'It works: 640 × 320 pixels');
      await tabTo('Next');
      await press('Enter');
      await tabTo('Name');
      await press('Control+a');
      await page.keyboard.type('Side door');
      await press('Enter');
      await tabTo('At most');
      await press('ArrowLeft', 'ArrowLeft');
      await tabTo('Add the camera');
      await press('Enter');
      await page.getByRole('heading', { name: 'Side door' }).waitFor();
      await seen(page, 'Collecting normal footage');

      const added = service.cameras.all().find(({ settings }) => settings.name === 'Side door')!;
      expect(added.settings.budget.alarmsPerDay).toBe(2);
      const content = await page.content();
      for (const secret of ['p@ss', 'p%40ss']) expect(content).not.toContain(secret);
      await service.cameras.remove(added.id);
    });
  });

  test('a list of 10,000 events keeps few rows, near its top and far down', async () => {
    await withPage('/events', WIDE, async (page) => {
      await seen(page, /^10,0\d\d events/);
      const rows = page.getByRole('article');
      await rows.first().waitFor();
      expect(await rows.count()).toBeLessThan(40);
      const list = page.getByRole('feed').locator('..');
      for (const share of [0.1, 0.5, 1]) {
        await list.evaluate((box, at) => {
          box.scrollTop = at * box.scrollHeight;
        }, share);
        // Those in sight are there, no longer on their way.
        await expect
          .poll(
            async () => {
              const place = Number(await rows.last().getAttribute('aria-posinset'));
              const words = await rows.last().getAttribute('aria-label');
              return place >= share * EVENTS && words !== 'Loading';
            },
            { timeout: 30_000 },
          )
          .toBe(true);
        expect(await rows.count()).toBeLessThan(40);
      }
      const last = await rows.last().getAttribute('aria-posinset');
      expect(Number(last)).toBe(Number(await rows.last().getAttribute('aria-setsize')));
    });
  });

  const told = (id: string): AnomalyEvent => ({
    ...anEvent(),
    id,
    cameraName: 'Just now',
    start: Date.now(),
    end: null,
    clip: false,
    verdict: 'open',
  });

  test('a new event appears at the top, and what is read stays in its place', async () => {
    await withPage('/events', WIDE, async (page) => {
      const rows = page.getByRole('article');
      await rows.first().waitFor();
      await seen(page, 'Live');
      service.live.publish({ name: 'event', data: told('first-told') });
      await seen(page, 'Just now');
      expect(await page.locator('[aria-live=polite].hidden').textContent()).toContain('Alarm at');

      const list = page.getByRole('feed').locator('..');
      await list.evaluate((box) => {
        box.scrollTop = 2000;
      });
      await page.locator('[data-row="26"]').waitFor();
      const before = await page.locator('[data-row="26"]').getAttribute('aria-label');
      const y = (await page.locator('[data-row="26"]').boundingBox())!.y;
      service.live.publish({ name: 'event', data: told('second-told') });
      await page.getByRole('button', { name: '1 new event' }).waitFor();
      const after = page.locator('[data-row="27"]');
      expect(await after.getAttribute('aria-label')).toBe(before);
      expect((await after.boundingBox())!.y).toBeCloseTo(y, 0);
      await page.getByRole('button', { name: '1 new event' }).click();
      await page.locator('[data-row="0"]:focus').waitFor();
      for (const id of ['first-told', 'second-told'])
        service.live.publish({ name: 'event removed', data: { id } });
      const shown = page.getByRole('article').filter({ hasText: 'Just now' });
      await expect.poll(() => shown.count(), { timeout: 20_000 }).toBe(0);
    });
  });

  test('keys move through the list, judge and open', async () => {
    await withPage('/events?kind=alarm&verdict=open', WIDE, async (page) => {
      const first = page.locator('[data-row="0"]');
      await first.waitFor();
      const { events } = service.events.page({ kind: 'alarm', verdict: 'open', limit: 3 });
      await first.focus();
      await page.keyboard.press('ArrowDown');
      await page.locator('[data-row="1"]:focus').waitFor();
      await page.keyboard.press('n');
      // What is judged is no longer among those that are not.
      await expect.poll(() => service.events.get(events[1]!.id)!.verdict).toBe('normal');
      await page.locator(`[data-row="1"]:focus a[href^="/events/${events[2]!.id}?"]`).waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(({ pathname }) => pathname === `/events/${events[2]!.id}`);
      expect(new URL(page.url()).search).toBe('?kind=alarm&verdict=open');
      await page.getByRole('button', { name: 'Real' }).click();
      await expect.poll(() => service.events.get(events[2]!.id)!.verdict).toBe('real');
      await page.getByRole('button', { name: 'Real', pressed: true }).waitFor();
      // Taken back.
      await page.getByRole('button', { name: 'Real' }).click();
      await expect.poll(() => service.events.get(events[2]!.id)!.verdict).toBe('open');
      service.events.judge(events[1]!.id, 'open');
    });
  });

  test('an event goes to the one before it and after it', async () => {
    const [newest, next] = service.events.page({ limit: 2 }).events;
    await withPage(`/events/${newest!.id}`, PHONE, async (page) => {
      await page.getByRole('link', { name: 'Earlier' }).click();
      await page.waitForURL(`**/events/${next!.id}`);
      await page.getByRole('link', { name: 'Later' }).click();
      await page.waitForURL(`**/events/${newest!.id}`);
    });
  });

  test('the budget slider shows the alarms it would have given, and applies', async () => {
    await withPage('/cameras/yard', WIDE, async (page) => {
      const slider = page.getByRole('region', { name: 'Alarm budget' }).getByRole('slider');
      await seen(page, 'already seen');
      const before = service.cameras.status('yard')!.settings.budget.alarmsPerDay;
      const shown = page.locator('p.count');
      const was = await shown.textContent();
      await slider.focus();
      await page.keyboard.press('Home');
      await expect.poll(() => shown.textContent(), { timeout: 20_000 }).not.toBe(was);
      const steps = await slider.getAttribute('aria-valuetext');
      expect(steps).toBe('at most 1 alarm a month');
      const { totalAlarms } = service.cameras.previewBudget('yard', 0.0333)!;
      await seen(page, `${totalAlarms.toLocaleString('en-GB')} alarm`);
      await page.getByRole('button', { name: 'Apply' }).click();
      await seen(page, 'From now on at most 1 alarm a month.');
      expect(service.cameras.status('yard')!.settings.budget.alarmsPerDay).toBeCloseTo(0.0333);
      const camera = service.cameras.status('yard')!;
      await service.cameras.change('yard', {
        ...camera.settings,
        budget: { ...camera.settings.budget, alarmsPerDay: before },
      });
    });
  });

  test('says that the connection is lost, and comes back by itself', async () => {
    const lost = new Server({
      service,
      tokens: memoryTokens(),
      requireToken: false,
      host: '127.0.0.1',
      port: 0,
      logger: pino({ level: 'silent' }),
      page: built.folder,
    });
    const from = await lost.listen();
    await withPage('/settings', { ...WIDE, from }, async (page) => {
      await page.getByText('Live', { exact: true }).waitFor();
      await lost.close();
      await seen(page, 'The connection to the service is lost');
      const again = new Server({
        service,
        tokens: memoryTokens(),
        requireToken: false,
        host: '127.0.0.1',
        port: Number(new URL(from).port),
        logger: pino({ level: 'silent' }),
        page: built.folder,
      });
      await again.listen();
      try {
        await page.getByText('Live', { exact: true }).waitFor();
      } finally {
        await again.close();
      }
    });
  });

  test('is small', async () => {
    const assets = join(built.folder, 'assets');
    const files = await readdir(assets);
    const sizes = await Promise.all(
      files.map(async (file) => gzipSync(await readFile(join(assets, file))).length),
    );
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(200_000);
  });
});
