/** Stored bytes → samples of a raster: byte order, prediction, narrow and wide samples, inversion, palettes. */
import { clearNoData } from './no-data.ts';
import { expandPalette } from './palette.ts';
import { undoDifferences, undoFloatDifferences, undoWideDifferences } from './predictor.ts';
import type { PixelLayout } from './pixel-layout.ts';
import type { RasterBits, Samples } from '../raster.ts';
import { expansion, signedFloats, unpack } from './unpack.ts';
import { floatOf24Bits, floatOfHalf, floatsOf, floatsOf64Bits, read24Bits } from './wide-numbers.ts';

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
export const IS_LITTLE_ENDIAN_HOST = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The samples of one tile or strip.
 *
 * @param bytes exactly `height` rows; written over.
 * @returns `width * height * samplesPerPixel` samples, for a palette those of its colors.
 */
export function readSamples(bytes: Uint8Array, stored: StoredSamples): Samples {
  const { layout, palette, samplesPerPixel } = stored;
  const samples = layout.sampleFormat === 'float' ? floatSamples(bytes, stored) : plainSamples(bytes, stored);
  if (palette !== undefined) return expandPalette(samples, palette, samplesPerPixel, layout.bands);
  if (layout.isInverted) invert(samples, layout.bitsPerSample);
  return samples;
}

/** Unsigned samples in a type of their own; signed ones with 0 in the middle, but for the bits of CIELAB. */
function plainSamples(bytes: Uint8Array, stored: StoredSamples): Samples {
  const { layout } = stored;
  const samples = storedIntegers(bytes, stored);
  if (layout.storedFormat === 'int' && layout.colorSpace !== 'cielab')
    centerZero(samples, layout.bitsPerSample);
  return samples;
}

/** Integers as they are stored, but narrow ones expanded where they are no index. */
function storedIntegers(bytes: Uint8Array, stored: StoredSamples): Samples {
  const { layout, palette, width, height, samplesPerPixel, isLittleEndian } = stored;
  const bits = layout.storedBits;
  if (bits === 8) return undo(bytes, stored);
  if (bits === 16) return undo(words(toNative(bytes, 2, isLittleEndian)), stored);
  if (bits === 32) return undo(longs(toNative(bytes, 4, isLittleEndian)), stored);
  const rows = { width, height, samplesPerPixel, bits };
  return unpack(bytes, rows, palette === undefined ? expansion(bits) : undefined);
}

function floatSamples(bytes: Uint8Array, stored: StoredSamples): Float32Array {
  const { layout } = stored;
  const floats = layout.storedFormat === 'float' ? storedFloats(bytes, stored) : integerFloats(bytes, stored);
  if (layout.noData !== undefined) clearNoData(floats, layout.noData);
  return floats;
}

function storedFloats(bytes: Uint8Array, stored: StoredSamples): Float32Array {
  const sampleBytes = stored.layout.storedBits / 8;
  const isSorted = stored.predictor === 3;
  const isLittleEndian = isSorted || stored.isLittleEndian;
  const plain = isSorted ? undoFloatDifferences(bytes, sampleBytes, rowsOf(stored)) : bytes;
  if (sampleBytes === 3) return floatsOf(read24Bits(plain, isLittleEndian), floatOf24Bits);
  const native = toNative(plain, sampleBytes, isLittleEndian);
  const { buffer, byteOffset } = native;
  if (sampleBytes === 2) return floatsOf(undo(words(native), stored), floatOfHalf);
  if (sampleBytes === 4) {
    const { length } = undo(longs(native), stored);
    return new Float32Array(buffer, byteOffset, length);
  }
  const { length } = undoWide(native, stored);
  return new Float32Array(new Float64Array(buffer, byteOffset, length));
}

/** Integers that no raster of integers holds, as the numbers they mean. */
function integerFloats(bytes: Uint8Array, stored: StoredSamples): Float32Array {
  const { layout, width, height, samplesPerPixel, isLittleEndian } = stored;
  const bits = layout.storedBits;
  const isSigned = layout.storedFormat === 'int';
  if (bits === 64) return floatsOf64Bits(undoWide(toNative(bytes, 8, isLittleEndian), stored), isSigned);
  const isPacked = bits < 16 && bits !== 8;
  const integers = isPacked
    ? unpack(bytes, { width, height, samplesPerPixel, bits })
    : bits === 24
      ? read24Bits(bytes, isLittleEndian)
      : storedIntegers(bytes, stored);
  return isSigned ? signedFloats(integers, bits) : new Float32Array(integers);
}

function words({ buffer, byteOffset, length }: Uint8Array): Uint16Array {
  return new Uint16Array(buffer, byteOffset, length / 2);
}

function longs({ buffer, byteOffset, length }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, length / 4);
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

function undoWide({ buffer, byteOffset, length }: Uint8Array, stored: StoredSamples): BigUint64Array {
  const numbers = new BigUint64Array(buffer, byteOffset, length / 8);
  if (stored.predictor === 2) undoWideDifferences(numbers, rowsOf(stored));
  return numbers;
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

/** Two's complement to 0 in the middle of the range, in place. */
function centerZero(samples: Samples, bits: RasterBits): void {
  const sign = 2 ** (bits - 1);
  for (let i = 0; i < samples.length; i++) samples[i] = samples[i]! ^ sign;
}

function invert(samples: Samples, bits: RasterBits): void {
  const max = 2 ** bits - 1;
  for (let i = 0; i < samples.length; i++) samples[i] = max - samples[i]!;
}
