import * as ort from 'onnxruntime-node';
import { Graph, reshape, serialise } from '../graph/index.ts';

/**
 * A value that each run of a session leaves for the next one. It stays where it was computed, so that a
 * training's moments need not cross the bus twice a step.
 */
export class Carried {
  readonly #device: string;
  readonly #shape: readonly number[];
  #value: ort.Tensor;
  #reader: ort.InferenceSession | undefined;

  /** @param data a copy of it is carried first */
  constructor(device: string, shape: readonly number[], data: Float32Array) {
    this.#device = device;
    this.#shape = shape;
    this.#value = new ort.Tensor('float32', data.slice(), shape);
  }

  get value(): ort.Tensor {
    return this.#value;
  }

  /** The memory of what was carried before is given back at once. */
  replace(value: ort.Tensor): void {
    free(this.#value);
    this.#value = value;
  }

  /** A copy. */
  async read(): Promise<Float32Array> {
    if (this.#value.location === 'cpu') return (this.#value.data as Float32Array).slice();
    // The runtime's own download is not there yet; what a session gives out it brings.
    this.#reader ??= await ort.InferenceSession.create(copyGraph(this.#shape), {
      executionProviders: [this.#device, 'cpu'],
      logSeverityLevel: 3,
    });
    const { copy } = await this.#reader.run({ value: this.#value });
    return copy!.data as Float32Array;
  }

  async release(): Promise<void> {
    free(this.#value);
    await this.#reader?.release();
  }
}

function copyGraph(shape: readonly number[]): Uint8Array {
  const graph = new Graph();
  // Of another shape, lest the runtime find nothing to do.
  return serialise({ copy: reshape(graph.input('value', shape), [...shape, 1]) });
}

/**
 * Gives memory back now. Left to the collector it adds up so quickly that every other step is slowed by
 * a collection on the cores that it runs on; of what lies on another device the collector knows nothing.
 */
function free(tensor: ort.Tensor): void {
  if (tensor.location === 'cpu') freeArray(tensor.data as Float32Array);
  else tensor.dispose();
}

/** Gives an array's memory back; it is empty then. */
export function freeArray({ buffer }: Float32Array | Float64Array | Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
