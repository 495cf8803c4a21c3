/** Memory for answers on their way out: many small ones share one allocation, which costs more than filling it. */

const SLAB_BYTES = 64 * 1024;
/** Larger answers get memory of their own, so that the rest of a slab is not wasted on them. */
const MAX_SHARED_BYTES = SLAB_BYTES / 4;

export class Slab {
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;

  /** `length` bytes with any content. They are never given out twice. */
  take(length: number): Buffer {
    if (length > MAX_SHARED_BYTES) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return this.#slab.subarray(start, this.#used);
  }
}
