/** The newest items of a stream, each of one size, in one block of memory that is never larger. */
export class Ring<T extends Uint8Array | Float32Array> {
  /** Elements of an item. */
  readonly size: number;
  readonly #block: T;
  #pushed = 0;

  /** @param block memory for the items, a whole number of them */
  constructor(block: T, size: number) {
    this.#block = block;
    this.size = size;
  }

  /** Items that are held. */
  get length(): number {
    return Math.min(this.#pushed, this.#capacity);
  }

  get bytes(): number {
    return this.#block.byteLength;
  }

  get #capacity(): number {
    return this.#block.length / this.size;
  }

  /** Copies an item; the oldest one leaves. @throws RangeError when it is of another size. */
  push(item: T): void {
    if (item.length !== this.size)
      throw new RangeError(`${item.length} elements where an item has ${this.size}`);
    this.#block.set(item, (this.#pushed % this.#capacity) * this.size);
    this.#pushed += 1;
  }

  /**
   * The item that came `age` items before the newest, as a view that the next pushes overwrite.
   * @throws RangeError when it is not held.
   */
  at(age: number): T {
    if (!(0 <= age && age < this.length)) throw new RangeError(`holds no item of age ${age}`);
    const start = ((this.#pushed - 1 - age) % this.#capacity) * this.size;
    return this.#block.subarray(start, start + this.size) as T;
  }
}
