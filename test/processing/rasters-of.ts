/** Small rasters written down as lists of samples. */
import type { Raster, Size } from '../../src/image/raster.ts';
import {
  eightBitRaster,
  floatRaster,
  sixteenBitRaster,
  type ByteRaster,
  type FloatRaster,
  type WordRaster,
} from '../../src/processing/rasters.ts';

/** `rows` of pixels side by side; samples of all bands one after the other. */
function sizeOf(rows: readonly (readonly number[])[], bands: number): Size {
  return { width: rows[0]!.length / bands, height: rows.length };
}

export function bytes(bands: number, ...rows: readonly (readonly number[])[]): ByteRaster {
  return eightBitRaster(sizeOf(rows, bands), bands, Uint8Array.from(rows.flat()));
}

export function words(bands: number, ...rows: readonly (readonly number[])[]): WordRaster {
  return sixteenBitRaster(sizeOf(rows, bands), bands, Uint16Array.from(rows.flat()));
}

export function longs(bands: number, ...rows: readonly (readonly number[])[]): Raster {
  const data = Uint32Array.from(rows.flat());
  return { ...sizeOf(rows, bands), bands, bitsPerSample: 32, sampleFormat: 'uint', data };
}

export function floats(bands: number, ...rows: readonly (readonly number[])[]): FloatRaster {
  return floatRaster(sizeOf(rows, bands), bands, Float32Array.from(rows.flat()));
}

/** The samples as a plain list, floats rounded to `decimals`. */
export function listOf(raster: Raster, decimals = 5): number[] {
  return Array.from(raster.data, (v) => Number(v.toFixed(decimals)));
}

/** Numbers from 0 to below 1 that look random and are the same in every run. */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export function noiseBytes(size: Size, bands: number): ByteRaster {
  const next = noise(size.width * 31 + size.height * 7 + bands);
  const data = Uint8Array.from({ length: size.width * size.height * bands }, () => Math.floor(next() * 256));
  return eightBitRaster(size, bands, data);
}

export function noiseWords(size: Size, bands: number): WordRaster {
  const next = noise(size.width * 13 + size.height * 5 + bands);
  const data = Uint16Array.from({ length: size.width * size.height * bands }, () =>
    Math.floor(next() * 65536),
  );
  return sixteenBitRaster(size, bands, data);
}

/** Every 8-bit sample, or every 16-bit one, in one row of one band. */
export function everyByte(): ByteRaster {
  return eightBitRaster(
    { width: 256, height: 1 },
    1,
    Uint8Array.from({ length: 256 }, (_, v) => v),
  );
}

export function everyWord(): WordRaster {
  return sixteenBitRaster(
    { width: 65536, height: 1 },
    1,
    Uint16Array.from({ length: 65536 }, (_, v) => v),
  );
}

/** The same range for each of `bands` bands. */
export function sameRange(bands: number, min: number, max: number): { min: number[]; max: number[] } {
  return { min: Array<number>(bands).fill(min), max: Array<number>(bands).fill(max) };
}
