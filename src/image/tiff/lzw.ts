/** LZW as TIFF has it (TIFF 6.0, section 13), and as writers had it before the specification. */
import { damaged } from './directory.ts';

const CLEAR = 256;
const END = 257;
const FIRST_FREE = 258;
const MAX_CODES = 4_096;
const MAX_WIDTH = 12;

/** Where in the output the string of each code was written first, and its length; made once for all calls. */
const starts = new Int32Array(MAX_CODES);
const lengths = new Int32Array(MAX_CODES);

/**
 * Decodes one strip or tile.
 *
 * Every code stands for a string that is in the output already: the string before it and the byte that followed.
 * So the dictionary holds places in the output, and no string is ever built backwards.
 *
 * Old files (of libtiff before 1990) pack codes from the lowest bit and widen them one code later; they begin
 * with the clear code 256 as the bytes 0 and 1.
 *
 * @param length bytes to write at most; the answer is shorter when the data ends before.
 * @throws {ServerError} `damaged` for a code that can't occur.
 */
export function decodeLzw(input: Uint8Array, length: number): Uint8Array {
  const isOld = input.length > 1 && input[0] === 0 && (input[1]! & 1) === 1;
  const output = new Uint8Array(length);
  const widening = isOld ? 0 : 1;
  let position = 0;
  let bits = 0;
  let bitCount = 0;
  let width = 9;
  let next = FIRST_FREE;
  let written = 0;
  let previousStart = 0;
  let previousLength = 0;
  while (written < length) {
    while (bitCount < width && position < input.length) {
      bits = isOld ? bits | (input[position]! << bitCount) : ((bits << 8) | input[position]!) & 0xfffff;
      position++;
      bitCount += 8;
    }
    if (bitCount < width) break;
    bitCount -= width;
    const mask = (1 << width) - 1;
    const code = isOld ? bits & mask : (bits >>> bitCount) & mask;
    if (isOld) bits >>>= width;
    if (code === CLEAR) {
      width = 9;
      next = FIRST_FREE;
      previousLength = 0;
      continue;
    }
    if (code === END) break;
    if (previousLength > 0 && next < MAX_CODES) {
      starts[next] = previousStart;
      lengths[next] = previousLength + 1;
      next++;
      if (next + widening > mask && width < MAX_WIDTH) width++;
    }
    previousStart = written;
    if (code < CLEAR) {
      output[written++] = code;
      previousLength = 1;
    } else {
      if (code >= next) throw damaged('LZW data has an impossible code', { code, next });
      previousLength = Math.min(lengths[code]!, length - written);
      // Byte by byte: a string may overlap the place that it is copied to.
      for (let from = starts[code]!, end = from + previousLength; from < end; from++)
        output[written++] = output[from]!;
    }
  }
  return output.subarray(0, written);
}
