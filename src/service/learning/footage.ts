import { type CachedClip, openClips } from '../../datasets/cache.ts';
import { type ClipSource, readDataset } from '../../datasets/layout.ts';
import { UserError } from '../../errors.ts';
import type { Light } from '../../scoring/light/light.ts';
import type { FrameFormat } from '../../video/frame.ts';
import type { LearningJob } from '../parts.ts';

/** A clip of footage that is to be learned. */
export interface FootageClip extends CachedClip {
  /** Milliseconds since 1970 at its first frame. */
  readonly from: number;
  /** As it was measured when it was recorded. */
  readonly light?: Light | undefined;
}

/**
 * Opens the footage of a job, in its order. Videos of one folder follow each other in time. What is
 * too short for even one score is left out: a recording may end a moment after a new file began.
 * @param clipLength frames that a score needs
 * @throws UserError when something of it is no video, the disk is full, or it is too little in all
 */
export async function openFootage(
  footage: LearningJob['footage'],
  format: FrameFormat,
  clipLength: number,
  onDecode?: (done: number, total: number) => void,
): Promise<FootageClip[]> {
  const sources: {
    readonly source: ClipSource;
    readonly from: number | undefined;
    readonly light: Light | undefined;
  }[] = [];
  for (const { path, from, light } of footage)
    for (const [place, source] of (await readDataset(path)).training.entries())
      sources.push({ source, from: place === 0 ? from : undefined, light });
  if (sources.length === 0) throw new UserError('there is no footage to learn from');
  const clips = await openClips(
    sources.map(({ source }) => source),
    format,
    { onProgress: onDecode },
  );
  let ended = 0;
  const timed = clips.map((clip, i): FootageClip => {
    const from = sources[i]!.from ?? ended;
    ended = timeOf({ from, fps: clip.fps }, clip.frames);
    return { ...clip, from, light: sources[i]!.light };
  });
  const long = timed.filter(({ frames }) => frames >= clipLength);
  await closeFootage(timed.filter((clip) => !long.includes(clip)));
  const frames = long.reduce((sum, clip) => sum + clip.frames, 0);
  // One half is learned and one is held out, each at least as long as two scores need.
  const needed = 4 * clipLength;
  if (frames < needed) {
    await closeFootage(long);
    const { fps } = clips[0]!;
    const seconds = (count: number) => (count / fps).toFixed(1);
    throw new UserError(
      `too little footage: ${seconds(frames)} s that can be used, at least ${seconds(needed)} s are needed; collect more, for minutes rather than seconds`,
    );
  }
  return long;
}

export async function closeFootage(clips: readonly FootageClip[]): Promise<void> {
  await Promise.all(clips.map((clip) => clip.close()));
}

/** Milliseconds since 1970 at a frame of a clip. */
export const timeOf = (
  { from, fps }: { readonly from: number; readonly fps: number },
  frame: number,
): number => from + (1000 * frame) / fps;
