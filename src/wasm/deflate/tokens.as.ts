/** Bytes to tokens: 0 to 255 is a byte, 256 and more a run of so many bytes like the one before, less 256. */
import { SYMBOL_OF_RUN } from './runs.as';

const LEAST_RUN: u32 = 3;
const MOST_RUN: u32 = 258;

/**
 * @param tokens gets 16 bits for each.
 * @param frequencies of the symbols of a block, 32 bits each.
 * @returns how many tokens there are.
 */
export function findRuns(from: usize, length: i32, tokens: usize, frequencies: usize): i32 {
  const end = from + <usize>length;
  let token = tokens;
  let p = from;
  while (p < end) {
    const byte = <u32>load<u8>(p++);
    add(frequencies, byte);
    store<u16>(token, <u16>byte);
    token += 2;
    while (p + 3 <= end && load<u32>(p - 1) == byte * 0x01010101) {
      const run = runFrom(p, byte, min(<u32>(end - p), MOST_RUN));
      add(frequencies, <u32>load<u16>(SYMBOL_OF_RUN + ((<usize>run) << 1)));
      store<u16>(token, <u16>(256 + run));
      token += 2;
      p += <usize>run;
    }
  }
  return <i32>((token - tokens) >> 1);
}

/** Of at least three bytes that are known to be equal. */
function runFrom(p: usize, byte: u32, most: u32): u32 {
  const eight = (<u64>byte) * 0x0101010101010101;
  let run = LEAST_RUN;
  while (run + 8 <= most && load<u64>(p + <usize>run) == eight) run += 8;
  while (run < most && <u32>load<u8>(p + <usize>run) == byte) run++;
  return run;
}

function add(frequencies: usize, symbol: u32): void {
  const at = frequencies + ((<usize>symbol) << 2);
  store<u32>(at, load<u32>(at) + 1);
}
