/** LZW as TIFF has it (TIFF 6.0, section 13). */
import { lzwByKernel } from './codec-kernels.ts';
import { damaged } from './directory.ts';
import { decodeOldLzw, isOldLzw } from './lzw-old.ts';

/**
 * Decodes one strip or tile.
 *
 * @param length bytes to write at most; the answer is shorter when the data ends before.
 * @throws {ServerError} `damaged` for a code that can't occur.
 */
export function decodeLzw(input: Uint8Array, length: number): Uint8Array {
  if (isOldLzw(input)) return decodeOldLzw(input, length);
  const output = lzwByKernel(input, length);
  if (output === undefined) throw damaged('LZW data has an impossible code');
  return output;
}
