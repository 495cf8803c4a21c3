/** Byte arrays put together and compared: what all writers of file formats share. */

import { uninitializedBytes } from '../image/bytes.ts';

/**
 * One new array.
 *
 * @param take gives its memory; by default memory of its own (never a slice of a shared pool, so that it can be moved
 * between threads).
 */
export function concatBytes(parts: readonly Uint8Array[], take = uninitializedBytes): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = take(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** The characters of `text`, each below 256, one byte a character. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The bytes of `text` in UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Whether `prefix` stands in `bytes` at `offset`. */
export function startsWith(bytes: Uint8Array, prefix: Uint8Array, offset = 0): boolean {
  if (offset + prefix.length > bytes.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[offset + i] !== prefix[i]) return false;
  return true;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
