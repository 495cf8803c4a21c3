/** LZW of files written before the specification (libtiff until 1990): rare, so written for clearness, not for speed. */
import { damaged } from './directory.ts';

const CLEAR = 256;
const END = 257;
const MAX_CODES = 4_096;

const SINGLE_BYTES = Array.from({ length: CLEAR }, (_, byte) => Uint8Array.of(byte));
const NO_STRING = new Uint8Array(0);

/** Old data begins with the clear code from the lowest bit: the bytes 0 and 1. */
export function isOldLzw(input: Uint8Array): boolean {
  return input.length > 1 && input[0] === 0 && (input[1]! & 1) === 1;
}

/** As `decodeLzw`: codes are packed from the lowest bit, and get wider one code later than in the specification. */
export function decodeOldLzw(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let strings: Uint8Array[] = [];
  let previous: Uint8Array | undefined;
  let written = 0;
  let bit = 0;
  while (written < length) {
    const width = Math.min(12, Math.max(9, Math.floor(Math.log2(strings.length || 1)) + 1));
    const code = readCode(input, bit, width);
    bit += width;
    if (code === undefined || code === END) break;
    if (code === CLEAR) {
      strings = [...SINGLE_BYTES, NO_STRING, NO_STRING];
      previous = undefined;
      continue;
    }
    const known = strings[code] ?? (code === strings.length ? previous : undefined);
    if (known === undefined) throw damaged('LZW data has an impossible code', { code });
    if (previous !== undefined && strings.length < MAX_CODES) {
      strings.push(Uint8Array.of(...previous, known[0] ?? 0));
    }
    const string = strings[code] ?? known;
    output.set(string.subarray(0, length - written), written);
    written = Math.min(length, written + string.length);
    previous = string;
  }
  return output.subarray(0, written);
}

/** `width` bits from `bit`, lowest first; undefined behind the end. */
function readCode(input: Uint8Array, bit: number, width: number): number | undefined {
  const at = bit >> 3;
  if (bit + width > input.length * 8) return undefined;
  const held = input[at]! | ((input[at + 1] ?? 0) << 8) | ((input[at + 2] ?? 0) << 16);
  return (held >> (bit & 7)) & (2 ** width - 1);
}
