/** Contrast, and with it the end of the float pipeline: floats become integers. */
import {
  eightBitRaster,
  sixteenBitRaster,
  type ByteRaster,
  type FloatRaster,
  type WordRaster,
} from './rasters.ts';

/** What a few roundings to single precision add up to, as a share of full scale. */
export const CONTRAST_SLACK = 2 ** -22;

/**
 * clamp(v * 255 * factor), truncated to 8 bits; NaN becomes 0. (BEHAVIOUR 8)
 *
 * A value less than 2^-14 under a whole number counts as that number: the steps before have rounded, and truncation
 * would make a whole level of it. So 1 - (1 - v) comes out as v.
 */
export function contrast(raster: FloatRaster, factor: number): ByteRaster {
  const { data } = raster;
  const result = new Uint8Array(data.length);
  const scale = 255 * factor;
  // White is written out: as a parameter of one loop for both depths it takes twice the time.
  for (let i = 0; i < data.length; i++) {
    const v = data[i]! * scale + 255 * CONTRAST_SLACK;
    result[i] = v > 0 ? (v < 255 ? v : 255) : 0;
  }
  return eightBitRaster(raster, raster.bands, result);
}

/** The same to 16 bits: clamp(v * 65535 * factor), truncated. */
export function contrastTo16Bit(raster: FloatRaster, factor: number): WordRaster {
  const { data } = raster;
  const result = new Uint16Array(data.length);
  const scale = 65535 * factor;
  for (let i = 0; i < data.length; i++) {
    const v = data[i]! * scale + 65535 * CONTRAST_SLACK;
    result[i] = v > 0 ? (v < 65535 ? v : 65535) : 0;
  }
  return sixteenBitRaster(raster, raster.bands, result);
}
