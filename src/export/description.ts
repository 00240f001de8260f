import type { ModelDescription } from '../detector/model-file.ts';
import type { Value } from '../graph/index.ts';
import { CELL, cellGrid, clipLength, clipOffsets } from '../model/configuration.ts';
import { version } from '../version.ts';
import type { ExportedGraph } from './graphs.ts';

/** Version of {@link ExportDescription}. */
const EXPORT_FORMAT = 2;

export interface NamedTensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

/** What one ONNX file takes and gives. */
export interface FileDescription {
  readonly file: string;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  /** Inputs that start as zeros, and take what an output gave at the frame before. */
  readonly state: ExportedGraph['state'];
}

/** Everything that is needed to use the files without m2s2l; docs/export.md tells its words. */
export interface ExportDescription {
  readonly format: typeof EXPORT_FORMAT;
  readonly producer: string;
  readonly model: Pick<ModelDescription, 'preset' | 'provenance'> & { readonly task: string };
  readonly frame: {
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly colours: 'gray' | 'RGB';
    readonly layout: 'planar, [channels, height, width]';
    readonly type: 'uint8';
    readonly range: readonly [0, 255];
    readonly resize: ModelDescription['inputFormat']['resize'];
    readonly gray: ModelDescription['inputFormat']['gray'];
  };
  /** How many frames before the scored one each frame of a clip lies. */
  readonly clipOffsets: readonly number[];
  /** First frames of a stream whose errors are meaningless. */
  readonly warmUpFrames: number;
  /** Pixels of a cell; error maps have one value per cell. */
  readonly cells: { readonly size: number; readonly columns: number; readonly rows: number };
  readonly scoring: ModelDescription['scoring'];
  readonly statistics: ModelDescription['statistics'];
  readonly threshold: ModelDescription['threshold'];
  readonly clip: FileDescription;
  readonly stream: FileDescription;
}

export function describeExport(
  description: ModelDescription,
  clip: FileDescription,
  stream: FileDescription,
): ExportDescription {
  const { preset, provenance, configuration: c, inputFormat } = description;
  const grid = cellGrid(c);
  return {
    format: EXPORT_FORMAT,
    producer: `m2s2l ${version}`,
    model: { preset, task: c.task, provenance },
    frame: {
      ...c.input,
      colours: c.input.channels === 1 ? 'gray' : 'RGB',
      layout: 'planar, [channels, height, width]',
      type: 'uint8',
      range: [0, 255],
      resize: inputFormat.resize,
      gray: inputFormat.gray,
    },
    clipOffsets: clipOffsets(c),
    warmUpFrames: clipLength(c) - 1,
    cells: { size: CELL, columns: grid.width, rows: grid.height },
    scoring: description.scoring,
    statistics: description.statistics,
    threshold: description.threshold,
    clip,
    stream,
  };
}

/** The names, types and shapes of a graph that is written to `file`. */
export function describeFile(file: string, graph: ExportedGraph): FileDescription {
  return {
    file,
    inputs: [...graph.inputs].map(([name, value]) => namedTensor(name, value)),
    outputs: Object.entries(graph.outputs).map(([name, value]) => namedTensor(name, value)),
    state: graph.state,
  };
}

const namedTensor = (name: string, { dtype, shape }: Value): NamedTensor => ({
  name,
  type: dtype,
  shape,
});
