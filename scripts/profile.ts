/**
 * Where the time of one more frame of a stream goes, by operator and by module of the model:
 *
 *     node scripts/profile.ts small          # or tiny, base
 *
 * The runtime's profiler times every operator of some steps with fresh weights on one camera. The
 * lower quartile of each is taken, so that other work on the machine counts little.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshWeights } from '../src/bench/fresh-weights.ts';
import { quantile } from '../src/bench/quantile.ts';
import { differenceGraph, errorGraph, type StepGraph } from '../src/detector/step-graphs.ts';
import { sizeOf } from '../src/graph/index.ts';
import { type Preset, presetConfiguration } from '../src/model/presets.ts';
import { Random } from '../src/nn/random.ts';
import { type Feed, Session } from '../src/runtime/session.ts';

const preset = (process.argv[2] ?? 'small') as Preset;
const steps = Number(process.argv[3] ?? 60);
const threads = Number(process.argv[4] ?? 2);

interface Event {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

/** Microseconds of each operator of a graph, by its name in the graph. */
async function profile({ inputs, outputs }: StepGraph): Promise<Map<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-profile-'));
  const random = new Random('profile');
  const feeds = Object.fromEntries(
    [...inputs].map(([name, { shape, dtype }]): [string, Feed] => {
      const numbers = Float32Array.from({ length: sizeOf(shape) }, () => random.uniform());
      const data = dtype === 'uint8' ? Uint8Array.from(numbers, (n) => 255 * n) : numbers;
      return [name, { shape, data }];
    }),
  );
  const modules = new Map(
    Object.values(outputs)[0]!.graph.nodes.flatMap((node) =>
      node.outputs.map(({ id }): [string, string] => [`v${id}`, node.module]),
    ),
  );
  const session = await Session.compile(outputs, { profile: join(folder, 'run'), threads });
  for (let step = 0; step < steps; step++) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const [file] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, file!), 'utf8')) as Event[];
  await rm(folder, { recursive: true });
  const times = new Map<string, number[]>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !args.op_name || !name.endsWith('_kernel_time')) continue;
    // The runtime names a convolution in its own layout by its output.
    const plain = name.replace(/_kernel_time$/, '');
    const output = plain.replace(/_nchwc$/, '');
    const key = `${args.op_name} ${modules.has(output) ? `${modules.get(output)}/${output}` : plain}`;
    times.set(key, [...(times.get(key) ?? []), dur]);
  }
  return new Map([...times].map(([name, durations]) => [name, quantile(durations, 0.25)]));
}

/** Sums under a key, the largest first. */
function summed(times: ReadonlyMap<string, number>, keyOf: (name: string) => string) {
  const sums = new Map<string, number>();
  for (const [name, time] of times) sums.set(keyOf(name), (sums.get(keyOf(name)) ?? 0) + time);
  return [...sums].sort((a, b) => b[1] - a[1]);
}

const c = presetConfiguration(preset);
const weights = freshWeights(c);
const times = new Map([
  ...(await profile(differenceGraph(c, weights, 1))),
  ...(await profile(errorGraph(c, weights, 1))),
]);
const total = [...times.values()].reduce((sum, time) => sum + time, 0);
const print = (title: string, rows: readonly (readonly [string, number])[]) => {
  console.log(`\n${title}`);
  for (const [name, time] of rows)
    console.log(
      `${(time / 1000).toFixed(2).padStart(8)} ms ${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`,
    );
};
console.log(`${preset}: ${(total / 1000).toFixed(2)} ms a frame in operators`);
print(
  'by operator',
  summed(times, (name) => name.split(' ')[0]!),
);
print(
  'by module',
  summed(times, (name) =>
    (name.split(' ')[1] ?? '').split('/')[0]!.split('.').slice(0, 2).join('.'),
  ),
);
print('the largest', summed(times, (name) => name).slice(0, 40));
