/** Stored bytes → samples of a raster: byte order, prediction, narrow samples, half floats, inversion, palettes. */
import { undoDifferences, undoFloatDifferences, undoWideDifferences } from './predictor.ts';
import type { PixelLayout } from './pixel-layout.ts';
import type { RasterBits, Samples } from '../raster.ts';

/** How decompressed bytes are to be read. */
export interface StoredSamples {
  readonly layout: PixelLayout;
  readonly width: number;
  readonly height: number;
  /** Samples side by side for each pixel: all bands, or 1 in a plane of its own. */
  readonly samplesPerPixel: number;
  /** 1 none, 2 horizontal differences, 3 floating point. */
  readonly predictor: number;
  readonly isLittleEndian: boolean;
  /** Red, green and blue of every index; for palettes only. */
  readonly palette: Uint8Array | undefined;
}

/** Typed arrays have the byte order of the machine. */
const IS_LITTLE_ENDIAN_HOST = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Bytes of one row: rows begin at full bytes. */
export function rowBytesOf(width: number, samplesPerPixel: number, storedBits: number): number {
  return Math.ceil((width * samplesPerPixel * storedBits) / 8);
}

/**
 * The samples of one tile or strip.
 *
 * @param bytes exactly `height` rows; written over.
 * @returns `width * height * samplesPerPixel` samples, three times as many for a palette.
 */
export function readSamples(bytes: Uint8Array, stored: StoredSamples): Samples {
  const samples = plainSamples(bytes, stored);
  const { layout, palette } = stored;
  if (palette !== undefined) return expandPalette(samples, palette);
  if (layout.isInverted) invert(samples, layout.bitsPerSample);
  return samples;
}

function plainSamples(bytes: Uint8Array, stored: StoredSamples): Samples {
  const { sampleFormat, storedBits } = stored.layout;
  if (sampleFormat === 'float') return floatSamples(bytes, stored, storedBits / 8);
  switch (storedBits) {
    case 8:
      return undo(bytes, stored);
    case 16: {
      const native = toNative(bytes, 2, stored.isLittleEndian);
      return undo(new Uint16Array(native.buffer, native.byteOffset, native.length / 2), stored);
    }
    case 32: {
      const native = toNative(bytes, 4, stored.isLittleEndian);
      return undo(new Uint32Array(native.buffer, native.byteOffset, native.length / 4), stored);
    }
    default:
      return unpack(bytes, stored);
  }
}

function rowsOf({ width, samplesPerPixel }: StoredSamples): {
  readonly rowLength: number;
  readonly step: number;
} {
  return { rowLength: width * samplesPerPixel, step: samplesPerPixel };
}

function undo<T extends Uint8Array | Uint16Array | Uint32Array>(samples: T, stored: StoredSamples): T {
  if (stored.predictor === 2) undoDifferences(samples, rowsOf(stored));
  return samples;
}

function floatSamples(bytes: Uint8Array, stored: StoredSamples, sampleBytes: number): Float32Array {
  const rows = rowsOf(stored);
  const native =
    stored.predictor === 3
      ? toNative(undoFloatDifferences(bytes, sampleBytes, rows), sampleBytes, true)
      : toNative(bytes, sampleBytes, stored.isLittleEndian);
  const { buffer, byteOffset } = native;
  const count = native.length / sampleBytes;
  if (sampleBytes === 8) {
    if (stored.predictor === 2) undoWideDifferences(new BigUint64Array(buffer, byteOffset, count), rows);
    return Float32Array.from(new Float64Array(buffer, byteOffset, count));
  }
  if (sampleBytes === 4) {
    if (stored.predictor === 2) undoDifferences(new Uint32Array(buffer, byteOffset, count), rows);
    return new Float32Array(buffer, byteOffset, count);
  }
  const halves = new Uint16Array(buffer, byteOffset, count);
  if (stored.predictor === 2) undoDifferences(halves, rows);
  return Float32Array.from(halves, floatOfHalf);
}

/** The bytes in the machine's order and aligned; in place where possible. */
function toNative(bytes: Uint8Array, sampleBytes: number, isLittleEndian: boolean): Uint8Array {
  const native = bytes.byteOffset % sampleBytes === 0 ? bytes : new Uint8Array(bytes);
  if (isLittleEndian === IS_LITTLE_ENDIAN_HOST) return native;
  const order = Buffer.from(native.buffer, native.byteOffset, native.length);
  if (sampleBytes === 2) order.swap16();
  else if (sampleBytes === 4) order.swap32();
  else order.swap64();
  return native;
}

/** IEEE 754 binary16. */
export function floatOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Samples of 1 to 15 bits, the highest bit first, expanded to 8 or 16; indexes of a palette stay as they are. */
function unpack(
  bytes: Uint8Array,
  { layout, width, height, samplesPerPixel, palette }: StoredSamples,
): Samples {
  const bits = layout.storedBits;
  const rowLength = width * samplesPerPixel;
  const rowBytes = rowBytesOf(width, samplesPerPixel, bits);
  const expanded = palette === undefined ? expansion(bits) : undefined;
  const samples = bits <= 8 ? new Uint8Array(rowLength * height) : new Uint16Array(rowLength * height);
  const mask = (1 << bits) - 1;
  for (let y = 0, to = 0; y < height; y++) {
    let from = y * rowBytes;
    let held = 0;
    let count = 0;
    for (let x = 0; x < rowLength; x++) {
      while (count < bits) {
        held = ((held << 8) | bytes[from++]!) & 0xffffff;
        count += 8;
      }
      count -= bits;
      const value = (held >>> count) & mask;
      samples[to++] = expanded === undefined ? value : expanded[value]!;
    }
  }
  return samples;
}

const expansions: (Uint16Array | undefined)[] = [];

/**
 * For every value of `bits` bits the same brightness in 8 bits (up to 8) or 16: its bits again and again from the
 * top, so that 0 stays 0 and the largest value becomes the largest (BEHAVIOUR 4).
 */
export function expansion(bits: number): Uint16Array {
  const known = expansions[bits];
  if (known !== undefined) return known;
  const target: RasterBits = bits <= 8 ? 8 : 16;
  const table = new Uint16Array(2 ** bits);
  for (let value = 0; value < table.length; value++) {
    let filled = 0;
    for (let shift = target - bits; shift > -bits; shift -= bits)
      filled |= shift >= 0 ? value << shift : value >> -shift;
    table[value] = filled;
  }
  expansions[bits] = table;
  return table;
}

function invert(samples: Samples, bits: RasterBits): void {
  const max = 2 ** bits - 1;
  for (let i = 0; i < samples.length; i++) samples[i] = max - samples[i]!;
}

function expandPalette(indexes: Samples, palette: Uint8Array): Uint8Array {
  const colors = new Uint8Array(indexes.length * 3);
  for (let i = 0, to = 0; i < indexes.length; i++, to += 3) {
    const from = indexes[i]! * 3;
    colors[to] = palette[from]!;
    colors[to + 1] = palette[from + 1]!;
    colors[to + 2] = palette[from + 2]!;
  }
  return colors;
}

/**
 * Colors of a palette as 8-bit red, green, blue for every index.
 *
 * @param map all reds, all greens, all blues, 16 bits each. Some writers fill in 8-bit values: then no value is
 * over 255.
 */
export function paletteOf(map: readonly number[]): Uint8Array {
  const count = Math.floor(map.length / 3);
  const shift = map.some((value) => value > 255) ? 8 : 0;
  const palette = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (let band = 0; band < 3; band++) palette[i * 3 + band] = map[band * count + i]! >> shift;
  }
  return palette;
}
