/** Associated alpha (TIFF 6.0, section 18): colors that are stored multiplied by their opacity. */
import type { Raster } from '../raster.ts';

/** Divides the colors of every pixel by its alpha, the last band, in place; rasters always hold plain colors. */
export function unassociateAlpha({ data, bands, bitsPerSample, sampleFormat }: Raster): void {
  const isFloat = sampleFormat === 'float';
  const max = isFloat ? 1 : 2 ** bitsPerSample - 1;
  for (let start = 0; start + bands <= data.length; start += bands) {
    const alpha = data[start + bands - 1]!;
    if (alpha === max) continue;
    const factor = alpha === 0 ? 0 : max / alpha;
    for (let i = start; i < start + bands - 1; i++) {
      const color = data[i]! * factor;
      data[i] = isFloat ? color : Math.min(Math.round(color), max);
    }
  }
}
