import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import {
  type BrowserContext,
  type BrowserContextOptions,
  type Browser as Chromium,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { Server, type ServerOptions } from '../../src/service/api/server.ts';
import { findBrowser } from '../chromium.ts';
import { type Staged, stageService } from '../service/staged-service.ts';
import { buildPage } from './build-page.ts';

const unpacked = await mkdtemp(join(tmpdir(), 'm2s2l-browser-'));
const found = await findBrowser(unpacked);
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const WIDE = { viewport: { width: 1440, height: 900 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Milliseconds that a busy machine is given for one step, and for a test of several. */
const PATIENCE = 90_000;
export const LONG = 600_000;

/** Waits until something is as it should be. */
export const eventually = <T>(value: () => T | Promise<T>) =>
  expect.poll(value, { timeout: PATIENCE });

/** Whether there is a browser for this platform. */
export const hasBrowser = found !== undefined;

export interface Opened {
  readonly staged: Staged;
  readonly server: Server;
  readonly origin: string;
}

export type PageOptions = BrowserContextOptions & {
  readonly from?: string;
  /** Called before the page is loaded. */
  readonly before?: (context: BrowserContext) => Promise<void>;
};

/** A staged service, its page and a browser for all tests of a file. */
export class Pages {
  #opened: Opened | undefined;
  #running: Chromium | undefined;
  #built: Awaited<ReturnType<typeof buildPage>> | undefined;

  get opened(): Opened {
    return this.#opened!;
  }

  get service(): Staged['service'] {
    return this.opened.staged.service;
  }

  /** Folder of the built page. */
  get folder(): string {
    return this.#built!.folder;
  }

  /** Call it where the tests are described. */
  static ofThisFile(
    events: number,
    server: (service: Staged['service']) => Partial<ServerOptions> = () => ({}),
  ): Pages {
    const pages = new Pages();
    beforeAll(async () => {
      pages.#built = await buildPage();
      const staged = await stageService({ events });
      const own = new Server({
        service: staged.service,
        tokens: staged.service.store,
        host: '127.0.0.1',
        port: 0,
        requireToken: false,
        logger: pino({ level: 'silent' }),
        page: pages.#built.folder,
        limits: { perAddress: 30 },
        checkAnswers: true,
        ...server(staged.service),
      });
      pages.#opened = { staged, server: own, origin: await own.listen() };
      pages.#running = await chromium.launch(found!);
    }, LONG);
    afterAll(async () => {
      await pages.#running?.close();
      await pages.#opened?.server.close();
      await pages.#opened?.staged.close();
      await pages.#built?.remove();
      await rm(unpacked, { recursive: true, force: true });
    });
    return pages;
  }

  /** Opens a page of ours, and fails where it asks another host, or says an error in its console. */
  async with(
    path: string,
    options: PageOptions,
    use: (page: Page) => Promise<void>,
  ): Promise<void> {
    const { from = this.opened.origin, before, ...rest } = options;
    const context = await this.#running!.newContext({ reducedMotion: 'reduce', ...rest });
    try {
      await before?.(context);
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const wrong: string[] = [];
      page.on('request', (request) => {
        const { origin: asked, protocol } = new URL(request.url());
        if (!['data:', 'blob:'].includes(protocol) && asked !== from)
          wrong.push(`asks ${request.url()}`);
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
}

export const seen = (page: Page, text: string | RegExp) =>
  page.getByText(text).filter({ visible: true }).first().waitFor();

/**
 * Fails where axe finds something serious, in light and dark, or the page scrolls sideways. With
 * M2S2L_PICTURES it leaves a picture of each there.
 */
export async function expectSound(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const folder = process.env.M2S2L_PICTURES;
    if (folder) {
      await mkdir(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`) });
    }
    // Past the page's Content-Security-Policy, as a debugger does it.
    await page.evaluate(axe);
    const faults = await page.evaluate<{ id: string; impact: string; nodes: { html: string }[] }[]>(
      'axe.run().then((result) => result.violations)',
    );
    const serious = faults
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    expect(serious, `${name}, ${colorScheme}`).toEqual([]);
  }
  const sideways = await page.evaluate(() => {
    const main = document.querySelector('main')!;
    return main.scrollWidth - main.clientWidth;
  });
  expect(sideways, `${name} scrolls sideways`).toBe(0);
  await page.emulateMedia({ colorScheme: null });
}
