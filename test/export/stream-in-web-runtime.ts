import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import type { ExportDescription, NamedTensor } from '../../src/export/description.ts';
import type { CellErrors } from '../../src/scoring/blocks.ts';

// Pages that are not isolated have no threads.
env.wasm.numThreads = 1;

/**
 * Feeds frames to `stream.onnx` as `export.json` says; nothing else is known of the model. Runs in
 * Node and in a browser's page.
 * @param frames bytes `[C, H, W]`
 * @returns errors of every frame, those of the warm-up, too
 */
export async function* streamErrors(
  onnx: Uint8Array,
  description: ExportDescription,
  frames: Iterable<Uint8Array>,
): AsyncGenerator<CellErrors> {
  const { stream, cells } = description;
  const session = await InferenceSession.create(onnx, { executionProviders: ['wasm'] });
  const input = (name: string): NamedTensor => stream.inputs.find((i) => i.name === name)!;
  const state: Record<string, Tensor> = {};
  for (const { input: name } of stream.state) state[name] = zeros(input(name));
  const { shape } = input('frame');
  for (const frame of frames) {
    const results = await session.run({ frame: new Tensor('uint8', frame, shape), ...state });
    for (const { input: name, output } of stream.state) state[name] = results[output]!;
    const map = (kind: string) => results[kind]?.data as Float32Array | undefined;
    const grid = { width: cells.columns, height: cells.rows };
    yield {
      grid,
      appearance: map('appearance'),
      motion: map('motion'),
      expectedMotion: map('expectedMotion'),
      pace: map('pace'),
    };
  }
  await session.release();
}

function zeros({ type, shape }: NamedTensor): Tensor {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return type === 'uint8'
    ? new Tensor('uint8', new Uint8Array(size), shape)
    : new Tensor('float32', new Float32Array(size), shape);
}
