import type { Clip } from '../datasets/clip.ts';
import { Graph } from '../graph/index.ts';
import { m2s2lClip } from '../model/clip.ts';
import {
  cellGrid,
  clipLength,
  clipOffsets,
  type ModelConfiguration,
} from '../model/configuration.ts';
import { parameterSpecs } from '../model/cost.ts';
import { type PartName, partNames } from '../model/decomposition.ts';
import { clipInput, clipShape } from '../model/input.ts';
import { initialise, TrainedNet, type Weights } from '../nn/parameters.ts';
import { type Feed, Session, type Tensor } from '../runtime/session.ts';
import type { CellErrors, ErrorKind } from '../scoring/blocks.ts';
import { mapRarities } from '../scoring/score.ts';
import type { NormalStatistics } from '../scoring/statistics.ts';
import { Covariance, correlations, perplexity, ScaleWeights, sharesOfVariance } from './figures.ts';
import { ablatedErrors, inner, innerValues, instead, keep } from './graph.ts';
import { type Inspection, type PairName, pairs } from './inspection.ts';

/** A frame of a clip, with all that the model needs before it. */
export interface InspectedFrame {
  readonly clip: Clip;
  readonly frame: number;
}

/** Some frames of clips, spread evenly, each of which a score can be made of. */
export function spreadFrames(
  clips: readonly Clip[],
  c: ModelConfiguration,
  count: number,
): InspectedFrame[] {
  const warmUp = clipLength(c) - 1;
  const usable = clips.map((clip) => Math.max(0, clip.frames - warmUp));
  const total = usable.reduce((sum, frames) => sum + frames, 0);
  const wanted = Math.min(count, total);
  return Array.from({ length: wanted }, (_, i) => {
    let at = Math.floor(((i + 0.5) * total) / wanted);
    let clip = 0;
    while (at >= usable[clip]!) at -= usable[clip++]!;
    return { clip: clips[clip]!, frame: warmUp + at };
  });
}

