/** Logarithmic tone curve: lifts the shadows. */
import { floatRaster, type FloatRaster } from './rasters.ts';

const PER_LN_256 = 1 / Math.log(256);

/** ln(1 + 255 v) / ln(256), which leaves 0 and 1 where they are; values below 0 count as 0. (BEHAVIOUR 8) */
export function logarithm(raster: FloatRaster): FloatRaster {
  const { data } = raster;
  const result = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const v = data[i]!;
    result[i] = Math.log(1 + 255 * (v > 0 ? v : 0)) * PER_LN_256;
  }
  return floatRaster(raster, raster.bands, result);
}
