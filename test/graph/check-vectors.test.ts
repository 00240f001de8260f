import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sizeOf } from '../../src/graph/index.ts';
import { testData } from '../test-data.ts';
import { normal } from './evaluate.ts';
import {
  centralDifferences,
  dot,
  referenceS6,
  referenceScan,
  referenceScanGradient,
} from './reference-scan.ts';
import { scanCase, scanShapes } from './scan-cases.ts';

// Seconds where nothing else runs; the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const root = fileURLToPath(new URL('../../', import.meta.url));
const shared = testData('vectors/scan.json');

const tensor = (shape: readonly number[], data: Float64Array) => ({ shape, data: [...data] });
const random = (shape: readonly number[], seed: string) =>
  Float64Array.from(normal(shape, seed).data);

/** Reference values of the scan with one decay a head, in the layout `[B, T, heads, size]`. */
function ssdCase(length: number, past: boolean) {
  const sizes = { batch: 2, length, heads: 2, state: 3, headDim: 4 };
  const c = scanCase(sizes, { past });
  const shapes = scanShapes(c);
  const apart = { rows: [2, length, 2, 3], columns: [2, length, 2, 4] };
  const dy = random(shapes.v, 'dy');
  const dState = random(shapes.past, 'dState').map((x) => (past ? x : 0));
  const { y, states } = referenceScan(c);
  const d = referenceScanGradient(c, dy, dState);
  const named = (x: typeof d) => ({
    q: tensor(apart.rows, x.q),
    k: tensor(apart.rows, x.k),
    v: tensor(apart.columns, x.v),
    logDecay: tensor(shapes.g, x.g),
    pastState: tensor(shapes.past, x.past),
  });
  return {
    dims: { ...sizes, pastState: past },
    inputs: named(c),
    outputs: { y: tensor(apart.columns, y), presentState: tensor(shapes.past, states.at(-1)!) },
    cotangents: { y: tensor(apart.columns, dy), presentState: tensor(shapes.past, dState) },
    gradients: named(d),
  };
}

function s6Case(batch: number, length: number, channels: number, state: number) {
  const sequence = [batch, length, channels];
  const shapes = {
    u: sequence,
    dtRaw: sequence,
    dtBias: [channels],
    aLog: [channels, state],
    b: [batch, length, state],
    c: [batch, length, state],
    dSkip: [channels],
  };
  const named = (data: (name: keyof typeof shapes) => Float64Array) => {
    const names = Object.keys(shapes) as (keyof typeof shapes)[];
    return Object.fromEntries(names.map((name) => [name, tensor(shapes[name], data(name))]));
  };
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, random(shape, `s6 ${name}`)]),
  ) as Record<keyof typeof shapes, Float64Array>;
  const dims = { batch, length, channels, state };
  const dy = random(sequence, 'dy');
  const forward = () => referenceS6({ ...dims, inputs });
  return {
    dims,
    inputs: named((name) => inputs[name]),
    outputs: { y: tensor(sequence, forward()) },
    cotangents: { y: tensor(sequence, dy) },
    gradients: named((name) => centralDifferences(() => dot(dy, forward()), inputs[name])),
  };
}

/** The four routes written out for a picture: rows, columns, and both backwards. */
function crossScanCase(height: number, width: number, channels: number) {
  const tokens = height * width;
  const x = random([1, channels, height, width], 'x');
  const weights = random([1, 4, channels, tokens], 'scanWeights');
  const scanned = new Float64Array(4 * channels * tokens);
  const merged = new Float64Array(channels * tokens);
  for (let channel = 0; channel < channels; channel++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const token = channel * tokens + row * width + column;
        const along = row * width + column;
        const down = column * height + row;
        [along, down, tokens - 1 - along, tokens - 1 - down].forEach((step, route) => {
          const place = (route * channels + channel) * tokens + step;
          scanned[place] = x[token]!;
          merged[token]! += x[token]! * weights[place]!;
        });
      }
  return {
    dims: { batch: 1, height, width, channels },
    inputs: {
      x: tensor([1, channels, height, width], x),
      scanWeights: tensor([1, 4, channels, tokens], weights),
    },
    outputs: {
      scanned: tensor([1, 4, channels, tokens], scanned),
      merged: tensor([1, channels, height, width], merged),
    },
  };
}

const vectors = () => ({
  about: 'from the reference of these tests',
  ssd: [1, 2, 4, 9, 12].flatMap((length) => [ssdCase(length, false), ssdCase(length, true)]),
  s6: [s6Case(1, 1, 1, 1), s6Case(2, 7, 3, 2)],
  crossScan: [crossScanCase(2, 3, 2), crossScanCase(5, 1, 1)],
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectors-'));
});
afterAll(() => rm(folder, { recursive: true }));

function check(file: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['scripts/check-vectors.ts', file],
      { cwd: root },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

async function checkContents(contents: unknown) {
  const file = join(folder, 'vectors.json');
  await writeFile(file, JSON.stringify(contents));
  return check(file);
}

describe('scripts/check-vectors.ts', () => {
  test('finds every case of the reference right, and prints its error', async () => {
    const { code, stdout, stderr } = await checkContents(vectors());
    expect(stderr).toBe('');
    expect(stdout).not.toMatch(/FAIL/);
    // Scans without a past state are checked whole and in chunks.
    expect(stdout.match(/^ok .*largest relative error \d\.\d+e/gm)).toHaveLength(10 + 5 + 2 + 2);
    expect(code).toBe(0);
  });

  test.each([
    ['a value', ['ssd', 0, 'outputs', 'y']],
    ['a gradient', ['ssd', 3, 'gradients', 'logDecay']],
    ['a value of S6', ['s6', 1, 'outputs', 'y']],
    ['a gradient of S6', ['s6', 1, 'gradients', 'aLog']],
    ['a route', ['crossScan', 0, 'outputs', 'scanned']],
  ] as const)('exits 1 when %s is off by a thousandth, and says where', async (_, path) => {
    const [kind, at, group, name] = path;
    const contents = vectors() as unknown as Record<
      string,
      Record<string, Record<string, { shape: number[]; data: number[] }>>[]
    >;
    const { shape, data } = contents[kind]![at]![group]![name]!;
    expect(data).toHaveLength(sizeOf(shape));
    const largest = Math.max(...data.map(Math.abs));
    data[data.length - 1]! += largest / 1000;
    const { code, stdout } = await checkContents({ [kind]: [contents[kind]![at]] });
    expect(stdout).toMatch(new RegExp(`^FAIL ${kind} .*\\(.*${name}\\)$`, 'm'));
    expect(code).toBe(1);
  });

  test('exits 1 for a kind of case it does not know, and for no case at all', async () => {
    const unknown = await checkContents({ convolution: [] });
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.stderr).toMatch(/no check for cases of kind 'convolution'/);
    expect((await checkContents({ about: 'nothing' })).code).toBe(1);
  });

  test.skipIf(!existsSync(shared))(
    'finds the shared reference values right (needs vectors/scan.json of M2S2L_TEST_DATA)',
    async () => {
      const { code, stdout } = await check(shared);
      expect(stdout).not.toMatch(/FAIL/);
      expect(stdout.match(/^ok /gm)!.length).toBeGreaterThan(5);
      expect(code).toBe(0);
    },
  );
});
