import { describe, expect, test } from 'vitest';
import {
  type FloatType,
  Graph,
  selectiveScan,
  type Value,
  vectorJacobianProduct,
} from '../../src/graph/index.ts';
import { chunkedScan, chunkLength } from '../../src/graph/primitives/scan-chunked.ts';
import { doublingScan, standardScan } from '../../src/graph/primitives/scan-standard.ts';
import { evaluate, normal, relativeError } from './evaluate.ts';
import {
  centralDifferences,
  dot,
  referenceScan,
  referenceScanGradient,
  type ScanCase,
} from './reference-scan.ts';
import { float32, float64, scanCase, scanShapes } from './scan-cases.ts';

const names = ['q', 'k', 'v', 'g', 'past'] as const;

/** A case as a graph's inputs and what is fed to them. */
function inputsOf(c: ScanCase, float: FloatType = 'float32') {
  const graph = new Graph(float);
  const shapes = scanShapes(c);
  const tensor = float === 'float32' ? float32 : float64;
  const values = {} as Record<(typeof names)[number], Value>;
  for (const name of names) values[name] = graph.input(name, shapes[name]);
  const feeds = Object.fromEntries(names.map((name) => [name, tensor(shapes[name], c[name])]));
  const cotangent = (name: 'v' | 'past') =>
    Float64Array.from(normal(shapes[name], `d${name}`).data);
  const [dy, dState] = [cotangent('v'), cotangent('past')];
  return {
    graph,
    values,
    dy,
    dState,
    feeds: { ...feeds, dy: tensor(shapes.v, dy), dState: tensor(shapes.past, dState) },
    shapes,
  };
}

function scanned({ q, k, v, g, past }: Record<(typeof names)[number], Value>, c: ScanCase) {
  const hasPast = c.past.some((x) => x !== 0);
  return selectiveScan({ q, k, v, logDecay: g, pastState: hasPast ? past : undefined }, c.heads);
}

const small = { batch: 2, length: 4, heads: 2, state: 3, headDim: 2 };

test.each([false, true])(
  'the reference agrees with its central differences, perState %s',
  (perState) => {
    const c = scanCase({ ...small, perState }, { past: true });
    const { dy, dState } = inputsOf(c);
    const loss = (): number => {
      const { y, states } = referenceScan(c);
      return dot(dy, y) + dot(dState, states.at(-1)!);
    };
    const gradients = referenceScanGradient(c, dy, dState);
    for (const name of names)
      expect(relativeError(gradients[name], centralDifferences(loss, c[name])), name).toBeLessThan(
        1e-8,
      );
  },
);

const cases: Record<string, ScanCase> = {
  'one step': scanCase({ batch: 2, length: 1, heads: 2, state: 3, headDim: 2 }),
  'one step with a past': scanCase(
    { batch: 2, length: 1, heads: 2, state: 3, headDim: 2 },
    { past: true },
  ),
  'one state of one channel': scanCase({ batch: 1, length: 9, heads: 1, state: 1, headDim: 1 }),
  'a length that has no chunks': scanCase({ batch: 2, length: 37, heads: 3, state: 4, headDim: 5 }),
  'a past state': scanCase(
    { batch: 2, length: 48, heads: 3, state: 4, headDim: 5 },
    { past: true },
  ),
  '48 steps': scanCase({ batch: 2, length: 48, heads: 3, state: 4, headDim: 5 }),
  '64 steps': scanCase({ batch: 1, length: 64, heads: 1, state: 8, headDim: 4 }),
  '128 steps': scanCase({ batch: 2, length: 128, heads: 2, state: 4, headDim: 3 }),
  '256 steps': scanCase({ batch: 1, length: 256, heads: 2, state: 4, headDim: 8 }),
  '256 steps that forget little': scanCase(
    { batch: 1, length: 256, heads: 2, state: 4, headDim: 8 },
    { decay: -1e-3 },
  ),
  '128 steps that forget at once': scanCase(
    { batch: 1, length: 128, heads: 2, state: 4, headDim: 4 },
    { decay: -30 },
  ),
  'heads of 32 values, whose states are filled up': scanCase({
    batch: 2,
    length: 37,
    heads: 2,
    state: 5,
    headDim: 32,
  }),
  'heads of 24 values, which are filled up, too': scanCase({
    batch: 2,
    length: 37,
    heads: 2,
    state: 5,
    headDim: 24,
  }),
  'heads of 32 values with a past': scanCase(
    { batch: 2, length: 48, heads: 2, state: 5, headDim: 32 },
    { past: true },
  ),
  'a decay for each state': scanCase({
    batch: 2,
    length: 17,
    heads: 3,
    state: 4,
    headDim: 1,
    perState: true,
  }),
  'a decay for each state, wide heads': scanCase({
    batch: 2,
    length: 48,
    heads: 2,
    state: 3,
    headDim: 4,
    perState: true,
  }),
  'a decay for each state, with a past': scanCase(
    { batch: 2, length: 9, heads: 2, state: 3, headDim: 4, perState: true },
    { past: true },
  ),
};

