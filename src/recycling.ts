/**
 * Memory for pixels and small files that is used again. Every new block of a hundred kilobytes brings the collector of the whole heap
 * nearer: tiles at full speed would cause two full collections a second, with pauses of some milliseconds.
 */
import { uninitializedBytes } from './image/bytes.ts';
import type { RasterBits, SampleFormat, Samples } from './image/raster.ts';

/** Smaller blocks cost less than keeping account of them. */
export const LEAST_LENT_BYTES = 8192;

/** Of one thread that makes tiles. */
const KEPT_BYTES = 2 ** 23;

/** Blocks that take more than this part of what is kept would push out all others. */
const LARGEST_SHARE = 0.5;

/** Blocks that were lent and given back. Only its own are taken back, so memory that others share is safe. */
export class Recycling {
  /** By size; those whose size was lent or given back last are at the end. */
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #maxBytes: number;
  #bytes = 0;

  /** @param maxBytes that lie idle at most. */
  constructor(maxBytes = KEPT_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of the blocks that wait for use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** From now on so many bytes lie idle at most. */
  keepAtMost(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#makeRoom(0);
  }

  /**
   * `length` bytes at the beginning of a block that nobody else uses; their content is arbitrary. A block that is never
   * given back is the collector's, like any other.
   */
  lend(length: number): Uint8Array {
    if (length < LEAST_LENT_BYTES || length > this.#maxBytes * LARGEST_SHARE)
      return uninitializedBytes(length);
    const size = blockSize(length);
    const block = this.#blocksOf(size).pop();
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
    if (byteLength > this.#maxBytes) return;
    this.#makeRoom(byteLength);
    this.#blocksOf(byteLength).push(buffer);
    this.#bytes += byteLength;
  }

  /** Blocks of sizes that nobody has asked for or given back for longest are the collector's. */
  #makeRoom(bytes: number): void {
    for (const [size, blocks] of this.#free) {
      while (this.#bytes + bytes > this.#maxBytes && blocks.pop() !== undefined) this.#bytes -= size;
      if (this.#bytes + bytes <= this.#maxBytes) return;
      this.#free.delete(size);
    }
  }

  #blocksOf(size: number): ArrayBuffer[] {
    const blocks = this.#free.get(size) ?? [];
    this.#free.delete(size);
    this.#free.set(size, blocks);
    return blocks;
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

/** Longer files go from thread to thread as they are, for which they need memory to themselves. */
const MAX_LENT_FILE = 2 ** 18;

/** Memory for a file of `length` bytes that may be given back once it is sent; its content is arbitrary. */
export function lendFile(length: number): Uint8Array {
  return length > MAX_LENT_FILE ? uninitializedBytes(length) : recycling.lend(length);
}

/** A copy of a file, as `lendFile` gives it. */
export function lendCopy(file: Uint8Array): Uint8Array {
  const copy = lendFile(file.length);
  copy.set(file);
  return copy;
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
