/** CMYK to RGB without a profile: each ink takes light away on its own. */
import { ServerError } from '../errors.ts';
import type { Raster } from '../image/raster.ts';
import { blankLike } from './rasters.ts';

/**
 * (1 - c)(1 - k), rounded, for each of cyan, magenta and yellow; 0 is no ink. 8 and 16 bit stay what they are, floats
 * are 0 to 1; bands after the fourth follow the RGB unchanged. (BEHAVIOUR 8)
 *
 * @throws {ServerError} `unsupported` for fewer than four bands and for 32-bit integers.
 */
export function cmykToRgb<R extends Raster>(raster: R): R {
  const { bands, data, bitsPerSample } = raster;
  const isFloat = data instanceof Float32Array;
  if (bands < 4 || (bitsPerSample === 32 && !isFloat)) {
    throw new ServerError(
      'unsupported',
      `a CMYK picture of ${bands} bands of ${bitsPerSample} bits is not supported`,
    );
  }
  const white = isFloat ? 1 : bitsPerSample === 8 ? 255 : 65535;
  const rounding = isFloat ? 0 : 0.5;
  const result = blankLike(raster, { width: raster.width, height: raster.height, bands: bands - 1 });
  const to = result.data;
  for (let i = 0, out = 0; i < data.length; i += bands, out += bands - 1) {
    const light = (white - data[i + 3]!) / white;
    to[out] = (white - data[i]!) * light + rounding;
    to[out + 1] = (white - data[i + 1]!) * light + rounding;
    to[out + 2] = (white - data[i + 2]!) * light + rounding;
    for (let band = 4; band < bands; band++) to[out + band - 1] = data[i + band]!;
  }
  return result;
}
