/**
 * Where the time of one more frame of a stream goes, and what the machine's limit is:
 *
 *     node scripts/profile.ts [preset] [--steps N] [--threads N] [--size WxH] [--strides 1,2,4]
 *
 * The runtime's profiler times every operator of some steps of one camera, with fresh weights. The
 * shortest time of each counts, so that other work on the machine does not. The limit is what each
 * node of the graph would take at the rates of the same run: its operations at that of a matrix
 * product, or what it reads and writes at that of a sum, whichever is longer.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freshWeights } from '../src/bench/fresh-weights.ts';
import { differenceGraph, errorGraph, type StepGraph } from '../src/detector/step-graphs.ts';
import { countFlops, flopsOf } from '../src/graph/flops.ts';
import { add, Graph, matmul, sizeOf, type Value } from '../src/graph/index.ts';
import { nodesBefore } from '../src/graph/reachable.ts';
import type { ModelConfiguration } from '../src/model/configuration.ts';
import { type Preset, presetConfiguration } from '../src/model/presets.ts';
import { Random } from '../src/nn/random.ts';
import { type Feed, Session } from '../src/runtime/session.ts';

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '60' },
    threads: { type: 'string', default: '2' },
    size: { type: 'string' },
    strides: { type: 'string' },
  },
});
const preset = (positionals[0] ?? 'small') as Preset;
const steps = Number(given.steps);
const threads = Number(given.threads);

/** Time that other work on the machine does not touch. */
const undisturbed = (times: readonly number[]): number => Math.min(...times);

interface Event {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: { readonly op_name?: string };
}

interface Operator {
  readonly type: string;
  readonly module: string;
  readonly milliseconds: number;
}

function randomFeeds(inputs: StepGraph['inputs']): Record<string, Feed> {
  const random = new Random('profile');
  const feeds: Record<string, Feed> = {};
  for (const [name, { shape, dtype }] of inputs) {
    const numbers = Float32Array.from({ length: sizeOf(shape) }, () => random.uniform());
    feeds[name] = {
      shape,
      data: dtype === 'uint8' ? Uint8Array.from(numbers, (x) => 255 * x) : numbers,
    };
  }
  return feeds;
}

async function profile({ inputs, outputs }: StepGraph): Promise<Operator[]> {
  const folder = await mkdtemp(join(tmpdir(), 'm2s2l-profile-'));
  const options = { profile: join(folder, 'run'), threads, spinning: false };
  const session = await Session.compile(outputs, options);
  const feeds = randomFeeds(inputs);
  for (let step = 0; step < steps; step++) await session.run(feeds);
  session.endProfiling();
  await session.release();
  const [file] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, file!), 'utf8')) as Event[];
  await rm(folder, { recursive: true });
  const times = new Map<string, number[]>();
  for (const { cat, name, dur, args } of events)
    if (cat === 'Node' && args.op_name && name.endsWith('_kernel_time')) {
      const key = `${args.op_name} ${name.replace('_kernel_time', '')}`;
      times.set(key, [...(times.get(key) ?? []), dur]);
    }
  const modules = modulesOf(outputs);
  return [...times].map(([key, durations]) => {
    const [type, name] = key.split(' ') as [string, string];
    return { type, module: modules(name), milliseconds: undisturbed(durations) / 1000 };
  });
}

/** The module of an operator by its name; a convolution in the runtime's layout is named by its output. */
function modulesOf(outputs: StepGraph['outputs']): (name: string) => string {
  const nodes = nodesBefore(Object.values(outputs));
  const byOutput = new Map<string, string>(
    nodes.flatMap((node) => node.outputs.map(({ id }) => [`v${id}_nchwc`, node.module] as const)),
  );
  return (name) => {
    const module = byOutput.get(name) ?? (name.includes('/') ? name.split('/')[0]! : 'layout');
    return module.split('.').slice(0, 2).join('.') || 'input and errors';
  };
}

