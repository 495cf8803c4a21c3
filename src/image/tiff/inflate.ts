/** Deflate in its zlib wrapping (Adobe TIFF Technical Note 3). */
import { constants, inflateRawSync } from 'node:zlib';
import { plainBytes } from '../bytes.ts';
import { lendWritten } from '../../recycling.ts';
import { libdeflate } from '../system/libdeflate.ts';
import { damaged } from './directory.ts';

const HEADER_BYTES = 2;
const METHOD_DEFLATE = 8;
const PRESET_DICTIONARY = 0x20;

/**
 * Decodes one strip or tile.
 *
 * The checksum at the end is not looked at: many writers cut it off, and pixels are all that counts. What
 * inflates to more than twice its pixels is refused before it fills the memory.
 *
 * @param length bytes of the pixels; the answer is shorter when the data ends before.
 * @throws {ServerError} `damaged`.
 */
export function inflate(input: Uint8Array, length: number, findLibrary = libdeflate): Uint8Array {
  checkHeader(input);
  const deflated = input.subarray(HEADER_BYTES);
  // What is as it should be: whole, and no longer than its pixels.
  const whole = lendWritten(length, (output) => findLibrary()?.inflateInto(deflated, output));
  return whole ?? inflateAnything(deflated, length);
}

/** As far as it goes. */
function inflateAnything(deflated: Uint8Array, length: number): Uint8Array {
  try {
    const output = inflateRawSync(deflated, {
      // With a byte to spare, or zlib.js makes room for as much again when all of it is filled.
      chunkSize: Math.max(length + 1, 64),
      maxOutputLength: 2 * length + 65_536,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
    return plainBytes(output).subarray(0, length);
  } catch (cause) {
    throw damaged('deflate data is broken', { reason: cause instanceof Error ? cause.message : '' });
  }
}

/** Two bytes: method and window, then flags that make both together a multiple of 31 (RFC 1950, section 2.2). */
function checkHeader(input: Uint8Array): void {
  const [method = 0, flags = 0] = input;
  const isValid =
    (method & 0x0f) === METHOD_DEFLATE &&
    (method * 256 + flags) % 31 === 0 &&
    (flags & PRESET_DICTIONARY) === 0;
  if (!isValid) throw damaged('deflate data has no header');
}
