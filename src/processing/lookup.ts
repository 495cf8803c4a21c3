/** Tones as tables: what a tone makes of every possible sample, so that a picture costs one look for each. */
import type { Raster, Samples } from '../image/raster.ts';
import type { SampleRange } from './normalize.ts';
import { eightBitRaster, sixteenBitRaster, type ByteRaster } from './rasters.ts';
import { applyTone, type Tone } from './tone.ts';

/** Tables with `2 ** bitsPerSample` entries. */
export type Lookup =
  /** A level for each sample: a table for each band, the same object where bands are treated alike. */
  | { readonly kind: 'levels'; readonly tables: readonly Uint8Array[] }
  /** Three bytes for each sample of the first band. */
  | { readonly kind: 'colors'; readonly table: Uint8Array };

/** What of a raster tables depend on. */
export interface SampleKind {
  readonly bitsPerSample: 8 | 16;
  readonly bands: number;
}

/**
 * The tables of a tone. They are made by running `applyTone` over every possible sample, so they give the same
 * bytes as the steps themselves.
 *
 * 8-bit tables take some 50 µs; those for 16 bits as much as a tile of 256 pixels, and are worth keeping.
 */
export function buildLookup(kind: SampleKind, tone: Tone): Lookup {
  const domain = everySample(kind.bitsPerSample);
  const tableOf = (band: number): Uint8Array =>
    applyTone(domain, { ...tone, range: bandRange(tone.range, band) }).data;
  if (tone.colormap !== undefined) return { kind: 'colors', table: tableOf(0) };
  const tables: Uint8Array[] = [];
  for (let band = 0; band < kind.bands; band++) {
    const alike = tables.findIndex((_, other) => isSameRange(tone.range, band, other));
    tables.push(alike < 0 ? tableOf(band) : tables[alike]!);
  }
  return { kind: 'levels', tables };
}

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

function everySample(bitsPerSample: 8 | 16): Raster {
  const size = { width: 2 ** bitsPerSample, height: 1 };
  return bitsPerSample === 8
    ? eightBitRaster(
        size,
        1,
        new Uint8Array(size.width).map((_, v) => v),
      )
    : sixteenBitRaster(
        size,
        1,
        new Uint16Array(size.width).map((_, v) => v),
      );
}

function bandRange(range: SampleRange, band: number): SampleRange {
  return { min: range.min.slice(band, band + 1), max: range.max.slice(band, band + 1) };
}

function isSameRange(range: SampleRange, one: number, other: number): boolean {
  return range.min[one] === range.min[other] && range.max[one] === range.max[other];
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
