import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { type StepLine, TrainingLog } from '../../src/training/log.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';

const temporaryFolder = temporaryFolders();
const line = (step: number): StepLine => ({
  step,
  seconds: step / 2,
  learningRate: 0.001,
  gradientNorm: 3,
  losses: { loss: -step },
});
const stepsIn = async (path: string) =>
  (await readFile(path, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((text) => (JSON.parse(text) as StepLine).step);

async function write(path: string, from: number, steps: readonly number[]): Promise<void> {
  const log = await TrainingLog.open(path, from);
  for (const step of steps) await log.add(line(step));
  await log.sync();
  await log.close();
}

describe('the log of a training', () => {
  test('is one line of JSON a step', async () => {
    const path = join(await temporaryFolder(), 'log.jsonl');
    await write(path, 0, [1, 2]);
    expect(await readFile(path, 'utf8')).toBe(
      `${[1, 2].map((s) => JSON.stringify(line(s))).join('\n')}\n`,
    );
  });

  test('goes on from the checkpoint: what came after it, and a line cut short, are done again', async () => {
    const path = join(await temporaryFolder(), 'log.jsonl');
    await write(path, 0, [1, 2, 3, 4]);
    await appendFile(path, '{"step":5,"sec');
    await write(path, 3, [4, 5]);
    expect(await stepsIn(path)).toEqual([1, 2, 3, 4, 5]);
  });

  test('begins where a resumed training had none', async () => {
    const path = join(await temporaryFolder(), 'log.jsonl');
    await write(path, 7, [8]);
    expect(await stepsIn(path)).toEqual([8]);
  });

  test('never begins over a file, and never goes on with something else', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'notes.txt');
    await writeFile(path, 'dear diary\nmore\n');
    await expect(TrainingLog.open(path, 0)).rejects.toThrow(/notes.txt: exists already/);
    await expect(TrainingLog.open(path, 3)).rejects.toThrow(/notes.txt: is not a training log/);
    expect(await readFile(path, 'utf8')).toBe('dear diary\nmore\n');
    await expect(TrainingLog.requireNew(join(folder, 'none', 'log'))).rejects.toThrow(/no folder/);
    await mkdir(join(folder, 'sub'));
    await expect(TrainingLog.open(join(folder, 'sub'), 3)).rejects.toThrow(UserError);
  });
});
