/** Bytes that are in memory already, read as if they were a file: EXIF blocks, and pictures in tests. */
import { ServerError } from '../errors.ts';
import type { ByteSource } from './source.ts';

let sources = 0;

/** A source over `bytes`; every read is a copy, which belongs to the reader. No two sources are the same file. */
export function memorySource(bytes: Uint8Array, path = 'memory'): ByteSource {
  const inode = ++sources;
  return {
    path,
    identity: { size: bytes.length, mtimeMs: 0, inode },
    read(offset, length) {
      const isInside = offset >= 0 && length >= 0 && offset + length <= bytes.length;
      if (!isInside)
        throw new ServerError('damaged', 'the image ends too early', { facts: { path, offset, length } });
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
    close() {
      // Nothing is held.
    },
  };
}
