/** zlib streams for PNG and TIFF: at once when the input is small, off the thread when it is not. */
import { constants, createDeflate, deflate, deflateSync } from 'node:zlib';
import type { ZlibOptions } from 'node:zlib';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Awaitable } from '../awaitable.ts';
import { deflatedRuns } from './deflate-runs.ts';

const deflateInPool = promisify(deflate);
/** Up to here a trip to the thread pool costs more than it frees. */
const MAX_BYTES_AT_ONCE = 512 * 1024;
const CHUNK_BYTES = 128 * 1024;

/**
 * Settings for differenced samples at a deflate level, 0–9.
 *
 * At level 1 zlib's quick search for matches loses to plain runs and entropy coding: on photographs runs alone are
 * a fifth smaller in less time, on drawings equal.
 */
function settings(level: number, chunkSize = CHUNK_BYTES): ZlibOptions {
  const strategy = level === 1 ? constants.Z_RLE : constants.Z_DEFAULT_STRATEGY;
  return { level, strategy, chunkSize };
}

/** What zlib makes of data that cannot be compressed: a few bytes more in every block. */
const bound = (length: number): number => length + (length >> 8) + 1_024;

/** One zlib stream of all `bytes`; `level` 0–9. It may be given back. */
export function deflated(bytes: Uint8Array, level: number): Awaitable<Uint8Array> {
  if (level === 1 && bytes.length <= MAX_BYTES_AT_ONCE) return deflatedRuns(bytes);
  return bytes.length <= MAX_BYTES_AT_ONCE
    ? deflateSync(bytes, settings(level, bound(bytes.length)))
    : deflateInPool(bytes, settings(level));
}

/** One zlib stream, in pieces, of blocks that are made when the stream has room for them. */
export async function deflatedBlocks(blocks: Iterable<Uint8Array>, level: number): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  await pipeline(
    Readable.from(blocks),
    createDeflate(settings(level)),
    async (stream: AsyncIterable<Buffer>) => {
      for await (const piece of stream) pieces.push(piece);
    },
  );
  return pieces;
}
