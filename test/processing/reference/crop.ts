/** Cutting a rectangle out of a raster. */
import type { Raster, Rectangle } from '../../../src/image/raster.ts';
import { blankLike } from '../../../src/processing/rasters.ts';

/**
 * The pixels inside `window`.
 *
 * @throws {RangeError} when it does not lie within the raster.
 */
export function crop<R extends Raster>(raster: R, window: Rectangle): R {
  const { x, y, width, height } = window;
  if (x < 0 || y < 0 || x + width > raster.width || y + height > raster.height) {
    throw new RangeError(
      `window ${width}x${height}+${x}+${y} of a raster of ${raster.width}x${raster.height}`,
    );
  }
  if (width === raster.width && height === raster.height) return raster;
  const result = blankLike(raster, { width, height, bands: raster.bands });
  const stride = raster.width * raster.bands;
  const length = width * raster.bands;
  for (let row = 0; row < height; row++) {
    const start = (y + row) * stride + x * raster.bands;
    result.data.set(raster.data.subarray(start, start + length), row * length);
  }
  return result;
}
