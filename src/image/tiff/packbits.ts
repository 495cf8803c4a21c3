/** PackBits (TIFF 6.0, section 9): runs of equal bytes, and bytes as they are. */

/**
 * Decodes one strip or tile: `n` below 128 copies the next n + 1 bytes, above 128 repeats the next byte
 * 257 - n times, 128 does nothing.
 *
 * @param length bytes to write at most; the answer is shorter when the data ends before.
 */
export function decodePackBits(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let position = 0;
  let written = 0;
  while (written < length && position < input.length) {
    const code = input[position++]!;
    if (code < 128) {
      const run = input.subarray(position, position + Math.min(code + 1, length - written));
      output.set(run, written);
      position += code + 1;
      written += run.length;
    } else if (code > 128 && position < input.length) {
      const end = Math.min(written + 257 - code, length);
      output.fill(input[position++]!, written, end);
      written = end;
    }
  }
  return output.subarray(0, written);
}
