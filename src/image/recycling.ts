/**
 * Memory for pixels that is used again. Every new block of a hundred kilobytes brings the collector of the whole heap
 * nearer: tiles at full speed would cause two full collections a second, with pauses of some milliseconds.
 */
import { uninitializedBytes } from './bytes.ts';
import type { RasterBits, SampleFormat, Samples } from './raster.ts';

/** Smaller blocks cost less than keeping account of them. */
const LEAST_BYTES = 32_768;

/** Larger ones are rare. */
const MOST_BYTES = 2 ** 22;

/** Of one thread. */
const KEPT_BYTES = 2 ** 23;

/** Blocks that were lent and given back. Only its own are taken back, so memory that others share is safe. */
export class Recycling {
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();
  readonly #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes that lie idle at most. */
  constructor(maxBytes = KEPT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the blocks that wait for use. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * `length` bytes at the beginning of a block that nobody else uses; their content is arbitrary. A block that is never
   * given back is the collector's, like any other.
   */
  lend(length: number): Uint8Array {
    if (length < LEAST_BYTES || length > MOST_BYTES) return uninitializedBytes(length);
    const size = blockSize(length);
    const block = this.#free.get(size)?.pop();
    if (block !== undefined) {
      this.#bytes -= size;
      this.#lent.add(block);
      return new Uint8Array(block, 0, length);
    }
    const bytes = uninitializedBytes(size);
    this.#lent.add(bytes.buffer);
    return bytes.subarray(0, length);
  }

  /** The block of a view is free again: no view of it may be used any more. Memory that was not lent is let be. */
  giveBack({ buffer }: ArrayBufferView): void {
    if (!this.#lent.delete(buffer) || !(buffer instanceof ArrayBuffer)) return;
    const { byteLength } = buffer;
    if (this.#bytes + byteLength > this.#maxBytes) {
      // Of sizes that nobody asks for any more, most likely.
      this.#free.clear();
      this.#bytes = 0;
    }
    const blocks = this.#free.get(byteLength);
    if (blocks === undefined) this.#free.set(byteLength, [buffer]);
    else blocks.push(buffer);
    this.#bytes += byteLength;
  }
}

/** At most a quarter more, so that lengths that differ little share their blocks. */
function blockSize(length: number): number {
  const step = 2 ** (29 - Math.clz32(length - 1));
  return Math.ceil(length / step) * step;
}

/** Of this thread. */
export const recycling = new Recycling();

/** `length` bytes, as many of them as `write` says it has written; `undefined` when it says that it could not. */
export function lendWritten(
  length: number,
  write: (output: Uint8Array) => number | undefined,
): Uint8Array | undefined {
  if (length === 0) return undefined;
  const output = recycling.lend(length);
  const written = write(output);
  if (written !== undefined) return output.subarray(0, written);
  recycling.giveBack(output);
  return undefined;
}

/** Memory for so many samples of a raster, which may be given back; its content is arbitrary. */
export function lendSamples(length: number, bits: RasterBits, format: SampleFormat): Samples {
  const { buffer, byteOffset } = recycling.lend((length * bits) / 8);
  if (format === 'float') return new Float32Array(buffer, byteOffset, length);
  if (bits === 8) return new Uint8Array(buffer, byteOffset, length);
  return bits === 16
    ? new Uint16Array(buffer, byteOffset, length)
    : new Uint32Array(buffer, byteOffset, length);
}
