/** Zeros that are read like any others; from farther behind the end come zeros, too. */
const SLACK_BYTES = 64;

/** Reads bits of a stream, the highest of a byte first; behind its end there are zeros. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #position = 0;

  constructor(bytes: Uint8Array) {
    // Reading outside of an array is slow.
    this.#bytes = new Uint8Array(bytes.length + SLACK_BYTES);
    this.#bytes.set(bytes);
    this.#end = bytes.length * 8;
  }

  /** Bits that have been read. */
  get position(): number {
    return this.#position;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#end;
  }

  /** Whether bits were taken that the stream does not have. */
  get isPastEnd(): boolean {
    return this.#position > this.#end;
  }

  /** The next `count` bits, at most 16. */
  peek(count: number): number {
    const bytes = this.#bytes;
    const at = this.#position >> 3;
    const held = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    return (held >> (24 - (this.#position & 7) - count)) & ((1 << count) - 1);
  }

  skip(count: number): void {
    this.#position += count;
  }

  take(count: number): number {
    const bits = this.peek(count);
    this.#position += count;
    return bits;
  }

  /** To the next multiple of so many bits. */
  align(count: number): void {
    this.#position = Math.ceil(this.#position / count) * count;
  }

  /** To the next 1, or the end. */
  skipZeros(): void {
    while (this.#position < this.#end && this.peek(1) === 0) {
      this.#position += (this.#position & 7) === 0 && this.#bytes[this.#position >> 3] === 0 ? 8 : 1;
    }
  }

  /** To the next place where so many bits are 0, or to the end. */
  seekZeros(count: number): void {
    while (this.#position < this.#end && this.peek(count) !== 0) this.#position++;
  }
}
