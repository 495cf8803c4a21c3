/** Samples that are narrower than the bytes they are packed into. */
import type { RasterBits, Samples } from '../raster.ts';
import { recycling } from '../../recycling.ts';

/** How samples are packed. */
export interface PackedRows {
  readonly width: number;
  readonly height: number;
  /** Samples side by side for each pixel. */
  readonly samplesPerPixel: number;
  readonly bits: number;
}

/** Bytes of one row: rows begin at full bytes. */
export function rowBytesOf(width: number, samplesPerPixel: number, storedBits: number): number {
  return Math.ceil((width * samplesPerPixel * storedBits) / 8);
}

/**
 * Samples of 1 to 15 bits, the highest bit first, in 8 or 16.
 *
 * @param expanded what each value becomes.
 */
export function unpack(
  bytes: Uint8Array,
  rows: PackedRows,
  expanded?: Uint16Array,
): Uint8Array | Uint16Array {
  const { width, samplesPerPixel, bits } = rows;
  const fillsBytes = (width * samplesPerPixel * bits) % 8 === 0;
  return (bits === 1 || bits === 2) && fillsBytes
    ? unpackBytes(bytes, rows, expanded)
    : unpackBits(bytes, rows, expanded);
}

/** One sample after the other. */
function unpackBits(
  bytes: Uint8Array,
  { width, height, samplesPerPixel, bits }: PackedRows,
  expanded: Uint16Array | undefined,
): Uint8Array | Uint16Array {
  const rowLength = width * samplesPerPixel;
  const rowBytes = rowBytesOf(width, samplesPerPixel, bits);
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

/** Rows that fill their bytes: the four or eight samples of a byte at once, in a fifth of the time. */
function unpackBytes(
  bytes: Uint8Array,
  { width, height, samplesPerPixel, bits }: PackedRows,
  expanded: Uint16Array | undefined,
): Uint8Array {
  const samples = recycling.lend(width * height * samplesPerPixel);
  const words = new Uint32Array(samples.buffer, samples.byteOffset, samples.length / 4);
  const table = samplesOfBytes(bits, expanded);
  if (bits === 2) {
    for (let i = 0; i < words.length; i++) words[i] = table[bytes[i]!]!;
  } else {
    for (let i = 0, from = 0; i < words.length; i += 2) {
      const at = 2 * bytes[from++]!;
      words[i] = table[at]!;
      words[i + 1] = table[at + 1]!;
    }
  }
  return samples;
}

const tables = new Map<Uint16Array | number, Uint32Array>();

/** The samples of every byte, in words of four. */
function samplesOfBytes(bits: number, expanded: Uint16Array | undefined): Uint32Array {
  const key = expanded ?? bits;
  const known = tables.get(key);
  if (known !== undefined) return known;
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const samples = unpackBits(all, { width: 256 * (8 / bits), height: 1, samplesPerPixel: 1, bits }, expanded);
  const table = new Uint32Array(samples.buffer);
  tables.set(key, table);
  return table;
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

/** Samples of `bits` bits in a wider unsigned type, in two's complement, as the numbers they mean. */
export function signedFloats(samples: Samples, bits: number): Float32Array {
  const shift = 32 - bits;
  const floats = new Float32Array(samples.length);
  for (let i = 0; i < floats.length; i++) floats[i] = (samples[i]! << shift) >> shift;
  return floats;
}
