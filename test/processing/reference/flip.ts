/** Mirroring. */
import type { Raster } from '../../../src/image/raster.ts';
import { blankLike } from '../../../src/processing/rasters.ts';

/** Top becomes bottom. */
export function flipVertical<R extends Raster>(raster: R): R {
  const { width, height, bands, data } = raster;
  const result = blankLike(raster, raster);
  const stride = width * bands;
  for (let row = 0; row < height; row++) {
    result.data.set(data.subarray(row * stride, (row + 1) * stride), (height - 1 - row) * stride);
  }
  return result;
}
