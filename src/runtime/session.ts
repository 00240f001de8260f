import * as ort from 'onnxruntime-node';
import {
  type ContributedOperator,
  type SerialiseOptions,
  serialise,
  type Value,
} from '../graph/index.ts';
import { Carried } from './carried.ts';
import { convolutionBlock } from './convolution-block.ts';
import { requireDevice, unusableDevice } from './device.ts';
import { int8Overflows } from './int8-sums.ts';

// What fails is thrown; the runtime's own log would print it before the one line for the user.
ort.env.logLevel = 'fatal';

export type Device = 'cpu' | 'webgpu' | 'cuda';

/** What a device lacks: what such an operator works on the runtime would copy to the CPU and back. */
const LACKING: Readonly<Record<Device, readonly ContributedOperator[]>> = {
  cpu: [],
  webgpu: ['FusedMatMul'],
  cuda: [],
};

/** Devices on which a value can stay from one run to the next. Elsewhere it goes through the CPU's memory. */
const KEEPING: readonly Device[] = ['webgpu'];

/** What moves transposes in the runtime. */
const MOVERS = 'TransposeOptimizer;TransposeOptimizer_CPUExecutionProvider;MatmulTransposeFusion';

/** Numbers with a shape, in row-major order. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** What may be fed: numbers, or bytes where the graph wants them. */
export interface Feed {
  readonly shape: readonly number[];
  readonly data: Tensor['data'] | Uint8Array;
}

export interface SessionOptions extends Pick<SerialiseOptions, 'int8'> {
  readonly device?: Device;
  /** Threads that one operator may use. */
  readonly threads?: number;
  /**
   * Whether threads that have nothing to do look for work without pause, for some milliseconds. It
   * is quicker where the cores have nothing else to do, and takes them from everything else.
   */
  readonly spinning?: boolean;
  /**
   * Whether the places of all values in memory are planned before a run. A graph of thousands of
   * values then takes two fifths more memory, and is not quicker.
   */
  readonly planMemory?: boolean;
  /**
   * Whether the runtime may move transposes to where they meet others. Where a transposed value has many
   * readers, as in a training step, it then makes one of each of them. For the CPU only: other devices lay
   * pictures out by it.
   */
  readonly moveTransposes?: boolean;
  /**
   * Inputs that are outputs of the run before, by their names: `{ state: 'next.state' }`. They are given once, with
   * {@link Session.carry}, read with {@link Session.carried}, and are in between neither fed nor among the results.
   */
  readonly carry?: Readonly<Record<string, string>>;
  /** Where the runtime writes its profile, a file prefix. */
  readonly profile?: string;
}

/** A compiled graph: feed its inputs, get its outputs. */
export class Session {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #session: ort.InferenceSession;
  readonly #device: Device;
  readonly #carry: Readonly<Record<string, string>>;
  readonly #carried = new Map<string, Carried>();

  private constructor(
    session: ort.InferenceSession,
    device: Device,
    carry: Readonly<Record<string, string>>,
  ) {
    this.#session = session;
    this.#device = device;
    this.#carry = carry;
    const back = Object.values(carry);
    this.inputs = session.inputNames.filter((name) => !(name in carry));
    this.outputs = session.outputNames.filter((name) => !back.includes(name));
  }

  /**
   * Compiles the graph of some outputs for a device.
   * @throws UserError when the device cannot be used. It is tried in a process of its own before.
   */
  static async compile(
    outputs: Readonly<Record<string, Value>>,
    {
      device = 'cpu',
      threads = 2,
      spinning = true,
      planMemory = true,
      moveTransposes = true,
      carry = {},
      profile,
      int8,
    }: SessionOptions = {},
  ): Promise<Session> {
    const options: ort.InferenceSession.SessionOptions = {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      enableMemPattern: planMemory,
      logSeverityLevel: 3,
      extra: {
        ...(moveTransposes || device !== 'cpu'
          ? {}
          : { optimization: { disable_specified_optimizers: MOVERS } }),
        session: {
          ...(spinning ? {} : { intra_op: { allow_spinning: '0' } }),
          ...(int8 && (await int8Overflows()) ? { x64quantprecision: '1' } : {}),
        },
      },
      ...(KEEPING.includes(device) ? { preferredOutputLocation: locations(carry) } : {}),
      ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
    };
    const block = device === 'cpu' ? await convolutionBlock() : undefined;
    const model = serialise(outputs, { without: LACKING[device], int8, block });
    await requireDevice(device);
    try {
      return new Session(await ort.InferenceSession.create(model, options), device, carry);
    } catch (error) {
      if (device === 'cpu') throw error;
      throw unusableDevice(device, (error as Error).message.split('\n')[0]!);
    }
  }

  /** What the next run finds at an input that is carried: a copy of `data`. */
  async carry(
    name: string,
    { shape, data }: { shape: readonly number[]; data: Float32Array },
  ): Promise<void> {
    await this.#carried.get(name)?.release();
    this.#carried.set(name, new Carried(this.#device, shape, data));
  }

  /** A copy of what the next run will find at an input that is carried. Not while a run is under way. */
  carried(name: string): Promise<Float32Array> {
    const carried = this.#carried.get(name);
    if (!carried) throw new Error(`nothing is carried as '${name}'`);
    return carried.read();
  }

  /** One run. Every input that is not carried must be fed; all outputs that are not come back. */
  async run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Tensor>> {
    const given: Record<string, ort.Tensor> = {};
    for (const name of this.inputs) {
      const tensor = feeds[name];
      if (!tensor) throw new Error(`input '${name}' is not fed`);
      given[name] = new ort.Tensor(typeOf(tensor.data), tensor.data, tensor.shape);
    }
    const carry = Object.entries(this.#carry).map(([name, next]) => {
      const carried = this.#carried.get(name);
      if (!carried) throw new Error(`input '${name}' is to be carried and was not given`);
      given[name] = carried.value;
      return { carried, next };
    });
    const results = await this.#session.run(given);
    for (const { carried, next } of carry) carried.replace(results[next]!);
    const out: Record<string, Tensor> = {};
    for (const name of this.outputs) {
      const { dims, data } = results[name]!;
      out[name] = { shape: dims, data: data as Float32Array | Float64Array };
    }
    return out;
  }

  /** Writes the profile, where one was asked for. */
  endProfiling(): void {
    this.#session.endProfiling();
  }

  async release(): Promise<void> {
    for (const carried of this.#carried.values()) await carried.release();
    await this.#session.release();
  }
}

const locations = (carry: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.values(carry).map((name) => [name, 'gpu-buffer' as const]));

function typeOf(data: Feed['data']): 'float32' | 'float64' | 'uint8' {
  if (data instanceof Uint8Array) return 'uint8';
  return data instanceof Float32Array ? 'float32' : 'float64';
}
