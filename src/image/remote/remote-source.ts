/** The bytes of one version of one remote object, through the block cache. */
import { ServerError } from '../../errors.ts';
import { uninitializedBytes } from '../bytes.ts';
import type { FileVersion } from '../file-source.ts';
import { identityKey, type ByteSource, type FileIdentity } from '../source.ts';
import { BLOCK_BYTES, type BlockCache } from './block-cache.ts';
import type { ObjectStore } from './object-store.ts';

/** What is larger is fetched in such pieces, so that a broken connection does not cost all of it. */
const PIECE_BYTES = 8 * 2 ** 20;

/** As for files: a claim of more is a mistake in the file or in us. */
const MAX_READ_BYTES = 2 ** 30;

export interface RemoteParts {
  readonly store: ObjectStore;
  readonly blocks: BlockCache;
}

export class RemoteSource implements ByteSource {
  readonly path: string;
  readonly identity: FileIdentity;
  readonly #parts: RemoteParts;
  readonly #object: string;

  constructor({ path, identity }: FileVersion, parts: RemoteParts) {
    this.path = path;
    this.identity = identity;
    this.#parts = parts;
    this.#object = objectKey(path, identity);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#checkRange(offset, length);
    if (length === 0) return new Uint8Array(0);
    const { blocks } = this.#parts;
    return length > blocks.maxRunBytes || blocks.maxRunBytes < BLOCK_BYTES
      ? this.#readPieces(offset, length)
      : this.#readBlocks(offset, length);
  }

  close(): void {
    // Connections belong to the thread, blocks to the cache.
  }

  async #readBlocks(offset: number, length: number): Promise<Uint8Array> {
    const first = Math.floor(offset / BLOCK_BYTES);
    const last = Math.floor((offset + length - 1) / BLOCK_BYTES);
    const blocks = await this.#parts.blocks.get(this.#object, first, last, (block, count) =>
      this.#fetchBlocks(block, count),
    );
    const bytes = uninitializedBytes(length);
    let at = first * BLOCK_BYTES;
    for (const block of blocks) {
      const from = Math.max(0, offset - at);
      const to = Math.min(block.length, offset + length - at);
      bytes.set(block.subarray(from, to), at + from - offset);
      at += BLOCK_BYTES;
    }
    return bytes;
  }

  #fetchBlocks(block: number, count: number): Promise<Uint8Array> {
    const offset = block * BLOCK_BYTES;
    const length = Math.min(count * BLOCK_BYTES, this.identity.size - offset);
    return this.#parts.store.range(this.path, this.identity, { offset, length });
  }

  async #readPieces(offset: number, length: number): Promise<Uint8Array> {
    const bytes = uninitializedBytes(length);
    for (let done = 0; done < length; done += PIECE_BYTES) {
      const piece = { offset: offset + done, length: Math.min(PIECE_BYTES, length - done) };
      bytes.set(await this.#parts.store.range(this.path, this.identity, piece), done);
    }
    return bytes;
  }

  #checkRange(offset: number, length: number): void {
    const { path } = this;
    const { size } = this.identity;
    const isInside =
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= size;
    if (!isInside) {
      throw new ServerError('damaged', 'the image file ends too early', {
        facts: { path, offset, length, size },
      });
    }
    if (length > MAX_READ_BYTES) {
      throw new ServerError('too-large', 'the image has parts that are too large', {
        facts: { path, length },
      });
    }
  }
}

/** Names a version of an object in the block cache. */
export function objectKey(path: string, identity: FileIdentity): string {
  return `${path}\0${identityKey(identity)}`;
}
