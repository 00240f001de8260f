import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ScoredFrame } from '../../src/detector/frame-scorer.ts';
import { loadModel } from '../../src/detector/model.ts';
import { evaluate } from '../../src/evaluation/evaluate.ts';
import { lossTerms, modelFacts } from '../../src/evaluation/model-facts.ts';
import { rocAuc } from '../../src/evaluation/ranking.ts';
import { sharedFolder, testing } from '../cli/footage.ts';
import { trainTiny } from '../training/tiny-model.ts';

describe('an evaluation', { timeout: 60_000 }, () => {
  const folder = sharedFolder(trainTiny);
  const at = (path: string) => join(folder(), path);

  async function scores(batch?: number): Promise<ScoredFrame[]> {
    const model = await loadModel(at('model'), { batch });
    const frames: ScoredFrame[] = [];
    for await (const frame of model.score(at('data/testing/videos/01.mp4'))) frames.push(frame);
    await model.release();
    return frames;
  }

  test('ranks the very scores that a stream gets', async () => {
    const { protocols, warmUp, operations } = await evaluate(at('model'), at('data'));
    const live = await scores(1);
    const labels = live.map((_, i) => (i >= testing.from && i < testing.to ? 1 : 0));
    const ranked = rocAuc(
      live.map(({ score }) => score),
      labels,
    );
    expect(protocols.live.microAuc).toBeCloseTo(ranked!, 6);
    expect(protocols.live.macroAuc).toBeCloseTo(ranked!, 6);
    // Three strides of up to four frames, three steps back.
    expect(warmUp.frames).toBe(12);
    expect(warmUp.liveWithout.microAuc).toBeCloseTo(
      rocAuc(
        live.slice(12).map(({ score }) => score),
        labels.slice(12),
      )!,
      6,
    );
    const { threshold } = operations;
    const found = live.some(({ score }, i) => labels[i] === 1 && score > threshold);
    expect(operations).toMatchObject({ events: 1, eventsFound: found ? 1 : 0 });
  });

  test('does not depend on how many frames go through the model together', async () => {
    const [one, many] = [await scores(1), await scores()];
    for (const [i, { score }] of one.entries()) expect(many[i]!.score).toBeCloseTo(score, 4);
  });

  test('takes a loaded model, tells how it goes on, and leaves the model open', async () => {
    const model = await loadModel(at('model'));
    const done: number[] = [];
    for (let run = 0; run < 2; run++)
      await evaluate(model, at('data'), { onScoring: (count) => done.push(count) });
    const each = Array.from({ length: testing.frames }, (_, i) => i + 1);
    expect(done).toEqual([...each, ...each]);
    await model.release();
  });

  test('gives up with the reason of its signal', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const running = evaluate(at('model'), at('data'), {
      signal: stop.signal,
      onScoring: () => stop.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
  });

  test('knows nothing where there are no labels and no masks', async () => {
    await rm(at('data/labels'), { recursive: true });
    await rm(at('data/testing/masks'), { recursive: true });
    const none = { microAuc: null, macroAuc: null, averagePrecision: null, eer: null };
    expect(await evaluate(at('model'), at('data'))).toMatchObject({
      frames: testing.frames,
      anomalousFrames: null,
      labelSource: null,
      protocols: { live: none, raw: none, paper: none, paperPace: none, paperWholeSet: none },
      warmUp: { liveWithout: none },
      localisation: { pixelAuc: null, rbdc: null, tbdc: null },
      operations: {
        alarmsPerHour: null,
        alarmsPerHourBound: null,
        eventsFound: null,
        events: null,
        medianDelayFrames: null,
      },
    });
  });

  test('reports the loss curves of the training, the total first', async () => {
    const { description } = await loadModel(at('model'));
    const terms = lossTerms(description);
    expect(terms.map(({ name }) => name).slice(0, 3)).toEqual(['loss', 'appearance', 'motion']);
    for (const { training, validation } of terms) {
      expect(training.at(-1)!.epoch).toBeCloseTo(0.2, 6);
      expect(validation.length).toBeGreaterThan(0);
    }
    expect(modelFacts('model', description)).toMatchObject({ preset: 'tiny', task: 'reconstruct' });
  });
});
