/** Memory for answers on their way out: small ones share one allocation, which costs more than filling it. */

const SLAB_BYTES = 256 * 1024;
/** Larger answers get memory of their own, so that the rest of a slab is not wasted on them. */
const MAX_SHARED_BYTES = SLAB_BYTES / 4;

export class Slab {
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;
  #lastStart = 0;

  /** `length` bytes with any content. They are not given out again before they are given back. */
  take(length: number): Buffer {
    if (length > MAX_SHARED_BYTES) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    this.#lastStart = this.#used;
    this.#used += length;
    return this.#slab.subarray(this.#lastStart, this.#used);
  }

  /**
   * The system has all of `bytes`, and nobody else looks at them. When they were the last that were taken, the next
   * answer gets their place: memory that was just written costs no new pages.
   */
  giveBack(bytes: Buffer): void {
    const isLast =
      bytes.buffer === this.#slab.buffer && bytes.byteOffset === this.#slab.byteOffset + this.#lastStart;
    if (isLast) this.#used = this.#lastStart;
  }
}
