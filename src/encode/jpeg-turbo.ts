/** Raster → JPEG by libjpeg-turbo, into memory that is used again. */
import { uninitializedBytes } from '../image/bytes.ts';
import type { Raster } from '../image/raster.ts';
import { turboCompressor, type JpegCompressor } from '../image/system/turbo-compressor.ts';
import { loadTurboBinding } from './turbo-binding.ts';

/** The bound of a JPEG of 2048 x 2048 pixels; a larger picture gets memory of its own. Untouched pages cost nothing. */
const MAX_KEPT_BYTES = 2 ** 24;

let scratch: Uint8Array = new Uint8Array(0);

let found: { readonly compressor: JpegCompressor | undefined } | undefined;

/** libjpeg-turbo in whichever way it can be had, looked for once; `undefined` where it is not installed. */
export function jpegCompressor(): JpegCompressor | undefined {
  found ??= { compressor: turboCompressor() ?? loadTurboBinding() };
  return found.compressor;
}

/**
 * A baseline JPEG as `compressor` makes it.
 *
 * @param raster 8 bits, 1 or 3 bands, sides up to 65 500.
 * @param quality 1–100, whole.
 * @returns a view of memory that the next call writes over.
 */
export function compressByTurbo(compressor: JpegCompressor, raster: Raster, quality: number): Uint8Array {
  const { width, height, data } = raster;
  const shape = { width, height, bands: raster.bands === 1 ? 1 : 3 } as const;
  const output = outputOf(compressor.boundOf(shape));
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return output.subarray(0, compressor.compressInto(pixels, shape, { quality, output }));
}

function outputOf(bound: number): Uint8Array {
  if (bound > MAX_KEPT_BYTES) return uninitializedBytes(bound);
  if (scratch.length < bound) scratch = uninitializedBytes(bound);
  return scratch;
}
