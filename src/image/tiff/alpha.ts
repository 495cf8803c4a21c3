/** Associated alpha (TIFF 6.0, section 18): colors that are stored multiplied by their opacity. */
import type { Raster } from '../raster.ts';

/** Divides the colors of every pixel, which are before its alpha, by that, in place; rasters always hold plain colors. */
export function unassociateAlpha(raster: Raster, alphaBand = raster.bands - 1): void {
  const { data, bands, bitsPerSample, sampleFormat } = raster;
  const isFloat = sampleFormat === 'float';
  const max = isFloat ? 1 : 2 ** bitsPerSample - 1;
  for (let start = 0; start + bands <= data.length; start += bands) {
    const alpha = data[start + alphaBand]!;
    if (alpha === max) continue;
    const factor = alpha === 0 ? 0 : max / alpha;
    for (let i = start; i < start + alphaBand; i++) {
      const color = data[i]! * factor;
      data[i] = isFloat ? color : Math.min(Math.round(color), max);
    }
  }
}
