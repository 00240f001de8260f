/** Bytes of a picture after which it is none. */
const mostBytes = 64 * 2 ** 20;

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;

/** Markers that stand alone, without a length: TEM, and the restarts within a scan. */
const isAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/**
 * Finds the JPEG pictures in a stream of bytes by their own markers (ITU-T T.81, annex B), whatever
 * lies between them: cameras send boundaries and headers of parts that are wrong, or none. A picture
 * is given with its last byte; one that is cut off by the next is left out.
 */
export class JpegFinder {
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the picture begins that is being read; where its next marker is looked for. */
  #start = -1;
  #at = 0;
  #inScan = false;

  /** @returns pictures that are whole now @throws RangeError where one grows beyond all bounds */
  push(chunk: Uint8Array): Buffer[] {
    this.#bytes = this.#bytes.length > 0 ? Buffer.concat([this.#bytes, chunk]) : Buffer.from(chunk);
    const found: Buffer[] = [];
    while (this.#step(found));
    this.#forget();
    if (this.#bytes.length > mostBytes) throw new RangeError('a picture of more than 64 MB');
    return found;
  }

  /** Takes one marker; false where more bytes must come first. */
  #step(found: Buffer[]): boolean {
    const bytes = this.#bytes;
    if (this.#start < 0) {
      const start = bytes.indexOf(Buffer.of(0xff, startOfImage, 0xff), this.#at);
      if (start < 0) {
        this.#at = Math.max(this.#at, bytes.length - 2);
        return false;
      }
      this.#begin(start);
      return true;
    }
    const at = this.#inScan ? bytes.indexOf(0xff, this.#at) : this.#at;
    if (at < 0 || at + 2 > bytes.length) {
      if (at < 0) this.#at = bytes.length;
      return false;
    }
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff) {
      // No marker where one must be: it was cut off within a segment, and another may lie in that.
      this.#lose(this.#start + 2);
    } else if (marker === 0xff) this.#at = at + 1;
    else if (marker === endOfImage) {
      found.push(bytes.subarray(this.#start, at + 2));
      this.#lose(at + 2);
    } else if (marker === startOfImage) this.#begin(at);
    else if (isAlone(marker) || (this.#inScan && marker === 0)) this.#at = at + 2;
    else {
      if (at + 4 > bytes.length) return false;
      this.#at = at + 2 + bytes.readUInt16BE(at + 2);
      this.#inScan = marker === startOfScan;
      if (this.#at > bytes.length) return this.#wait(at);
    }
    return true;
  }

  #begin(start: number): void {
    this.#start = start;
    this.#at = start + 2;
    this.#inScan = false;
  }

  #lose(at: number): void {
    this.#start = -1;
    this.#at = at;
    this.#inScan = false;
  }

  /** The segment is not whole yet: its marker is taken again when more bytes are there. */
  #wait(at: number): false {
    this.#at = at;
    this.#inScan = false;
    return false;
  }

  /** Bytes that no picture needs any more. */
  #forget(): void {
    const needed = this.#start < 0 ? this.#at : this.#start;
    if (needed === 0) return;
    this.#bytes = this.#bytes.subarray(needed);
    this.#at -= needed;
    if (this.#start > 0) this.#start = 0;
  }
}
