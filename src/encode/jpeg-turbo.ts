/** Raster → JPEG by libjpeg-turbo, into memory that is used again. */
import { uninitializedBytes } from '../image/bytes.ts';
import { bufferOf, type TurboLibrary } from '../image/jpeg/turbo.ts';
import type { Raster } from '../image/raster.ts';

/** The bound of a JPEG of 2048 x 2048 pixels; a larger picture gets memory of its own. Untouched pages cost nothing. */
const MAX_KEPT_BYTES = 2 ** 24;

let scratch: Uint8Array = new Uint8Array(0);

/**
 * A baseline JPEG with 4:2:0 chroma, the standard's Huffman tables, and a JFIF segment.
 *
 * @param raster 8 bits, 1 or 3 bands, sides up to 65 500.
 * @param quality 1–100, whole.
 * @returns a view of memory that the next call writes over.
 */
export function compressByTurbo(turbo: TurboLibrary, raster: Raster, quality: number): Uint8Array {
  const { width, height, bands, data } = raster;
  const isGray = bands === 1;
  const subsampling = isGray ? turbo.SAMP_GRAY : turbo.SAMP_420;
  const options = {
    width,
    height,
    subsampling,
    quality,
    format: isGray ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB,
  };
  const out = outputOf(turbo.bufferSize({ width, height, subsampling }));
  const { buffer, byteOffset, byteLength } = data;
  return turbo.compressSync(Buffer.from(buffer, byteOffset, byteLength), bufferOf(out), options);
}

function outputOf(bound: number): Uint8Array {
  if (bound > MAX_KEPT_BYTES) return uninitializedBytes(bound);
  if (scratch.length < bound) scratch = uninitializedBytes(bound);
  return scratch;
}