describe('selectiveScan agrees with the reference', () => {
  test.each(Object.entries(cases))('%s', async (_, c) => {
    const { values, feeds } = inputsOf(c);
    const results = await evaluate({ ...scanned(values, c) }, feeds);
    const { y, states } = referenceScan(c);
    expect(relativeError(results.y!.data, y)).toBeLessThan(1e-5);
    expect(relativeError(results.state!.data, states.at(-1)!)).toBeLessThan(1e-5);
  });
});

describe.each(['y', 'state', 'both'] as const)('its gradient agrees when %s is read', (reads) => {
  test.each(Object.entries(cases))('%s', async (_, c) => {
    const { graph, values, feeds, shapes, dy, dState } = inputsOf(c);
    const { y, state } = scanned(values, c);
    const cotangents = {
      y: graph.input('dy', shapes.v),
      state: graph.input('dState', shapes.past),
    };
    const outputs = reads === 'both' ? ({ y, state } as const) : { [reads]: { y, state }[reads] };
    const read = Object.keys(outputs) as ('y' | 'state')[];
    const hasPast = c.past.some((x) => x !== 0);
    // The queries do not reach the state.
    const by = names.filter(
      (name) => (name !== 'past' || hasPast) && !(reads === 'state' && name === 'q'),
    );
    const gradients = vectorJacobianProduct(
      read.map((name) => outputs[name]!),
      read.map((name) => cotangents[name]),
      by.map((name) => values[name]),
    );
    const results = await evaluate(
      Object.fromEntries(by.map((name, i) => [`d.${name}`, gradients[i]!])),
      feeds,
    );
    const none = (x: Float64Array) => new Float64Array(x.length);
    const reference = referenceScanGradient(
      c,
      reads === 'state' ? none(dy) : dy,
      reads === 'y' ? none(dState) : dState,
    );
    for (const name of by) {
      // The decays' gradient sums differences of numbers around 1: nearly 0 where all is forgotten.
      const [floor, tolerance] = name === 'g' ? [1, 1e-4] : [0, 2e-5];
      const error = relativeError(results[`d.${name}`]!.data, reference[name], floor);
      expect(error, name).toBeLessThan(tolerance);
    }
  });
});

