import { Graph } from '../graph/index.ts';
import type { Branch, ModelConfiguration } from '../model/configuration.ts';
import { type PartName, partNames } from '../model/decomposition.ts';
import { clipInput } from '../model/input.ts';
import type { Net } from '../nn/parameters.ts';
import { type Device, type Feed, Session } from '../runtime/session.ts';
import { ablatedErrors, instead, keep } from './graph.ts';
import type { ClipReader } from './inspect.ts';
import { type Ablation, ablationNames } from './inspection.ts';

export interface AblationClips {
  /** The clips that parts are replaced on: few are enough for a ratio of means. */
  readonly ablated: readonly ClipReader[];
  readonly feeds?: Readonly<Record<string, Feed>> | undefined;
  readonly onPass?: (() => void) | undefined;
}

/** Measures what each part is good for: the errors of the decoders with and without it. */
export class Ablations {
  /** Passes through the model for each clip: as it is, and without each part. */
  static readonly PASSES = 1 + partNames.length;

  readonly #branches: readonly Branch[];
  readonly #session: Session;

  private constructor(branches: readonly Branch[], session: Session) {
    this.#branches = branches;
    this.#session = session;
  }

  static async create(
    c: ModelConfiguration,
    netOn: (graph: Graph) => Net,
    device?: Device,
  ): Promise<Ablations> {
    const graph = new Graph();
    const errors = ablatedErrors(netOn(graph), c, clipInput(graph, c, 1));
    return new Ablations(c.decoders.branches, await Session.compile(errors, { device }));
  }

  /** @param means what decoders get of each part in the mean, which stands in for it */
  async measure(
    means: Readonly<Partial<Record<PartName, Float32Array>>>,
    { ablated, feeds, onPass }: AblationClips,
  ): Promise<Record<PartName, Ablation>> {
    const whole = this.#noErrors();
    const without = Object.fromEntries(partNames.map((name) => [name, this.#noErrors()])) as Record<
      PartName,
      Record<Branch, number>
    >;
    for (const read of ablated) {
      const frames = await read();
      for (const part of [undefined, ...partNames]) {
        const errors = await this.#session.run({ ...feeds, frames, ...replacing(part, means) });
        const sums = part ? without[part] : whole;
        for (const branch of this.#branches) sums[branch] += errors[branch]!.data[0]!;
        onPass?.();
      }
    }
    const ratios = (sums: Readonly<Record<Branch, number>>): Ablation =>
      Object.fromEntries(
        this.#branches.map((branch) => [
          ablationNames[branch],
          whole[branch] > 0 ? sums[branch] / whole[branch] : null,
        ]),
      );
    const { appearance, motion, common } = without;
    return { appearance: ratios(appearance), motion: ratios(motion), common: ratios(common) };
  }

  #noErrors(): Record<Branch, number> {
    return { appearance: 0, motion: 0 };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** Keeps all parts but one; the feeds of a part that no decoder draws from are not asked for. */
function replacing(
  ablated: PartName | undefined,
  means: Readonly<Partial<Record<PartName, Float32Array>>>,
): Record<string, Feed> {
  const feeds: Record<string, Feed> = {};
  for (const name of partNames) {
    const mean = means[name];
    if (!mean) continue;
    feeds[keep(name)] = { shape: [1, 1, 1], data: Float32Array.of(name === ablated ? 0 : 1) };
    feeds[instead(name)] = { shape: [1, 1, mean.length], data: mean };
  }
  return feeds;
}