export interface InspectOptions {
  readonly configuration: ModelConfiguration;
  readonly weights: Weights;
  readonly statistics: NormalStatistics;
  /** Seed of the training, for the overlap of the parts at its start. */
  readonly seed: number;
  readonly onFrame?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Looks into a model while it sees normal footage.
 * @throws UserError when a clip cannot be read.
 */
export async function inspectModel(
  frames: readonly InspectedFrame[],
  { configuration: c, weights, statistics, seed, onFrame, signal }: InspectOptions,
): Promise<Inspection> {
  const total = 2 * frames.length;
  let done = 0;
  const tick = () => {
    signal?.throwIfAborted();
    onFrame?.(++done, total);
  };
  const seen = await lookInside(frames, c, weights, statistics, tick);
  const overlapAtStart = seen.parts ? await overlapOf(frames.slice(0, AT_START), c, seed) : 0;
  const ablation = seen.parts ? await ablate(frames, c, weights, seen.means, tick) : undefined;
  const { time, granularity, parts, memories, rarities } = seen;
  return {
    frames: frames.length,
    ...(time && {
      time: {
        scales: c.temporal.strides.map((stride, i) => {
          const { weight, onMoving } = time.of(i);
          return { stride, weight, onMoving };
        }),
        entropy: time.entropy,
      },
    }),
    ...(granularity && {
      granularity: {
        scales: c.spatial.scales.map(({ patch }, i) => {
          const { weight, deviation } = granularity.of(i);
          return { patch, weight, deviation };
        }),
      },
    }),
    ...(parts &&
      ablation && {
        parts: { overlapAtStart, overlap: overlap(parts), cka: cka(parts), ablation },
      }),
    ...(Object.keys(memories).length > 0 && {
      memories: Object.fromEntries(
        Object.entries(memories).map(([name, use]) => [
          name,
          { slots: use.length, perplexity: perplexity(use) },
        ]),
      ),
    }),
    score: { shares: sharesOfVariance(rarities), correlation: correlations(rarities) },
  };
}

/** Frames on which the parts at the start of a training are compared. */
const AT_START = 16;

const cka = (parts: Covariance) =>
  Object.fromEntries(
    Object.entries(pairs).map(([name, [a, b]]) => [name, parts.alignment(a, b)]),
  ) as Record<PairName, number>;

const overlap = (parts: Covariance): number =>
  Object.values(cka(parts)).reduce((sum, value) => sum + value, 0);

interface SeenInside {
  readonly time: ScaleWeights | undefined;
  readonly granularity: ScaleWeights | undefined;
  readonly parts: Covariance | undefined;
  /** Use of the prototypes, summed over the frames. */
  readonly memories: Partial<Record<PartName, Float64Array>>;
  /** What the decoders get of each part, its mean. */
  readonly means: Partial<Record<PartName, Float32Array>>;
  readonly rarities: Record<string, number[]>;
}

async function lookInside(
  frames: readonly InspectedFrame[],
  c: ModelConfiguration,
  weights: Weights,
  statistics: NormalStatistics,
  tick: () => void,
): Promise<SeenInside> {
  const graph = new Graph();
  const outputs = m2s2lClip(new TrainedNet(graph, weights), c, clipInput(graph, c, 1));
  const session = await Session.compile(innerValues(c, outputs));
  try {
    const has = (name: string) => session.outputs.includes(name);
    const time = has(inner.time) ? new ScaleWeights(c.temporal.strides.length) : undefined;
    const granularity = has(inner.granularity)
      ? new ScaleWeights(c.spatial.scales.length)
      : undefined;
    const parts = c.decomposition
      ? new Covariance(Object.fromEntries(partNames.map((name) => [name, c.partWidth])))
      : undefined;
    const memories: SeenInside['memories'] = {};
    const sums: Partial<Record<PartName, Float64Array>> = {};
    const rarities: Record<string, number[]> = {};
    for (const frame of frames) {
      const values = await session.run({ frames: await read(frame, c) });
      const change = values[inner.change]!.data;
      time?.push(values[inner.time]!.data, change);
      granularity?.push(values[inner.granularity]!.data, change);
      parts?.push(partsOf(values), change.length);
      for (const name of partNames) {
        const use = values[inner.use(name)];
        const drawnFrom = values[inner.drawnFrom(name)];
        if (use) addTo((memories[name] ??= new Float64Array(use.data.length)), use.data);
        if (drawnFrom)
          addTo((sums[name] ??= new Float64Array(drawnFrom.data.length)), drawnFrom.data);
      }
      for (const [kind, rarity] of Object.entries(mapRarities(errorsOf(c, values), statistics)))
        (rarities[kind] ??= []).push(rarity);
      tick();
    }
    const means = Object.fromEntries(
      Object.entries(sums).map(([name, sum]) => [
        name,
        Float32Array.from(sum, (value) => value / frames.length),
      ]),
    );
    return { time, granularity, parts, memories, means, rarities };
  } finally {
    await session.release();
  }
}

/** Sum of the parts' alignments with the weights that a training of this seed starts with. */
async function overlapOf(
  frames: readonly InspectedFrame[],
  c: ModelConfiguration,
  seed: number,
): Promise<number> {
  const specs = parameterSpecs(c);
  const flat = initialise(specs, seed);
  let start = 0;
  const weights: Weights = new Map(
    specs.map(({ name, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [name, { shape, data: flat.slice(start, (start += size)) }];
    }),
  );
  const graph = new Graph();
  const outputs = m2s2lClip(new TrainedNet(graph, weights), c, clipInput(graph, c, 1));
  const values = Object.entries(innerValues(c, outputs)).filter(([name]) =>
    name.startsWith('part.'),
  );
  const session = await Session.compile(Object.fromEntries(values));
  try {
    const { height, width } = cellGrid(c);
    const parts = new Covariance(Object.fromEntries(partNames.map((name) => [name, c.partWidth])));
    for (const frame of frames)
      parts.push(partsOf(await session.run({ frames: await read(frame, c) })), height * width);
    return overlap(parts);
  } finally {
    await session.release();
  }
}

type Ablation = NonNullable<Inspection['parts']>['ablation'];

/** For each part, each decoder's error with the part replaced by its mean, over its error as it is. */
async function ablate(
  frames: readonly InspectedFrame[],
  c: ModelConfiguration,
  weights: Weights,
  means: SeenInside['means'],
  tick: () => void,
): Promise<Ablation> {
  const graph = new Graph();
  const net = new TrainedNet(graph, weights);
  const session = await Session.compile(ablatedErrors(net, c, clipInput(graph, c, 1)));
  try {
    const replaced: (PartName | undefined)[] = [undefined, ...partNames];
    const sums = replaced.map(() => new Map<string, number>());
    for (const frame of frames) {
      const clip = await read(frame, c);
      for (const [i, ablated] of replaced.entries()) {
        const errors = await session.run({ frames: clip, ...replacing(ablated, means) });
        for (const branch of c.decoders.branches)
          sums[i]!.set(branch, (sums[i]!.get(branch) ?? 0) + errors[branch]!.data[0]!);
      }
      tick();
    }
    const ratio = (i: number, branch: string) => sums[i]!.get(branch)! / sums[0]!.get(branch)!;
    return Object.fromEntries(
      partNames.map((name, i) => [
        name,
        {
          ...(c.decoders.branches.includes('appearance') && { frame: ratio(i + 1, 'appearance') }),
          ...(c.decoders.branches.includes('motion') && { difference: ratio(i + 1, 'motion') }),
        },
      ]),
    ) as Ablation;
  } finally {
    await session.release();
  }
}

function replacing(ablated: PartName | undefined, means: SeenInside['means']) {
  const feeds: Record<string, Feed> = {};
  for (const name of partNames) {
    const mean = means[name]!;
    feeds[keep(name)] = { shape: [1, 1, 1], data: Float32Array.of(name === ablated ? 0 : 1) };
    feeds[instead(name)] = { shape: [1, 1, mean.length], data: mean };
  }
  return feeds;
}

/** The frames of a clip that the model sees of one scored frame, bytes `[1, offsets, C, H, W]`. */
async function read({ clip, frame }: InspectedFrame, c: ModelConfiguration): Promise<Feed> {
  const pictures = await Promise.all(clipOffsets(c).map((offset) => clip.read(frame - offset, 1)));
  const data = new Uint8Array(pictures.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const picture of pictures) {
    data.set(picture, at);
    at += picture.length;
  }
  return { shape: clipShape(c, 1), data };
}

const partsOf = (values: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(partNames.map((name) => [name, values[inner.part(name)]!.data]));

function errorsOf(c: ModelConfiguration, values: Readonly<Record<string, Tensor>>): CellErrors {
  const maps: Partial<Record<ErrorKind, Float32Array>> = {};
  const prefix = inner.errors('');
  for (const [name, { data }] of Object.entries(values))
    if (name.startsWith(prefix))
      maps[name.slice(prefix.length) as ErrorKind] = data as Float32Array;
  return { grid: cellGrid(c), ...maps };
}

function addTo(sum: Float64Array, values: ArrayLike<number>): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}
