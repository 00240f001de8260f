import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { pathKind } from '../files/path-kind.ts';
import { isFrameFolder, listPictures, listVideoFiles, naturalOrder } from '../video/folder.ts';

/** A clip that has not been decoded yet. */
export interface ClipSource {
  /** Name within the data set: the path below `frames` or `videos` without extension, such as `01` or `05/05-18`. */
  readonly name: string;
  /** A video file, or a folder of frames. */
  readonly path: string;
}

/** A clip with what is known of the truth about it. */
export interface TestingClip extends ClipSource {
  /** One a frame: 1 = anomalous, 0 = normal. */
  readonly labels: Uint8Array | null;
  /** Mask files, one a frame, in order; read with {@link readMask}. */
  readonly masks: readonly string[] | null;
}

export interface Dataset {
  readonly name: string;
  readonly path: string;
  /** Normal footage. */
  readonly training: readonly ClipSource[];
  readonly testing: readonly TestingClip[];
  /** Where the labels come from, in the words of the label file. */
  readonly labelSource: string | null;
}

const frameLabels = z.array(z.union([z.literal(0), z.literal(1)]));

const labelFile = z.object({
  source: z.string().optional(),
  // Its entries are taken one by one: a clip may be called `__proto__`, which zod leaves out.
  clips: z.custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'Invalid input: expected an object of clips',
  ),
});

/**
 * Finds the clips of a data set:
 * - a folder with `training/` or `testing/`, each with `frames/<clip>/NNN.<ext>` or
 *   `videos/<any folders>/<clip>.<ext>`; for the testing clips `testing/masks/<clip>/NNN.png` and
 *   `labels/frame_labels.json` (`{"source": "...", "clips": {"01": [0, 1, ...]}}`) if there are any;
 * - or a video file, a folder of videos or a folder of frames: all normal training clips.
 *
 * Nothing is decoded here: whether the clips are videos, and whether labels and masks are as many
 * as the frames, is seen when they are opened.
 * @throws UserError when the path does not exist or holds none of this, two clips have one name,
 *   or the labels are not what they should be
 */
export async function readDataset(path: string): Promise<Dataset> {
  const name = basename(path, extname(path));
  const plain = (training: ClipSource[]): Dataset => {
    requireNames(path, training);
    return { name, path, training, testing: [], labelSource: null };
  };
  const kind = await pathKind(path);
  if (kind === undefined) throw new UserError(`${path}: does not exist`);
  if (kind === 'file') return plain([{ name, path }]);
  const parts = [join(path, 'training'), join(path, 'testing')] as const;
  if (!(await pathKind(parts[0])) && !(await pathKind(parts[1]))) {
    if (await isFrameFolder(path)) return plain([{ name, path }]);
    const videos = await videoClips(path);
    if (videos.length > 0) return plain(videos);
    const empty = (await readdir(path)).length === 0;
    throw new UserError(
      empty
        ? `${path}: the folder is empty`
        : `${path}: holds no training/ or testing/, no videos and no pictures`,
    );
  }
  const training = await clipsOf(parts[0]);
  const testing = await clipsOf(parts[1]);
  if (training.length + testing.length === 0) {
    throw new UserError(
      `${path}: holds no clips; expected training/frames/<clip>/, training/videos/<clip>.mp4 or the same in testing/`,
    );
  }
  const labels = await readLabels(join(path, 'labels', 'frame_labels.json'), testing);
  return {
    name: basename(path),
    path,
    training,
    testing: await Promise.all(
      testing.map(async (clip) => ({
        ...clip,
        labels: labels?.clips.get(clip.name) ?? null,
        masks: await masksOf(parts[1], clip.name),
      })),
    ),
    labelSource: labels?.source ?? null,
  };
}

/** The clips of `training/` or `testing/`; none where the folder is missing. */
export async function clipsOf(part: string): Promise<ClipSource[]> {
  const clips = [];
  const frames = join(part, 'frames');
  if ((await pathKind(frames)) === 'folder') {
    for (const entry of await readdir(frames, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = join(frames, entry.name);
      if ((await pathKind(path)) === 'folder') clips.push({ name: entry.name, path });
    }
  }
  const videos = join(part, 'videos');
  if ((await pathKind(videos)) === 'folder') clips.push(...(await videoClips(videos)));
  clips.sort((a, b) => naturalOrder(a.name, b.name));
  requireNames(part, clips);
  return clips;
}

async function videoClips(folder: string): Promise<ClipSource[]> {
  return (await listVideoFiles(folder)).map((path) => {
    const inside = relative(folder, path);
    const name = join(dirname(inside), basename(inside, extname(inside)));
    return { name: name.split(sep).join('/'), path };
  });
}

function requireNames(path: string, clips: readonly ClipSource[]): void {
  const seen = new Map<string, string>();
  for (const clip of clips) {
    const other = seen.get(clip.name);
    if (other !== undefined) {
      throw new UserError(
        `${path}: two clips have the name ${clip.name}: ${relative(path, other)} and ${relative(path, clip.path)}; rename one`,
      );
    }
    seen.set(clip.name, clip.path);
  }
}

async function readLabels(path: string, testing: readonly ClipSource[]) {
  if (!(await pathKind(path))) return undefined;
  let json: unknown;
  try {
    // Windows editors begin a file with a byte order mark.
    json = JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UserError(`${path}: cannot be read as JSON (${(error as Error).message})`);
  }
  const parsed = labelFile.safeParse(json);
  if (!parsed.success) throw wrong(path, parsed.error, []);
  const names = new Set(testing.map((clip) => clip.name));
  const clips = new Map<string, Uint8Array>();
  for (const [name, labels] of Object.entries(parsed.data.clips)) {
    if (!names.has(name)) {
      throw new UserError(`${path}: has labels for a clip ${name} that is not in testing/`);
    }
    const frames = frameLabels.safeParse(labels);
    if (!frames.success) throw wrong(path, frames.error, ['clips', name]);
    clips.set(name, Uint8Array.from(frames.data));
  }
  return { source: parsed.data.source, clips };
}

function wrong(path: string, { issues }: z.ZodError, within: readonly string[]): UserError {
  const { path: key, message } = issues[0]!;
  return new UserError(
    `${path}: wrong at ${[...within, ...key].join('.') || 'the top'}: ${message}`,
  );
}

async function masksOf(testing: string, clip: string): Promise<string[] | null> {
  const folder = join(testing, 'masks', clip);
  return (await pathKind(folder)) === 'folder' ? listPictures(folder) : null;
}
