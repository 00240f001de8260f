import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { matlabBytes, matlabCells, matlabFile, npy } from '../../test/datasets/import/formats.ts';
import { scene, size } from '../../test/service/whole-service.ts';
import { jpeg, noise, writeAvi, writePicture, writeVideo } from '../../test/video/footage.ts';
import { mutateBytes, mutateJson, type Random } from './mutate.ts';

/** What a damaged input is opened as. */
export type InputKind = 'model' | 'video' | 'labels' | 'avenue' | 'shanghaitech' | 'ucsd';

export interface Sample {
  readonly kind: InputKind;
  /** Of the whole input: a file or a folder. */
  readonly path: string;
  /** Files in it that are damaged; of the whole file where it is one. */
  readonly targets: readonly string[];
}

const small = { width: 32, height: 24, fps: 10 };
const FRAMES = 12;

/** Whole inputs of every kind, to be damaged. @param model a model folder */
export async function makeSamples(folder: string, model: string): Promise<Sample[]> {
  const at = (...names: string[]) => join(folder, ...names);
  const put = async (path: string, data: string | Uint8Array) => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, data);
  };
  const pictures = Array.from({ length: FRAMES }, (_, i) => noise(small, i));
  const jpegs = await Promise.all(pictures.map((picture) => jpeg(small, picture)));
  const video = async (path: string) => {
    await mkdir(dirname(path), { recursive: true });
    await writeAvi(path, small, jpegs);
  };

  await cp(model, at('model'), { recursive: true });
  await mkdir(at('videos'), { recursive: true });
  await writeVideo(at('videos', 'a.mp4'), size, scene(20));
  await writeVideo(at('videos', 'b.mkv'), size, scene(20)).catch(() => undefined);
  await video(at('videos', 'c.avi'));
  await put(at('videos', 'd.mjpeg'), Buffer.concat(jpegs));

  const labels = { source: 'chaos', clips: { a: Array.from({ length: FRAMES }, (_, i) => i % 2) } };
  await video(at('labelled', 'training', 'videos', 'a.avi'));
  await video(at('labelled', 'testing', 'videos', 'a.avi'));
  await put(at('labelled', 'labels', 'frame_labels.json'), JSON.stringify(labels));

  await video(at('avenue', 'training_videos', '01.avi'));
  await video(at('avenue', 'testing_videos', '01.avi'));
  const masks = pictures.map(() =>
    matlabBytes([small.height, small.width], new Uint8Array(small.height * small.width).fill(1)),
  );
  const cells = [matlabCells([1, FRAMES], masks, 'volLabel')];
  await put(at('avenue', 'testing_label_mask', '1_label.mat'), matlabFile(cells));

  for (const part of ['Train', 'Test'])
    for (let i = 1; i <= 3; i++) {
      const path = at('ucsd', part, `${part}001`, `00${i}.tif`);
      await mkdir(dirname(path), { recursive: true });
      await writePicture(path, small, pictures[i]!);
    }
  await put(
    at('ucsd', 'Test', 'UCSDped1.m'),
    'TestVideoFile = {};\nTestVideoFile{end+1}.gt_frame = [1:2];\n',
  );

  await video(at('shanghaitech', 'training', 'videos', '01_001.avi'));
  for (let i = 0; i < FRAMES; i++)
    await put(at('shanghaitech', 'testing', 'frames', '01_0014', `00${i}.jpg`), jpegs[i]!);
  const truth = npy('|u1', [FRAMES], Buffer.alloc(FRAMES, 1));
  await put(at('shanghaitech', 'testing', 'test_frame_mask', '01_0014.npy'), truth);

  const filesIn = async (path: string) =>
    (await readdir(path, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1));
  const videos = (await readdir(at('videos'))).map(
    (name): Sample => ({ kind: 'video', path: at('videos', name), targets: [''] }),
  );
  const folders = ['model', 'avenue', 'shanghaitech', 'ucsd'] as const;
  return [
    ...videos,
    { kind: 'labels', path: at('labelled'), targets: ['labels/frame_labels.json'] },
    ...(await Promise.all(
      folders.map(async (kind) => ({ kind, path: at(kind), targets: await filesIn(at(kind)) })),
    )),
  ];
}

/** Copies a sample and damages one of its files. @returns the path of the copy */
export async function damagedCopy(sample: Sample, to: string, random: Random): Promise<string> {
  const name = sample.path.split('/').at(-1)!;
  const path = join(to, name);
  await cp(sample.path, path, { recursive: true });
  const target = join(path, random.of(sample.targets));
  const bytes = await readFile(target);
  const damaged = target.endsWith('.json')
    ? mutateJson(bytes.toString(), random)
    : mutateBytes(bytes, random);
  await writeFile(target, damaged);
  return path;
}
