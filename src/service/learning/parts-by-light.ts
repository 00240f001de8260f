import {
  type LightClusters,
  type LightName,
  lightClusters,
  nearestLight,
} from '../../scoring/light/clusters.ts';
import { type Light, lightOf, MeanLight } from '../../scoring/light/light.ts';
import { openVideo } from '../../video/open.ts';
import type { FootageClip } from './footage.ts';
import { nightFolder } from './light-file.ts';

/** Size at which the light of a file is measured, and the seconds from its start. */
const MEASURED = { width: 64, height: 36, channels: 3 } as const;
const MEASURED_SECONDS = 10;

/** Footage that one model is learned from. */
export interface LearnedPart {
  /** Undefined where one model serves for all light. */
  readonly light?: LightName | undefined;
  readonly clips: readonly FootageClip[];
  /** The model folder to be made. */
  readonly out: string;
}

export interface PartsOptions {
  readonly out: string;
  /** Whether clips whose light is unknown show their colours: recorded footage does not. */
  readonly coloured: boolean;
  readonly leastSeconds: number;
  /** Frames that each part must have. */
  readonly leastFrames: number;
}

/** The parts of footage that a model each is learned from, and what parts them; one where it has one light. */
export async function partsByLight(
  clips: readonly FootageClip[],
  { out, coloured, leastSeconds, leastFrames }: PartsOptions,
): Promise<{ readonly parts: readonly LearnedPart[]; readonly clusters?: LightClusters }> {
  const whole = { parts: [{ clips, out }] };
  const lit: { readonly clip: FootageClip; readonly light: Light | undefined }[] = [];
  for (const clip of clips)
    lit.push({ clip, light: clip.light ?? (coloured ? await measured(clip) : undefined) });
  const known = lit.flatMap(({ clip, light }) =>
    light ? [{ light, seconds: clip.frames / clip.fps }] : [],
  );
  const clusters = lightClusters(known, leastSeconds);
  if (!clusters) return whole;
  const of = (name: LightName) =>
    lit.flatMap(({ clip, light }) =>
      light && nearestLight(clusters, light) === name ? [clip] : [],
    );
  const [day, night] = [of('day'), of('night')];
  // Footage of an earlier version: the larger part stands the mixture better.
  const unknown = lit.flatMap(({ clip, light }) => (light ? [] : [clip]));
  (framesOf(day) < framesOf(night) ? night : day).unshift(...unknown);
  if (Math.min(framesOf(day), framesOf(night)) < leastFrames) return whole;
  return {
    clusters,
    parts: [
      { light: 'day', clips: day, out },
      { light: 'night', clips: night, out: nightFolder(out) },
    ],
  };
}

const framesOf = (clips: readonly FootageClip[]): number =>
  clips.reduce((sum, { frames }) => sum + frames, 0);

/** The light at the start of a file. */
async function measured({ path, fps }: FootageClip): Promise<Light | undefined> {
  const mean = new MeanLight();
  const pixels = MEASURED.width * MEASURED.height;
  const last = Math.round(MEASURED_SECONDS * fps);
  for await (const { index, data } of await openVideo(path, MEASURED)) {
    mean.push(lightOf(data, { step: 1, channel: pixels, pixels }));
    if (index >= last) break;
  }
  return mean.mean;
}
