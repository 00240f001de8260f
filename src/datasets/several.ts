import { extname, resolve, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { type ClipSource, type Dataset, readDataset } from './layout.ts';

/**
 * Reads one data set, or several as one: their training and testing clips one after another, each named
 * after its data set as well.
 * @param data paths of what {@link readDataset} takes
 * @throws UserError as `readDataset` does, and where there is none or one is given twice
 */
export async function readDatasets(data: string | readonly string[]): Promise<Dataset> {
  if (typeof data === 'string') return readDataset(data);
  const [first, ...more] = data;
  if (first === undefined) throw new UserError('no footage is given');
  if (more.length === 0) return readDataset(first);
  const names = distinctNames(data);
  const datasets = await Promise.all(data.map(readDataset));
  const renamed = <C extends ClipSource>(clips: (dataset: Dataset) => readonly C[]): C[] =>
    datasets.flatMap((dataset, i) =>
      clips(dataset).map((clip) => {
        const isWhole = clip.path === dataset.path;
        return { ...clip, name: isWhole ? names[i]! : `${names[i]}/${clip.name}` };
      }),
    );
  const sources = new Set(datasets.flatMap(({ labelSource }) => labelSource ?? []));
  return {
    name: names.join(', '),
    path: data.join(', '),
    training: renamed(({ training }) => training),
    testing: renamed(({ testing }) => testing),
    labelSource: sources.size > 0 ? [...sources].join('; ') : null,
  };
}

/** The shortest distinct ends of the paths, independent of where the files are. */
function distinctNames(paths: readonly string[]): string[] {
  const whole = paths.map((path) => resolve(path));
  const twice = paths.find((_, i) => whole.indexOf(whole[i]!) < i);
  if (twice !== undefined) throw new UserError(`${twice}: is given twice`);
  const parts = whole.map((path) => path.slice(0, path.length - extname(path).length).split(sep));
  const longest = Math.max(...parts.map((own) => own.length));
  for (let count = 1; count <= longest; count++) {
    const names = parts.map((own) => own.slice(-count).join('/'));
    if (new Set(names).size === names.length) return names;
  }
  return whole;
}
