/** The check of a zlib stream (RFC 1950, section 9). */

const BASE: u32 = 65521;

/** So many bytes can be added before the sums overflow 32 bits. */
const MOST: usize = 5552;

/** Adler-32 of bytes. */
export function adler32(from: usize, length: i32): u32 {
  let a: u32 = 1;
  let b: u32 = 0;
  const end = from + <usize>length;
  while (from < end) {
    const stop = min(from + MOST, end);
    for (; from + 4 <= stop; from += 4) {
      a += load<u8>(from);
      b += a;
      a += load<u8>(from, 1);
      b += a;
      a += load<u8>(from, 2);
      b += a;
      a += load<u8>(from, 3);
      b += a;
    }
    for (; from < stop; from++) {
      a += load<u8>(from);
      b += a;
    }
    a %= BASE;
    b %= BASE;
  }
  return (b << 16) | a;
}
