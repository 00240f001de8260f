/** Sizes and inputs of a scan, laid out as for `selectiveScan`, in double precision. */
export interface ScanCase {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  readonly state: number;
  readonly headDim: number;
  /** A log decay for each state, not one for each head. */
  readonly perState: boolean;
  /** `[B, T, heads * state]` */
  readonly q: Float64Array;
  readonly k: Float64Array;
  /** `[B, T, heads * headDim]` */
  readonly v: Float64Array;
  /** `[B, T, heads]`, or `[B, T, heads * state]` */
  readonly g: Float64Array;
  /** `[B, heads, state, headDim]` */
  readonly past: Float64Array;
}

/** Where things lie: step `t` of head `h` of clip `b`, with row `n` of the state and column `p`. */
function layout({ length, heads, state, headDim, perState }: ScanCase) {
  const step = (b: number, t: number, h: number) => (b * length + t) * heads + h;
  return {
    row: (b: number, t: number, h: number, n: number) => step(b, t, h) * state + n,
    column: (b: number, t: number, h: number, p: number) => step(b, t, h) * headDim + p,
    decay: (b: number, t: number, h: number, n: number) =>
      perState ? step(b, t, h) * state + n : step(b, t, h),
    /** In `[B, heads, state, headDim]`. */
    state: (b: number, h: number, n: number, p: number) =>
      ((b * heads + h) * state + n) * headDim + p,
  };
}

/** Every combination of clip, head, row and column. */
function* elements({ batch, heads, state, headDim }: ScanCase) {
  for (let b = 0; b < batch; b++)
    for (let h = 0; h < heads; h++)
      for (let n = 0; n < state; n++) for (let p = 0; p < headDim; p++) yield [b, h, n, p] as const;
}

/**
 * The selective scan, step by step: `S_t = exp(g_t) S_(t-1) + k_t v_t'`, `y_t = S_t' q_t`. Slow and
 * plain; every fast path is compared with it.
 * @returns `y`, and the states before the first and after every step.
 */
export function referenceScan(c: ScanCase): { y: Float64Array; states: Float64Array[] } {
  const at = layout(c);
  const y = new Float64Array(c.v.length);
  const states = [c.past];
  for (let t = 0; t < c.length; t++) {
    const before = states[t]!;
    const after = new Float64Array(before.length);
    for (const [b, h, n, p] of elements(c)) {
      const place = at.state(b, h, n, p);
      const kept = Math.exp(c.g[at.decay(b, t, h, n)]!) * before[place]!;
      after[place] = kept + c.k[at.row(b, t, h, n)]! * c.v[at.column(b, t, h, p)]!;
      y[at.column(b, t, h, p)]! += after[place] * c.q[at.row(b, t, h, n)]!;
    }
    states.push(after);
  }
  return { y, states };
}

export type ScanGradients = Record<'q' | 'k' | 'v' | 'g' | 'past', Float64Array>;

/** The gradient of <dy, y> + <dState, last state> by the chain rule, step by step backwards. */
export function referenceScanGradient(
  c: ScanCase,
  dy: Float64Array,
  dState: Float64Array,
): ScanGradients {
  const at = layout(c);
  const { states } = referenceScan(c);
  const d: ScanGradients = {
    q: new Float64Array(c.q.length),
    k: new Float64Array(c.k.length),
    v: new Float64Array(c.v.length),
    g: new Float64Array(c.g.length),
    past: dState.slice(),
  };
  for (let t = c.length - 1; t >= 0; t--)
    for (const [b, h, n, p] of elements(c)) {
      const [row, column] = [at.row(b, t, h, n), at.column(b, t, h, p)];
      const [decay, place] = [at.decay(b, t, h, n), at.state(b, h, n, p)];
      const flowing = d.past[place]! + c.q[row]! * dy[column]!;
      const factor = Math.exp(c.g[decay]!);
      d.q[row]! += states[t + 1]![place]! * dy[column]!;
      d.k[row]! += flowing * c.v[column]!;
      d.v[column]! += flowing * c.k[row]!;
      d.g[decay]! += flowing * factor * states[t]![place]!;
      d.past[place] = flowing * factor;
    }
  return d;
}

export interface S6Case {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly state: number;
  readonly inputs: Readonly<
    Record<'u' | 'dtRaw' | 'dtBias' | 'aLog' | 'b' | 'c' | 'dSkip', Float64Array>
  >;
}

/** Mamba's scan, channel by channel and step by step (Gu and Dao, 2023, algorithm 2). */
export function referenceS6({ batch, length, channels, state, inputs: x }: S6Case): Float64Array {
  const y = new Float64Array(batch * length * channels);
  for (let clip = 0; clip < batch; clip++)
    for (let channel = 0; channel < channels; channel++) {
      const hidden = new Float64Array(state);
      for (let t = 0; t < length; t++) {
        const step = clip * length + t;
        const at = step * channels + channel;
        const dt = Math.log1p(Math.exp(x.dtRaw[at]! + x.dtBias[channel]!));
        y[at] = x.dSkip[channel]! * x.u[at]!;
        for (let n = 0; n < state; n++) {
          const a = -Math.exp(x.aLog[channel * state + n]!);
          hidden[n] = Math.exp(dt * a) * hidden[n]! + dt * x.b[step * state + n]! * x.u[at]!;
          y[at]! += x.c[step * state + n]! * hidden[n]!;
        }
      }
    }
  return y;
}

/** Central differences of a function of numbers by one of its arguments, which it reads in place. */
export function centralDifferences(f: () => number, x: Float64Array): Float64Array {
  const step = 1e-5;
  return x.map((here, at) => {
    x[at] = here + step;
    const above = f();
    x[at] = here - step;
    const below = f();
    x[at] = here;
    return (above - below) / (2 * step);
  });
}

export const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
