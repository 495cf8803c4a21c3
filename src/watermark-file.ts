/** Reads the server's watermark: any picture that sharp reads, as 8-bit samples. */
import sharp from 'sharp';
import { eightBitRaster, type ByteRaster } from './processing/rasters.ts';

/** A mark larger than this would cover more than any tile. */
const MAX_SIDE = 4096;

/**
 * @returns gray, gray and alpha, RGB, or RGB and alpha.
 * @throws Error when the file is no picture, or is not there.
 */
export async function readWatermark(file: string): Promise<ByteRaster> {
  const { data, info } = await sharp(file, { limitInputPixels: MAX_SIDE * MAX_SIDE })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return eightBitRaster(info, info.channels, new Uint8Array(data));
}
