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
 * one entry in `spatial.scales` or `temporal.strides`, set `decomposition` to false or `memorySlots`
 * to 0, leave one decoder. Defaults are what models computed before the setting existed.
 */
export const modelConfiguration = z
  .strictObject({
    /** Input of the model, in multiples of 16 pixels. */
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
    /** Inner channels of a block relative to its own. */
    expand: z.int().min(1).max(4),
    spatial: z.strictObject({
      /** Granularities, fine to coarse: patch size in pixels, channels, VSS blocks. */
      scales: stages,
      /** Routes of the cross-scan. */
      routes: z.literal([1, 2, 4]),
      /** Whether fusion weights are shared by the whole picture or belong to each cell. */
      fusion: z.literal(['picture', 'cell']).default('picture'),
    }),
    temporal: z.strictObject({
      /** Time scales: frames between the two frames of a difference. */
      strides: z.array(z.int().min(1).max(64)).min(1).max(MOST_SCALES),
      /** Differences in the window of each time scale. */
      steps: z.int().min(1).max(64),
      width: count,
      /**
       * Hides the newest difference of stride 1, the motion decoder's target, from the encoders: that
       * time scale then begins one frame earlier.
       */
      hideTarget: z.boolean().default(false),
    }),
    /** Channels of the fused features, on the grid of 8x8 pixels. */
    fusedWidth: count,
    /** Split the fused feature into common, appearance and motion. */
    decomposition: z.boolean(),
    /** Adds the pace head, see `model/pace.ts`; not in the paper. */
    pace: z.boolean().default(false),
    /** Channels of the pace head, at most `fusedWidth`. */
    paceWidth: count.default(64),
    /** Channels of each part. */
    partWidth: count,
    /** Prototypes of each memory, 0 for none. A single one would be a constant. */
    memorySlots: z.union([z.literal(0), z.int().min(2).max(4096)]),
    /** Concatenates each part with the reading of its memory, so that decoders see both. */
    memoryBypass: z.boolean().default(true),
    /** Channels of each decoder's learned position embedding, 0 for none. */
    placeWidth: z.int().min(0).max(256).default(0),
    decoders: z.strictObject({
      branches: z.array(branch).min(1).max(2),
      /** Channels on the grid of 8x8 pixels, and on that of 4x4. */
      coarseWidth: count,
      fineWidth: count,
      /** Residual blocks on the grid of 4x4 pixels. */
      depth: z.int().min(0).max(16),
      /**
       * Decoders with a skip connection from the finest spatial encoder; the motion decoder's also carries the
       * {@link SKIPPED_DIFFERENCES} newest differences.
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
/** A decoder: of the frame, or of its difference from the one before. */
export type Branch = z.infer<typeof branch>;
export type Task = ModelConfiguration['task'];

/** Side of a cell in pixels: the grid on which scales are fused, features decomposed and errors pooled. */
export const CELL = 8;

/** Differences between neighbouring frames in the skip connection of the motion decoder. */
export const SKIPPED_DIFFERENCES = 2;

/** Size of the grid of cells. */
export const cellGrid = ({ input }: ModelConfiguration): Grid => ({
  height: input.height / CELL,
  width: input.width / CELL,
});

/** Offset of the newest frame that the encoders see, in frames before the scored one. */
export const newestSeen = ({ task }: Pick<ModelConfiguration, 'task'>): number =>
  task === 'predict' ? 1 : 0;

/** Offset of the newest frame that a time scale sees, in frames before the scored one. */
export const newestOf = (c: ModelConfiguration, stride: number): number => {
  const newest = newestSeen(c);
  return c.temporal.hideTarget && newest === 0 && stride === 1 ? 1 : newest;
};

/**
 * Offsets of the frames that a score needs, in frames before the scored one, oldest first; the last is
 * 0, the scored frame itself.
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

/** Frames from the oldest one needed to the scored one: the shortest clip that has a score. */
export const clipLength = (configuration: ModelConfiguration): number =>
  clipOffsets(configuration)[0]! + 1;
