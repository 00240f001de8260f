/** Random numbers from a seed (mulberry32): the same case comes again by its seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

type Change = (bytes: Buffer, random: Random) => Buffer;

const changes: readonly Change[] = [
  // Some bits.
  (bytes, random) => {
    for (let n = 1 + random.below(8); n > 0; n--)
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  // A length or a count that is far off.
  (bytes, random) => {
    const at = random.below(Math.max(1, bytes.length - 4));
    const value = random.of(extremes);
    if (bytes.length < 4) return bytes;
    if (random.next() < 0.5) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt32BE(value, at);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  (bytes, random) => {
    const from = random.below(bytes.length);
    const end = Math.min(bytes.length, from + 1 + random.below(2000));
    return bytes.fill(random.of([0, 0xff, 0x20]), from, end);
  },
  // A part is missing, or comes twice.
  (bytes, random) => {
    const [from, length] = [random.below(bytes.length), 1 + random.below(500)];
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)]);
  },
  (bytes, random) => {
    const from = random.below(bytes.length);
    const part = bytes.subarray(from, from + 1 + random.below(500));
    return Buffer.concat([bytes.subarray(0, from), part, bytes.subarray(from)]);
  },
  (bytes, random) => {
    const from = random.below(bytes.length);
    for (let i = from; i < Math.min(bytes.length, from + 200); i++) bytes[i] = random.below(256);
    return bytes;
  },
  // The head says most: what is wrong there is found by chance too seldom.
  (bytes, random) => {
    bytes[random.below(Math.min(64, bytes.length))] = random.below(256);
    return bytes;
  },
  () => Buffer.alloc(0),
];

/** Some damage. */
export function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  let changed = Buffer.from(bytes);
  for (let n = 1 + random.below(3); n > 0 && changed.length > 0; n--)
    changed = Buffer.from(random.of(changes)(changed, random));
  return changed;
}

const oddValues = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  2 ** 53,
  -(2 ** 31),
  '',
  'NaN',
  '../../etc/passwd',
  '__proto__',
  '\u0000',
  'x'.repeat(10_000),
  [],
  {},
  [[]],
  Array(10_000).fill(0),
];

/** JSON with one or more values that nobody would write, or damaged as text. */
export function mutateJson(text: string, random: Random): Buffer {
  if (random.next() < 0.3) return mutateBytes(Buffer.from(text), random);
  const value = JSON.parse(text) as unknown;
  for (let n = 1 + random.below(2); n > 0; n--) changeSome(value, random);
  const changed = JSON.stringify(value);
  return Buffer.from(random.next() < 0.1 ? `\ufeff${changed}` : changed);
}

function changeSome(value: unknown, random: Random): void {
  if (typeof value !== 'object' || value === null) return;
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record);
  if (keys.length === 0) return;
  const key = random.of(keys);
  const inner = record[key];
  if (typeof inner === 'object' && inner !== null && random.next() < 0.8) {
    changeSome(inner, random);
    return;
  }
  const fate = random.next();
  if (fate < 0.2) delete record[key];
  else if (fate < 0.3) record[random.of(['__proto__', 'constructor', 'x', '-1'])] = inner;
  else record[key] = random.of(oddValues);
}
