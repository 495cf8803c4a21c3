/** YCbCr as TIFF stores it without JPEG (TIFF 6.0, sections 20 and 21): units of luma with shared chroma, to RGB. */
import { undoDifferences } from './predictor.ts';
import type { YcbcrTags } from './pixel-tags.ts';
import type { Size } from '../raster.ts';

/** Bytes of rows of a strip or tile; both its sides count full units. */
export function ycbcrBytes({ width, height }: Size, { horizontal, vertical }: YcbcrTags): number {
  const unit = horizontal * vertical + 2;
  return Math.ceil(width / horizontal) * Math.ceil(height / vertical) * unit;
}

/**
 * Undoes horizontal differences as libtiff takes them: steps of 3 bytes in rows that are a `vertical`th of a row of
 * units, whatever the bytes mean.
 */
export function undoYcbcrDifferences(bytes: Uint8Array, width: number, tags: YcbcrTags): void {
  const rowLength = ycbcrBytes({ width, height: 1 }, tags) / tags.vertical;
  undoDifferences(bytes, { rowLength: Math.floor(rowLength), step: 3 });
}

/**
 * Y, Cb and Cr for every pixel. A unit holds the luma of `horizontal` × `vertical` pixels, row by row, then one Cb and
 * one Cr, which all its pixels take, wherever YCbCrPositioning puts them: as libtiff does.
 */
export function expandChroma(bytes: Uint8Array, { width, height }: Size, tags: YcbcrTags): Uint8Array {
  const { horizontal, vertical } = tags;
  const unitBytes = horizontal * vertical + 2;
  const rowBytes = ycbcrBytes({ width, height: 1 }, tags);
  const output = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const row = Math.floor(y / vertical) * rowBytes + (y % vertical) * horizontal;
    const chroma = Math.floor(y / vertical) * rowBytes + horizontal * vertical;
    for (let x = 0; x < width; x++, to += 3) {
      const unit = Math.floor(x / horizontal) * unitBytes;
      output[to] = bytes[row + unit + (x % horizontal)]!;
      output[to + 1] = bytes[chroma + unit]!;
      output[to + 2] = bytes[chroma + unit + 1]!;
    }
  }
  return output;
}

/** What every code adds to red, green and blue; green in 65536ths. */
interface ColorTables {
  readonly luma: Int32Array;
  readonly red: Int32Array;
  readonly greenOfCb: Int32Array;
  readonly greenOfCr: Int32Array;
  readonly blue: Int32Array;
}

/**
 * In place. Codes are scaled by ReferenceBlackWhite to whole values first, then colors are rounded (section 21), in
 * 16 binary places as libtiff counts, so that its pixels are ours.
 */
export function ycbcrToRgb(samples: Uint8Array, tags: YcbcrTags): void {
  const { luma, red, greenOfCb, greenOfCr, blue } = colorTables(tags);
  const clamped = new Uint8ClampedArray(samples.buffer, samples.byteOffset, samples.length);
  for (let i = 0; i + 2 < samples.length; i += 3) {
    const y = luma[samples[i]!]!;
    const cb = samples[i + 1]!;
    const cr = samples[i + 2]!;
    clamped[i] = y + red[cr]!;
    clamped[i + 1] = y + ((greenOfCb[cb]! + greenOfCr[cr]!) >> 16);
    clamped[i + 2] = y + blue[cb]!;
  }
}

const ONE = 2 ** 16;

function colorTables({ coefficients, reference }: YcbcrTags): ColorTables {
  const [lumaRed = 0, lumaGreen = 0, lumaBlue = 0] = coefficients;
  const [black = 0, white = 0, cbZero = 0, cbMost = 0, crZero = 0, crMost = 0] = reference;
  const ofRed = 2 - 2 * lumaRed;
  const ofBlue = 2 - 2 * lumaBlue;
  const cb = Array.from({ length: 256 }, (_, code) => scaled(code, cbZero, cbMost, 127));
  const cr = Array.from({ length: 256 }, (_, code) => scaled(code, crZero, crMost, 127));
  const [red, blue] = [fixed(ofRed), fixed(ofBlue)];
  const greenOfCb = -fixed((lumaBlue * ofBlue) / lumaGreen);
  const greenOfCr = -fixed((lumaRed * ofRed) / lumaGreen);
  return {
    luma: Int32Array.from({ length: 256 }, (_, code) => scaled(code, black, white, 255)),
    red: Int32Array.from(cr, (value) => (red * value + ONE / 2) >> 16),
    greenOfCb: Int32Array.from(cb, (value) => greenOfCb * value + ONE / 2),
    greenOfCr: Int32Array.from(cr, (value) => greenOfCr * value),
    blue: Int32Array.from(cb, (value) => (blue * value + ONE / 2) >> 16),
  };
}

/** Shares beyond 0 to 2 are no coefficients. */
function fixed(share: number): number {
  return Math.floor(Math.min(Math.max(Number.isFinite(share) ? share : 0, 0), 2) * ONE + 0.5);
}

function scaled(code: number, zero: number, full: number, range: number): number {
  const extent = full === zero ? 1 : full - zero;
  const value = Math.trunc(((code - Math.trunc(zero)) * range) / extent);
  return Math.min(Math.max(value, -8_192), 8_191);
}
