/** LZW as TIFF has it (TIFF 6.0, section 13). */

const CLEAR: u32 = 256;
const STOP: u32 = 257;
const FIRST_FREE: u32 = 258;
const MOST_CODES: u32 = 4096;

/** For every code where its string is (low 32 bits), and its length (high): in the output, of single bytes in a list of them. */
const STRINGS: usize = memory.data(8 * 4100, 16);
const BYTES: usize = memory.data(256 + 16, 16);

let isReady = false;

function listBytes(): void {
  for (let i: usize = 0; i < 256; i++) {
    store<u8>(BYTES + i, <u8>i);
    store<u64>(STRINGS + (i << 3), ((<u64>1) << 32) | <u64>(BYTES + i));
  }
  isReady = true;
}

/**
 * Every code stands for a string that is in the output already: the string before it and the byte that followed. So the
 * dictionary holds places in the output, and no string is ever built backwards.
 *
 * @returns the bytes written, `capacity` at most and fewer where the input ends before; -1 for a code that can't occur.
 */
export function lzw(from: usize, length: i32, to: usize, capacity: i32): i32 {
  if (!isReady) listBytes();
  const inputEnd = from + length;
  const end = to + capacity;
  let next = from;
  let bits: u64 = 0;
  let count: u32 = 0;
  let width: u32 = 9;
  let mask: u32 = 511;
  let free = FIRST_FREE;
  let out = to;
  // The string before and the byte that follows it; nothing behind CLEAR.
  let added: u64 = 0;
  while (out < end) {
    if (count < width) {
      if (next > inputEnd) break;
      bits = (bits << 32) | <u64>bswap<u32>(load<u32>(next));
      next += 4;
      count += 32;
    }
    count -= width;
    // What is behind the end are zeros that were not taken from the input.
    if (next > inputEnd && (<u64>(next - inputEnd) << 3) > <u64>count) break;
    const code = <u32>(bits >> (<u64>count)) & mask;
    if ((code & ~1) == CLEAR) {
      if (code == STOP) break;
      width = 9;
      mask = 511;
      free = FIRST_FREE;
      added = 0;
      continue;
    }
    if (added != 0) {
      store<u64>(STRINGS + (<usize>free << 3), added);
      if (free < MOST_CODES) free++;
      if (free == mask && width < 12) {
        width++;
        mask = (mask << 1) | 1;
      }
    }
    if (code >= free) return -1;
    const entry = load<u64>(STRINGS + (<usize>code << 3));
    const source = <usize>(<u32>entry);
    const size = <usize>(entry >> 32);
    v128.store(out, v128.load(source));
    if (size > 16) copyRest(out, source, min(size, <usize>(end - out)));
    // The string that is being written ends in its own first byte.
    if (source + size > out && out + size <= end) store<u8>(out + size - 1, load<u8>(source));
    added = (((<u64>size) + 1) << 32) | <u64>out;
    out += size;
  }
  return <i32>(min(out, end) - to);
}

/** A string of more than a vector; it may end in bytes that are only just written. */
function copyRest(out: usize, source: usize, size: usize): void {
  for (let i: usize = 16; i < size; i += 16) v128.store(out + i, v128.load(source + i));
}
