/** Decoded pixels: the one type that readers make, processing changes and encoders take. */

export type SampleFormat = 'uint' | 'float';

/** Bits of one sample in memory; narrower samples of a file are expanded to the next of these. */
export type RasterBits = 8 | 16 | 32;

export type Samples = Uint8Array | Uint16Array | Uint32Array | Float32Array;

/**
 * A rectangle of pixels, row after row, samples of one pixel side by side.
 *
 * `data` has exactly `width * height * bands` samples; its type follows from `bitsPerSample` and `sampleFormat`:
 * 8 `Uint8Array`, 16 `Uint16Array`, 32 `uint` `Uint32Array`, 32 `float` `Float32Array`.
 */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  readonly bitsPerSample: RasterBits;
  readonly sampleFormat: SampleFormat;
  readonly data: Samples;
}

/** A rectangle; whether its unit is full-size pixels or pixels of a level, its name says (`region`, `window`). */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * A raster of the same type, with its members in the order in which all are made: objects of one shape are what the compiler
 * makes quick code for, and tiles with ten kinds of operations meet in the same functions.
 */
export function rasterOf(
  size: Size,
  { bands, bitsPerSample, sampleFormat }: Omit<Raster, 'width' | 'height' | 'data'>,
  data: Samples,
): Raster {
  return { width: size.width, height: size.height, bands, bitsPerSample, sampleFormat, data };
}

/** An 8-bit raster over bytes that hold `width * height * bands` samples. */
export function byteRaster(size: Size, bands: number, data: Uint8Array): Raster {
  return { width: size.width, height: size.height, bands, bitsPerSample: 8, sampleFormat: 'uint', data };
}

/** A zeroed array of the right type for a raster's samples. */
export function allocateSamples(length: number, bits: RasterBits, format: SampleFormat): Samples {
  if (format === 'float') return new Float32Array(length);
  if (bits === 8) return new Uint8Array(length);
  return bits === 16 ? new Uint16Array(length) : new Uint32Array(length);
}

/**
 * Samples of 10, 12 and 14 bits are held in 16: this many bits wider than in the file; 0 for every other width.
 * Narrower samples than 8 bits are pictures, whose values nobody reads: they count as 8.
 */
export function widenedBits(bitsPerSample: number): number {
  return bitsPerSample > 8 && bitsPerSample < 16 ? 16 - bitsPerSample : 0;
}

/** Bits of a sample in a raster of a file with so many: the next of 8, 16 and 32; 64 become 32. */
export function rasterBitsOf(bitsPerSample: number): RasterBits {
  if (bitsPerSample <= 8) return 8;
  return bitsPerSample <= 16 ? 16 : 32;
}
