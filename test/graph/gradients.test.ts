import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Graph, Value } from '../../src/graph/index.ts';
import { parameterSpecs } from '../../src/model/cost.ts';
import { presetConfiguration } from '../../src/model/presets.ts';
import { trainingConfiguration } from '../../src/training/configuration.ts';
import { stepGraph } from '../../src/training/step-graph.ts';
import { buildProblem, checkGradient } from './central-differences.ts';
import { GRADIENT_PROBLEMS, NO_PROBLEM } from './gradient-problems/index.ts';

// Seconds where nothing else runs; the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const FLOAT32_ONLY = ['softplus', 'conv2d', 'selectiveScan'];
const RUNS = 12;

describe('the gradient agrees with central differences', () => {
  for (const [name, problems] of Object.entries(GRADIENT_PROBLEMS)) {
    const type = FLOAT32_ONLY.includes(name)
      ? 'in float32, the runtime has no float64 kernel'
      : 'in float64';
    test(`${name} (${type})`, async () => {
      await fc.assert(fc.asyncProperty(problems, checkGradient), { numRuns: RUNS });
    });
  }
});

describe('no primitive has no test of its gradient', () => {
  test('every exported function has problems, or a reason why not', async () => {
    const folder = new URL('../../src/graph/primitives/', import.meta.url);
    const exported: string[] = [];
    for (const file of await readdir(folder)) {
      const module = (await import(new URL(file, folder).href)) as Record<string, unknown>;
      exported.push(...Object.keys(module));
    }
    const known = [...Object.keys(GRADIENT_PROBLEMS), ...Object.keys(NO_PROBLEM)];
    expect(known.toSorted()).toEqual(exported.toSorted());
  });

  test('every primitive of a gradient and of a training step is differentiated by some problem', () => {
    const differentiated = new Set<string>();
    const seen = new Set<string>();
    const see = (graph: Graph) => {
      for (const { primitive } of graph.nodes) seen.add(primitive.name);
    };
    for (const problems of Object.values(GRADIENT_PROBLEMS))
      for (const problem of fc.sample(problems, { numRuns: 20, seed: 1 })) {
        const { graph, forward } = buildProblem(problem);
        for (const { primitive } of forward) differentiated.add(primitive.name);
        see(graph);
      }
    for (const scan of ['ssd', 's6'] as const) {
      const model = { ...presetConfiguration('tiny'), scan };
      const { outputs } = stepGraph(model, trainingConfiguration.parse({}), parameterSpecs(model));
      see(outputs.gradientNorm!.graph);
    }
    expect([...seen].filter((name) => !differentiated.has(name))).toEqual([]);
  });
});

test('the check itself sees a wrong gradient', async () => {
  const problem = fc.sample(GRADIENT_PROBLEMS.exp!, { numRuns: 1, seed: 1 })[0]!;
  const wrong = {
    ...problem,
    build: ([x]: readonly Value[]) => {
      const [y] = problem.build([x!]);
      const { primitive } = y!.node!;
      const twice = { ...primitive, derivative: () => [y!] } as typeof primitive;
      return x!.graph.apply(twice, [x!], undefined as never);
    },
  };
  await expect(checkGradient(wrong)).rejects.toThrow(/input 0 .*element 0: gradient/);
});
