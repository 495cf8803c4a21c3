/** LZW as TIFF has it (TIFF 6.0, section 13), in plain JavaScript. */
import { damaged } from '../../../../src/image/tiff/directory.ts';
import { decodeOldLzw, isOldLzw } from '../../../../src/image/tiff/lzw-old.ts';

const CLEAR = 256;
const END = 257;
const FIRST_FREE = 258;
const MAX_CODES = 4_096;
const FIRST_WIDTH = 9;
const MAX_WIDTH = 12;

/** Strings are copied by so many bytes, so up to one less are written behind their end. */
const STEP = 4;

/** Where in the output the string of each code was written first, and its length; made once for all calls. */
const starts = new Int32Array(MAX_CODES + 1);
const lengths = new Int32Array(MAX_CODES + 1);

/**
 * Decodes one strip or tile.
 *
 * Every code stands for a string that is in the output already: the string before it and the byte that followed.
 * So the dictionary holds places in the output, and no string is ever built backwards.
 *
 * @param length bytes to write at most; the answer is shorter when the data ends before.
 * @throws {ServerError} `damaged` for a code that can't occur.
 */
export function decodeLzw(input: Uint8Array, length: number): Uint8Array {
  if (isOldLzw(input)) return decodeOldLzw(input, length);
  const output = new Uint8Array(length + STEP);
  const inputLength = input.length;
  let position = 0;
  let bits = 0;
  let bitCount = 0;
  let width = FIRST_WIDTH;
  let mask = 2 ** FIRST_WIDTH - 1;
  let next = FIRST_FREE;
  let written = 0;
  let previousStart = 0;
  let previousLength = 0;
  while (written < length) {
    if (bitCount < width) {
      if (position + 1 < inputLength) {
        bits = (bits << 16) | (input[position]! << 8) | input[position + 1]!;
        position += 2;
        bitCount += 16;
      } else {
        if (position >= inputLength) break;
        bits = (bits << 8) | input[position++]!;
        bitCount += 8;
        if (bitCount < width) break;
      }
    }
    bitCount -= width;
    const code = (bits >>> bitCount) & mask;
    if (code === CLEAR) {
      width = FIRST_WIDTH;
      mask = 2 ** FIRST_WIDTH - 1;
      next = FIRST_FREE;
      previousLength = 0;
      continue;
    }
    if (code === END) break;
    if (previousLength !== 0) {
      starts[next] = previousStart;
      lengths[next] = previousLength + 1;
      if (next < MAX_CODES) next++;
      if (next === mask && width < MAX_WIDTH) {
        width++;
        mask = mask * 2 + 1;
      }
    }
    previousStart = written;
    if (code < CLEAR) {
      output[written++] = code;
      previousLength = 1;
      continue;
    }
    if (code >= next) throw damaged('LZW data has an impossible code', { code, next });
    // A string may overlap the place that it is copied to: the bytes go one after the other.
    let from = starts[code]!;
    previousLength = lengths[code]!;
    if (previousLength > length - written) previousLength = length - written;
    const end = written + previousLength;
    do {
      output[written] = output[from]!;
      output[written + 1] = output[from + 1]!;
      output[written + 2] = output[from + 2]!;
      output[written + 3] = output[from + 3]!;
      written += STEP;
      from += STEP;
    } while (written < end);
    written = end;
  }
  return output.subarray(0, written);
}
