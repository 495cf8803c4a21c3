/** Color to gray. */
import type { Raster } from '../../../src/image/raster.ts';
import { blankLike } from '../../../src/processing/rasters.ts';

// 0.299, 0.587 and 0.114 as fractions of 2^22. They add up to 1, so white stays white.
const RED = 1254097 / 2 ** 22;
const GREEN = 2462056 / 2 ** 22;
const BLUE = 478151 / 2 ** 22;

/**
 * 0.299 R + 0.587 G + 0.114 B in fixed point, truncated, for 8 and 16 bit. Three bands become one; of four the
 * last is alpha and stays; other rasters come back as they are. (BEHAVIOUR 8)
 *
 * @throws {RangeError} for 32-bit samples.
 */
export function gray<R extends Raster>(raster: R): R {
  const { bands, data } = raster;
  if (bands !== 3 && bands !== 4) return raster;
  if (raster.bitsPerSample === 32) throw new RangeError('gray is made of 8 or 16 bits');
  const kept = bands - 2;
  const result = blankLike(raster, { width: raster.width, height: raster.height, bands: kept });
  const to = result.data;
  for (let i = 0, out = 0; i < data.length; i += bands, out += kept) {
    // Sums of such fractions are exact, and storing cuts off what is behind the point.
    to[out] = RED * data[i]! + GREEN * data[i + 1]! + BLUE * data[i + 2]!;
  }
  if (kept === 2) for (let i = 3, out = 1; i < data.length; i += 4, out += 2) to[out] = data[i]!;
  return result;
}
