import { describe, expect, test } from 'vitest';
import { Graph, gradient } from '../../src/graph/index.ts';
import { memoryBank } from '../../src/nn/memory-bank.ts';
import { DeclaringNet } from '../../src/nn/parameters.ts';
import type { Tensor } from '../../src/runtime/session.ts';
import { evaluate, normal } from '../graph/evaluate.ts';

/** Reads `x` `[1, cells, C]` through prototypes `[slots, C]`. */
async function readThrough(x: Tensor, prototypes: Tensor) {
  const net = new DeclaringNet(new Graph());
  const bank = memoryBank(net, 'bank', net.graph.input('x', x.shape), prototypes.shape[0]!);
  const results = await evaluate({ ...bank }, { x, 'bank.prototypes': prototypes });
  const scalar = (name: string): number => results[name]!.data[0]!;
  return {
    read: results.read!,
    compactness: scalar('compactness'),
    separation: scalar('separation'),
    imbalance: scalar('imbalance'),
    shares: results.shares!,
  };
}

const rows = (...rows: number[][]): Tensor => ({
  shape: [rows.length, rows[0]!.length],
  data: Float32Array.from(rows.flat()),
});
const cells = (...features: number[][]): Tensor => {
  const { shape, data } = rows(...features);
  return { shape: [1, ...shape], data };
};

const axes = rows([3, 0, 0], [0, 3, 0], [0, 0, 3]);

describe('what is read', () => {
  test('near one prototype it is that prototype: the others are shrunk to nothing', async () => {
    const { read } = await readThrough(cells([1, 0.1, 0], [-0.1, 0, 20]), axes);
    expect(read.shape).toEqual([1, 2, 3]);
    [3, 0, 0, 0, 0, 3].forEach((expected, i) => {
      expect(read.data[i]).toBeCloseTo(expected, 4);
    });
  });

  test('between two prototypes it is their mean', async () => {
    const { read } = await readThrough(cells([1, 1, -1]), axes);
    [1.5, 1.5, 0].forEach((expected, i) => {
      expect(read.data[i]).toBeCloseTo(expected, 4);
    });
  });

  test('the shares of the prototypes are what they count in it', async () => {
    const { read, shares } = await readThrough(cells([1, 1, -1], [0, 0, 9]), axes);
    [0.5, 0.5, 0, 0, 0, 1].forEach((expected, i) => {
      expect(shares.data[i]).toBeCloseTo(expected, 4);
      expect(read.data[i]).toBeCloseTo(3 * shares.data[i]!, 5);
    });
  });

  test('the length of a feature does not matter', async () => {
    const x = normal([1, 8, 6], 'x');
    const prototypes = normal([5, 6], 'prototypes');
    const longer = { ...x, data: (x.data as Float32Array).map((value) => value * 7) };
    const [a, b] = [await readThrough(x, prototypes), await readThrough(longer, prototypes)];
    a.read.data.forEach((value, i) => {
      expect(b.read.data[i]).toBeCloseTo(value, 3);
    });
  });

  test('it is a convex combination of the prototypes, and of few', async () => {
    // With unit vectors as prototypes what is read shows the shares themselves.
    const slots = 16;
    const unit = Array.from({ length: slots }, (_, i) =>
      Array.from({ length: slots }, (_, j) => (i === j ? 1 : 0)),
    );
    const x = normal([1, 20, slots], 'features');
    const { data } = (await readThrough(x, rows(...unit))).read;
    for (let cell = 0; cell < 20; cell++) {
      const shares = [...data.slice(cell * slots, (cell + 1) * slots)];
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      const used = shares.filter((share) => share > 0).length;
      expect(used).toBeLessThan(slots / 2);
      // The nearest has the largest share.
      const feature = [...x.data.slice(cell * slots, (cell + 1) * slots)];
      expect(shares.indexOf(Math.max(...shares))).toBe(feature.indexOf(Math.max(...feature)));
    }
  });
});

describe('losses', () => {
  test('compactness is the mean squared distance of unit vectors to the nearest prototype', async () => {
    const on = await readThrough(cells([5, 0, 0], [0, 0, 0.5]), axes);
    expect(on.compactness).toBeCloseTo(0, 3);
    const between = await readThrough(cells([1, 1, 0]), axes);
    expect(between.compactness).toBeCloseTo(2 - Math.SQRT2, 3);
    const opposite = await readThrough(cells([-1, -1, -1]), axes);
    expect(opposite.compactness).toBeCloseTo(2 + 2 / Math.sqrt(3), 3);
  });

  test('separation wants the second prototype farther by half', async () => {
    const apart = await readThrough(cells([1, 0, 0]), axes);
    expect(apart.separation).toBeCloseTo(0, 5);
    const close = await readThrough(cells([1, 0, 0]), rows([1, 0, 0], [1, 0.5, 0]));
    // |x - second|² - |x - nearest|² = 2 - 2 cos
    expect(close.separation).toBeCloseTo(0.5 - (2 - 2 / Math.sqrt(1.25)), 3);
  });

  test('imbalance is 0 where all prototypes are used alike, and ln of their number for one', async () => {
    const even = await readThrough(cells([1, 0, 0], [0, 2, 0], [0, 0, 3]), axes);
    expect(even.imbalance).toBeCloseTo(0, 3);
    const one = await readThrough(cells([1, 0, 0], [2, 0, 0], [3, 0, 0]), axes);
    expect(one.imbalance).toBeCloseTo(Math.log(3), 2);
    const two = await readThrough(cells([1, 0, 0], [0, 2, 0]), axes);
    expect(two.imbalance).toBeCloseTo(Math.log(3 / 2), 2);
  });

  test('each has a gradient to the prototypes', () => {
    const net = new DeclaringNet(new Graph());
    const bank = memoryBank(net, 'bank', net.graph.input('x', [1, 4, 3]), 5);
    const prototypes = net.graph.inputs.get('bank.prototypes')!;
    for (const loss of [bank.compactness, bank.separation, bank.imbalance])
      expect(gradient(loss, [prototypes])[0]!.shape).toEqual([5, 3]);
  });
});
