import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { modelChanges, trainingChanges } from '../../src/training/changes.ts';
import { temporaryFolders } from '../files/temporary-folder.ts';

const temporaryFolder = temporaryFolders();
const preset = presetConfiguration('tiny');

describe('changes to a model', () => {
  test('a fourth time scale is one word; the rest of its entry stays', async () => {
    const changes = await modelChanges('{"temporal": {"strides": [1, 2, 4, 8]}}', preset);
    expect(changes).toEqual({ temporal: { ...preset.temporal, strides: [1, 2, 4, 8] } });
  });

  test('may stand in a file', async () => {
    const path = join(await temporaryFolder(), 'model.json');
    await writeFile(path, '\n{ "memorySlots": 8 }\n');
    expect(await modelChanges(path, preset)).toEqual({ memorySlots: 8 });
  });

  test.each([
    ['{"temporal": ', /^--model: is not JSON/],
    ['{"strides": [1]}', /^--model: wrong at the top: .*strides/],
    ['{"temporal": {"strides": [0]}}', /^--model: wrong at temporal\.strides\.0: /],
    ['{"temporal": {"stride": 1}}', /^--model: wrong at temporal: .*stride/],
    ['none.json', /^--model none\.json: does not exist; give a JSON file, or JSON itself/],
    ['/', /^--model \/: cannot be read/],
  ])('that are wrong are one line: %s', async (given, message) => {
    const refused = modelChanges(given, preset);
    await expect(refused).rejects.toThrow(UserError);
    await expect(refused).rejects.toThrow(message);
    await refused.catch((error: Error) => expect(error.message).not.toContain('\n'));
  });

  test('a file that holds a list is refused', async () => {
    const path = join(await temporaryFolder(), 'list.json');
    await writeFile(path, '[1]');
    await expect(modelChanges(path, preset)).rejects.toThrow(/list\.json: must be a JSON object/);
  });
});

describe('changes to a training', () => {
  test('are what was given, with the rest of an entry as it is by default', async () => {
    expect(await trainingChanges('{"learningRate": 0.0005}')).toEqual({ learningRate: 0.0005 });
    const { losses } = await trainingChanges('{"losses": {"overlap": 0}}');
    expect(losses).toMatchObject({ overlap: 0, appearance: 1 });
  });

  test('that are wrong are one line', async () => {
    await expect(trainingChanges('{"learningRate": -1}')).rejects.toThrow(
      /^--training: wrong at learningRate: /,
    );
    await expect(trainingChanges('{"batches": 3}')).rejects.toThrow(
      /^--training: wrong at the top/,
    );
  });
});
