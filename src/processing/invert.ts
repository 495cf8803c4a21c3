/** Negative. */
import { floatRaster, type FloatRaster } from './rasters.ts';

/** 1 - v for every sample. (BEHAVIOUR 8) */
export function invert(raster: FloatRaster): FloatRaster {
  const { data } = raster;
  const result = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = 1 - data[i]!;
  return floatRaster(raster, raster.bands, result);
}
