import { Graph, matmul } from '../graph/index.ts';
import { Random } from '../nn/random.ts';
import { type Device, Session } from '../runtime/session.ts';
import { median } from './quantile.ts';

const side = 1024;
const warmUps = 3;
const runs = 15;

/**
 * FLOP/s of a 1024^3 matmul of float32 through the same runtime: what this machine gives at this
 * moment, the yardstick of every ratio. The median of 15 runs.
 */
export async function matmulRate(device: Device): Promise<number> {
  const graph = new Graph();
  const product = matmul(graph.input('a', [side, side]), graph.input('b', [side, side]));
  const session = await Session.compile({ product }, { device });
  try {
    const random = new Random('matmul');
    const square = () => ({
      shape: [side, side],
      data: Float32Array.from({ length: side * side }, () => random.uniform() - 0.5),
    });
    const feeds = { a: square(), b: square() };
    const seconds: number[] = [];
    for (let run = -warmUps; run < runs; run++) {
      const started = performance.now();
      await session.run(feeds);
      if (run >= 0) seconds.push((performance.now() - started) / 1000);
    }
    return (2 * side ** 3) / median(seconds);
  } finally {
    await session.release();
  }
}
