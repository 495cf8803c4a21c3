/** Tones as tables: what a tone makes of every possible sample, so that a picture costs one look for each. */
import type { Raster } from '../image/raster.ts';
import type { SampleRange } from './normalize.ts';
import { eightBitRaster, sixteenBitRaster } from './rasters.ts';
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

const entries = new WeakMap<Uint8Array, Uint8Array>();

/** A table of colors with a fourth, empty byte for each, so that a color is one word; made once for each table. */
export function colorEntries(table: Uint8Array): Uint8Array {
  const known = entries.get(table);
  if (known !== undefined) return known;
  const wide = new Uint8Array((table.length / 3) * 4).map((_, i) =>
    i % 4 === 3 ? 0 : table[(i >> 2) * 3 + (i % 4)]!,
  );
  entries.set(table, wide);
  return wide;
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
