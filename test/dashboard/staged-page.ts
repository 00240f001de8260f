import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { Server } from '../../src/service/api/server.ts';
import { type Browser, findBrowser } from '../chromium.ts';
import { memoryTokens } from '../service/memory-tokens.ts';
import { type Staged, stageService } from '../service/staged-service.ts';
import { buildPage } from './build-page.ts';

export const WIDE = { viewport: { width: 1440, height: 1000 } };
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** A browser for the page, unpacked for these tests alone; undefined where there is none. */
export async function unpackedBrowser(): Promise<{
  readonly browser: Browser | undefined;
  remove(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-browser-'));
  const browser = await findBrowser(folder);
  return { browser, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface StagedPage {
  readonly staged: Staged;
  readonly server: Server;
  readonly origin: string;
  /** Opens a page of ours, and fails where it says an error in its console. */
  withPage(
    path: string,
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
  ): Promise<void>;
  close(): Promise<void>;
}

/** The page as it is now, before a whole service whose processes are played by hand. */
export async function stagePage(
  browser: Browser,
  { events, requireToken = false }: { readonly events: number; readonly requireToken?: boolean },
): Promise<StagedPage> {
  const built = await buildPage();
  const staged = await stageService({ events });
  const server = new Server({
    service: staged.service,
    tokens: memoryTokens(),
    host: '127.0.0.1',
    port: 0,
    requireToken,
    logger: pino({ level: 'silent' }),
    page: built.folder,
    limits: { perAddress: 30 },
    checkAnswers: true,
  });
  const origin = await server.listen();
  const running = await chromium.launch(browser);
  return {
    staged,
    server,
    origin,
    async withPage(path, options, use) {
      const context = await running.newContext({ reducedMotion: 'reduce', ...options });
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(30_000);
        const wrong: string[] = [];
        page.on('pageerror', (error) => wrong.push(error.message));
        page.on('console', (message) => {
          const refused = message.text().startsWith('Failed to load resource');
          if (message.type() === 'error' && !refused) wrong.push(message.text());
        });
        await page.goto(origin + path);
        await use(page);
        if (wrong.length > 0) throw new Error(wrong.join('\n'));
      } finally {
        await context.close();
      }
    },
    async close() {
      await running.close();
      await server.close();
      await staged.close();
      await built.remove();
    },
  };
}
