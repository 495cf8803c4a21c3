/** Equalization and black and white, sample by sample. */
import { equalizationTable } from '../../../src/processing/equalize.ts';
import type { Histogram } from '../../../src/processing/histogram.ts';
import { eightBitRaster, type ByteRaster } from '../../../src/processing/rasters.ts';

/** Maps every 8-bit sample through the table of `equalizationTable`. (BEHAVIOUR 8) */
export function equalize(raster: ByteRaster, counts: Histogram): ByteRaster {
  const { data } = raster;
  const table = equalizationTable(counts);
  const result = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) result[i] = table[data[i]!]!;
  return eightBitRaster(raster, raster.bands, result);
}

/** Levels of the first band below `threshold` become 0, others 255; further bands (alpha) stay. (BEHAVIOUR 8) */
export function binary(raster: ByteRaster, threshold: number): ByteRaster {
  const { bands, data } = raster;
  const result = new Uint8Array(data);
  for (let i = 0; i < data.length; i += bands) result[i] = data[i]! < threshold ? 0 : 255;
  return eightBitRaster(raster, bands, result);
}
