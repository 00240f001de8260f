import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel, type TrainedModel } from '../detector/model-file.ts';
import { UserError } from '../errors.ts';
import { buildFolder } from '../files/folder.ts';
import { CONTRIBUTED_OPERATORS, serialise } from '../graph/index.ts';
import { describeExport, describeFile, type ExportDescription } from './description.ts';
import { clipGraph, type ExportedGraph, streamGraph } from './graphs.ts';

/** File names in the folder that is written. */
export const CLIP_FILE = 'clip.onnx';
export const STREAM_FILE = 'stream.onnx';
export const EXPORT_FILE = 'export.json';

/** Key of the description among an ONNX file's metadata. */
const METADATA_KEY = 'm2s2l';

/** A model as files for other runtimes. */
export interface ExportedModel {
  readonly description: ExportDescription;
  /** ONNX files by their names. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** A model as standard ONNX, each file with the whole description in its metadata. */
export function portableModel({ description, weights }: TrainedModel): ExportedModel {
  const { configuration } = description;
  const clip = clipGraph(configuration, weights);
  const stream = streamGraph(configuration, weights);
  const described = describeExport(
    description,
    describeFile(CLIP_FILE, clip),
    describeFile(STREAM_FILE, stream),
  );
  const metadata = { [METADATA_KEY]: JSON.stringify(described) };
  const written = ({ outputs }: ExportedGraph): Uint8Array =>
    serialise(outputs, { without: CONTRIBUTED_OPERATORS, metadata });
  return {
    description: described,
    files: { [CLIP_FILE]: written(clip), [STREAM_FILE]: written(stream) },
  };
}

/**
 * Writes a trained model for other runtimes: `clip.onnx`, `stream.onnx` and `export.json`, which
 * says how they are used. The folder is whole or not there.
 * @param folder the model folder
 * @param out the folder to be made
 * @throws UserError when the first is no whole model folder, or is in int8, or `out` holds something, or the disk
 *   is full
 */
export async function exportModel(folder: string, out: string): Promise<ExportDescription> {
  const model = await readModel(folder);
  if (model.description.quantisation)
    throw new UserError(
      `${folder}: is a model in int8, which is not exported; export the model that it was made from`,
    );
  const { description, files } = portableModel(model);
  await buildFolder(out, async (building) => {
    const text = `${JSON.stringify(description, null, 2)}\n`;
    for (const [name, contents] of Object.entries({ ...files, [EXPORT_FILE]: text }))
      await writeFile(join(building, name), contents, { flush: true });
  });
  return description;
}
