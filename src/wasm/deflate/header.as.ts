/** The header of a block with codes of its own: lengths of all codes, themselves in a code (RFC 1951, section 3.2.7). */
import { putBits } from './bits.as';
import { makeCodes } from './codes.as';

const LENGTH_SYMBOLS = 19;
const LENGTH_BITS = 7;

/** Three to six times the length before; zeros, three to ten or eleven to 138. */
const AGAIN = 16;
const ZEROS = 17;
const MANY_ZEROS = 18;

/** In which order the lengths of the code of lengths are written. */
const ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Two codes of one bit for distances, of which the first is used: a lone one is not understood everywhere. */
const DISTANCES = 2;

/** Symbols (a byte) with their extra bits (a byte), one after the other. */
const LIST: usize = memory.data(2 * 320, 2);
const FREQUENCIES: usize = memory.data(4 * 20, 4);
const LENGTHS: usize = memory.data(20, 4);
const CODES: usize = memory.data(2 * 20, 2);

let listed = 0;
let literals = 0;
let written = 0;

/** Prepares the header for `symbols` lengths, behind which there is room for some more. */
export function listLengths(lengths: usize, symbols: i32): void {
  memory.fill(FREQUENCIES, 0, 4 * 20);
  listed = 0;
  literals = symbols;
  while (load<u8>(lengths + <usize>(literals - 1)) == 0) literals--;
  for (let i = 0; i < DISTANCES; i++) store<u8>(lengths + <usize>(literals + i), 1);
  listRepeated(lengths, literals + DISTANCES);
  // Those were the lengths of symbols that do not occur.
  if (literals < symbols) memory.fill(lengths + <usize>literals, 0, min(DISTANCES, symbols - literals));
  makeCodes(FREQUENCIES, LENGTH_SYMBOLS, LENGTH_BITS, LENGTHS, CODES);
  written = LENGTH_SYMBOLS;
  while (written > 4 && lengthAt(written - 1) == 0) written--;
}

function listRepeated(lengths: usize, count: i32): void {
  for (let at = 0; at < count;) {
    const length = load<u8>(lengths + <usize>at);
    let run = 1;
    while (at + run < count && run < 138 && load<u8>(lengths + <usize>(at + run)) == length) run++;
    at += run;
    if (length == 0) {
      if (run >= 11) list(MANY_ZEROS, run - 11);
      else if (run >= 3) list(ZEROS, run - 3);
      else for (; run > 0; run--) list(0, 0);
      continue;
    }
    list(length, 0);
    for (run--; run >= 3; ) {
      const part = min(run, 6);
      list(AGAIN, part - 3);
      run -= part;
    }
    for (; run > 0; run--) list(length, 0);
  }
}

function list(symbol: i32, extra: i32): void {
  store<u8>(LIST + ((<usize>listed) << 1), <u8>symbol);
  store<u8>(LIST + ((<usize>listed) << 1), <u8>extra, 1);
  listed++;
  const at = FREQUENCIES + ((<usize>symbol) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

function extraBits(symbol: i32): u32 {
  if (symbol < AGAIN) return 0;
  return symbol == AGAIN ? 2 : symbol == ZEROS ? 3 : 7;
}

/** Length of the code of the symbol that is written at a place. */
function lengthAt(place: i32): u32 {
  return <u32>load<u8>(LENGTHS + <usize>load<u8>(ORDER + <usize>place));
}

export function headerBits(): i32 {
  let bits: i32 = 14 + 3 * written;
  for (let symbol = 0; symbol < LENGTH_SYMBOLS; symbol++) {
    const frequency = <i32>load<u32>(FREQUENCIES + ((<usize>symbol) << 2));
    bits += frequency * <i32>(<u32>load<u8>(LENGTHS + <usize>symbol) + extraBits(symbol));
  }
  return bits;
}

export function putHeader(): void {
  putBits(<u32>(literals - 257), 5);
  putBits(DISTANCES - 1, 5);
  putBits(<u32>(written - 4), 4);
  for (let place = 0; place < written; place++) putBits(lengthAt(place), 3);
  for (let i = 0; i < listed; i++) {
    const symbol = <i32>load<u8>(LIST + ((<usize>i) << 1));
    putBits(<u32>load<u16>(CODES + ((<usize>symbol) << 1)), <u32>load<u8>(LENGTHS + <usize>symbol));
    putBits(<u32>load<u8>(LIST + ((<usize>i) << 1), 1), extraBits(symbol));
  }
}
