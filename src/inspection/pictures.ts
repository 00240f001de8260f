import { Graph, type Value } from '../graph/index.ts';
import { m2s2lClip } from '../model/clip.ts';
import { cellGrid, type ModelConfiguration } from '../model/configuration.ts';
import { type PartName, partNames } from '../model/decomposition.ts';
import { clipInput } from '../model/input.ts';
import { TrainedNet, type Weights } from '../nn/parameters.ts';
import { Session, type Tensor } from '../runtime/session.ts';
import type { Grid } from '../scoring/blocks.ts';
import { cellChange } from './graph.ts';
import type { ClipReader } from './inspect.ts';
import type { PartMoments } from './part-moments.ts';
import { principalDirections } from './principal.ts';

/** What lies inside a model at one frame. Maps are on the grid of cells. */
export interface InspectedPicture {
  readonly grid: Grid;
  /** Pictures `[C, H, W]`, values in [-1, 1], a difference's in [-2, 2]: seen and drawn. */
  readonly frame: Float32Array;
  readonly drawnFrame: Float32Array | undefined;
  readonly difference: Float32Array;
  readonly drawnDifference: Float32Array | undefined;
  /** How far each cell changes, mean square. */
  readonly change: Float32Array;
  /** Weights of the scales at each cell, `[cells, scales]`; undefined of a single scale. */
  readonly time: Float32Array | undefined;
  readonly granularity: Float32Array | undefined;
  /** Each part along the three directions in which it varies most, in standard deviations: `[cells, 3]`. */
  readonly parts: Readonly<Partial<Record<PartName, Float32Array>>>;
  /** The prototype that each cell reads most of; -1 where it reads none. */
  readonly prototypes: Readonly<Partial<Record<PartName, Int32Array>>>;
}

/**
 * What lies inside a model at some frames.
 * @param moments of the parts over all that was inspected, so that their colours mean the same everywhere
 */
export async function inspectedPictures(
  c: ModelConfiguration,
  weights: Weights,
  clips: readonly ClipReader[],
  moments: PartMoments | undefined,
): Promise<InspectedPicture[]> {
  if (clips.length === 0) return [];
  const graph = new Graph();
  const outputs = m2s2lClip(new TrainedNet(graph, weights), c, clipInput(graph, c, 1));
  const { appearance, motion, frame, difference, temporal, spatial, parts, remembered } = outputs;
  const wanted: Record<string, Value | undefined> = {
    frame,
    drawnFrame: appearance,
    difference,
    drawnDifference: motion,
    change: cellChange(difference),
    time: temporal.weights,
    granularity: spatial.weights,
  };
  for (const name of partNames) {
    if (moments) wanted[`part.${name}`] = parts[name];
    wanted[`shares.${name}`] = remembered.readings[name]?.shares;
  }
  const there = Object.entries(wanted).filter(([, value]) => value !== undefined);
  const session = await Session.compile(Object.fromEntries(there as [string, Value][]));
  const views = moments && partViews(moments, c.partWidth);
  try {
    const pictures: InspectedPicture[] = [];
    for (const read of clips) {
      const values = await session.run({ frames: await read() });
      const map = (name: string) => values[name]?.data as Float32Array | undefined;
      pictures.push({
        grid: cellGrid(c),
        frame: map('frame')!,
        drawnFrame: map('drawnFrame'),
        difference: map('difference')!,
        drawnDifference: map('drawnDifference'),
        change: map('change')!,
        time: map('time'),
        granularity: onCells(map('granularity'), c),
        parts: byPart((name) => views?.[name](map(`part.${name}`)!)),
        prototypes: byPart((name) => {
          const shares = values[`shares.${name}`];
          return shares && mostRead(shares);
        }),
      });
    }
    return pictures;
  } finally {
    await session.release();
  }
}

function byPart<T>(of: (name: PartName) => T | undefined): Partial<Record<PartName, T>> {
  const entries = partNames.map((name) => [name, of(name)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Weights of the whole picture are those of each cell. */
function onCells(weights: Float32Array | undefined, c: ModelConfiguration) {
  const scales = c.spatial.scales.length;
  if (weights?.length !== scales) return weights;
  const { height, width } = cellGrid(c);
  return Float32Array.from({ length: height * width * scales }, (_, i) => weights[i % scales]!);
}

type View = (features: Float32Array) => Float32Array;

function partViews(moments: PartMoments, width: number): Record<PartName, View> {
  const view = (name: PartName): View => {
    const mean = moments.mean(name);
    const directions = principalDirections(moments.covariance(name, name), width, 3);
    return (features) => {
      const cells = features.length / width;
      const seen = new Float32Array(cells * 3);
      for (let cell = 0; cell < cells; cell++)
        for (const [k, { vector, deviation }] of directions.entries()) {
          let along = 0;
          for (let i = 0; i < width; i++)
            along += (features[cell * width + i]! - mean[i]!) * vector[i]!;
          seen[cell * 3 + k] = deviation > 0 ? along / deviation : 0;
        }
      return seen;
    };
  };
  return { common: view('common'), appearance: view('appearance'), motion: view('motion') };
}

function mostRead({ shape, data }: Tensor): Int32Array {
  const slots = shape[2]!;
  return Int32Array.from({ length: data.length / slots }, (_, cell) => {
    let best = -1;
    let most = 0;
    for (let slot = 0; slot < slots; slot++) {
      const share = data[cell * slots + slot]!;
      if (share > most) [best, most] = [slot, share];
    }
    return best;
  });
}
