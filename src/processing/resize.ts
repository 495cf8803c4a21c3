/** Changing the size of a raster the fastest right way: libvips for what it does well, our own kernels for the rest. */
import sharp from 'sharp';
import type { Raster, Size } from '../image/raster.ts';
import { extractBands } from './bands.ts';
import { reshaped } from './rasters.ts';
import { resample } from './resample.ts';
import type { Interpolation } from './resample-taps.ts';

export interface ResizeOptions {
  readonly interpolation: Interpolation;
  /** Whether the last of two or four bands is alpha: then colors count by it, and hidden ones do not shine through. */
  readonly hasAlpha: boolean;
}

/**
 * The raster in another size, at least 1 x 1; the same samples and bands. Going down, every source pixel counts
 * (but with `nearest`).
 *
 * libvips makes smaller pictures of 8 and 16 bits, gray and RGB, with and without alpha: the same as `resample` but
 * for a few levels, in a fraction of the time. Larger ones it puts half a pixel beside where they belong.
 */
export async function resize<R extends Raster>(raster: R, to: Size, options: ResizeOptions): Promise<R> {
  if (to.width === raster.width && to.height === raster.height) return raster;
  const { interpolation, hasAlpha } = options;
  const { width, height, bands, bitsPerSample } = raster;
  const isSmaller = to.width <= width && to.height <= height;
  const isPicture = bands === 1 || bands === 3 || (hasAlpha && (bands === 2 || bands === 4));
  if (!isSmaller || !isPicture || bitsPerSample === 32 || interpolation === 'nearest') {
    return resample(raster, to, interpolation);
  }
  return reduceByVips(raster, to, interpolation);
}

const KERNELS = { bilinear: 'linear', cubic: 'cubic', lanczos: 'lanczos3' } as const;

async function reduceByVips<R extends Raster>(raster: R, to: Size, kernel: keyof typeof KERNELS): Promise<R> {
  const { width, height, bands, bitsPerSample, data } = raster;
  const isWord = bitsPerSample === 16;
  const made = await sharp(data, { raw: { width, height, channels: bands as 1 | 2 | 3 | 4 } })
    .resize(to.width, to.height, { fit: 'fill', kernel: KERNELS[kernel] })
    // Without a color space of its depth a picture of 16 bits would come out with 8.
    .toColourspace(isWord ? (bands === 1 ? 'grey16' : 'rgb16') : bands === 1 ? 'b-w' : 'srgb')
    .raw({ depth: isWord ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const samples = isWord
    ? wordsOf(made.data)
    : new Uint8Array(made.data.buffer, made.data.byteOffset, made.data.length);
  const result = reshaped(raster, { ...to, bands: made.info.channels }, samples);
  // Gray with alpha comes out as RGB with alpha.
  return bands === 2 ? extractBands(result, [0, made.info.channels - 1]) : result;
}

/** The bytes as 16-bit samples, copied only where they do not start at an even address. */
function wordsOf(bytes: Uint8Array): Uint16Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 2 === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}
