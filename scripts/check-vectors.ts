/**
 * `node scripts/check-vectors.ts FILE`: runs the scans of the product (values and gradients) on
 * every case of a file of reference values, prints the largest relative error of each case, and
 * exits 1 where one is above 1e-4. The error of a tensor is relative to its largest element.
 */
import { readFile } from 'node:fs/promises';
import {
  Graph,
  mul,
  reshape,
  selectiveScan,
  transpose,
  type Value,
  vectorJacobianProduct,
} from '../src/graph/index.ts';
import { chunkedScan } from '../src/graph/primitives/scan-chunked.ts';
import { crossMerge, crossScan, s6 } from '../src/nn/scan.ts';
import { Session } from '../src/runtime/session.ts';

const TOLERANCE = 1e-4;

interface Reference {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
type Tensors = Readonly<Record<string, Reference>>;
interface Case {
  readonly dims: Readonly<Record<string, number | boolean>>;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  readonly cotangents?: Tensors;
  readonly gradients?: Tensors;
}

type Build = (inputs: Record<string, Value>, dims: Case['dims']) => Record<string, Value>;

const ssd: Build = ({ q, k, v, logDecay, pastState }) => {
  const [batch, length, heads, headDim] = v!.shape as [number, number, number, number];
  const flat = (x: Value) => reshape(x, [batch, length, x.shape[2]! * x.shape[3]!]);
  const { y, state } = selectiveScan(
    { q: flat(q!), k: flat(k!), v: flat(v!), logDecay: logDecay!, pastState },
    heads,
  );
  return { y: reshape(y, [batch, length, heads, headDim]), presentState: state };
};

const mamba: Build = ({ u, dtRaw, dtBias, aLog, b, c, dSkip }) => ({
  y: s6({ u: u!, dtRaw: dtRaw!, dtBias: dtBias!, aLog: aLog!, b: b!, c: c!, dSkip: dSkip! }),
});

const cross: Build = ({ x, scanWeights }) => {
  const [batch, channels, height, width] = x!.shape as [number, number, number, number];
  const tokens = height * width;
  const onGrid = transpose(reshape(x!, [batch, channels, tokens]), [0, 2, 1]);
  const walked = crossScan(onGrid, height, width, 4);
  const scanned = transpose(reshape(walked, [batch, 4, tokens, channels]), [0, 1, 3, 2]);
  const weighted = transpose(mul(scanned, scanWeights!), [0, 1, 3, 2]);
  const merged = crossMerge(reshape(weighted, [batch * 4, tokens, channels]), height, width, 4);
  return { scanned, merged: reshape(transpose(merged, [0, 2, 1]), x!.shape) };
};

/** The scan in chunks, as files in standard operators have it, where there is no state to pass. */
async function chunkedCase({ inputs, outputs }: Case) {
  const [batch, length, heads] = inputs.v!.shape as [number, number, number];
  const chunk = [4, 3, 2].find((size) => length % size === 0) ?? 1;
  const graph = new Graph();
  const feed = (name: string, { shape }: Reference) =>
    reshape(graph.input(name, shape), [batch, length, shape.slice(2).reduce((a, b) => a * b, 1)]);
  const scan = {
    q: feed('q', inputs.q!),
    k: feed('k', inputs.k!),
    v: feed('v', inputs.v!),
    g: feed('logDecay', inputs.logDecay!),
  };
  const y = chunkedScan(scan, heads, chunk);
  return worstOf(await evaluate({ y }, inputs), { y: outputs.y! });
}

async function evaluate(outputs: Record<string, Value>, feeds: Tensors) {
  const session = await Session.compile(outputs);
  const tensors = Object.entries(feeds).map(([name, { shape, data }]) => [
    name,
    { shape, data: Float32Array.from(data) },
  ]);
  const results = await session.run(Object.fromEntries(tensors));
  await session.release();
  return results;
}

function worstOf(results: Record<string, { data: ArrayLike<number> }>, references: Tensors) {
  let worst = { error: 0, where: 'all equal' };
  for (const [name, reference] of Object.entries(references)) {
    const result = results[name]!;
    let [difference, largest] = [0, 0];
    reference.data.forEach((expected, i) => {
      const apart = Math.abs(result.data[i]! - expected);
      difference = Number.isFinite(apart) ? Math.max(difference, apart) : Number.POSITIVE_INFINITY;
      largest = Math.max(largest, Math.abs(expected));
    });
    const error = difference / (largest || 1);
    if (!(error <= worst.error)) worst = { error, where: name };
  }
  return worst;
}

async function checkCase(build: Build, { dims, inputs, outputs, cotangents, gradients }: Case) {
  const graph = new Graph();
  const values: Record<string, Value> = {};
  for (const [name, { shape }] of Object.entries(inputs)) values[name] = graph.input(name, shape);
  const built = build(values, dims);
  const wanted: Record<string, Value> = { ...built };
  const references: Record<string, Reference> = { ...outputs };
  const feeds: Record<string, Reference> = { ...inputs };
  if (cotangents && gradients) {
    const names = Object.keys(cotangents);
    const arriving = names.map((name) => {
      feeds[`d ${name}`] = cotangents[name]!;
      return graph.input(`d ${name}`, cotangents[name]!.shape);
    });
    const by = Object.keys(gradients);
    const leaving = vectorJacobianProduct(
      names.map((name) => built[name]!),
      arriving,
      by.map((name) => values[name]!),
    );
    by.forEach((name, i) => {
      wanted[`gradient of ${name}`] = leaving[i]!;
      references[`gradient of ${name}`] = gradients[name]!;
    });
  }
  return worstOf(await evaluate(wanted, feeds), references);
}

function titleOf(kind: string, dims: Case['dims']): string {
  const sizes = Object.entries(dims).map(([name, size]) => `${name} ${size}`);
  return `${kind} (${sizes.join(', ')})`;
}

const builds: Record<string, Build> = { ssd, s6: mamba, crossScan: cross };

const file = process.argv[2];
if (!file) {
  console.error('usage: node scripts/check-vectors.ts FILE');
  process.exit(2);
}
const parsed = JSON.parse(await readFile(file, 'utf8')) as Record<string, Case[] | string>;
let worst = 0;
let cases = 0;
const report = (title: string, { error, where }: { error: number; where: string }) => {
  cases += 1;
  worst = Math.max(worst, error);
  const verdict = error <= TOLERANCE ? 'ok  ' : 'FAIL';
  console.log(`${verdict} ${title}: largest relative error ${error.toExponential(2)} (${where})`);
};
for (const [kind, list] of Object.entries(parsed)) {
  if (!Array.isArray(list)) continue;
  const build = builds[kind];
  if (!build) {
    console.error(`${file}: no check for cases of kind '${kind}'`);
    process.exit(1);
  }
  for (const each of list) {
    report(titleOf(kind, each.dims), await checkCase(build, each));
    if (kind === 'ssd' && each.dims.pastState === false)
      report(titleOf('ssd in chunks', each.dims), await chunkedCase(each));
  }
}
console.log(
  `${cases} cases, largest relative error ${worst.toExponential(2)}, allowed ${TOLERANCE}`,
);
process.exit(cases > 0 && worst <= TOLERANCE ? 0 : 1);
