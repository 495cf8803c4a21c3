import type { Raster, Samples } from '../../../src/image/raster.ts';
import type { Lookup } from '../../../src/processing/lookup.ts';
import { eightBitRaster, type ByteRaster } from '../../../src/processing/rasters.ts';

/**
 * Sends every sample through its table.
 *
 * @throws {RangeError} when the tables are not made for rasters of this kind.
 */
export function applyLookup(raster: Raster, lookup: Lookup): ByteRaster {
  const { bands, data, bitsPerSample } = raster;
  if (lookup.kind === 'colors') {
    if (lookup.table.length !== 3 * 2 ** bitsPerSample) throw mismatch(raster);
    return eightBitRaster(raster, 3, lookUpColors(data, bands, lookup.table));
  }
  const { tables } = lookup;
  const first = tables[0];
  if (first?.length !== 2 ** bitsPerSample || tables.length !== bands) throw mismatch(raster);
  const levels = tables.every((table) => table === first)
    ? lookUpAll(data, first)
    : lookUpBands(data, tables);
  return eightBitRaster(raster, bands, levels);
}

function mismatch(raster: Raster): RangeError {
  return new RangeError(`not the tables for ${raster.bands} bands of ${raster.bitsPerSample} bits`);
}

function lookUpAll(samples: Samples, table: Uint8Array): Uint8Array {
  const result = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) result[i] = table[samples[i]!]!;
  return result;
}

function lookUpBands(samples: Samples, tables: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(samples.length);
  tables.forEach((table, band) => {
    for (let i = band; i < samples.length; i += tables.length) result[i] = table[samples[i]!]!;
  });
  return result;
}

function lookUpColors(samples: Samples, bands: number, table: Uint8Array): Uint8Array {
  const result = new Uint8Array((samples.length / bands) * 3);
  for (let i = 0, out = 0; out < result.length; i += bands, out += 3) {
    const entry = samples[i]! * 3;
    result[out] = table[entry]!;
    result[out + 1] = table[entry + 1]!;
    result[out + 2] = table[entry + 2]!;
  }
  return result;
}
