import { Graph } from '../graph/index.ts';
import { m2s2lClip } from '../model/clip.ts';
import { cellGrid, type ModelConfiguration } from '../model/configuration.ts';
import { parameterSpecs } from '../model/cost.ts';
import { type PartName, partNames } from '../model/decomposition.ts';
import { clipInput } from '../model/input.ts';
import { FlatNet, initialise, type Net } from '../nn/parameters.ts';
import { type Device, type Feed, Session, type Tensor } from '../runtime/session.ts';
import type { CellErrors, ErrorKind } from '../scoring/blocks.ts';
import type { Calibration } from '../scoring/calibration.ts';
import { mapRarities } from '../scoring/score.ts';
import { type AblationClips, Ablations } from './ablation.ts';
import { inner, innerValues, partMoments } from './graph.ts';
import type { Inspection } from './inspection.ts';
import { PartMoments } from './part-moments.ts';
import { perplexity } from './perplexity.ts';
import { MOVING, ScaleWeights } from './scale-weights.ts';
import { scoreFigures } from './score-figures.ts';

/** Reads the frames that a model sees of one scored frame, bytes `[1, offsets, C, H, W]`. */
export type ClipReader = () => Promise<Feed>;

export interface InspectorOptions {
  /** Where the model's weights come from. */
  readonly netOn: (graph: Graph) => Net;
  readonly device?: Device | undefined;
}

export interface InspectOptions extends AblationClips {
  /** {@link overlapAtStart}; needed where there is decomposition. */
  readonly overlapAtStart?: number | undefined;
  /** What is normal; without it nothing is said of the score. */
  readonly calibration?: Pick<Calibration, 'statistics' | 'scoring'> | undefined;
  /** What the net's own inputs are fed. */
  readonly feeds?: Readonly<Record<string, Feed>> | undefined;
  /** Told how many passes through the model are done. */
  readonly onPass?: (() => void) | undefined;
}

export interface Inspected {
  readonly inspection: Inspection;
  /** The share of cells that move, of each clip. */
  readonly moving: readonly number[];
  /** Moments of the parts, where there is decomposition. */
  readonly parts: PartMoments | undefined;
}

/** Looks into a model while it sees normal footage. Compiled once, it may look at different weights. */
export class Inspector {
  readonly #c: ModelConfiguration;
  readonly #session: Session;
  readonly #ablations: Ablations | undefined;

  private constructor(c: ModelConfiguration, session: Session, ablations: Ablations | undefined) {
    this.#c = c;
    this.#session = session;
    this.#ablations = ablations;
  }

  /** @throws UserError when the device cannot be used. */
  static async create(
    c: ModelConfiguration,
    { netOn, device }: InspectorOptions,
  ): Promise<Inspector> {
    const graph = new Graph();
    const outputs = m2s2lClip(netOn(graph), c, clipInput(graph, c, 1));
    const session = await Session.compile(innerValues(c, outputs), { device });
    const ablations = c.decomposition ? await Ablations.create(c, netOn, device) : undefined;
    return new Inspector(c, session, ablations);
  }

  /** Passes through the model that {@link inspect} takes for some clips. */
  passes(clips: number, ablated: number): number {
    return clips + (this.#ablations ? Ablations.PASSES * ablated : 0);
  }

  /** @throws UserError when a clip cannot be read. */
  async inspect(clips: readonly ClipReader[], options: InspectOptions): Promise<Inspected> {
    const c = this.#c;
    if (clips.length === 0) throw new RangeError('an inspection of no clips');
    const { overlapAtStart = 0, calibration, feeds, onPass } = options;
    const time = c.temporal.strides.length > 1 && new ScaleWeights(c.temporal.strides.length);
    const granularity = c.spatial.scales.length > 1 && new ScaleWeights(c.spatial.scales.length);
    const parts = c.decomposition ? new PartMoments(c.partWidth) : undefined;
    const use: Partial<Record<PartName, Float64Array>> = {};
    const drawnFrom: Partial<Record<PartName, Float64Array>> = {};
    const rarities: Record<string, number[]> = {};
    const moving: number[] = [];
    for (const read of clips) {
      const values = await this.#session.run({ ...feeds, frames: await read() });
      const change = values[inner.change]!.data;
      moving.push(change.filter((value) => value > MOVING).length / change.length);
      if (time) time.push(values[inner.time]!.data, change);
      if (granularity) granularity.push(values[inner.granularity]!.data, change);
      parts?.push(values[inner.partSum]!.data, values[inner.partProducts]!.data, change.length);
      for (const name of partNames) {
        addTo(use, name, values[inner.use(name)]);
        addTo(drawnFrom, name, values[inner.drawnFrom(name)]);
      }
      const frame = calibration ? mapRarities(errorsOf(c, values), calibration.statistics) : {};
      for (const [kind, rarity] of Object.entries(frame)) (rarities[kind] ??= []).push(rarity);
      onPass?.();
    }
    const means = Object.fromEntries(
      Object.entries(drawnFrom).map(([name, sum]) => [
        name,
        Float32Array.from(sum, (value) => value / clips.length),
      ]),
    );
    const inspection: Inspection = {
      frames: clips.length,
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
      ...(parts && {
        parts: {
          overlapAtStart,
          overlap: parts.overlap,
          cka: parts.cka,
          ablation: await this.#ablations!.measure(means, options),
        },
      }),
      ...(Object.keys(use).length > 0 && {
        memories: Object.fromEntries(
          Object.entries(use).map(([name, sum]) => [
            name,
            { slots: sum.length, perplexity: perplexity(sum) },
          ]),
        ),
      }),
      ...(calibration && {
        score: scoreFigures(rarities, calibration.scoring.combination),
      }),
    };
    return { inspection, moving, parts };
  }

  async release(): Promise<void> {
    await this.#session.release();
    await this.#ablations?.release();
  }
}

/**
 * Sum of the alignments of the parts with the weights that a training of this seed starts with; 0
 * without decomposition.
 */
export async function overlapAtStart(
  c: ModelConfiguration,
  seed: number,
  clips: readonly ClipReader[],
): Promise<number> {
  if (!c.decomposition) return 0;
  const start = initialise(parameterSpecs(c), seed);
  const graph = new Graph();
  const net = new FlatNet(graph, graph.constant(start, [start.length]));
  const session = await Session.compile(partMoments(m2s2lClip(net, c, clipInput(graph, c, 1))));
  try {
    const { height, width } = cellGrid(c);
    const parts = new PartMoments(c.partWidth);
    for (const read of clips) {
      const values = await session.run({ frames: await read() });
      parts.push(values[inner.partSum]!.data, values[inner.partProducts]!.data, height * width);
    }
    return parts.overlap;
  } finally {
    await session.release();
  }
}

function errorsOf(c: ModelConfiguration, values: Readonly<Record<string, Tensor>>): CellErrors {
  const maps: Partial<Record<ErrorKind, Float32Array>> = {};
  const prefix = inner.errors('');
  for (const [name, { data }] of Object.entries(values))
    if (name.startsWith(prefix))
      maps[name.slice(prefix.length) as ErrorKind] = data as Float32Array;
  return { grid: cellGrid(c), ...maps };
}

function addTo(
  sums: Partial<Record<PartName, Float64Array>>,
  name: PartName,
  values: Tensor | undefined,
): void {
  if (!values) return;
  const sum = (sums[name] ??= new Float64Array(values.data.length));
  for (let i = 0; i < sum.length; i++) sum[i]! += values.data[i]!;
}