describe('in chunks of matrix products', () => {
  const long = (length: number, decay = -1) =>
    scanCase({ batch: 2, length, heads: 2, state: 4, headDim: 3 }, { decay });
  const chunked: [number, number, ScanCase][] = [
    [16, 16, long(16)],
    [32, 16, long(32)],
    [48, 24, long(48)],
    [96, 32, long(96)],
    [128, 64, long(128)],
    [256, 64, long(256)],
    [256, 1, long(256)],
    [256, 64, long(256, -30)],
    [256, 64, long(256, -1e-3)],
  ];

  // The formulas, without rounding: strong decays would overflow where a chunk is divided out.
  test.each(chunked)(
    '%i steps in chunks of %i: values and gradients in float64',
    async (_, chunk, c) => {
      const { graph, values, feeds, shapes, dy } = inputsOf(c, 'float64');
      const cotangent = graph.input('dy', shapes.v);
      const y = chunkedScan(values, c.heads, chunk);
      const [dq, dk, dv, dg] = vectorJacobianProduct(
        [y],
        [cotangent],
        [values.q, values.k, values.v, values.g],
      );
      const derived = { 'derived.q': dq!, 'derived.k': dk!, 'derived.v': dv!, 'derived.g': dg! };
      const results = await evaluate({ y, ...derived }, feeds);
      const reference = referenceScanGradient(c, dy, new Float64Array(c.past.length));
      const expected = {
        y: referenceScan(c).y,
        'derived.q': reference.q,
        'derived.k': reference.k,
        'derived.v': reference.v,
        'derived.g': reference.g,
      };
      for (const [name, numbers] of Object.entries(expected))
        expect(relativeError(results[name]!.data, numbers), name).toBeLessThan(1e-11);
    },
  );

  test.each(chunked)('%i steps in chunks of %i: in float32', async (_, chunk, c) => {
    const { values, feeds } = inputsOf(c);
    const { y } = await evaluate({ y: chunkedScan(values, c.heads, chunk) }, feeds);
    expect(relativeError(y!.data, referenceScan(c).y)).toBeLessThan(2e-5);
  });

  test('chunks divide the steps, and there are at least two', () => {
    for (let length = 1; length <= 512; length++) {
      const chunk = chunkLength(length);
      if (chunk === undefined) continue;
      expect(length % chunk).toBe(0);
      expect(length / chunk).toBeGreaterThanOrEqual(2);
    }
    expect(chunkLength(1024)).toBeDefined();
    expect(chunkLength(37)).toBeUndefined();
  });
});

describe('in standard operators', () => {
  const sizes = { batch: 2, heads: 2, state: 4, headDim: 3 };
  // One chunk, chunks that divide the steps, chunks that do not.
  const lengths = [1, 5, 64, 128, 77, 131];
  const cases = lengths.flatMap((length) =>
    [false, true].map((perState) => [length, perState] as const),
  );
  test.each(cases)('%i steps, a decay for each state %s', async (length, perState) => {
    const c = scanCase({ ...sizes, length, perState });
    const { values, feeds } = inputsOf(c);
    const { y } = await evaluate({ y: standardScan(values, c.heads) }, feeds);
    expect(relativeError(y!.data, referenceScan(c).y)).toBeLessThan(2e-5);
  });

  test('by doubling: strong and weak decays, with one for each head, too', async () => {
    for (const decay of [-30, -1e-3]) {
      const c = scanCase({ ...sizes, length: 100 }, { decay });
      const { values, feeds } = inputsOf(c);
      const { y } = await evaluate({ y: doublingScan(values, c.heads) }, feeds);
      expect(relativeError(y!.data, referenceScan(c).y)).toBeLessThan(2e-5);
    }
  });
});

test('a scan in two parts, with the state between them, is the scan of the whole', async () => {
  const whole = scanCase({ batch: 1, length: 8, heads: 2, state: 3, headDim: 2 });
  const { y, states } = referenceScan(whole);
  const cut = (name: 'q' | 'k' | 'v' | 'g', from: number) => {
    const wide = scanShapes(whole)[name][2]!;
    return whole[name].slice(from * wide, (from + 4) * wide);
  };
  const part = (from: number, past: Float64Array): ScanCase => ({
    ...whole,
    length: 4,
    q: cut('q', from),
    k: cut('k', from),
    v: cut('v', from),
    g: cut('g', from),
    past,
  });
  const run = async (c: ScanCase) => {
    const { values, feeds } = inputsOf(c);
    return evaluate({ ...scanned(values, c) }, feeds);
  };
  const first = await run(part(0, whole.past));
  const second = await run(part(4, Float64Array.from(first.state!.data)));
  expect(relativeError([...first.y!.data, ...second.y!.data], y)).toBeLessThan(1e-6);
  expect(relativeError(second.state!.data, states.at(-1)!)).toBeLessThan(1e-6);
});
