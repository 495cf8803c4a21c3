/** Mirroring. */
import type { Raster } from '../image/raster.ts';
import { blankLike } from './rasters.ts';

/** Left becomes right. */
export function flipHorizontal<R extends Raster>(raster: R): R {
  const { width, height, bands, data } = raster;
  const result = blankLike(raster, raster);
  const to = result.data;
  const stride = width * bands;
  for (let row = 0; row < height; row++) {
    const start = row * stride;
    for (let i = start, out = start + stride - bands; out >= start; i += bands, out -= bands) {
      for (let band = 0; band < bands; band++) to[out + band] = data[i + band]!;
    }
  }
  return result;
}

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
