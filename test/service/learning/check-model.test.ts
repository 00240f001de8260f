import { execFileSync } from 'node:child_process';
import { cp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel, writeModel } from '../../../src/detector/model-file.ts';
import { UserError } from '../../../src/errors.ts';
import { FootageLearner } from '../../../src/service/learning/footage-learner.ts';
import { sharedFolder } from '../../cli/footage.ts';
import { WHOLE } from '../../model/small-models.ts';
import { writeSmallModel } from '../inference/small-model.ts';

const shared = sharedFolder((folder) => writeSmallModel(join(folder, 'good')));
const good = () => join(shared(), 'good');

/** A model folder that something was done to. */
async function spoilt(
  name: string,
  spoil: (folder: string, weights: string) => Promise<void>,
): Promise<string> {
  const folder = join(shared(), name);
  await cp(good(), folder, { recursive: true });
  await spoil(folder, join(folder, 'weights.safetensors'));
  return folder;
}

/** The one line by which a folder is refused. */
async function refusal(folder: string, learner = new FootageLearner()): Promise<string> {
  const error = await learner.check(folder).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toContain('\n');
  expect(message).toContain(folder);
  return message;
}

describe('the check of a model', () => {
  test('tells what a good one is', async () => {
    const { description } = await readModel(good());
    expect(await new FootageLearner().check(good())).toEqual({
      format: WHOLE.input,
      preset: 'tiny',
      threshold: description.threshold,
    });
  });

  test('refuses one that is missing, or no model', async () => {
    expect(await refusal(join(shared(), 'none'))).toContain('does not exist');
    const empty = await spoilt('empty', (folder) => rm(join(folder, 'model.json')));
    expect(await refusal(empty)).toContain('is not a model folder');
    const bare = await spoilt('bare', (_, weights) => rm(weights));
    expect(await refusal(bare)).toContain('is missing');
    const text = await spoilt('text', (folder) => writeFile(join(folder, 'model.json'), 'no'));
    expect(await refusal(text)).toContain('is not JSON');
  });

  test('refuses one that is truncated', async () => {
    const folder = await spoilt('truncated', async (_, weights) =>
      truncate(weights, (await stat(weights)).size - 100),
    );
    expect(await refusal(folder)).toContain('is not a complete safetensors file');
  });

  test('refuses one that is far too large, without reading it', async () => {
    const weights = await spoilt('huge weights', (_, path) => truncate(path, 5e9));
    expect(await refusal(weights)).toMatch(/is far too large \(5000000000 bytes where at most \d+/);
    const description = await spoilt('huge description', (folder) =>
      truncate(join(folder, 'model.json'), 5e9),
    );
    expect(await refusal(description)).toContain('is far too large');
  });

  test('refuses one of a newer version', async () => {
    const folder = await spoilt('newer', async (path) => {
      const file = join(path, 'model.json');
      const json = JSON.parse(await readFile(file, 'utf8'));
      await writeFile(file, JSON.stringify({ ...json, format: 99 }));
    });
    expect(await refusal(folder)).toContain('is of format 99, this m2s2l reads up to 5');
  });

  test('refuses weights that are no numbers, and numbers that make none', async () => {
    const { description, weights } = await readModel(good());
    const [name] = [...weights.keys()].filter((key) => key.endsWith('pixels.weight'));
    const changed = async (folder: string, value: number) => {
      const { shape, data } = weights.get(name!)!;
      const all = new Map([...weights, [name!, { shape, data: data.map(() => value) }]]);
      await writeModel(folder, { description, weights: all });
    };
    const nan = await spoilt('nan', (folder) => changed(folder, Number.NaN));
    expect(await refusal(nan)).toContain(`'${name}' holds values that are not finite`);
    const large = await spoilt('large', (folder) => changed(folder, 3e38));
    expect(await refusal(large)).toContain('cannot score a gray picture');
  });

  test('ends one that hangs, or takes too much memory', async () => {
    // Reading a pipe that nobody writes to never ends.
    const pipe = await spoilt('pipe', async (_, weights) => {
      await rm(weights);
      execFileSync('mkfifo', [weights]);
    });
    const hasty = new FootageLearner({ check: { seconds: 3 } });
    expect(await refusal(pipe, hasty)).toMatch(
      /cannot be used: its check took (3|15) s; (take another model|the machine is busy: .*; try again)/,
    );
    const poor = new FootageLearner({ check: { memory: 1e7 } });
    expect(await refusal(good(), poor)).toMatch(/its check took \d+ MB of memory, more than 10/);
  });

  test('is over when the learner is stopped', async () => {
    const learner = new FootageLearner();
    const checked = expect(learner.check(good())).rejects.toThrow(/abort/);
    await learner.stop();
    await checked;
  });
});
