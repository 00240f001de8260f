import type { Frame } from './frame.ts';

/** The frames of a source, divided at its gaps; each stretch is to be read to its end before the next. */
export async function* stretches(
  frames: AsyncIterable<Frame>,
): AsyncGenerator<AsyncGenerator<Frame>> {
  const iterator = frames[Symbol.asyncIterator]();
  let next = await iterator.next();
  async function* rest(stretch: number | undefined) {
    while (!next.done && next.value.stretch === stretch) {
      yield next.value;
      next = await iterator.next();
    }
  }
  try {
    while (!next.done) yield rest(next.value.stretch);
  } finally {
    await iterator.return?.();
  }
}
