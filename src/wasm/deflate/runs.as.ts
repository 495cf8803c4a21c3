/** The symbols of lengths of runs (RFC 1951, section 3.2.5). */

/** For 3 to 258: the symbol, 16 bits; and the first length that it stands for, 16 bits for each symbol from 257 on. */
export const SYMBOL_OF_RUN: usize = memory.data(2 * 260, 2);
const FIRST_OF_SYMBOL: usize = memory.data(2 * 32, 2);

let isReady = false;

export function listRuns(): void {
  if (isReady) return;
  let run = 3;
  for (let symbol = 257; symbol < 285; symbol++) {
    store<u16>(FIRST_OF_SYMBOL + ((<usize>(symbol - 257)) << 1), <u16>run);
    for (let left = 1 << extraBits(symbol); left > 0; left--, run++)
      store<u16>(SYMBOL_OF_RUN + ((<usize>run) << 1), <u16>symbol);
  }
  store<u16>(FIRST_OF_SYMBOL + (28 << 1), 258);
  store<u16>(SYMBOL_OF_RUN + (258 << 1), 285);
  isReady = true;
}

export function extraBits(symbol: i32): i32 {
  return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) >> 2;
}

export function firstOf(symbol: i32): i32 {
  return <i32>load<u16>(FIRST_OF_SYMBOL + ((<usize>(symbol - 257)) << 1));
}
