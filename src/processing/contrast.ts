/** Contrast, and with it the end of the float pipeline: floats become integers. */
import {
  eightBitRaster,
  sixteenBitRaster,
  type ByteRaster,
  type FloatRaster,
  type WordRaster,
} from './rasters.ts';

/**
 * clamp(v * 255 * factor), truncated to 8 bits; NaN becomes 0. (BEHAVIOUR 8)
 *
 * A value less than 2^-14 under a whole number counts as that number: it is where the float steps before had to
 * round, and truncation would make a whole level of it (1 - (1 - v) must come out as v).
 */
export function contrast(raster: FloatRaster, factor: number): ByteRaster {
  const result = new Uint8Array(raster.data.length);
  quantize(raster.data, result, factor, 255);
  return eightBitRaster(raster, raster.bands, result);
}

/** The same to 16 bits: clamp(v * 65535 * factor), truncated. */
export function contrastTo16Bit(raster: FloatRaster, factor: number): WordRaster {
  const result = new Uint16Array(raster.data.length);
  quantize(raster.data, result, factor, 65535);
  return sixteenBitRaster(raster, raster.bands, result);
}

function quantize(from: Float32Array, to: Uint8Array | Uint16Array, factor: number, white: number): void {
  const scale = white * factor;
  // 2^-22 of full scale: what a few roundings to single precision add up to.
  const slack = white / 4194304;
  for (let i = 0; i < from.length; i++) {
    const v = from[i]! * scale + slack;
    to[i] = v > 0 ? (v < white ? v : white) : 0;
  }
}
