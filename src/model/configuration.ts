import { z } from 'zod';
import type { Grid } from '../nn/grid.ts';

const count = z.int().min(1).max(4096);
/** Most granularities, and most time scales. */
const MOST_SCALES = 8;
const stages = z
  .array(z.strictObject({ patch: z.literal([2, 4, 8, 16, 32]), width: count, depth: count }))
  .min(1)
  .max(MOST_SCALES);

const branch = z.literal(['appearance', 'motion']);

/**
 * Everything that decides what a model computes. Each part of the paper can be switched off: leave
 * one entry in `spatial.scales` or `temporal.strides`, set `decomposition` or `memorySlots` to
 * false or 0, leave one decoder. A default is what models computed before the setting existed.
 */
export const modelConfiguration = z
  .strictObject({
    /** What the model sees. Sizes divide by 16. */
    input: z.strictObject({
      width: z.int().multipleOf(16).min(16).max(2048),
      height: z.int().multipleOf(16).min(16).max(2048),
      channels: z.literal([1, 3]),
    }),
    /** `reconstruct`: the encoders see the target frame; `predict`: it is hidden from them. */
    task: z.literal(['reconstruct', 'predict']),
    /** The selective scan: one decay a head (SSD, Mamba-2) or one a channel and state (S6, Mamba). */
    scan: z.literal(['ssd', 's6']),
    /** Size of the scan's state. */
    state: count,
    /** Channels of a head of the SSD scan. */
    headDim: count,
    /** Inner channels of a block over its own. */
    expand: z.int().min(1).max(4),
    spatial: z.strictObject({
      /** Granularities, fine to coarse: patch size in pixels, channels, VSS blocks. */
      scales: stages,
      /** Routes of the cross-scan. */
      routes: z.literal([1, 2, 4]),
      /** Whether the weights of the fusion belong to the whole picture or to each cell. */
      fusion: z.literal(['picture', 'cell']).default('picture'),
    }),
    temporal: z.strictObject({
      /** Time scales: how many frames apart the two frames of a difference are. */
      strides: z.array(z.int().min(1).max(64)).min(1).max(MOST_SCALES),
      /** Differences that each time scale looks back on. */
      steps: z.int().min(1).max(64),
      width: count,
      /**
       * Hide the newest difference of stride 1, which is the motion decoder's target, from the
       * encoders: that time scale then begins one frame earlier.
       */
      hideTarget: z.boolean().default(false),
    }),
    /** Channels of the fused features, on the grid of 8x8 pixels. */
    fusedWidth: count,
    /** Split the fused feature into common, appearance and motion. */
    decomposition: z.boolean(),
    /** Judge the pace of what moves, see `model/pace.ts`; not of the paper. */
    pace: z.boolean().default(false),
    /** Channels of the pace head: as many as of the fused features, but no more than this. */
    paceWidth: count.default(64),
    /** Channels of each part. */
    partWidth: count,
    /** Prototypes of each memory; 0: no memory. One alone would say nothing. */
    memorySlots: z.union([z.literal(0), z.int().min(2).max(4096)]),
    /** Let each part pass its memory: decoders then see it beside what the memory reads. */
    memoryBypass: z.boolean().default(true),
    /** Channels of a learned embedding of the place that both decoders see; 0: none. */
    placeWidth: z.int().min(0).max(256).default(0),
    decoders: z.strictObject({
      branches: z.array(branch).min(1).max(2),
      /** Channels on the grid of 8x8 pixels, and on that of 4x4. */
      coarseWidth: count,
      fineWidth: count,
      /** Residual blocks on the grid of 4x4 pixels. */
      depth: z.int().min(0).max(16),
      /**
       * Decoders that also see the finest spatial encoder's tokens; the motion decoder then sees the
       * {@link SKIPPED_DIFFERENCES} newest differences, too.
       */
      skip: z.array(branch),
    }),
  })
  .superRefine((c, context) => {
    const refuse = (path: string[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const twice = (list: readonly unknown[]) => new Set(list).size !== list.length;
    if (twice(c.decoders.branches)) refuse(['decoders', 'branches'], 'a decoder is named twice');
    if (twice(c.spatial.scales.map(({ patch }) => patch)))
      refuse(['spatial', 'scales'], 'two scales have the same patch');
    if (twice(c.temporal.strides)) refuse(['temporal', 'strides'], 'a stride is named twice');
    const widths = [c.temporal.width, ...c.spatial.scales.map(({ width }) => width)];
    const { width, height } = c.input;
    const coarse = c.spatial.scales.find(({ patch }) => width % patch || height % patch);
    if (coarse)
      refuse(['input'], `${width}x${height} does not divide by patches of ${coarse.patch}`);
    const odd = widths.find((width) => (width * c.expand) % c.headDim !== 0);
    if (c.scan === 'ssd' && odd !== undefined)
      refuse(['headDim'], `does not divide a width of ${odd} times expand`);
  });

export type ModelConfiguration = z.infer<typeof modelConfiguration>;
/** A decoder: of the frame itself, or of its change. */
export type Branch = z.infer<typeof branch>;
export type Task = ModelConfiguration['task'];

/** Pixels of the grid on which scales are fused, features decomposed, and errors pooled. */
export const CELL = 8;

/** Differences between neighbouring frames that a motion decoder with a skip sees. */
export const SKIPPED_DIFFERENCES = 2;

/** Size of the grid of cells. */
export const cellGrid = ({ input }: ModelConfiguration): Grid => ({
  height: input.height / CELL,
  width: input.width / CELL,
});

/** The frame that the encoders see last, by how many before the scored one it lies. */
export const newestSeen = ({ task }: Pick<ModelConfiguration, 'task'>): number =>
  task === 'predict' ? 1 : 0;

/** The newest frame that a time scale sees, by how many before the scored one it lies. */
export const newestOf = (c: ModelConfiguration, stride: number): number => {
  const newest = newestSeen(c);
  return c.temporal.hideTarget && newest === 0 && stride === 1 ? 1 : newest;
};

/**
 * The frames a score needs, as how many frames before the scored one each lies, oldest first; the
 * last is 0, the scored frame itself.
 */
export function clipOffsets(configuration: ModelConfiguration): number[] {
  const { temporal, decoders } = configuration;
  const newest = newestSeen(configuration);
  const offsets = new Set([0, 1, newest]);
  if (decoders.skip.includes('motion'))
    for (let back = 1; back <= SKIPPED_DIFFERENCES; back++) offsets.add(newest + back);
  for (const stride of temporal.strides)
    for (let step = 0; step <= temporal.steps; step++)
      offsets.add(newestOf(configuration, stride) + step * stride);
  return [...offsets].sort((a, b) => b - a);
}

/** Frames from the oldest one needed to the scored one. A clip must have at least so many. */
export const clipLength = (configuration: ModelConfiguration): number =>
  clipOffsets(configuration)[0]! + 1;
