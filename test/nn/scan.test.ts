import { describe, expect, test } from 'vitest';
import {
  add,
  Graph,
  mul,
  reduceSum,
  reshape,
  selectiveScan,
  slice,
  transpose,
  vectorJacobianProduct,
} from '../../src/graph/index.ts';
import {
  crossMerge,
  crossScan,
  crossScanOwn,
  type Routes,
  routeOrders,
  s6,
  scanNewest,
} from '../../src/nn/scan.ts';
import { evaluate, normal, relativeError } from '../graph/evaluate.ts';
import { centralDifferences, dot, referenceS6 } from '../graph/reference-scan.ts';

describe('the routes', () => {
  test('along the rows, along the columns, and both backwards', () => {
    expect(routeOrders(2, 3, 4)).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 3, 1, 4, 2, 5],
      [5, 4, 3, 2, 1, 0],
      [5, 2, 4, 1, 3, 0],
    ]);
    expect(routeOrders(2, 3, 2)).toEqual([
      [0, 1, 2, 3, 4, 5],
      [5, 4, 3, 2, 1, 0],
    ]);
    expect(routeOrders(2, 3, 1)).toEqual([[0, 1, 2, 3, 4, 5]]);
  });

  const grids = [
    [2, 3],
    [5, 2],
    [1, 4],
    [3, 1],
    [1, 1],
  ] as const;
  const cases = grids.flatMap(([height, width]) =>
    ([1, 2, 4] as const).map((routes) => [height, width, routes] as const),
  );

  test.each(cases)('on %i x %i along %i routes', async (height, width, routes: Routes) => {
    const [batch, channels, tokens] = [2, 3, height * width];
    const graph = new Graph();
    const grid = normal([batch, tokens, channels], 'grid');
    const walked = normal([batch * routes, tokens, channels], 'walked');
    const wide = normal([batch, tokens, routes * channels], 'wide');
    const inputs = {
      grid: graph.input('grid', grid.shape),
      walked: graph.input('walked', walked.shape),
      wide: graph.input('wide', wide.shape),
    };
    const scanned = crossScan(inputs.grid, height, width, routes);
    const merged = crossMerge(inputs.walked, height, width, routes);
    const own = crossScanOwn(inputs.wide, height, width, routes);
    const results = await evaluate(
      {
        scanned: add(scanned, 0),
        merged: add(merged, 0),
        own: add(own, 0),
        left: reduceSum(mul(scanned, inputs.walked)),
        right: reduceSum(mul(inputs.grid, merged)),
      },
      { grid, walked, wide },
    );
    const orders = routeOrders(height, width, routes);
    const sums = new Float32Array(batch * tokens * channels);
    for (let b = 0; b < batch; b++)
      orders.forEach((order, route) => {
        order.forEach((token, step) => {
          for (let c = 0; c < channels; c++) {
            const at = ((b * routes + route) * tokens + step) * channels + c;
            const from = (b * tokens + token) * channels + c;
            expect(results.scanned!.data[at]).toBe(grid.data[from]);
            const place = ((b * tokens + token) * routes + route) * channels + c;
            expect(results.own!.data[at]).toBe(wide.data[place]);
            sums[from]! += walked.data[at]!;
          }
        });
      });
    expect(relativeError(results.merged!.data, sums)).toBeLessThan(1e-6);
    // The merge is the transpose of the scan: <scan x, y> = <x, merge y>.
    expect(results.left!.data[0]).toBeCloseTo(results.right!.data[0]!, 4);
  });
});

describe('s6', () => {
  test.each([
    [1, 1, 1, 1],
    [2, 7, 3, 4],
    [1, 32, 2, 1],
    [1, 5, 4, 16],
  ])(
    '%i clips of %i steps, %i channels and %i states: value and gradients',
    async (batch, length, channels, state) => {
      const shapes = {
        u: [batch, length, channels],
        dtRaw: [batch, length, channels],
        dtBias: [channels],
        aLog: [channels, state],
        b: [batch, length, state],
        c: [batch, length, state],
        dSkip: [channels],
      };
      type Name = keyof typeof shapes;
      const names = Object.keys(shapes) as Name[];
      const each = <T>(make: (name: Name) => T) =>
        Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, T>;
      const graph = new Graph();
      const values = each((name) => graph.input(name, shapes[name]));
      const fed = each((name) => normal(shapes[name], name));
      const numbers = each((name) => Float64Array.from(fed[name].data));
      const dy = normal(shapes.u, 'dy');
      const y = s6(values);
      const gradients = vectorJacobianProduct(
        [y],
        [graph.input('dy', shapes.u)],
        names.map((name) => values[name]),
      );
      const outputs = Object.fromEntries(names.map((name, i) => [`d.${name}`, gradients[i]!]));
      const results = await evaluate({ y, ...outputs }, { ...fed, dy });

      const forward = () => referenceS6({ batch, length, channels, state, inputs: numbers });
      expect(relativeError(results.y!.data, forward())).toBeLessThan(1e-5);
      const cotangent = Float64Array.from(dy.data);
      for (const name of names) {
        const expected = centralDifferences(() => dot(cotangent, forward()), numbers[name]);
        expect(relativeError(results[`d.${name}`]!.data, expected, 1e-2), name).toBeLessThan(1e-4);
      }
    },
  );
});

describe('scanNewest', () => {
  test.each([
    [1, 1, 1, 1, 1, 1],
    [2, 4, 6, 2, 3, 5],
    [1, 9, 3, 3, 4, 2],
  ])(
    '%i clips of %i steps at %i cells, %i heads, %i states of %i: the last step of selectiveScan',
    async (batch, length, cells, heads, state, headDim) => {
      const graph = new Graph();
      const stepped = (name: string, steps: number, size: number) => {
        const data = normal([batch, steps, heads, size, cells], name);
        const value = graph.input(name, data.shape);
        return { data, value };
      };
      const q = stepped('q', length, state);
      const k = stepped('k', length, state);
      const v = stepped('v', length, headDim);
      const g = stepped('g', length, 1);
      g.data.data.set((g.data.data as Float32Array).map((x) => -Math.exp(x)));
      const newest = scanNewest({
        q: slice(q.value, 1, length - 1, length),
        k: k.value,
        v: v.value,
        logDecay: g.value,
      });
      // A sequence of its own at every cell.
      const apart = ({ value }: typeof q) =>
        reshape(transpose(value, [0, 4, 1, 2, 3]), [
          batch * cells,
          length,
          heads * value.shape[3]!,
        ]);
      const { y } = selectiveScan(
        { q: apart(q), k: apart(k), v: apart(v), logDecay: apart(g) },
        heads,
      );
      const last = slice(y, 1, length - 1, length);
      const results = await evaluate(
        { newest: transpose(newest, [0, 2, 1]), last: add(last, 0) },
        { q: q.data, k: k.data, v: v.data, g: g.data },
      );
      expect(newest.shape).toEqual([batch, heads * headDim, cells]);
      expect(relativeError(results.newest!.data, results.last!.data)).toBeLessThan(1e-5);
    },
  );
});
