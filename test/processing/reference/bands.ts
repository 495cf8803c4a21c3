/** Choosing bands. */
import type { Raster } from '../../../src/image/raster.ts';
import { blankLike } from '../../../src/processing/rasters.ts';

/** The first `count` bands; the raster itself when it has no more. */
export function keepBands<R extends Raster>(raster: R, count: number): R {
  if (count >= raster.bands) return raster;
  return extractBands(
    raster,
    Array.from({ length: count }, (_, band) => band),
  );
}

/**
 * The bands of these indexes in this order; an index may occur more than once.
 *
 * @throws {RangeError} for an index that the raster does not have.
 */
export function extractBands<R extends Raster>(raster: R, indexes: readonly number[]): R {
  const { bands, data } = raster;
  if (!indexes.every((index) => Number.isInteger(index) && index >= 0 && index < bands)) {
    throw new RangeError(`bands ${indexes.join(', ')} of a raster with ${bands}`);
  }
  const kept = indexes.length;
  const result = blankLike(raster, { width: raster.width, height: raster.height, bands: kept });
  const to = result.data;
  for (let band = 0; band < kept; band++) {
    for (let i = indexes[band]!, out = band; i < data.length; i += bands, out += kept) to[out] = data[i]!;
  }
  return result;
}
