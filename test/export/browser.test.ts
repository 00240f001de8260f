import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { readModel } from '../../src/detector/model-file.ts';
import { exportModel } from '../../src/export/export.ts';
import { clipLength } from '../../src/model/configuration.ts';
import { StreamScorer } from '../../src/scoring/score.ts';
import { findBrowser } from '../chromium.ts';
import { sharedFolder } from '../cli/footage.ts';
import { trainTiny } from '../training/tiny-model.ts';
import { detectorErrors } from './detector-errors.ts';
import { movingPictures } from './moved-weights.ts';
import { servePage } from './page-server.ts';

const unpacked = await mkdtemp(join(tmpdir(), 'm2s2l-browser-'));
const browser = await findBrowser(unpacked);
afterAll(() => rm(unpacked, { recursive: true, force: true }));

const title = browser
  ? 'a page of a browser'
  : 'a page of a browser (skipped: no Chromium for this platform in npm or from Debian)';

describe.skipIf(!browser)(title, () => {
  const folder = sharedFolder(async (to) => {
    await trainTiny(to);
    await exportModel(join(to, 'model'), join(to, 'onnx'));
  });

  test('scores frames as m2s2l does, and asks no other host', async () => {
    const { description, weights } = await readModel(join(folder(), 'model'));
    const { configuration, statistics, scoring } = description;
    const { channels, height, width } = configuration.input;
    const frames = movingPictures(clipLength(configuration) + 5, channels * height * width);
    const scorer = new StreamScorer(statistics, scoring);
    const errors = await detectorErrors({ configuration, weights }, frames);
    const expected = errors.map((frame) => scorer.push(frame).score);

    const server = await servePage(join(folder(), 'onnx'), Buffer.concat(frames));
    const running = await chromium.launch(browser!);
    try {
      const page = await running.newPage();
      const hosts = new Set<string>();
      page.on('request', (request) => hosts.add(new URL(request.url()).origin));
      await page.goto(server.origin);
      // As text: the tests' own loader would take the import for one of Node's.
      const scores = await page.evaluate<number[]>(
        "import('/test/export/score-in-page.ts').then((page) => page.scoresInPage())",
      );
      expect(scores.length).toBe(expected.length);
      scores.forEach((score, t) => {
        expect(Math.abs(score - expected[t]!), `frame ${t}`).toBeLessThan(1e-3);
      });
      hosts.delete('null');
      expect([...hosts]).toEqual([server.origin]);
    } finally {
      await running.close();
      server.close();
    }
  });
});
