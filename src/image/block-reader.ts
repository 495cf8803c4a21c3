/** Few large reads instead of many small ones: what headers and directories are read through while a file is opened. */
import type { ByteSource } from './source.ts';

/** Fits the directory of a pyramid level with the values beside it; nine of them are well under 256 KB. */
const BLOCK_BYTES = 16_384;

/** Some writers put values before the directory that names them. */
const LEAD_BYTES = 1_024;

const MAX_BLOCKS = 8;

interface Block {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** A source with the last few blocks that were read from it. Meant to live while one file is opened, no longer. */
export class BlockReader {
  readonly source: ByteSource;
  #blocks: Block[] = [];

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.source.identity.size;
  }

  /**
   * Exactly `length` bytes from `offset`; a view that must not be written to.
   *
   * @throws {ServerError} `damaged` when the file ends before.
   */
  async bytes(offset: number, length: number): Promise<Uint8Array> {
    const held = this.#blocks.find(
      ({ start, bytes }) => offset >= start && offset + length <= start + bytes.length,
    );
    if (held !== undefined) return held.bytes.subarray(offset - held.start, offset - held.start + length);
    if (length > BLOCK_BYTES - LEAD_BYTES || !(offset >= 0) || offset + length > this.size) {
      return this.source.read(offset, length);
    }
    const start = Math.max(0, offset - LEAD_BYTES);
    const bytes = await this.source.read(start, Math.min(BLOCK_BYTES, this.size - start));
    this.#blocks = [...this.#blocks.slice(1 - MAX_BLOCKS), { start, bytes }];
    return bytes.subarray(offset - start, offset - start + length);
  }
}
