/** Changing the size of a raster the fastest right way: libvips for what it does well, our own kernels for the rest. */
import { sharp } from '../image/lazy-sharp.ts';
import type { Raster, Size } from '../image/raster.ts';
import { reshaped } from './rasters.ts';
import { resample } from './resample.ts';
import type { Interpolation } from './resample-taps.ts';

/**
 * The raster in another size, at least 1 x 1; the same samples and bands. Going down, every source pixel counts
 * (but with `nearest`).
 *
 * libvips makes smaller pictures of 8 and 16 bits, gray and RGB: the same as `resample` but for a few levels, in a
 * fraction of the time. Larger ones it puts half a pixel beside where they belong; colors under alpha 0 it forgets,
 * so that a client that ignores alpha would see holes.
 */
export async function resize<R extends Raster>(
  raster: R,
  to: Size,
  interpolation: Interpolation,
): Promise<R> {
  if (to.width === raster.width && to.height === raster.height) return raster;
  const { width, height, bands, bitsPerSample } = raster;
  const isSmaller = to.width <= width && to.height <= height;
  const isPicture = bands === 1 || bands === 3;
  if (!isSmaller || !isPicture || bitsPerSample === 32 || interpolation === 'nearest') {
    return resample(raster, to, interpolation);
  }
  return reduceByVips(raster, to, interpolation);
}

const KERNELS = { bilinear: 'linear', cubic: 'cubic', lanczos: 'lanczos3' } as const;

async function reduceByVips<R extends Raster>(raster: R, to: Size, kernel: keyof typeof KERNELS): Promise<R> {
  const { width, height, bands, bitsPerSample, data } = raster;
  const isWord = bitsPerSample === 16;
  const made = await sharp(data, { raw: { width, height, channels: bands === 1 ? 1 : 3 } })
    .resize(to.width, to.height, { fit: 'fill', kernel: KERNELS[kernel] })
    // Without a color space of its depth a picture of 16 bits would come out with 8.
    .toColourspace(isWord ? (bands === 1 ? 'grey16' : 'rgb16') : bands === 1 ? 'b-w' : 'srgb')
    .raw({ depth: isWord ? 'ushort' : 'uchar' })
    .toBuffer();
  const samples = isWord ? wordsOf(made) : new Uint8Array(made.buffer, made.byteOffset, made.length);
  return reshaped(raster, { ...to, bands }, samples);
}

/** The bytes as 16-bit samples, copied only where they do not start at an even address. */
function wordsOf(bytes: Uint8Array): Uint16Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 2 === 0 ? bytes : Uint8Array.from(bytes);
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}