/** Seconds of one run of a graph. */
async function secondsOf(outputs: Readonly<Record<string, Value>>): Promise<number> {
  const session = await Session.compile(outputs, { threads, spinning: false });
  const feeds = randomFeeds(Object.values(outputs)[0]!.graph.inputs);
  const seconds: number[] = [];
  for (let run = 0; run < 200; run++) {
    const started = performance.now();
    await session.run(feeds);
    seconds.push((performance.now() - started) / 1000);
  }
  await session.release();
  return undisturbed(seconds);
}

/** Operations a second of a product of matrices of 512x512. */
async function productRate(): Promise<number> {
  const graph = new Graph();
  const product = matmul(graph.input('a', [512, 512]), graph.input('b', [512, 512]));
  return countFlops([product]) / (await secondsOf({ product }));
}

/** Bytes a second that sums of two tensors of a megabyte read and write. */
async function sumRate(): Promise<number> {
  const shape = [1 << 18];
  const graph = new Graph();
  const [a, b] = [graph.input('a', shape), graph.input('b', shape)];
  const sums = 16;
  let sum = add(a, b);
  for (let i = 1; i < sums; i++) sum = add(sum, i % 2 ? a : b);
  return (sums * 3 * bytesOf(sum)) / (await secondsOf({ sum }));
}

const bytesOf = ({ shape, dtype }: Value): number => sizeOf(shape) * (dtype === 'uint8' ? 1 : 4);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function configuration(): ModelConfiguration {
  const [width, height] = (given.size ?? '').split('x').map(Number);
  const c = presetConfiguration(preset, undefined, width && height ? { width, height } : {});
  const strides = given.strides?.split(',').map(Number);
  return strides ? { ...c, temporal: { ...c.temporal, strides } } : c;
}

const c = configuration();
const weights = freshWeights(c);
const graphs = [differenceGraph(c, weights, 1), errorGraph(c, weights, 1)];
const rates = { flops: await productRate(), bytes: await sumRate() };
const operators: Operator[] = [];
for (const graph of graphs) operators.push(...(await profile(graph)));
const measured = sum(operators.map(({ milliseconds }) => milliseconds));
const nodes = graphs
  .flatMap(({ outputs }) => nodesBefore(Object.values(outputs)))
  // The runtime changes a shape without touching the data.
  .filter(({ primitive }) => primitive.name !== 'reshape')
  .map((node) => ({
    flops: flopsOf(node),
    bytes: sum([...node.inputs, ...node.outputs].map(bytesOf)),
  }));
const limit = sum(
  nodes.map(({ flops, bytes }) => 1000 * Math.max(flops / rates.flops, bytes / rates.bytes)),
);

const row = (milliseconds: number, name: string) =>
  console.log(
    `${milliseconds.toFixed(2).padStart(8)} ms ${((100 * milliseconds) / measured).toFixed(1).padStart(5)} %  ${name}`,
  );
console.log(`${preset}, ${c.input.width}x${c.input.height}, strides ${c.temporal.strides}, ${threads} threads: one frame
${(sum(nodes.map(({ flops }) => flops)) / 1e9).toFixed(3)} GFLOPs at ${(rates.flops / 1e9).toFixed(0)} GFLOP/s; \
${(sum(nodes.map(({ bytes }) => bytes)) / 1e6).toFixed(1)} MB at ${(rates.bytes / 1e9).toFixed(1)} GB/s
limit ${limit.toFixed(2)} ms, in operators ${measured.toFixed(2)} ms: ${(measured / limit).toFixed(2)} times the limit`);
for (const by of ['type', 'module'] as const) {
  const sums = new Map<string, number>();
  for (const operator of operators)
    sums.set(operator[by], (sums.get(operator[by]) ?? 0) + operator.milliseconds);
  console.log(`\nby ${by === 'type' ? 'operator' : by}`);
  for (const [name, milliseconds] of [...sums].sort((a, b) => b[1] - a[1])) row(milliseconds, name);
}
